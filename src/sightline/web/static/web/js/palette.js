/* The command palette: a combobox over a list the server renders, so it holds only what this person may see. */
const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const list = dialog?.querySelector('[role="listbox"]');
let opener = null;
let timer = 0;
let ticket = 0;

export function open() {
  if (!dialog || dialog.open) return;
  opener = document.activeElement;
  dialog.showModal();
  input.value = "";
  fill();
}

async function fill() {
  const mine = ++ticket;
  const url = new URL(list.dataset.src, location.href);
  url.searchParams.set("q", input.value);
  const response = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!response.ok || mine !== ticket) return;
  list.innerHTML = await response.text();
  choose(options()[0]);
}

const options = () => [...list.querySelectorAll('[role="option"]')];
const chosen = () => list.querySelector('[aria-selected="true"]');

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  if (!option) { input.removeAttribute("aria-activedescendant"); return; }
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", option.id);
}

input?.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(fill, 90); });
input?.addEventListener("keydown", (event) => {
  const all = options();
  const at = all.indexOf(chosen());
  if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
  else if (event.key === "ArrowUp") choose(all[(at - 1 + all.length) % all.length]);
  else if (event.key === "Enter") {
    const link = chosen();
    if (link && (event.metaKey || event.ctrlKey)) window.open(link.href, "_blank", "noopener");
    else if (link) location.assign(link.href);
  } else return;
  event.preventDefault();
});
dialog?.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
dialog?.addEventListener("close", () => opener?.focus?.());
document.addEventListener("click", (event) => { if (event.target.closest("[data-palette]")) open(); });

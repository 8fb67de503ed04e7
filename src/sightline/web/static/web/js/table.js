/* Tables: J and K move, Enter opens, E explains, boxes gather rows to compare. Sorting is a link the server answers. */
let row = null;

const rows = () => [...document.querySelectorAll("tbody tr[data-row]")];

function mark(next) {
  row?.removeAttribute("aria-selected");
  row = next;
  row.setAttribute("aria-selected", "true");
  const link = row.querySelector("a");
  if (link) link.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

export function move(step) {
  const all = rows();
  if (all.length === 0) return;
  const at = row?.isConnected ? all.indexOf(row) : step > 0 ? -1 : all.length;
  mark(all[Math.min(all.length - 1, Math.max(0, at + step))]);
}

export function explain() {
  const inRow = document.activeElement?.closest?.("[data-row], .kpi, .panel") ?? row;
  const link = (inRow ?? document).querySelector("a[data-drawer]");
  link?.click();
}

function compare() {
  const bar = document.getElementById("compare-bar");
  if (!bar) return;
  const chosen = [...document.querySelectorAll("input[data-compare]:checked")];
  bar.hidden = chosen.length === 0;
  bar.querySelector("[data-count]").textContent = chosen.length === 1 ? "1 selected. Choose up to six to compare." : `${chosen.length} selected`;
  const link = bar.querySelector("a");
  const enough = chosen.length >= 2 && chosen.length <= 6;
  link.setAttribute("aria-disabled", String(!enough));
  const url = new URL(link.dataset.base, location.href);
  url.searchParams.set("members", chosen.map((box) => box.value).join(","));
  if (enough) link.href = url; else link.removeAttribute("href");
  for (const box of document.querySelectorAll("input[data-compare]:not(:checked)")) box.disabled = chosen.length >= 6;
}

document.addEventListener("change", (event) => { if (event.target.matches("input[data-compare]")) compare(); });
document.addEventListener("click", (event) => {
  if (!event.target.closest("#compare-bar [data-clear]")) return;
  for (const box of document.querySelectorAll("input[data-compare]:checked")) box.checked = false;
  compare();
});
document.addEventListener("htmx:afterSwap", () => { row = null; compare(); });

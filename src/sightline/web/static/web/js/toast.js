/* Toasts: shown for 6 s, paused while pointed at; errors stay until dismissed. Others ask with the event "sl:toast". */
const LIFE = 6000;
const host = document.getElementById("toasts");

function show({ text, kind = "ok" }) {
  if (!host) return;
  const template = document.getElementById(kind === "bad" ? "toast-bad" : "toast-ok");
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.querySelector("[data-text]").textContent = text;
  host.append(toast);
  live(toast);
}

function live(toast) {
  toast.querySelector("[data-close]")?.addEventListener("click", () => toast.remove());
  if (toast.classList.contains("bad")) return;
  let timer = setTimeout(() => toast.remove(), LIFE);
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", () => { timer = setTimeout(() => toast.remove(), LIFE); });
}

document.addEventListener("sl:toast", (event) => show(event.detail));
for (const toast of host?.querySelectorAll(".toast") ?? []) live(toast);

function failed(event) {
  const code = event.detail.xhr?.getResponseHeader("X-Reference") ?? "";
  const reason = event.type === "htmx:sendError" ? "Sightline could not be reached. Check the connection and try again." : "That did not work.";
  show({ text: code ? `${reason} Reference ${code}.` : reason, kind: "bad" });
}
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:sendError", failed);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = button.dataset.copy === "url" ? location.href : button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
    show({ text: button.dataset.copied || "Link copied" });
  } catch {
    show({ text: "The browser did not allow copying. The address bar has the link.", kind: "bad" });
  }
});

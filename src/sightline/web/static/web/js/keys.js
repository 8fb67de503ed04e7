/* Keyboard: Cmd K palette, / filters, J K rows, Enter open, E explain, ? help. Single keys can be switched off in the account. */
import { open } from "./palette.js";
import { explain, move } from "./table.js";

const typing = (node) => node.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const SINGLE = {
  "/": () => document.querySelector(".filters .pick")?.focus(),
  j: () => move(1),
  k: () => move(-1),
  e: explain,
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open();
    return;
  }
  if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]") || document.documentElement.dataset.keys === "off") return;
  const act = SINGLE[event.key.toLowerCase()];
  if (act) { event.preventDefault(); act(); }
});

for (const button of document.querySelectorAll("[data-keys]")) {
  button.addEventListener("click", () => document.getElementById("keys")?.showModal());
}
document.addEventListener("click", (event) => {
  const close = event.target.closest("dialog [data-dismiss]");
  if (close) close.closest("dialog").close();
});
document.addEventListener("htmx:beforeRequest", () => document.documentElement.classList.add("busy"));
document.addEventListener("htmx:afterRequest", () => document.documentElement.classList.remove("busy"));

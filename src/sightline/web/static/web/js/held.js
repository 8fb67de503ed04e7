/* Held rows: all boxes at once, how many are chosen. Questions before something is done open in a dialog; without
   this a page asks them. */
const boxes = () => [...document.querySelectorAll("#held-form input[name=pick]")];

function count() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked).length;
  for (const button of document.querySelectorAll("#held-form [data-needs]")) button.disabled = chosen === 0;
  const words = document.querySelector("#held-form [data-count]");
  if (words) words.textContent = chosen === 0 ? "" : `${chosen} selected`;
  const whole = document.querySelector("#held-form [data-all] input");
  if (!whole) return;
  whole.closest("[data-all]").hidden = false;
  whole.checked = all.length > 0 && chosen === all.length;
  whole.indeterminate = chosen > 0 && chosen < all.length;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("#held-form [data-all] input")) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.closest("#held-form")) count();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("#settle a[data-dismiss]")) event.preventDefault(); // the dialog closes instead
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "held") count();
  if (event.target.id !== "settle") return;
  for (const menu of document.querySelectorAll(".menu:popover-open")) menu.hidePopover();
  if (!event.target.open) event.target.showModal();
  event.target.querySelector("textarea, button, a.btn")?.focus();
});
count();

/* "View as table": a chart and its table change places. */
for (const button of document.querySelectorAll("[data-twin]")) button.hidden = false;
document.addEventListener("htmx:load", () => { for (const button of document.querySelectorAll("[data-twin]")) button.hidden = false; });
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-twin]");
  if (!button) return;
  const pair = document.querySelector(`[data-pair="${button.dataset.twin}"]`);
  const table = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(table));
  button.title = table ? "View as chart" : "View as table";
  button.querySelector("[data-words]").textContent = button.title;
  for (const view of pair.querySelectorAll("[data-view]")) view.hidden = (view.dataset.view === "table") !== table;
});

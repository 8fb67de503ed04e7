/* Filter chips: one choice applies at once; several apply when the list closes. The form works without this. */
const single = (input) => input.type === "radio";

document.addEventListener("change", (event) => {
  const menu = event.target.closest(".filters .menu");
  if (!menu) return;
  if (event.target.type === "date") return;
  if (single(event.target)) {
    if (event.target.dataset.custom !== undefined) return;
    clearDates(menu);
    menu.hidePopover();
    event.target.form.requestSubmit();
  } else {
    menu.dataset.dirty = "";
  }
});

function clearDates(menu) {
  for (const field of menu.querySelectorAll('input[type="date"]')) field.value = "";
}

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.(".filters .menu")) return;
  if (event.newState === "open") {
    menu.querySelector("input:checked, input")?.focus({ preventScroll: true });
  } else if ("dirty" in menu.dataset) {
    delete menu.dataset.dirty;
    menu.closest("form").requestSubmit();
  }
}, true);

document.addEventListener("input", (event) => {
  const box = event.target.closest("[data-narrow]");
  if (!box) return;
  const text = box.value.trim().toLowerCase();
  for (const option of box.closest(".menu").querySelectorAll(".opt")) {
    option.hidden = text !== "" && !option.textContent.toLowerCase().includes(text);
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".filters .menu");
  if (!menu || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  if (event.target.type === "radio" || event.target.type === "date") return;
  const options = [...menu.querySelectorAll(".opt:not([hidden]) input")];
  const at = options.indexOf(event.target);
  const next = options[Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1))];
  if (next) { event.preventDefault(); next.focus(); }
});

/* Empty fields stay out of the address. */
document.addEventListener("formdata", (event) => {
  if (!event.target.matches(".filters, [data-clean]")) return;
  for (const name of new Set(event.formData.keys())) {
    const values = event.formData.getAll(name).filter((value) => value !== "");
    event.formData.delete(name);
    for (const value of values) event.formData.append(name, value);
  }
});
document.addEventListener("htmx:configRequest", (event) => {
  const parameters = event.detail.formData ?? null;
  if (!parameters || !event.detail.elt.closest?.(".filters, [data-clean]")) return;
  for (const name of new Set(parameters.keys())) {
    if (parameters.getAll(name).every((value) => value === "")) parameters.delete(name);
  }
});

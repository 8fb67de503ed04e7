/* Light, dark or system, and density: applied at once, kept by the server in a cookie so the next page paints right. */
const root = document.documentElement;

function apply(form) {
  const data = new FormData(form);
  const theme = data.get("theme");
  const density = data.get("density");
  if (theme !== null) {
    if (theme === "system") root.removeAttribute("data-theme");
    else root.dataset.theme = theme;
  }
  if (density !== null) root.dataset.density = density;
  root.dispatchEvent(new CustomEvent("sl:theme", { bubbles: true }));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-appearance]")) return;
  event.preventDefault();
  if (event.submitter?.name) {
    const field = form.querySelector(`input[type=hidden][name="${event.submitter.name}"]`);
    if (field) field.value = event.submitter.value;
    for (const other of form.querySelectorAll(`button[name="${event.submitter.name}"]`)) {
      other.setAttribute("aria-pressed", String(other === event.submitter));
    }
  }
  apply(form);
  fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
});

/* The explain drawer: any link with data-drawer opens as a fragment in the dialog; without JS it opens as a page. */
const dialog = document.getElementById("drawer");
let opener = null;

async function open(link) {
  opener = link;
  const body = dialog.querySelector("[data-body]");
  body.replaceChildren(document.getElementById("drawer-wait").content.cloneNode(true));
  if (!dialog.open) dialog.showModal();
  const response = await fetch(link.href, { headers: { "HX-Request": "true" } });
  if (response.redirected && !response.url.includes("/explain")) { location.assign(response.url); return; }
  body.innerHTML = await response.text();
  const title = body.querySelector("h2");
  if (title) { title.tabIndex = -1; title.focus(); }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-drawer]");
  if (link && dialog && !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    open(link);
    return;
  }
  if (event.target.closest("#drawer [data-close]") || event.target === dialog) dialog.close();
});

dialog?.addEventListener("close", () => {
  if (opener?.isConnected) opener.focus();
  opener = null;
});

/* Draws every <figure data-chart>: its JSON holds a wide and a narrow spec, both without colours.
   The theme follows data-theme, else the system, and is drawn again when it changes or the width crosses 520 px.
   The library comes from window.vegaEmbed, or is fetched once from the address in any [data-vega] attribute. */
const NARROW = 520;
const drawn = new WeakMap();
const dark = matchMedia("(prefers-color-scheme: dark)");
let library = null;

function mode() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return dark.matches && !matchMedia("print").matches ? "dark" : "light";
}

function load() {
  if (window.vegaEmbed) return Promise.resolve();
  library ??= new Promise((resolve, reject) => {
    const address = document.querySelector("[data-vega]")?.dataset.vega;
    if (!address) { reject(new Error("no address for the chart library")); return; }
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error("the chart library did not load"));
    document.head.append(script);
  });
  return library;
}

async function draw(figure, force) {
  const canvas = figure.querySelector("[data-canvas]");
  const width = canvas?.clientWidth;
  if (!width) return; // hidden: drawn when it gets a width
  const state = `${mode()} ${width < NARROW}`;
  const before = drawn.get(figure);
  if (before?.state === state && !force) return;
  drawn.set(figure, { ...before, state });
  try {
    await load();
    const { spec, narrow, datasets } = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    const chosen = width < NARROW ? narrow : spec;
    if (datasets) chosen.datasets = datasets; // both widths draw the same points
    const room = document.createElement("div");
    room.className = "vega";
    canvas.append(room); // in the page, so that "container" widths are known
    const result = await window.vegaEmbed(room, chosen, {
      mode: "vega-lite", ast: true, renderer: "svg", actions: false, defaultStyle: false,
      config: window.sightlineThemes[mode()], tooltip: { disableDefaultStyle: true }, hover: false,
    });
    if (drawn.get(figure)?.state !== state) { result.finalize(); room.remove(); return; } // overtaken by a newer drawing
    before?.result?.finalize();
    for (const child of [...canvas.children]) if (child !== room) child.remove();
    // The sentence on the canvas is the name; what is inside would only repeat it letter by letter.
    for (const svg of room.querySelectorAll("svg")) { svg.setAttribute("aria-hidden", "true"); svg.removeAttribute("role"); }
    drawn.set(figure, { state, result });
    figure.dataset.drawn = state;
  } catch (error) {
    drawn.delete(figure);
    figure.dataset.failed = "";
    figure.dispatchEvent(new CustomEvent("sl:chart-failed", { bubbles: true, detail: String(error) }));
    const twin = figure.closest("[data-pair]")?.dataset.pair;
    const button = twin && document.querySelector(`[data-twin="${CSS.escape(twin)}"]:not([aria-pressed="true"])`);
    button?.click(); // the table says the same
  }
}

const sizes = new ResizeObserver((entries) => {
  for (const entry of entries) draw(entry.target.closest("[data-chart]"));
});

function watch(root) {
  for (const figure of root.querySelectorAll("[data-chart]")) {
    const canvas = figure.querySelector("[data-canvas]");
    if (canvas) sizes.observe(canvas); // its first report draws
  }
}

function again() {
  for (const figure of document.querySelectorAll("[data-chart]")) draw(figure);
}

watch(document);
document.addEventListener("htmx:load", (event) => watch(event.target?.querySelectorAll ? event.target : document));
document.documentElement.addEventListener("sl:theme", again);
dark.addEventListener("change", again);
addEventListener("beforeprint", again);
new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

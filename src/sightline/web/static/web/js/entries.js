/* The grid: a block copied from a spreadsheet fills it from the cell it is pasted into. Without this the text field reads it. */
document.addEventListener("paste", (event) => {
  const cell = event.target.closest?.(".sheet input");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!cell || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  const lines = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n").map((line) => line.split("\t"));
  const rows = [...cell.closest("tbody").rows];
  const top = rows.indexOf(cell.closest("tr"));
  const left = cell.closest("td").cellIndex;
  let lost = 0;
  lines.forEach((line, down) => line.forEach((value, right) => {
    const target = rows[top + down]?.cells[left + right]?.querySelector("input");
    if (target) target.value = value.trim(); else lost += 1;
  }));
  if (lost > 0) document.dispatchEvent(new CustomEvent("sl:toast", { detail: { text: "Not all of it fits into the grid. Paste it into the text field with its heading instead.", kind: "bad" } }));
});

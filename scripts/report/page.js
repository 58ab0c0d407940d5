
// Sorts a table by the column whose head was pressed, and the other way when pressed again.
// A pressed link to a pair opens it.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const table = head.closest("table");
    const heads = [...table.tHead.rows[0].cells];
    const column = heads.indexOf(head);
    const isNumber = head.dataset.kind === "number";
    const before = head.getAttribute("aria-sort");
    const falls = before ? before === "ascending" : false;
    const value = (row) => row.cells[column].dataset.value;
    const rows = [...table.tBodies[0].rows].sort((a, b) => {
      const order = isNumber ? value(a) - value(b) : value(a).localeCompare(value(b));
      return falls ? -order : order;
    });
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falls ? "descending" : "ascending");
    table.tBodies[0].append(...rows);
  });
}
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) {
    for (let one = target; one; one = one.parentElement.closest("details")) one.open = true;
    target.querySelector("summary").focus({ preventScroll: true });
    target.scrollIntoView();
  }
}
addEventListener("hashchange", openTarget);
openTarget();

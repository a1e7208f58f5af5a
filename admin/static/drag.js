// @ts-check
/** Dragging a row of the grid by its head. */

/**
 * Follows a pointer that went down on a row's head until it is lifted, or taken for something else by the browser.
 * @param {PointerEvent} event @param {HTMLTableSectionElement} body
 * @param {(row: HTMLTableRowElement, to: HTMLTableRowElement) => void} drop takes the row, and the one it was let go over
 */
export function dragRow(event, body, drop) {
  const row = /** @type {Element} */ (event.target).closest("tr"), listening = new AbortController();
  let to = row;
  if (!row) return;
  body.setPointerCapture(event.pointerId);
  const end = () => {
    listening.abort();
    to?.classList.remove("drop-above", "drop-below");
  };
  body.addEventListener("pointermove", (moved) => {
    const at = document.elementFromPoint(moved.clientX, moved.clientY)?.closest("tr");
    if (!at || !body.contains(at)) return;
    to?.classList.remove("drop-above", "drop-below");
    to = at;
    to.classList.add(at.sectionRowIndex < row.sectionRowIndex ? "drop-above" : "drop-below");
  }, listening);
  body.addEventListener("pointercancel", end, listening);
  body.addEventListener("pointerup", () => {
    end();
    if (to && to !== row) drop(row, to);
  }, listening);
  event.preventDefault();
}

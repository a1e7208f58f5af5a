// @ts-check
/** Dragging: a row of the grid by its head, what is selected by its corner. */

/**
 * Follows a pointer that went down on a row's head until it is lifted, or taken for something else by the browser.
 * @param {PointerEvent} event @param {HTMLTableSectionElement} body
 * @param {((row: HTMLTableRowElement, to: HTMLTableRowElement) => void) | undefined} drop takes the row, and the one it was
 *   let go over; without it rows stay where they are
 * @param {() => void} click is called where it was let go over itself
 */
export function dragRow(event, body, drop, click) {
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
    if (!drop || at === row) return void (to = row);
    to = at;
    to.classList.add(at.sectionRowIndex < row.sectionRowIndex ? "drop-above" : "drop-below");
  }, listening);
  body.addEventListener("pointercancel", end, listening);
  body.addEventListener("pointerup", () => {
    end();
    if (to && to !== row) drop?.(row, to);
    else click();
  }, listening);
  event.preventDefault();
}

/**
 * Follows a pointer that draws a selection out by its corner, down or up, or to a side.
 * @param {PointerEvent} event @param {HTMLTableSectionElement} body @param {number[]} source top, left, bottom, right
 * @param {(target: number[]) => void} over @param {(target: number[]) => void} drop take what it was drawn out to
 */
export function dragFill(event, body, source, over, drop) {
  const listening = new AbortController(), [top, left, bottom, right] = source;
  let target = source;
  body.setPointerCapture(event.pointerId);
  body.addEventListener("pointermove", (moved) => {
    const cell = document.elementFromPoint(moved.clientX, moved.clientY)?.closest("td");
    if (!cell || !body.contains(cell)) return;
    const r = /** @type {HTMLTableRowElement} */ (cell.parentNode).sectionRowIndex, c = cell.cellIndex;
    const down = Math.max(r - bottom, top - r, 0), aside = Math.max(c - right, left - c, 0);
    target = down >= aside ? [Math.min(top, r), left, Math.max(bottom, r), right] : [top, Math.min(left, c), bottom, Math.max(right, c)];
    if (!down && !aside) target = source;
    over(target);
  }, listening);
  body.addEventListener("pointercancel", () => listening.abort(), listening);
  body.addEventListener("pointerup", () => {
    listening.abort();
    if (target !== source) drop(target);
  }, listening);
  event.preventDefault();
}

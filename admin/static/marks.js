// @ts-check
/**
 * What is marked on the rows without being written in them: how many cases use each, and when it is in force, as a bar.
 * It follows what the grid's own script does to the page, and changes no text of a cell.
 */

const grid = /** @type {HTMLTableElement | null} */ (document.getElementById("grid")), body = grid?.tBodies[0];
if (grid && body) start(grid, body);

/** @param {HTMLTableElement} grid @param {HTMLTableSectionElement} body */
function start(grid, body) {
  // -- Uses ---------------------------------------------------------------------------------------------------

  /** @type {Record<string, [number, string]>} how often, and the same in words, by the id of the row */
  let uses = {};
  let timer = 0;

  async function count() {
    if (!grid.dataset.uses) return;
    try {
      const answer = await fetch(grid.dataset.uses, { redirect: "manual" });
      if (answer.ok) uses = await answer.json();
    } catch {
      return; // They are counted after the next save.
    }
    for (const row of body.rows) show(row);
  }

  /** @param {HTMLTableRowElement} row */
  function show(row) {
    const told = uses[row.dataset.id ?? ""], head = row.cells[0];
    let mark = head?.querySelector(".uses");
    if (!mark && told) mark = head.appendChild(Object.assign(document.createElement("span"), { className: "uses" }));
    row.classList.toggle("unused", told?.[0] === 0);
    if (mark instanceof HTMLElement) Object.assign(mark, { textContent: told ? `${told[0]}×` : "", title: told?.[1] ?? "" });
  }

  document.body.addEventListener("table-saved", () => {
    clearTimeout(timer);
    timer = window.setTimeout(count, 2000);
  });

  // -- Periods ------------------------------------------------------------------------------------------------

  const heads = [...grid.querySelectorAll("th[data-name]")].map((head) => head.getAttribute("data-name"));
  /** The columns that hold a period, both ends beside each other. */
  const spans = ["valid", "known"].map((what) => heads.indexOf(`${what}.start`) + 1).filter((at) => at > 0);
  let drawn = 0;

  /** A day as a number; NaN where there is none. @param {HTMLTableRowElement} row @param {number} at */
  const dayIn = (row, at) => {
    const cell = row.cells[at], text = cell?.dataset.day ?? cell?.textContent ?? "";
    return /^\d{4}-\d\d-\d\d$/.test(text.trim()) ? Date.parse(text.trim()) : NaN;
  };

  /** Draws the bars anew: all rows on one scale, from the first day that any of them names to the last. */
  function draw() {
    drawn = 0;
    for (const at of spans) {
      const days = [...body.rows].flatMap((row) => [dayIn(row, at), dayIn(row, at + 1)]).filter((day) => !Number.isNaN(day));
      const first = Math.min(...days), last = Math.max(...days), room = Math.max(1, last - first);
      // Both cells are one scale; what has no end goes on to its edge.
      const place = (/** @type {number} */ day) => 15 + (170 * (day - first)) / room;
      for (const row of body.rows) {
        const start = dayIn(row, at), end = dayIn(row, at + 1), some = !Number.isNaN(start) || !Number.isNaN(end);
        const from = Number.isNaN(start) ? 0 : place(start), to = Number.isNaN(end) ? 200 : place(end);
        [row.cells[at], row.cells[at + 1]].forEach((cell, half) => {
          if (!cell || (!some && !cell.classList.contains("span"))) return;
          cell.classList.toggle("span", some);
          cell.style.setProperty("--from", `${Math.max(0, from - 100 * half)}%`);
          cell.style.setProperty("--to", `${Math.min(100, to - 100 * half)}%`);
        });
      }
    }
  }

  new MutationObserver((changes) => {
    const isRows = changes.some((change) => change.target === body);
    const isDay = changes.some(({ target }) => target instanceof HTMLTableCellElement && spans.some((at) => target.cellIndex === at || target.cellIndex === at + 1));
    if ((isRows || isDay) && !drawn) drawn = requestAnimationFrame(draw);
  }).observe(body, { childList: true, subtree: true });

  draw();
  void count();
}

export {};

// @ts-check
/**
 * Operations that write into many cells at once: what is filled, drawn out, pasted.
 *
 * @typedef {import("./sync.js").Op} Op
 * @typedef {import("./rows.js").Column} Column
 * @typedef {import("./rows.js").Rows} Rows
 * @typedef {number[]} Box top, left, bottom, right: of rows from 0, of cells from 1
 */

import { tidy } from "./clipboard.js";

/** @param {Column} column */
export const isFeel = (column) => column.kind !== "note";

/** @param {Element | undefined} cell */
const textOf = (cell) => cell?.textContent ?? "";

/** The operation that writes a cell. @param {Rows} rows @param {HTMLTableRowElement} row @param {string} name @param {string} text
 * @returns {Op} */
const set = (rows, row, name, text) => ({ t: "set", row: rows.idOf(row), name, text });

/** A text for each column, in all chosen rows. @param {Rows} rows @param {HTMLTableRowElement[]} chosen @param {Box} box
 * @param {(column: Column) => string} text */
export function filledWith(rows, chosen, [, left, , right], text) {
  return chosen.flatMap((row) => rows.columns.slice(left - 1, right).map((column) => set(rows, row, column.name, text(column))));
}

/** The top row of what is chosen into the others; into a single one, the row above it.
 * @param {Rows} rows @param {HTMLTableRowElement[]} chosen @param {Box} box @param {HTMLTableRowElement} above */
export function filledDown(rows, chosen, box, above) {
  const model = chosen.length > 1 ? chosen[0] : above;
  return filledWith(rows, chosen, box, ({ name }) => textOf(model.cells[rows.place(name)]));
}

/** The first column of what is chosen into the others; into a single one, the column before it.
 * @param {Rows} rows @param {HTMLTableRowElement[]} chosen @param {Box} box */
export function filledRight(rows, chosen, [, left, , right]) {
  const from = right > left ? left : Math.max(1, left - 1);
  return chosen.flatMap((row) => rows.columns.slice(left - 1, right).map(({ name }) => set(rows, row, name, textOf(row.cells[from]))));
}

/** What was drawn out of a selection by its corner, filled with it over and over.
 * @param {Rows} rows @param {Box} source @param {Box} target */
export function drawnOut(rows, [top, left, bottom, right], [first, begin, last, end]) {
  const lines = [...rows.body.rows].filter((row) => !row.hidden), wide = right - left + 1;
  const texts = lines.map((row) => [...row.cells].map(textOf)), start = lines.findIndex((row) => row.sectionRowIndex >= top);
  const high = lines.filter(({ sectionRowIndex: r }) => r >= top && r <= bottom).length;
  const wrap = (/** @type {number} */ n, /** @type {number} */ all) => ((n % all) + all) % all;
  return lines.flatMap((row, n) => row.sectionRowIndex < first || row.sectionRowIndex > last ? [] :
    rows.columns.slice(begin - 1, end).map(({ name }, c) =>
      set(rows, row, name, texts[start + wrap(n - start, high)][left + wrap(begin + c - left, wide)])));
}

/** What was pasted: one text into all that is chosen, several from the corner on; what goes past the last row makes new ones.
 * @param {Rows} rows @param {HTMLTableRowElement[]} chosen @param {Box} box @param {string[][]} texts */
export function pastedOver(rows, chosen, [top, left, , right], texts) {
  const one = rows.last >= 0 && texts.length === 1 && texts[0].length === 1, wide = Math.max(...texts.map((row) => row.length));
  const targets = one ? chosen : [...rows.body.rows].slice(top).filter((row) => !row.hidden), taken = new Set();
  let after = rows.last < 0 ? "" : rows.idOf(rows.body.rows[rows.last]);
  /** @type {Op[]} */
  const ops = [];
  for (let at = 0; at < (one ? targets.length : texts.length); at++) {
    const fields = Object.fromEntries(rows.columns.slice(left - 1, one ? right : left - 1 + wide).flatMap((column, n) => {
      const text = one ? texts[0][0] : texts[at][n];
      return text === undefined ? [] : [[column.name, tidy(text, isFeel(column))]];
    }));
    if (targets[at])
      for (const [name, text] of Object.entries(fields)) ops.push(set(rows, targets[at], name, text));
    else {
      const row = rows.freeId(after, taken);
      taken.add(row);
      ops.push({ t: "add", row, after, fields });
      after = row;
    }
  }
  return { ops, one, wide };
}

/** The cell of a selection that comes next, round and round: along its columns, or along its rows.
 * @param {number[]} lines the rows of the selection that are in sight @param {Box} box @param {number[]} from row and cell
 * @param {number} down @param {number} right */
export function nextWithin(lines, [, left, , right_], from, down, right) {
  const wide = right_ - left + 1, [r, c] = [lines.indexOf(from[0]), from[1] - left], all = lines.length * wide;
  const next = ((down ? c * lines.length + r + down : r * wide + c + right) + all) % all;
  return down ? [lines[next % lines.length], left + Math.floor(next / lines.length)] : [lines[Math.floor(next / wide)], left + (next % wide)];
}

/** Today, as a column has it; nothing where no day may stand. @param {Column} column */
export function todayIn({ name, type }) {
  const now = new Date(), day = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  return type === "date" ? `@"${day}"` : /^(valid|known)\./.test(name) ? day : undefined;
}

// @ts-check
/** Text as it comes from and goes to spreadsheets and word processors; pure. */

/**
 * Rows of cells of tab-separated text. FEEL is full of quotation marks, so a cell counts as quoted by a spreadsheet
 * only if that explains something: a tab, a line end or a doubled quotation mark inside.
 * @param {string} text
 * @returns {string[][]}
 */
export function parseTSV(text) {
  const s = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  /** @type {string[][]} */
  const rows = [[]];
  for (let i = 0; ; i++) {
    let cell;
    if (s[i] === '"') {
      let j = i + 1;
      while (j < s.length && (s[j] !== '"' || s[j + 1] === '"')) j += s[j] === '"' ? 2 : 1;
      const inside = s.slice(i + 1, j), next = s[j + 1];
      if (s[j] === '"' && (next === undefined || next === "\t" || next === "\n") && /[\t\n]|""/.test(inside)) {
        cell = inside.replace(/""/g, '"');
        i = j + 1;
      }
    }
    if (cell === undefined) {
      const end = s.slice(i).search(/[\t\n]/);
      cell = end < 0 ? s.slice(i) : s.slice(i, i + end);
      i += cell.length;
    }
    rows[rows.length - 1].push(cell);
    if (i >= s.length) return rows;
    if (s[i] === "\n") rows.push([]);
  }
}

/** A cell as spreadsheets take it back unchanged: they drop quotation marks at its ends unless it is quoted whole.
 * @param {string} cell */
export const quoted = (cell) => (/[\t\n]|^"/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell);

/** Text without what word processors make of it; quotation marks only where there are none of FEEL's.
 * @param {string} text @param {boolean} feel */
export function tidy(text, feel) {
  let s = text.replace(/[\u00a0\u202f]/g, " ").trim();
  if (!feel) return s;
  if (/^[\u2012-\u2015\u2212]$/.test(s)) return "-";
  if (!s.includes('"')) s = s.replace(/«\s*([^«»]*?)\s*»/g, '"$1"').replace(/[\u201c-\u201f]/g, '"');
  return s;
}

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

/**
 * The cells that a clipboard holds, from its text; from its HTML where there is no text, or where the text does not tell
 * lines inside a cell from rows, as that of word processors and pages of the web.
 * @param {DataTransfer | null} data
 * @returns {string[][] | undefined} undefined where it holds nothing to read, such as a picture
 */
export function pasted(data) {
  const text = data?.getData("text/plain") ?? "", html = data?.getData("text/html") ?? "";
  if (!text || /<table\b/i.test(html)) {
    // Without its styles, which the page's security policy would complain of.
    const bare = html.replace(/<style[^]*?<\/style>/gi, "").replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\bstyle\s*=/gi, "data-was="));
    const page = new DOMParser().parseFromString(bare, "text/html"), tables = page.querySelectorAll("table");
    const outer = [...tables].filter((table) => !table.parentElement?.closest("table"));
    // Spreadsheets write the texts of their cells better than they draw them; they have no paragraphs in a cell.
    const lines = page.querySelector("td p, td li, td div, th p") || (!SHEET.test(html) && page.querySelector("td br"));
    if (outer.length === 1 && (!text || lines || /content="?(Microsoft Word|Word\.Document)|\bmso-table-lspace/i.test(html)))
      return cellsOf(outer[0]);
    if (!text && page.body.textContent?.trim()) return [[linesOf(page.body)]];
  }
  return text ? parseTSV(text) : undefined;
}

/** What spreadsheets write into the tables that they draw. */
const SHEET = /office:excel|content="?(Excel|LibreOffice|OpenOffice)|google-sheets|data-sheets-/i;

/** What a reader of a document does not count to its text: what was deleted, marks of footnotes and remarks, bullets. */
const BESIDE = "script, del, .msoDel, [class*=FootnoteReference], [class*=EndnoteReference], [class*=CommentReference], .MsoCommentReference, "
  + "a[href^='#_ftn'], a[href^='#_edn'], a[href^='#_msocom'], a.sdfootnoteanc, a.sdendnoteanc, .msocomanchor";

/** The cells that the clipboard holds, asked for without a key: the browser may ask whether it is allowed. */
export async function read() {
  const got = new DataTransfer();
  for (const item of await navigator.clipboard.read())
    for (const type of ["text/plain", "text/html"])
      if (item.types.includes(type)) got.setData(type, await (await item.getType(type)).text());
  return pasted(got);
}

/** The texts of a table's cells, each at its place, also beside cells that span several. @param {HTMLTableElement} table */
function cellsOf(table) {
  /** @type {string[][]} */
  const texts = [...table.rows].map(() => []);
  [...table.rows].forEach((row, r) => {
    for (const cell of row.cells) {
      let c = 0;
      while (texts[r][c] !== undefined) c++;
      for (let y = r; y < Math.min(texts.length, r + (cell.rowSpan || 1)); y++)
        for (let x = c; x < c + cell.colSpan; x++) texts[y][x] = "";
      texts[r][c] = linesOf(cell);
    }
  });
  const wide = Math.max(0, ...texts.map((row) => row.length));
  return texts.length ? texts.map((row) => Array.from({ length: wide }, (_, at) => row[at] ?? "")) : undefined;
}

/** Text as a reader sees it: a line for each paragraph. @param {Element} element */
function linesOf(element) {
  const copy = /** @type {Element} */ (element.cloneNode(true));
  const walk = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) walk.currentNode.nodeValue = (walk.currentNode.nodeValue ?? "").replace(/[ \t\r\n]+/g, " ");
  for (const hidden of copy.querySelectorAll(BESIDE)) hidden.remove();
  for (const line of copy.querySelectorAll("br, p, div, li, tr")) line.after("\n");
  return (copy.textContent ?? "").replace(/ *\n */g, "\n").replace(/\n{2,}/g, "\n").replace(/^[·•§o\uf0b7][\u00a0 ]{2,}/gm, "- ").trim();
}

/** A cell as spreadsheets take it back unchanged: they drop quotation marks at its ends unless it is quoted whole.
 * @param {string} cell */
export const quoted = (cell) => (/[\t\n]|^"/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell);

/** Puts cells on the clipboard, as text and as a table. @param {DataTransfer} data @param {string[][]} texts */
export function copied(data, texts) {
  const table = document.createElement("table");
  for (const row of texts) {
    const line = table.insertRow();
    for (const text of row) line.insertCell().textContent = text;
  }
  data.setData("text/plain", texts.map((row) => row.map(quoted).join("\t")).join("\n"));
  data.setData("text/html", table.outerHTML);
}

/** Text without what word processors make of it; quotation marks only where there are none of FEEL's.
 * @param {string} text @param {boolean} feel */
export function tidy(text, feel) {
  let s = text.replace(/\p{Surrogate}/gu, "\ufffd").replace(/[\u00a0\u202f]/g, " ").trim();
  if (!feel) return s;
  if (/^[\u2012-\u2015\u2212]$/.test(s)) return "-";
  if (!s.includes('"')) s = s.replace(/«\s*([^«»]*?)\s*»/g, '"$1"').replace(/[\u201c-\u201f]/g, '"');
  return s;
}

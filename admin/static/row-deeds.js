// @ts-check
/**
 * What one does with rows besides changing them: trying a case of one, taking them to a word processor as sentences;
 * and what stands in a cell that is too narrow for it. It reads the grid, and leaves its script alone.
 */

const grid = /** @type {HTMLTableElement | null} */ (document.getElementById("grid")), body = grid?.tBodies[0];
if (grid && body) start(grid, body);

/** @param {HTMLTableElement} grid @param {HTMLTableSectionElement} body */
function start(grid, body) {
  /** The row of the cell that the Tab key stops at. */
  const here = () => body.querySelector('td[tabindex="0"]')?.closest("tr");
  /** @param {Element | null | undefined} row */
  const idOf = (row) => (row instanceof HTMLElement ? row.dataset.id ?? "" : "");

  /** Goes to a case to which the row applies, as a link does: what was typed is saved first. */
  function tryRow() {
    const way = Object.assign(document.createElement("a"), { href: `${grid.dataset.example}&rule=${encodeURIComponent(idOf(here()))}`, hidden: true });
    document.body.append(way);
    way.click();
    way.remove();
  }

  /** The chosen rows that are in sight, from top to bottom. */
  function chosen() {
    const rows = [...new Set([...body.querySelectorAll('td[aria-selected="true"]')].map((cell) => cell.closest("tr")))];
    const all = (rows.length ? rows : [here()]).filter((row) => row && !row.hidden);
    return all.map(idOf);
  }

  /** @param {string[]} ids @returns {Promise<string[][]>} id, sentence and citation of each */
  async function told(ids) {
    const asked = new URLSearchParams({ first: ids[0] ?? "", last: ids[ids.length - 1] ?? "" }), wanted = new Set(ids);
    const answer = await fetch(`${grid.dataset.sentences}&${asked}`, { redirect: "manual" });
    /** @type {string[][]} */
    const rows = await answer.json();
    return rows.filter(([id]) => wanted.has(id));
  }

  /** The rows as paragraphs, each with its legal basis: for a word processor, and as plain text.
   * @param {HTMLButtonElement} button */
  async function copy(button) {
    const rows = told(chosen());
    const plain = rows.then((all) => new Blob([all.map(([, text, basis]) => [text, basis && `(${basis})`].filter(Boolean).join(" ")).join("\n")], { type: "text/plain" }));
    const rich = rows.then((all) => {
      const page = document.createElement("div");
      for (const [, text, basis] of all) {
        const line = page.appendChild(Object.assign(document.createElement("p"), { textContent: basis ? `${text} ` : text }));
        if (basis) line.append(Object.assign(document.createElement("em"), { textContent: `(${basis})` }));
      }
      return new Blob([page.innerHTML], { type: "text/html" });
    });
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": plain, "text/html": rich })]);
    const said = button.textContent;
    button.textContent = button.dataset.done ?? said;
    window.setTimeout(() => { button.textContent = said; }, 2000);
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copies-rows]") : null;
    if (button instanceof HTMLButtonElement) void copy(button);
  });

  // Before the grid's own keys, of which Enter is one.
  document.addEventListener("keydown", (event) => {
    const at = event.target instanceof Element ? event.target : document.body, inCell = body.contains(at) && at.matches("td");
    const isTry = event.key === "Enter" && (event.ctrlKey || event.metaKey) && inCell;
    const isHelp = event.key === "?" && !at.matches("input, select, textarea") && !(inCell && grid.dataset.editable);
    if (!isTry && !isHelp) return;
    if (isTry) tryRow();
    else if (!document.querySelector("dialog[open]")) /** @type {HTMLDialogElement} */ (document.getElementById("keys")).showModal();
    event.preventDefault();
    event.stopPropagation();
  }, true);

  // What does not fit is told on the way over it; the bar tells it whole where one is.
  body.addEventListener("pointerover", (event) => {
    const cell = event.target instanceof Element ? event.target.closest("td.long, td.bad, td.doubtful") : null;
    if (cell instanceof HTMLElement) cell.title = cell.scrollWidth > cell.clientWidth ? cell.textContent ?? "" : "";
  });
}

export {};

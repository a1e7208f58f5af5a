// @ts-check
/** Finding rows: by a text, by what is wrong with them, what changed, what no case uses. */

/**
 * @param {HTMLTableElement} grid @param {(shown: number, all: number) => string} told
 * @param {(quiet: boolean) => void} landed is called where the rows in sight are others and some are left; not quiet where
 *   somebody goes on to them
 * @returns {(text: string, kind: string) => Promise<void>} shows the rows that hold a text and are of a kind
 */
export function finder(grid, told, landed) {
  const [find, only, count] = ["find", "only", "count"].map((id) => document.getElementById(id));
  const text = /** @type {HTMLInputElement} */ (find), kind = /** @type {HTMLSelectElement} */ (only), { rows } = grid.tBodies[0];

  /** @param {string} sought @param {string} wanted */
  async function sift(sought, wanted) {
    [text.value, kind.value] = [sought, wanted];
    const lower = sought.toLowerCase(), answer = wanted === "unused" && await fetch(grid.dataset.unused ?? "");
    const unused = new Set(answer && answer.ok ? await answer.json() : []);
    let shown = 0;
    for (const row of rows) {
      const fits = { "": true, unused: unused.has(row.dataset.id), bad: !!row.querySelector(".bad, .doubtful"),
        changed: /\b(added|changed)\b/.test(row.className) }[wanted];
      row.hidden = !fits || (!!lower && !row.textContent?.toLowerCase().includes(lower));
      shown += row.hidden ? 0 : 1;
    }
    if (count) count.textContent = sought || wanted ? told(shown, rows.length) : "";
    if (shown) landed(true);
  }
  text.addEventListener("input", () => sift(text.value, kind.value));
  text.addEventListener("keydown", (event) => event.key === "Enter" && landed(false));
  kind.addEventListener("change", () => sift(text.value, kind.value));
  return sift;
}

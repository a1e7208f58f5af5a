// @ts-check
/** The bar under the grid: the cell in plain words, asked of the server when somebody stops. */

/** How much is asked about in one address. */
const LONGEST = 16_000;

/**
 * @param {HTMLElement} bar @param {string} source where a cell is told
 * @param {() => {row?: string, name?: string, text?: string} | undefined} what is asked about: no row where there is none, nothing
 *   at all while it is being saved
 * @returns {() => void} tells the cell anew
 */
export function readingIn(bar, source, what) {
  /** @type {AbortController | undefined} */
  let asking;
  let timer = 0;

  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(async () => {
      const { row, name = "", text } = what() ?? { row: "" };
      if (row === undefined) bar.replaceChildren();
      if (!row) return;
      asking?.abort();
      asking = new AbortController();
      const asked = new URLSearchParams({ row, name });
      if (text !== undefined) asked.set("text", text);
      if (`${asked}`.length > LONGEST) return; // more than an address can hold; it is told when it is saved
      try {
        const answer = await fetch(`${source}&${asked}`, { signal: asking.signal, redirect: "manual" });
        if (answer.ok) bar.innerHTML = await answer.text();
      } catch {
        // The next cell was asked for, or there is no network: saving tells of that.
      }
    }, 70);
  };
}

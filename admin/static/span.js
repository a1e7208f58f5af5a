// @ts-check
/** The small form in which a range is written by its two ends. */

/** @param {string} text the cell's text as it is @param {boolean} day whether the ends are dates
 * @param {(text: string) => void} use takes the range that was chosen @param {() => void} after when it is closed */
export function askSpan(text, day, use, after) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("span"));
  const [low, lowIn, high, highIn] = ["low", "low-in", "high", "high-in"].map((id) =>
    /** @type {HTMLInputElement} */ (document.getElementById(`span-${id}`)));
  const span = /^([[(\]])(.*)\.\.(.*)([\])[])$/.exec(text), side = /^([<>])(=?)(.*)$/.exec(text);
  low.type = high.type = day ? "date" : "text";
  low.value = bare(span?.[2] ?? (side?.[1] === ">" ? side[3] : ""));
  high.value = bare(span?.[3] ?? (side?.[1] === "<" ? side[3] : ""));
  lowIn.checked = span ? span[1] === "[" : side?.[1] !== ">" || side[2] === "=";
  highIn.checked = span ? span[4] === "]" : side?.[1] !== "<" || side[2] === "=";
  dialog.returnValue = "";
  dialog.showModal();
  dialog.onclose = () => {
    const [from, to] = [low.value.trim(), high.value.trim()].map((end) => (end && day ? `@"${end}"` : end));
    if (dialog.returnValue === "use" && from && to)
      use(`${lowIn.checked ? "[" : "("}${from}..${to}${highIn.checked ? "]" : ")"}`);
    else if (dialog.returnValue === "use" && (from || to))
      use(from ? `${lowIn.checked ? ">=" : ">"} ${from}` : `${highIn.checked ? "<=" : "<"} ${to}`);
    after();
  };
}

/** An end of a range without what makes it a date. @param {string} end */
const bare = (end) => end.replace(/^\s*(?:@|date\()?"?|"?\)?\s*$/g, "");

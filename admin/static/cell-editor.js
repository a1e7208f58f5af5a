// @ts-check
/**
 * The field over a cell in which its text is changed, with completion of what may be written there.
 *
 * One field lies over the grid, never inside a cell: a line (a combobox, ARIA 1.2) for cells of FEEL, several lines
 * where a text has them.
 *
 * @typedef {{columns: Record<string, string[][]>, facts: string[][], functions: string[][]}} Words
 *
 * @typedef {object} Host
 * @property {(cell: HTMLTableCellElement, text: string) => void} write takes the text that was written
 * @property {() => void} closed
 * @property {() => void} typed
 * @property {(rows: number, columns: number, out?: boolean) => void} leave goes on to another cell, `out` of what is selected
 * @property {(text: string) => void} fill writes a text into all cells that are selected
 */

const MOST = 12;

export class CellEditor {
  /** @type {HTMLTableCellElement | undefined} */ cell;
  /** @type {HTMLInputElement | HTMLTextAreaElement | undefined} */ #field;
  /** @type {Words | undefined} */ #words;
  #column = "";
  /** Whether the cell is being typed over, so that arrows go on to the next one, as in a spreadsheet. */ #over = false;
  #at = -1;

  /** @param {HTMLElement} frame @param {string} words where the words are asked @param {string} label of the list
   * @param {Host} host */
  constructor(frame, words, label, host) {
    this.frame = frame;
    this.host = host;
    this.source = words;
    this.list = Object.assign(document.createElement("ul"), { id: "options", className: "offer", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", label);
    frame.append(this.list);
  }

  /** The text as it is being written. */
  get text() {
    return this.#field?.value;
  }

  /** @param {HTMLTableCellElement} cell @param {string} column @param {string} label @param {string} text
   * @param {boolean} feel
   * @param {{lines?: boolean, at?: number, over?: boolean}} [how] whether in several lines; where the caret goes; typed over */
  open(cell, column, label, text, feel, { lines = !feel || text.includes("\n"), at = text.length, over = false } = {}) {
    this.#over = over;
    const field = document.createElement(lines ? "textarea" : "input");
    field.className = feel ? "over feel" : "over";
    field.value = text;
    field.spellcheck = !feel;
    field.autocomplete = "off";
    field.setAttribute("aria-label", label);
    if (!lines) {
      field.setAttribute("role", "combobox");
      field.setAttribute("aria-autocomplete", "list");
      field.setAttribute("aria-expanded", "false");
      field.setAttribute("aria-controls", "options");
    }
    const { frame } = this, outer = frame.getBoundingClientRect(), inner = cell.getBoundingClientRect();
    field.style.setProperty("left", `${inner.left - outer.left - frame.clientLeft + frame.scrollLeft}px`);
    field.style.setProperty("top", `${inner.top - outer.top - frame.clientTop + frame.scrollTop}px`);
    field.style.setProperty("min-width", `${inner.width}px`);
    field.style.setProperty("min-height", `${inner.height}px`);
    frame.append(field);
    this.#field = field;
    this.cell = cell;
    this.#column = column;
    if (!lines) this.#ask();
    field.focus();
    field.setSelectionRange(at, at);
    field.addEventListener("blur", () => this.#field === field && this.close(true));
    field.addEventListener("input", () => {
      this.#offer(false);
      this.host.typed();
    });
    field.addEventListener("pointerdown", () => (this.#over = false));
    field.addEventListener("keydown", (event) => this.#key(/** @type {KeyboardEvent} */ (event)));
  }

  /** @param {boolean} keep */
  close(keep) {
    const field = this.#field, cell = this.cell;
    if (!field || !cell) return;
    const hadFocus = document.activeElement === field;
    this.#field = this.cell = undefined;
    this.list.hidden = true;
    field.remove();
    if (keep) this.host.write(cell, field.value);
    if (hadFocus) cell.focus({ preventScroll: true });
    this.host.closed();
    this.host.typed();
  }

  async #ask() {
    try {
      this.#words ??= /** @type {Words} */ (await (await fetch(this.source)).json());
      this.#offer(false);
    } catch {
      // Nothing is offered; everything can be written.
    }
  }

  /** The word before the caret, and where it begins. */
  #word() {
    const to = this.#field?.selectionStart ?? 0;
    const word = /(?:"[^"]*|[\p{L}_][\p{L}\p{N}_ .]*)$/u.exec(this.text?.slice(0, to) ?? "")?.[0] ?? "";
    return { word: word.trimStart(), from: to - word.trimStart().length, to };
  }

  /** Offers what may be written, in a list below. @param {boolean} all also where nothing is written yet */
  #offer(all) {
    const field = this.#field, words = this.#words;
    if (!field || !words || field.getAttribute("role") !== "combobox") return;
    const word = this.#word().word.toLowerCase(), bare = word.replace(/^"/, "");
    const begins = (/** @type {string} */ one) => one.toLowerCase().replace(/^"/, "").startsWith(bare);
    const names = word.startsWith('"') ? [] : [...words.facts, ...words.functions];
    const known = [...(words.columns[this.#column] ?? []), ...names];
    const fit = known.filter(([text, label]) => (begins(text) || begins(label)) && text.toLowerCase() !== word);
    this.list.replaceChildren(...(bare || all ? fit.slice(0, MOST) : []).map(([text, label], at) => {
      const item = Object.assign(document.createElement("li"), { id: `option-${at}` });
      item.setAttribute("role", "option");
      item.dataset.text = text;
      item.append(Object.assign(document.createElement("code"), { textContent: text }), ` ${label}`);
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        this.#take(item);
      });
      return item;
    }));
    this.list.style.setProperty("left", field.style.left);
    this.list.style.setProperty("top", `${field.offsetTop + field.offsetHeight}px`);
    this.#show(this.list.childElementCount > 0);
  }

  /** @param {boolean} open */
  #show(open) {
    this.list.hidden = !open;
    this.#field?.setAttribute("aria-expanded", String(open));
    this.#point(-1);
  }

  /** @param {number} at */
  #point(at) {
    this.#at = at;
    [...this.list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === at)));
    const item = this.list.children[at];
    item?.scrollIntoView({ block: "nearest" });
    if (item) this.#field?.setAttribute("aria-activedescendant", item.id);
    else this.#field?.removeAttribute("aria-activedescendant");
  }

  /** @param {HTMLElement} item */
  #take(item) {
    const { from, to } = this.#word();
    this.#field?.setRangeText(item.dataset.text ?? "", from, to, "end");
    this.#show(false);
    this.host.typed();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, shiftKey, altKey } = event, { length } = this.list.children, listed = !this.list.hidden;
    const item = /** @type {HTMLElement | undefined} */ (this.list.children[this.#at]);
    const back = shiftKey ? -1 : 1, ctrl = event.ctrlKey || event.metaKey;
    const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[key] ?? [0, 0];
    if (ctrl && key === "s") return this.close(true); // the page tells that it is saved
    event.stopPropagation();
    if (event.isComposing) return; // the key belongs to what composes a character, as for accents and Chinese
    if (key === "ArrowDown" && altKey) this.#offer(true);
    else if (listed && key === "ArrowDown") this.#point((this.#at + 1) % length);
    else if (listed && key === "ArrowUp") this.#point((Math.max(this.#at, 0) + length - 1) % length);
    else if (listed && item && (key === "Enter" || key === "Tab")) this.#take(item);
    else if (listed && key === "Escape") this.#show(false);
    else if (key === "Escape") this.close(false);
    else if (key === "F2") this.#over = false;
    else if (this.#over && (down || right) && !shiftKey && !altKey && !ctrl) {
      this.close(true);
      this.host.leave(down, right, true);
    } else if (key === "Enter" && ctrl) {
      const text = this.text ?? "";
      this.close(false);
      this.host.fill(text);
    }
    else if (key === "Enter" && altKey) this.#newLine();
    else if (key === "Enter") {
      this.close(true);
      this.host.leave(back, 0);
    } else if (key === "Tab") {
      this.close(true);
      this.host.leave(0, back);
    } else return;
    event.preventDefault();
  }

  /** A new line; a field of one line becomes one of several. */
  #newLine() {
    const old = this.#field, cell = this.cell, to = old?.selectionStart ?? 0;
    if (!old || !cell) return;
    if (old instanceof HTMLTextAreaElement) return old.setRangeText("\n", to, old.selectionEnd, "end");
    const text = `${old.value.slice(0, to)}\n${old.value.slice(old.selectionEnd ?? to)}`;
    this.#field = undefined;
    old.remove();
    this.open(cell, this.#column, old.getAttribute("aria-label") ?? "", text, true, { lines: true, at: to + 1 });
  }
}

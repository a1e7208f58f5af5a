// @ts-check
/**
 * What was done on a table's page, to be undone and done again; kept by the window, until it is closed.
 *
 * @typedef {import("./sync.js").Op} Op
 * @typedef {{done: Op[], undone: Op[], rev?: number}} Step one with `rev` was done on another page, by the save that
 *   made that revision of the draft: the server undoes it
 * @typedef {"undo" | "redo"} Way
 */

const MOST = 200;

export class Steps {
  /** @type {{undo: Step[], redo: Step[], seen: number}} */ #kept = { undo: [], redo: [], seen: 0 };
  #name = `decidable ${location.pathname}`;

  /** @param {DOMStringMap} came revisions that were made on the way here (`changed`), and whether by undoing (`way`) */
  constructor({ editable, changed = "", way = "" }) {
    try {
      if (editable) this.#kept = JSON.parse(sessionStorage.getItem(this.#name) ?? "") ?? this.#kept;
    } catch {
      // Nothing was kept: the page is new in this window.
    }
    const came = changed.split(".").map(Number).filter((rev) => rev > (this.#kept.seen ?? 0));
    if (came.length) {
      this.#kept[way === "undo" ? "redo" : "undo"].push(...came.map((rev) => ({ rev, done: [], undone: [] })));
      if (!way) this.#kept.redo = [];
      this.#kept.seen = came[came.length - 1];
    }
    this.keep();
  }

  /** All operations in it: what becomes of their rows and texts meanwhile is written into them. */
  get ops() {
    return [...this.#kept.undo, ...this.#kept.redo].flatMap((step) => [...step.done, ...step.undone]);
  }

  /** Something new was done. @param {Step} step */
  add(step) {
    if (!step.done.length) return;
    this.#kept.undo.push(step);
    this.#kept.redo = [];
    this.keep();
  }

  /** The step that is next that way. @param {Way} way */
  take(way) {
    const step = this.#kept[way].pop();
    this.keep();
    return step;
  }

  /** Puts a step where it can be taken back the other way. @param {Way} way that it was taken @param {Step} step */
  turn(way, step) {
    this.#kept[way === "undo" ? "redo" : "undo"].push(step);
    this.keep();
  }

  keep() {
    this.#kept.undo.splice(0, this.#kept.undo.length - MOST);
    try {
      sessionStorage.setItem(this.#name, JSON.stringify(this.#kept));
    } catch {
      // The window's memory is full: undo works until the page is left.
    }
    for (const way of /** @type {Way[]} */ (["undo", "redo"]))
      document.querySelectorAll(`.tools [data-do="${way}"]`).forEach((button) =>
        button.toggleAttribute("disabled", !this.#kept[way].length));
  }
}

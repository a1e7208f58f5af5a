// @ts-check
/**
 * The rows of a table on its page: known by their ids, whatever their order; their cells by the names of fields.
 *
 * @typedef {{name: string, kind: string, type: string, label: string, room: number}} Column
 */

export class Rows {
  /** @type {Map<string, HTMLTableRowElement>} */ #byId;
  /** @type {Map<string, number>} */ #place;

  /** @param {HTMLTableElement} grid @param {(id: string) => string} labelled what a row's link to its form is called */
  constructor(grid, labelled) {
    this.grid = grid;
    this.body = grid.tBodies[0];
    this.labelled = labelled;
    /** @type {Column[]} */
    this.columns = [...grid.querySelectorAll("th[data-name]")].map((th) => ({
      name: th.getAttribute("data-name") ?? "",
      kind: th.getAttribute("data-kind") ?? "",
      type: th.getAttribute("data-type") ?? "",
      label: th.querySelector(".label")?.textContent ?? "",
      room: Number(th.getAttribute("data-room")),
    }));
    this.#place = new Map(this.columns.map((column, at) => [column.name, at + 1]));
    this.#byId = new Map([...this.body.rows].map((row) => [this.idOf(row), row]));
  }

  /** @param {HTMLTableRowElement} row */
  idOf(row) {
    return row.dataset.id ?? "";
  }

  /** @param {string} id */
  get(id) {
    return this.#byId.get(id);
  }

  get ids() {
    return [...this.#byId.keys()];
  }

  get last() {
    return this.body.rows.length - 1;
  }

  /** The place of a column among a row's cells; the first cell is the row's head. @param {string} name */
  place(name) {
    return this.#place.get(name) ?? -1;
  }

  /** @param {string} id @param {string} name */
  cell(id, name) {
    return this.get(id)?.cells[this.place(name)];
  }

  /** The id of the row above; empty at the top. @param {HTMLTableRowElement} row */
  above(row) {
    return /** @type {HTMLTableRowElement | null} */ (row.previousElementSibling)?.dataset.id ?? "";
  }

  /** @param {HTMLTableRowElement} row @returns {Record<string, string>} */
  fields(row) {
    return Object.fromEntries(this.columns.map(({ name }, at) => [name, row.cells[at + 1].textContent ?? ""]));
  }

  /** @param {HTMLTableCellElement | undefined} cell @param {string} text */
  put(cell, text) {
    if (!cell) return;
    cell.textContent = text;
    cell.classList.toggle("any", text === "-");
    cell.classList.toggle("long", text.length > this.columns[cell.cellIndex - 1].room);
  }

  /** A new row after another (empty: at the top; at the end if that is gone).
   * @param {string} id @param {Record<string, string>} fields @param {string} after */
  insert(id, fields, after) {
    const row = document.createElement("tr"), head = document.createElement("th");
    row.setAttribute("role", "row");
    head.setAttribute("role", "rowheader");
    head.className = "rule";
    head.append(Object.assign(document.createElement("span"), { className: "n" }), document.createElement("a"));
    row.append(head);
    for (const column of this.columns) {
      const cell = row.insertCell();
      cell.setAttribute("role", "gridcell");
      this.put(cell, fields[column.name] ?? (column.kind === "condition" ? "-" : ""));
    }
    this.rename(row, id);
    this.placeAfter(row, after);
    return row;
  }

  /** @param {HTMLTableRowElement} row @param {string} after */
  placeAfter(row, after) {
    const above = this.get(after);
    if (above) above.after(row);
    else if (after) this.body.append(row);
    else this.body.prepend(row);
  }

  /** Takes a row off the page; gives the id of the one above it. @param {string} id */
  remove(id) {
    const row = this.get(id), above = row ? this.above(row) : "";
    row?.remove();
    this.#byId.delete(id);
    return above;
  }

  /** @param {HTMLTableRowElement | undefined} row @param {string} id */
  rename(row, id) {
    if (!row) return;
    this.#byId.delete(this.idOf(row));
    this.#byId.set(id, row);
    row.dataset.id = id;
    row.id = `row-${id}`;
    row.cells[0].classList.toggle("long", id.length > 5);
    const link = row.querySelector("a");
    if (!link) return;
    link.textContent = id;
    link.href = `${this.grid.dataset.form}&rule=${encodeURIComponent(id)}`;
    link.setAttribute("aria-label", this.labelled(id));
  }

  renumber() {
    [...this.body.rows].forEach((row, at) => {
      const number = row.cells[0].firstElementChild;
      if (!number || number.textContent === String(at + 1)) return;
      number.textContent = String(at + 1);
      row.setAttribute("aria-rowindex", String(at + 3));
    });
    this.grid.setAttribute("aria-rowcount", String(this.body.rows.length + 2));
  }

  /** The next free id after the pattern of another: `R07` → `R08`.
   * @param {string} like @param {Set<string>} [taken] ids that are given already, too */
  freeId(like, taken) {
    const [, stem, digits] = /^(.*?)(\d*)$/s.exec(like) ?? ["", "", ""];
    for (let n = BigInt(digits) + 1n; ; n++) {
      const id = (stem || "R") + String(n).padStart(digits.length, "0");
      if (!this.get(id) && !taken?.has(id)) return id;
    }
  }
}

// @ts-check
/**
 * The grid of a decision table: where one is, keys, the cell editor, clipboard, undo.
 *
 * The page is whole without it. What is done is an operation on rows by id and columns by name: it is put on the
 * page at once and handed to `Sync`, which saves it. There are no words here: all come from the page.
 *
 * @typedef {import("./sync.js").Op} Op
 * @typedef {import("./steps.js").Step} Step
 * @typedef {import("./rows.js").Column} Column
 */

import { CellEditor } from "./cell-editor.js";
import { copied, pasted, read, tidy } from "./clipboard.js";
import { dragFill, dragRow } from "./drag.js";
import { drawnOut, filledDown, filledRight, filledWith, isFeel, nextWithin, pastedOver, todayIn } from "./filling.js";
import { finder } from "./find.js";
import { menuOf } from "./menu.js";
import { readingIn } from "./reading.js";
import { Rows } from "./rows.js";
import { askSpan } from "./span.js";
import { Steps } from "./steps.js";
import { Sync } from "./sync.js";

/** Whether Alt writes characters, such as [ on a Belgian keyboard. */
const MAC = /Mac|iP(hone|ad)/.test(navigator.platform);
const grid = /** @type {HTMLTableElement} */ (document.getElementById("grid"));
if (grid) start();

function start() {
  /** @template {HTMLElement} T @param {string} id @returns {T} */
  const $ = (id) => /** @type {T} */ (document.getElementById(id));
  const frame = $("frame"), bar = $("bar"), says = $("says").dataset, span = document.querySelector('[data-do="span"]');
  const editable = grid.dataset.editable;
  /** @param {string | undefined} template @param {...(string | number)} values */
  const say = (template, ...values) =>
    (template ?? "").replace(/\{(\d)\}/g, (_, at) => String(values[Number(at)] ?? ""));
  const rows = new Rows(grid, (id) => say(says.edit, id)), { body, columns } = rows;

  /** The cell that has the focus, and the other corner of what is selected, as [row, cell]. */
  let active = [0, 1], anchor = [0, 1];
  /** What is selected while one goes about in it; and the column in which a line was begun with Tab. */
  let held = /** @type {number[] | undefined} */ (undefined), begun = 0;
  /** The one cell that the Tab key stops at. @type {HTMLTableCellElement | undefined} */
  let stop;
  /** @type {Element[]} */
  let selected = [];
  document.documentElement.classList.add("script");

  /** @param {number} r @param {number} c */
  const cellAt = (r, c) => body.rows[r]?.cells[c];
  /** @param {number} c */
  const columnAt = (c) => columns[c - 1];
  const here = () => ({ row: body.rows[active[0]], cell: cellAt(active[0], active[1]), column: columnAt(active[1]) });

  // -- Where one is -------------------------------------------------------------------------------------------

  const box = () => held ?? [
    Math.min(active[0], anchor[0]), Math.min(active[1], anchor[1]),
    Math.max(active[0], anchor[0]), Math.max(active[1], anchor[1]),
  ];
  /** The rows of the selection that are in sight, from top to bottom. */
  const chosenRows = () => {
    const [top, , bottom] = box();
    return [...body.rows].slice(top, bottom + 1).filter((row) => !row.hidden);
  };

  function paint() {
    for (const cell of selected) cell.removeAttribute("aria-selected");
    selected = [];
    const [top, left, bottom, right] = box(), corner = editable && cellAt(bottom, right);
    body.querySelector(".corner")?.classList.remove("corner");
    if (corner) corner.classList.add("corner");
    if (top === bottom && left === right) return;
    for (const row of chosenRows())
      for (let c = left; c <= right; c++) {
        row.cells[c].setAttribute("aria-selected", "true");
        selected.push(row.cells[c]);
      }
  }

  /** The nearest row in sight from `r` on, looking the way of `step` first.
   * @param {number} r @param {number} step */
  function inSight(r, step) {
    const from = Math.max(0, Math.min(rows.last, r)), way = step < 0 ? -1 : 1;
    for (const d of [way, -way])
      for (let at = from; at >= 0 && at <= rows.last; at += d) if (!body.rows[at].hidden) return at;
    return from;
  }

  /** @param {number} r @param {number} c
   * @param {{extend?: boolean, quiet?: boolean, within?: number[], from?: number}} [how] `within` a selection that stays */
  function go(r, c, { extend = false, quiet = false, within, from = 0 } = {}) {
    if (rows.last < 0) return quiet || frame.focus();
    if (stop) stop.tabIndex = -1;
    active = [inSight(r, r - active[0]), Math.max(1, Math.min(columns.length, c))];
    [held, begun] = [within, from];
    if (!extend && !within) anchor = [...active];
    const cell = cellAt(active[0], active[1]);
    stop = cell;
    cell.tabIndex = 0;
    if (!quiet) {
      cell.focus({ preventScroll: true });
      reveal(cell);
    }
    paint();
    const { column } = here();
    span?.toggleAttribute("disabled", column.kind !== "condition" || !["number", "date"].includes(column.type));
    describe();
  }

  /** @param {HTMLElement} cell */
  function reveal(cell) {
    const f = frame.getBoundingClientRect(), b = cell.getBoundingClientRect();
    const head = grid.tHead?.offsetHeight ?? 0, rule = body.rows[0].cells[0].offsetWidth;
    if (b.top < f.top + head) frame.scrollTop -= f.top + head - b.top;
    else if (b.bottom > f.bottom - 16) frame.scrollTop += b.bottom - f.bottom + 16;
    if (b.left < f.left + rule) frame.scrollLeft -= f.left + rule - b.left;
    else if (b.right > f.right - 16) frame.scrollLeft += b.right - f.right + 16;
  }

  // -- The bar: the cell in words -----------------------------------------------------------------------------

  const describe = readingIn(bar, grid.dataset.cell ?? "", () => {
    const { row, column } = here();
    if (row && sync?.isPending(rows.idOf(row)) && !editor.cell) return undefined;
    return row ? { row: rows.idOf(row), name: column.name, text: editor.text } : {};
  });

  // -- Doing and undoing --------------------------------------------------------------------------------------

  const steps = new Steps(grid.dataset);

  /** Puts operations on the page, and in the queue; what cannot be done any more is left out.
   * @param {Op[]} ops @returns {Step} what was done, and what undoes it */
  function perform(ops) {
    /** @type {Step} */
    const step = { done: [], undone: [] };
    let moved = false;
    for (const op of ops) {
      const row = rows.get(op.row);
      if (op.t === "set") {
        const cell = rows.cell(op.row, op.name), old = cell?.textContent ?? "";
        if (!row || !cell || old === op.text || (op.from !== undefined && op.from !== old)) continue;
        rows.put(cell, op.text);
        row.classList.add("changed");
        sync?.add({ ...op, was: old });
        step.done.push({ ...op, from: old });
        step.undone.unshift({ t: "set", row: op.row, name: op.name, text: old, from: op.text });
      } else if (op.t === "add") {
        rows.insert(op.row, op.fields, op.after).classList.add("added");
        sync?.add(op);
        step.done.push(op);
        step.undone.unshift({ t: "drop", row: op.row });
        moved = true;
      } else if (!row) continue;
      else if (op.t === "drop") {
        const fields = rows.fields(row), after = rows.remove(op.row);
        sync?.add({ ...op, was: fields });
        step.done.push(op);
        step.undone.unshift({ t: "add", row: op.row, after, fields });
        moved = true;
      } else if (op.row !== op.after && (!op.after || rows.get(op.after))) {
        step.undone.unshift({ t: "move", row: op.row, after: rows.above(row) });
        if (op.after) rows.get(op.after)?.after(row);
        else body.prepend(row);
        sync?.add(op);
        step.done.push(op);
        moved = true;
      }
    }
    if (moved) rows.renumber();
    return step;
  }

  /** @param {Op[]} ops */
  function act(ops) {
    const step = perform(ops);
    steps.add(step);
    return step;
  }

  /** Undoes on the server, once all is saved here. @param {number} rev @param {"undo" | "redo"} way */
  function takeBack(rev, way) {
    const form = /** @type {HTMLFormElement} */ ($("take-back"));
    Object.assign(form.elements.namedItem("revision") ?? {}, { value: rev });
    Object.assign(form.elements.namedItem("way") ?? {}, { value: way });
    sync?.whenSaved(() => form.submit());
  }

  /** @param {"undo" | "redo"} way */
  function again(way) {
    const step = steps.take(way);
    if (!step) return;
    if (step.rev) return takeBack(step.rev, way);
    const back = perform(way === "undo" ? step.undone : step.done);
    steps.turn(way, way === "undo" ? step : { done: step.done, undone: back.undone });
    if (!back.done.length) toast(say(says.overtaken));
    const first = back.done.find((op) => rows.get(op.row)), row = first && rows.get(first.row);
    const c = first?.t === "set" ? rows.place(first.name) : undefined;
    go(row ? row.sectionRowIndex : active[0], c ?? active[1]);
  }

  // -- What the server says -----------------------------------------------------------------------------------

  /** @type {HTMLTableCellElement[]} */
  let marked = [...body.querySelectorAll("td")].filter((cell) => /\b(bad|doubtful)\b/.test(cell.className));
  /** @type {Map<string, string>} */
  let repairs = new Map();

  /** @param {import("./sync.js").Mark[]} marks */
  function mark(marks) {
    for (const cell of marked) {
      cell.classList.remove("bad", "doubtful");
      cell.removeAttribute("aria-invalid");
    }
    repairs = new Map(marks.map(([row, field, , repair]) => [`${row}\t${field}`, repair]));
    marked = marks.flatMap(([row, field]) => rows.cell(row, field) ?? []);
    for (const [row, field, level] of marks) {
      rows.cell(row, field)?.classList.add(level === "error" ? "bad" : "doubtful");
      if (level === "error") rows.cell(row, field)?.setAttribute("aria-invalid", "true");
    }
  }

  /** The cells that operations write. @param {Op[]} ops */
  const placesOf = (ops) => ops.flatMap((op) =>
    (op.t === "set" ? [op.name] : op.t === "add" ? Object.keys(op.fields) : []).map((name) => [op.row, name]));

  /** Columns of what was pasted last that found no place. */
  let beyond = 0;

  /** @param {import("./sync.js").Saved} told @param {Op[]} ops @param {number} count of cells that were pasted */
  function tellPasted(told, ops, count) {
    const places = placesOf(ops), parts = [say(says.pasted, count)];
    if (beyond) parts.push(say(says.wide, beyond));
    if (told.adapted.length) parts.push(say(says.adapted, told.adapted.length, ...told.adapted[0]));
    const unsure = told.doubtful.map((at) => rows.cell(...at)?.textContent ?? "");
    if (unsure.length) parts.push(say(says.doubtful, unsure.length, unsure[0]));
    const mend = places.flatMap(([row, name]) => {
      const text = repairs.get(`${row}\t${name}`);
      return text ? [{ t: /** @type {const} */ ("set"), row, name, text }] : [];
    });
    if (mend.length) parts.push(say(says.mendable, mend.length));
    const open = places.filter(([row, name]) => rows.cell(row, name)?.classList.contains("bad")).length - mend.length;
    if (open > 0) parts.push(say(says.open, open));
    toast(parts.join(" · "), mend.length ? () => void (act(mend), go(active[0], active[1])) : undefined);
  }

  /** @param {string} id @param {Record<string, string | undefined>} texts */
  function filled(id, texts) {
    const model = /** @type {HTMLTemplateElement} */ ($(id)).content.firstElementChild;
    const shown = /** @type {HTMLElement} */ (model?.cloneNode(true));
    for (const slot of shown.querySelectorAll("[data-fill]"))
      slot.textContent = texts[slot.getAttribute("data-fill") ?? ""] ?? "";
    return shown;
  }

  /** @param {string} said @param {() => void} [mend] */
  function toast(said, mend) {
    const shown = filled("toast", { said }), button = shown.querySelector('[data-do="mend"]');
    button?.toggleAttribute("hidden", !mend);
    button?.addEventListener("click", () => mend?.());
    $("toasts").replaceChildren(shown);
    window.setTimeout(() => shown.contains(document.activeElement) || shown.remove(), 20_000);
  }

  /** Whether others changed what is being written over, so that it is read again when that is done. */
  let passed = false;

  /** @param {import("./sync.js").News} told */
  function heard({ columns: names, rows: told = [], marks }) {
    const feel = (/** @type {string[]} */ all) => all.filter((one) => /^(test|output)\./.test(one)).join("\n");
    if (feel(names) !== feel(columns.map((column) => column.name))) return false;
    const { row: focus, cell: focused } = here(), seen = new Set(), had = !!focused && focused === document.activeElement;
    let last = /** @type {HTMLTableRowElement | null} */ (null);
    for (const [id, ...texts] of told) {
      const fields = Object.fromEntries(names.map((one, at) => [one, texts[at]]));
      const row = rows.get(id) ?? rows.insert(id, fields, "");
      columns.forEach((column, at) => {
        const cell = row.cells[at + 1], text = fields[column.name] ?? "";
        if (cell.textContent === text) return;
        if (cell === editor.cell) return void (passed = true);
        rows.put(cell, text);
        cell.classList.add("news");
        row.classList.add("changed");
      });
      if (row.previousElementSibling !== last) last ? last.after(row) : body.prepend(row);
      seen.add(id);
      last = row;
    }
    for (const id of rows.ids)
      if (!seen.has(id)) rows.get(id) === editor.cell?.parentNode ? (passed = true) : rows.remove(id);
    rows.renumber();
    mark(marks);
    if (focus?.isConnected) active[0] = anchor[0] = focus.sectionRowIndex;
    if (focused && (!focus?.isConnected || (had && focused !== document.activeElement))) go(active[0], active[1], { quiet: !had });
    describe();
    return true;
  }

  const sync = editable ? new Sync(grid, says, $("saved"), {
    fieldsOf: (id) => {
      const row = rows.get(id);
      return row && rows.fields(row);
    },
    put: (row, field, text) => rows.put(rows.cell(row, field), text),
    remove: (id) => rows.remove(id),
    rename: (old, id) => rows.rename(rows.get(old), id),
    remembered: () => steps.ops,
    act,
    saved: (told, ops, pasted) => {
      mark(told.marks);
      steps.keep();
      if (pasted) tellPasted(told, ops, pasted);
      describe();
    },
    heard,
    leaving: () => editor.close(true),
    choose: (clash, more) => {
      if (!clash) return $("conflict").replaceChildren(), go(active[0], active[1]);
      const { op, conflict } = clash, column = columns.find((one) => one.name === conflict.name)?.label;
      const shown = filled("clash", {
        place: [say(says.row, conflict.row), column].filter(Boolean).join(", "),
        mine: op.t === "drop" ? says.gone : conflict.mine || says.empty,
        theirs: conflict.gone ? says.gone : conflict.theirs || says.empty,
        more: more ? say(says.more, more) : "",
      });
      shown.querySelector('[data-choice="mine"]')?.toggleAttribute("hidden", !!conflict.no_column);
      for (const button of shown.querySelectorAll("[data-choice]"))
        button.addEventListener("click", () => sync?.settle(button.getAttribute("data-choice") === "mine"));
      $("conflict").replaceChildren(shown);
    },
  }) : undefined;

  const editor = new CellEditor(frame, grid.dataset.words ?? "", says.options ?? "", {
    write: (cell, typed) => {
      const row = /** @type {HTMLTableRowElement} */ (cell.parentNode), column = columnAt(cell.cellIndex);
      const text = tidy(typed, isFeel(column));
      if (row.isConnected && text !== cell.textContent)
        act([{ t: "set", row: rows.idOf(row), name: column.name, text }]);
    },
    typed: describe,
    closed: () => {
      if (passed) sync?.readAgain();
      passed = false;
    },
    leave: (down, right, out) => {
      if (isMany() && !out) within(down, right);
      else if (down) go(active[0] + down, begun || active[1]);
      else step(right);
    },
    fill: (text) => fill((column) => tidy(text, isFeel(column))),
  });

  /** @param {string} [seed] what is typed over the cell; without it, its text is changed */
  function edit(seed) {
    const cell = cellAt(active[0], active[1]), column = columnAt(active[1]);
    if (!editable || editor.cell || !cell) return;
    const label = `${column.label}, ${say(says.row, rows.idOf(here().row))}`;
    editor.open(cell, column.name, label, seed ?? cell.textContent ?? "", isFeel(column), { over: seed !== undefined });
  }

  // -- What one can do ----------------------------------------------------------------------------------------

  /** To the next cell, from row to row; false where the grid ends. @param {number} way */
  function step(way) {
    const [r, c] = active, over = c + way < 1 ? -1 : c + way > columns.length ? 1 : 0;
    if (!over) go(r, c + way, { from: begun || c });
    else if (inSight(r + over, over) !== r) go(r + over, over > 0 ? 1 : columns.length);
    else return false;
    return true;
  }

  const isMany = ([top, left, bottom, right] = box()) => top !== bottom || left !== right;

  /** To the next cell of what is selected, round and round. @param {number} down @param {number} right */
  function within(down, right) {
    const [r, c] = nextWithin(chosenRows().map((row) => row.sectionRowIndex), box(), active, down, right);
    go(r, c, { within: box() });
  }

  /** @param {number[]} box */
  function select([top, left, bottom, right]) {
    anchor = [bottom, right];
    go(top, left, { extend: true });
  }

  /** @param {HTMLTableRowElement | undefined} model a row to copy; without it the new one is empty
   * @param {boolean} [above] where the new one goes */
  function addRow(model, above) {
    const at = here().row ? rows.idOf(here().row) : "", id = rows.freeId(at), after = above ? rows.above(here().row) : at;
    act([{ t: "add", row: id, after, fields: model ? rows.fields(model) : {} }]);
    go(rows.get(id)?.sectionRowIndex ?? 0, 1);
  }

  function dropRows() {
    const chosen = chosenRows(), [r] = box();
    if (!chosen.length) return;
    act(chosen.map((row) => ({ t: "drop", row: rows.idOf(row) })));
    toast(say(says.dropped, chosen.length));
    go(Math.min(r, rows.last), active[1]);
  }

  /** Moves the chosen rows by one: the row that they pass goes to their other side. @param {number} way */
  function moveRows(way) {
    const [top, , bottom] = box(), past = body.rows[way < 0 ? top - 1 : bottom + 1];
    if (!past) return;
    const after = way < 0 ? rows.idOf(body.rows[bottom]) : rows.above(body.rows[top]), many = top !== bottom;
    act([{ t: "move", row: rows.idOf(past), after }]);
    anchor = [anchor[0] + way, anchor[1]];
    go(active[0] + way, active[1], { extend: many });
  }

  /** Moves a row to where another one stands. @param {HTMLTableRowElement} row @param {HTMLTableRowElement} to */
  function moveRow(row, to) {
    act([{ t: "move", row: rows.idOf(row), after: to.sectionRowIndex < row.sectionRowIndex ? rows.above(to) : rows.idOf(to) }]);
    go(row.sectionRowIndex, active[1]);
  }

  /** Writes into all chosen cells. @param {(column: Column) => string} textOf */
  const fill = (textOf) => void act(filledWith(rows, chosenRows(), box(), textOf));
  const clear = () => fill((column) => (column.kind === "condition" ? "-" : ""));
  const fillRight = () => act(filledRight(rows, chosenRows(), box()));
  const fillDown = () => act(filledDown(rows, chosenRows(), box(), body.rows[inSight(box()[0] - 1, -1)]));
  const today = (day = todayIn(here().column)) => day && fill(() => day);

  function nextProblem() {
    const all = [...body.querySelectorAll("td.bad, td.doubtful")], { cell: from } = here();
    const next = all.find((cell) => from.compareDocumentPosition(cell) & Node.DOCUMENT_POSITION_FOLLOWING) ?? all[0];
    if (next instanceof HTMLTableCellElement) goTo(next);
  }
  /** @param {HTMLTableCellElement} cell */
  function goTo(cell) {
    const row = /** @type {HTMLTableRowElement} */ (cell.parentNode);
    if (row.hidden) sift("", "");
    go(row.sectionRowIndex, cell.cellIndex);
  }

  // -- Finding ------------------------------------------------------------------------------------------------

  const sift = finder(grid, (shown, all) => say(says.shown, shown, all), (quiet) => go(active[0], active[1], { quiet }));

  // -- Keys, mouse, clipboard ---------------------------------------------------------------------------------

  /** @type {Record<string, () => void>} */
  const deeds = {
    undo: () => again("undo"), redo: () => again("redo"), add: () => addRow(undefined), drop: dropRows,
    duplicate: () => addRow(here().row),
    span: () => askSpan(here().cell.textContent ?? "", here().column.type === "date", (text) => fill(() => text),
      () => go(active[0], active[1])),
    help: () => /** @type {HTMLDialogElement} */ ($("keys")).showModal(),
  };
  document.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    const button = at?.closest("[data-do]"), link = at?.closest("a[data-row]"), repair = at?.closest("[data-repair]");
    const deed = deeds[button?.getAttribute("data-do") ?? ""];
    const cell = link && rows.cell(link.getAttribute("data-row") ?? "", link.getAttribute("data-name") ?? "");
    if (deed && (here().cell || button?.getAttribute("data-do") !== "span")) deed();
    else if (cell) goTo(cell);
    else if (repair && here().row) {
      act([{ t: "set", row: rows.idOf(here().row), name: here().column.name, text: repair.getAttribute("data-repair") ?? "" }]);
      go(active[0], active[1]);
    } else return;
    event.preventDefault();
  });

  frame.addEventListener("keydown", (event) => {
    const { key, shiftKey: shift, altKey: alt } = event, ctrl = event.ctrlKey || event.metaKey, [r, c] = active;
    const extend = { extend: shift }, way = key === "ArrowUp" ? -1 : 1, letter = ctrl ? key.toLowerCase() : "";
    if (editor.cell || !(event.target instanceof HTMLTableCellElement || (rows.last < 0 && event.target === frame))) return;
    const arrow = key === "ArrowUp" || key === "ArrowDown", gone = key === "Delete" || key === "Backspace";
    if (letter === "f") $("find").focus();
    else if (letter === "/") deeds.help();
    else if (letter === "a") [anchor, active, held] = [[0, 1], [rows.last, columns.length], undefined], paint();
    else if (key === " " && shift) select([box()[0], 1, box()[2], columns.length]);
    else if (key === " " && ctrl) select([0, box()[1], rows.last, box()[3]]);
    else if (key === "Escape" && isMany()) go(r, c);
    else if (arrow && !alt) go(ctrl ? (way < 0 ? 0 : rows.last) : r + way, c, extend);
    else if (key === "ArrowRight") go(r, ctrl ? columns.length : c + 1, extend);
    else if (key === "ArrowLeft") go(r, ctrl ? 1 : c - 1, extend);
    else if (key === "Home") go(ctrl ? 0 : r, 1, extend);
    else if (key === "End") go(ctrl ? rows.last : r, columns.length, extend);
    else if (key === "PageDown") go(r + 20, c, extend);
    else if (key === "PageUp") go(r - 20, c, extend);
    else if (key === "Tab") {
      if (rows.last >= 0 && isMany()) within(0, shift ? -1 : 1);
      else if (rows.last < 0 || !step(shift ? -1 : 1)) return;
    } else if (!editable) return;
    else if (letter === "z") again(shift ? "redo" : "undo");
    else if (letter === "y") again("redo");
    else if (letter === "d") shift ? addRow(here().row) : fillDown();
    else if (letter === "r") fillRight();
    else if (letter === ";") today();
    else if (arrow) moveRows(way);
    else if (key === "Delete" && ctrl) dropRows();
    else if (gone && ctrl) reveal(here().cell);
    else if (gone) clear();
    else if (key === "Insert") addRow(undefined);
    else if (key === "Enter" || key === "F2") edit();
    else if (key === "Dead" || key === "Process") return edit(""); // what composes a character goes on in the field
    else if (key.length === 1 && (event.getModifierState("AltGraph") || (!ctrl && (!alt || MAC)))) edit(key);
    else return;
    event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "F8" && !editor.cell) nextProblem(), event.preventDefault();
    // There is nothing to save, which is told, and no page of the browser's to keep instead.
    if (editable && event.key === "s" && (event.ctrlKey || event.metaKey)) sync?.whenSaved(() => toast(says.saved ?? "")), event.preventDefault();
  });
  body.addEventListener("pointerdown", (event) => {
    const at = event.target instanceof Element ? event.target : body, cell = at.closest("td");
    if (event.button || at.closest("a")) return;
    const line = at.closest("tr");
    if (!cell) return line && at.closest("th") ? dragRow(event, body, editable ? moveRow : undefined, () => {
      const from = event.shiftKey ? anchor[0] : line.sectionRowIndex;
      select([Math.min(from, line.sectionRowIndex), 1, Math.max(from, line.sectionRowIndex), columns.length]);
    }) : undefined;
    editor.close(true);
    const corner = cell.getBoundingClientRect();
    if (cell.matches(".corner") && corner.right - event.clientX < 9 && corner.bottom - event.clientY < 9) {
      const source = box();
      return dragFill(event, body, source, (target) => ((held = target), paint()), (target) => {
        act(drawnOut(rows, source, target));
        select(target);
      });
    }
    go(/** @type {HTMLTableRowElement} */ (cell.parentNode).sectionRowIndex, cell.cellIndex, { extend: event.shiftKey });
    event.preventDefault();
    const over = (/** @type {PointerEvent} */ moved) => {
      const to = moved.target instanceof Element ? moved.target.closest("td") : null; // but not where rows scroll under a pointer at rest
      if (!to || Math.hypot(moved.clientX - event.clientX, moved.clientY - event.clientY) < 4) return;
      [active, held] = [[/** @type {HTMLTableRowElement} */ (to.parentNode).sectionRowIndex, to.cellIndex], undefined];
      paint();
    };
    if (event.pointerType !== "mouse") return;
    body.addEventListener("pointerover", over);
    window.addEventListener("pointerup", () => body.removeEventListener("pointerover", over), { once: true });
  });
  grid.tHead?.addEventListener("click", (event) => {
    const head = event.target instanceof Element && !event.target.closest("a, button") && event.target.closest("th[data-name]");
    const c = head ? rows.place(head.getAttribute("data-name") ?? "") : 0;
    const other = event.shiftKey ? anchor[1] : c;
    if (c && rows.last >= 0) select([0, Math.min(c, other), rows.last, Math.max(c, other)]);
  });
  body.addEventListener("dblclick", (event) => event.target instanceof HTMLTableCellElement && edit());

  const inGrid = () => !editor.cell && rows.last >= 0 && body.contains(document.activeElement);
  /** Whether there is no row yet in which one could be, and nothing else that is meant. */
  const inEmpty = () => rows.last < 0 && (document.activeElement === document.body || document.activeElement === frame);

  /** @param {ClipboardEvent} event */
  function copy(event) {
    if (!inGrid() || !event.clipboardData) return false;
    const [, left, , right] = box();
    copied(event.clipboardData, chosenRows().map((row) => [...row.cells].slice(left, right + 1).map((cell) => cell.textContent ?? "")));
    event.preventDefault();
    return true;
  }
  document.addEventListener("copy", copy);
  document.addEventListener("cut", (event) => copy(event) && editable && clear());
  document.addEventListener("paste", (event) => {
    if (!editable || !(inGrid() || inEmpty())) return;
    event.preventDefault();
    paste(pasted(event.clipboardData));
  });

  /** @param {string[][] | undefined} texts */
  function paste(texts) {
    const [top, left, bottom, right] = rows.last < 0 ? [0, 1, 0, 1] : box();
    if (!texts) return toast(says.unread ?? "");
    const { ops, one, wide } = pastedOver(rows, chosenRows(), box(), texts);
    beyond = one ? 0 : Math.max(0, left - 1 + wide - columns.length);
    sync?.pasting(placesOf(ops).length);
    if (!act(ops).done.length) sync?.pasting(0);
    if (beyond) toast(say(says.wide, beyond));
    anchor = [top, left];
    const last = one ? bottom : (rows.get(ops[ops.length - 1]?.row)?.sectionRowIndex ?? top);
    go(last, one ? right : Math.min(columns.length, left + wide - 1), { extend: true });
  }

  const menu = $("menu") && menuOf($("menu"), {
    ...deeds, clear, above: () => addRow(undefined, true), down: fillDown, edit: () => edit(),
    cut: () => document.execCommand("cut"), copy: () => document.execCommand("copy"),
    paste: () => void read().then(paste, () => toast(says.press ?? "")),
    form: () => here().row?.querySelector("a")?.click(),
  }, () => go(active[0], active[1], { extend: true, within: held }));
  body.addEventListener("contextmenu", (event) => {
    const cell = event.target instanceof Element ? event.target.closest("td") : null, [top, left, bottom, right] = box();
    if (!menu || !cell || editor.cell || event.shiftKey) return;
    const r = /** @type {HTMLTableRowElement} */ (cell.parentNode).sectionRowIndex, c = cell.cellIndex;
    if (r < top || r > bottom || c < left || c > right) go(r, c);
    menu(event);
  });

  const at = rows.cell(grid.dataset.at ?? "", grid.dataset.atName || columns[0]?.name) ?? body.rows[0]?.cells[1];
  if (at && grid.dataset.at) goTo(at);
  else if (at) go(0, 1, { quiet: true });
}

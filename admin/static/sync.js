// @ts-check
/**
 * The grid's talk with the server: what is done is sent in the background, and never dropped before it is saved.
 *
 * Rows are known by their ids and columns by the names of their fields. Where somebody else changed the same text
 * first, the server saves nothing of what was sent: the rest is sent again at once, and the reader chooses.
 *
 * @typedef {{t: "set", row: string, name: string, text: string, was?: string, from?: string}} SetOp
 * @typedef {{t: "add", row: string, after: string, fields: Record<string, string>}} AddOp
 * @typedef {{t: "move", row: string, after: string}} MoveOp
 * @typedef {{t: "drop", row: string, was?: Record<string, string>}} DropOp
 * @typedef {SetOp | AddOp | MoveOp | DropOp} Op
 * @typedef {[row: string, name: string, level: string, repair: string]} Mark
 * @typedef {{rev: number, behind: boolean, renamed: Record<string, string>, marks: Mark[],
 *   dropped: Record<string, Record<string, string>>, texts: [string, string, string][],
 *   adapted: [string, string][], doubtful: [string, string][]}} Saved
 * @typedef {{at: number, row: string, name: string, mine: string, theirs: string, gone: boolean,
 *   no_column: boolean}} Conflict
 * @typedef {{rev: number, csrf: string, here: string[], columns: string[], rows?: string[][], marks: Mark[],
 *   closed?: string, why?: string}} News `closed` tells, as a part of a page, what became of a draft that is open no
 *   more, `why` in a word
 * @typedef {{op: Op, conflict: Conflict, fields: Record<string, string>}} Clash
 *
 * @typedef {object} Host what the page does with what is heard
 * @property {(row: string) => Record<string, string> | undefined} fieldsOf
 * @property {(row: string, name: string, text: string) => void} put
 * @property {(row: string) => string} remove takes a row off the page; gives the id of the one before it
 * @property {(old: string, id: string) => void} rename
 * @property {() => Op[]} remembered what undo and redo would do
 * @property {(ops: Op[]) => void} act
 * @property {(told: Saved, ops: Op[], pasted: number) => void} saved
 * @property {(told: News) => boolean} heard whether it could be put on the page
 * @property {() => void} leaving ends what is being written, since the page is left
 * @property {(clash: Clash | undefined, more: number) => void} choose
 */

const TOGETHER = 4000, OFTEN = 4000, PATIENCE = 30_000;
/** How much is sent at once, in characters: a server takes a million bytes. */
const ROOM = 250_000;
/** What a browser still sends when a page is left, in characters that take up to four bytes. */
const PARTING = 15_000;

export class Sync {
  /** @type {Op[]} */ #queue = [];
  /** @type {Op[]} */ #flying = [];
  /** What flies is known by, so that it is done once however often it is sent. */
  #batch = "";
  #sending = false;
  /** @type {Clash[]} */ #clashes = [];
  #timer = 0;
  #wait = 2000;
  #listening = false;
  /** Whether the draft, or the table, is no more: there is no news of it. */
  #closed = false;
  /** Why it is closed. */
  #why = "";
  /** Whether what is not saved goes to another draft than the page shows; then that one is opened. */
  #carried = false;
  /** Whether what is stored is put on the page, also if nobody saved anything since. */
  #anew = false;
  #pasted = 0;
  /** What is said in place of "saved" once the page has other columns than the table. */
  #stale = "";

  /** @param {HTMLElement} grid @param {DOMStringMap} says @param {HTMLElement} status @param {Host} host */
  constructor(grid, says, status, host) {
    this.to = grid.dataset.editable ?? "";
    this.news = grid.dataset.news ?? "";
    this.csrf = grid.dataset.csrf ?? "";
    this.rev = Number(grid.dataset.rev);
    this.says = says;
    this.status = status;
    this.host = host;
    this.here = /** @type {HTMLElement} */ (document.getElementById("here"));
    this.onward = /** @type {HTMLElement} */ (document.getElementById("onward"));
    this.onward.addEventListener("click", ({ target }) => target instanceof HTMLButtonElement && this.#carry(target));
    window.addEventListener("beforeunload", (leaving) => {
      this.host.leaving();
      this.flush();
      if (!this.idle) leaving.preventDefault();
    });
    // Links wait until what was written is saved, so that nobody is asked whether to lose it.
    document.addEventListener("click", (event) => {
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      if (!(link instanceof HTMLAnchorElement) || this.idle || event.defaultPrevented || event.button) return;
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link.target || link.hash) return;
      event.preventDefault();
      this.whenSaved(() => location.assign(link.href), 30);
    });
    document.addEventListener("visibilitychange", () => document.hidden || this.listen());
    window.setInterval(() => document.hidden || this.listen(), OFTEN);
    this.listen();
  }

  /** Whether everything is saved and nothing is to be chosen. */
  get idle() {
    return !this.#queue.length && !this.#flying.length && !this.#clashes.length;
  }

  /** Does something once all is saved, or after so many tenths of a second. @param {() => void} then @param {number} [patience] */
  whenSaved(then, patience = Infinity) {
    if (this.idle || patience <= 0) return then();
    window.setTimeout(() => this.whenSaved(then, patience - 1), 100);
  }

  /** What is stored is put on the page anew, once all is saved. */
  readAgain() {
    this.#anew = true;
    this.listen();
  }

  /** @param {string} row */
  isPending(row) {
    return [...this.#queue, ...this.#flying].some((op) => op.row === row);
  }

  /** @param {Op} op */
  add(op) {
    this.#queue.push(op);
    this.#tell(this.says.saving);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.flush(), 120);
  }

  /** @param {string | undefined} text */
  #tell(text) {
    if (this.status.textContent !== text) this.status.textContent = text ?? "";
  }

  /** What is done next is pasted: its texts may be written as spreadsheets write values. @param {number} cells */
  pasting(cells) {
    this.#pasted = cells;
  }

  /** Sends what waits. */
  async flush() {
    clearTimeout(this.#timer);
    if (this.#sending || !(this.#flying.length || this.#queue.length)) return;
    if (this.#closed && this.onward.hasChildNodes()) return this.#over();
    if (!this.#flying.length) {
      let room = ROOM;
      const full = this.#queue.findIndex((op, at) => (room -= JSON.stringify(op).length) < 0 && at > 0);
      this.#flying = this.#queue.splice(0, full < 0 ? TOGETHER : Math.min(TOGETHER, full));
      this.#batch = `${Date.now()}-${Math.random()}`;
    }
    this.#sending = true;
    const sent = grouped(this.#flying), pasted = this.#pasted;
    let refused = "";
    try {
      const body = JSON.stringify({ seen: this.rev, ops: sent, pasted: pasted > 0, batch: this.#batch });
      const answer = await fetch(this.to, {
        method: "POST",
        headers: { "content-type": "application/json", "x-csrf": this.csrf },
        body,
        keepalive: body.length < PARTING,
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE),
      });
      const told = answer.type === "opaqueredirect" ? undefined : await answer.json();
      this.#sending = false;
      if (!told) refused = this.says.signedOut ?? "";
      else {
        if (answer.ok) return this.#saved(told, pasted);
        if (answer.status === 409) return this.#clashed(told, sent);
        if (told.code === "draft/closed") await this.listen();
        if (this.#closed && this.onward.hasChildNodes()) return this.#over();
        if (told.code === "form/token") refused = this.says.signedOut ?? "";
        else if (answer.status < 500) refused = `${this.says.refused} ${told.problem ?? told.detail ?? ""}`;
      }
    } catch {
      // No network, no answer in time, or none that can be read: it is sent again.
    }
    this.#sending = false;
    this.#tell(refused || this.says.unsaved);
    this.#timer = window.setTimeout(() => this.flush(), this.#wait);
    this.#wait = Math.min(PATIENCE, this.#wait * 2);
  }

  /** @param {Saved} told @param {number} pasted */
  #saved(told, pasted) {
    const sent = this.#flying.splice(0);
    const kept = [...this.#queue, ...this.host.remembered()];
    this.#wait = 2000;
    this.rev = told.rev;
    for (const [row, name, text] of told.texts) {
      const op = sent.findLast((one) => one.t === "set" && one.row === row && one.name === name);
      const mine = op?.t === "set" ? op.text : undefined;
      for (const one of kept)
        if (one.t === "set" && one.row === row && one.name === name) {
          if (one.from !== undefined && one.text === mine) one.text = text;
          if (one.from === mine) one.from = text;
          if (one.was === mine) one.was = text;
        }
      if (mine === undefined || this.host.fieldsOf(row)?.[name] === mine) this.host.put(row, name, text);
    }
    for (const [old, id] of Object.entries(told.renamed)) {
      this.host.rename(old, id);
      for (const op of kept) {
        if (op.row === old) op.row = id;
        if ("after" in op && op.after === old) op.after = id;
      }
    }
    for (const op of kept)
      if (op.t === "add" && told.dropped[op.row]) {
        const { after: _, ...fields } = told.dropped[op.row];
        op.fields = fields;
      }
    this.host.saved(told, sent, pasted);
    if (this.#queue.length) return void this.flush();
    this.#pasted = 0;
    this.#tell(this.#clashes.length ? this.says.conflict : this.#stale || this.says.saved);
    document.body.dispatchEvent(new CustomEvent("table-saved"));
    if (told.behind) this.listen();
  }

  /** @param {{rev: number, conflicts: Conflict[]}} told @param {any[]} sent */
  #clashed(told, sent) {
    let rest = this.#flying.splice(0);
    for (const conflict of told.conflicts) {
      const asked = sent[conflict.at];
      if (conflict.no_column) {
        rest = this.#without(conflict, rest, asked);
        continue;
      }
      const hits = rest.filter((op) => op.row === conflict.row &&
        (op.t === "set" ? asked.t === "set" && op.name === conflict.name : op === asked));
      rest = rest.filter((op) => !hits.includes(op));
      const op = hits.at(-1);
      const fields = this.host.fieldsOf(conflict.row) ?? asked.was ?? asked.fields ?? {};
      if (op) this.#clashes.push({ op, conflict, fields });
    }
    this.#queue = [...rest, ...this.#queue];
    this.host.choose(this.#clashes[0], this.#clashes.length - 1);
    this.#tell(this.says.conflict);
    this.flush();
  }

  /** Operations without the texts of a column that is there no more; those are shown together, and kept nowhere else.
   * @param {Conflict} conflict @param {Op[]} ops @param {any} asked @returns {Op[]} */
  #without(conflict, ops, asked) {
    const { row, name, mine } = conflict, told = this.#clashes.find((one) => one.conflict.no_column && one.conflict.name === name);
    if (told) told.conflict.mine += `\n${mine}`;
    else this.#clashes.push({ op: { t: "set", row, name, text: mine }, conflict, fields: {} });
    if (asked.t === "add") delete asked.fields[name];
    return ops.filter((op) => !(op.t === "set" && op.row === row && op.name === name));
  }

  /** The reader chose between two texts: theirs is taken, or mine is put on top of it. @param {boolean} mine */
  settle(mine) {
    const clash = this.#clashes.shift();
    if (!clash) return;
    const { op, conflict, fields } = clash;
    if (conflict.no_column) this.#stale = this.says.columns ?? "";
    else if (op.t === "set" && !conflict.gone) {
      if (mine) this.add({ ...op, was: conflict.theirs });
      else this.host.put(op.row, op.name, conflict.theirs);
    } else {
      this.#clashes = this.#clashes.filter((other) => other.op.row !== op.row);
      if (op.t === "drop") {
        if (mine) this.add({ t: "drop", row: op.row });
        else this.#anew = true;
      } else {
        const after = this.host.remove(op.row), own = op.t === "set" ? { [op.name]: op.text } : {};
        if (mine) this.host.act([{ t: "add", row: op.row, after, fields: { ...fields, ...own } }]);
      }
    }
    this.host.choose(this.#clashes[0], this.#clashes.length - 1);
    if (this.idle) {
      this.#tell(this.#stale || this.says.saved);
      this.listen();
    }
  }

  /** The draft is open no more, and something is not saved: it can be taken to another one. */
  #over() {
    this.onward.querySelector("[data-unsaved]")?.removeAttribute("hidden");
    this.#tell(`${this.says.refused} ${this.#why}`);
  }

  /** Sends what is not saved to another draft, which is begun if need be, and opens it. @param {HTMLButtonElement} button */
  async #carry(button) {
    const { begin = "", from = "" } = button.dataset;
    let { carry: to = "" } = button.dataset, problem = this.says.signedOut;
    const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (this.onward.querySelectorAll("button"));
    for (const one of buttons) one.disabled = true;
    this.#tell(this.says.saving);
    if (begin)
      try {
        const body = new URLSearchParams({ csrf: this.csrf, from });
        to = draftIn((await fetch(begin, { method: "POST", body })).url);
      } catch {
        problem = this.says.refused; // no network: the button can be pressed again
      }
    for (const one of buttons) one.disabled = false;
    if (!to) return this.#tell(problem);
    this.to = this.to.replace(draftIn(this.to), to);
    this.news = this.news.replace(draftIn(this.news), to);
    this.#closed = false;
    this.onward.replaceChildren();
    this.flush();
    if (!this.#carried) this.whenSaved(() => location.assign(this.to.replace(/ops\?table=/, "tables/")));
    this.#carried = true;
  }

  /** Asks who else is here, and what they saved. */
  async listen() {
    if (this.#listening || this.#closed) return;
    this.#listening = true;
    try {
      const answer = await fetch(`${this.news}&seen=${this.#anew ? -1 : this.rev}`, { redirect: "manual" });
      const told = answer.ok ? /** @type {News} */ (await answer.json()) : undefined;
      if (told?.csrf) this.csrf = told.csrf; // who signed in again goes on with what is not saved yet
      this.#closed = answer.status === 404 || told?.closed !== undefined;
      if (this.#closed && this.idle) this.#tell(this.says.closed);
      if (told?.closed !== undefined) {
        this.onward.innerHTML = told.closed;
        this.#why = told.why ?? "";
        if (!this.idle) this.#over();
      } else if (told) this.here.textContent = told.here.length ? `${this.says.here} ${told.here.join(", ")}` : "";
      if (told?.rows && (this.#anew || told.rev !== this.rev) && this.idle) {
        this.rev = told.rev;
        this.#anew = false;
        this.#stale = this.host.heard(told) ? "" : (this.says.columns ?? "");
        if (this.#stale) this.#tell(this.#stale);
        document.body.dispatchEvent(new CustomEvent("table-saved"));
      }
    } catch {
      // Asked again a little later.
    }
    this.#listening = false;
  }
}

/** The address of a draft, within that of one of its pages. @param {string} address */
const draftIn = (address) => /^.*\/drafts\/[^/?]+/.exec(address)?.[0] ?? "";

/** Operations as they are sent: cells by row, in the order in which rows come and go.
 * @param {Op[]} ops */
function grouped(ops) {
  /** @type {any[]} */
  const sent = [];
  /** @type {Map<string, Record<string, [string, string]>>} */
  let rows = new Map();
  for (const op of ops) {
    if (op.t !== "set") {
      rows = new Map();
      sent.push(op);
      continue;
    }
    let cells = rows.get(op.row);
    if (!cells) {
      rows.set(op.row, (cells = {}));
      sent.push({ t: "set", row: op.row, cells });
    }
    cells[op.name] = [cells[op.name]?.[0] ?? op.was ?? "", op.text];
  }
  return sent;
}

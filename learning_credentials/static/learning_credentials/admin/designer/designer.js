/* The designer of a layout: joins the document, the page, the panel, the list and the server.

   The text area with the JSON is the truth. The designer reads it whenever it changes, and writes each of its own changes into it. */

import { canDuplicate, canMove, DesignDocument, moveLevels, split } from "./design_document.js";
import { make } from "./dom.js";
import { ElementsList } from "./elements_list.js";
import { align, distribute, POINTS_PER_MM, round, shift } from "./geometry.js";
import { handleKey } from "./keyboard.js";
import { Panel } from "./panel.js";
import { Rulers } from "./rulers.js";
import { Server } from "./server.js";
import { Stage } from "./stage.js";
import { Toolbar } from "./toolbar.js";

const PAUSE = 30; // milliseconds between a change and the question
const A4 = [841.89, 595.28];
const ZOOMS = [0.2, 4];
const DENSEST = 2;
const FIT = 1.5;
const KINDS = { text: "text", image: "image", qr: "QR code", table: "table", background: "background", signatures: "signatories", signatories: "signatories" };
const SECTION_KINDS = { text_elements: "text", tables: "table", images: "image", image: "image", qr: "qr", background: "background", signatories: "signatories" };
const GUESS = 20;

export class Designer {
  constructor(panel, store) {
    this.store = store;
    this.textarea = store.textarea;
    this.server = new Server(this.textarea);
    this.document = new DesignDocument(this.textarea.value, store.inherited);
    this.selection = new Set();
    this.elements = [];
    this.hidden = [];
    this.problems = [];
    this.notes = [];
    this.pageSizes = [];
    this.page = 0;
    this.zoom = 1;
    this.unit = "mm";
    this.grid = 0;
    this.snaps = true;
    this.sample = "usual";
    this.tokens = 0;
    this.isFitted = false;
    this.timer = 0;
    this.toolbar = new Toolbar(this);
    this.stage = new Stage(this);
    this.rulers = new Rulers(this);
    this.list = new ElementsList(this);
    this.panel = new Panel(this);
    this.status = make("p", { class: "lcred-designer-status", role: "status" });
    this.scroller = make("div", { class: "lcred-designer-scroller", tabindex: 0, role: "region", "aria-label": "Page" }, make("span", { class: "lcred-designer-corner" }), this.rulers.across, this.rulers.up, this.stage.element);
    this.element = make(
      "div",
      { class: "lcred-designer" },
      this.toolbar.element,
      make("div", { class: "lcred-designer-main" }, make("div", { class: "lcred-designer-left" }, this.scroller, this.status), make("div", { class: "lcred-designer-right" }, this.list.element, this.panel.element)),
    );
    panel.append(this.element);
    this.element.addEventListener("keydown", (event) => handleKey(this, event));
    this.textarea.form.addEventListener("change", (event) => this._noticeForm(event));
    this._describe();
  }

  // What the tabs call

  update() {
    this.document.inherited = this.store.inherited;
    if (this.textarea.value !== this.document.text) {
      this.document.replace(this.textarea.value);
    }
    this.ask();
  }

  show() {
    this.element.closest(".form-row")?.classList.add("lcred-designer-row");
    this.isShown = true;
    if (!this.isFitted) {
      this.fit();
    }
    this.ask();
  }

  hide() {
    this.element.closest(".form-row")?.classList.remove("lcred-designer-row");
    this.isShown = false;
  }

  // Asking the server

  ask() {
    window.clearTimeout(this.timer);
    if (this.isShown !== false) {
      this.timer = window.setTimeout(() => this._ask(), PAUSE);
    }
  }

  _ask() {
    const text = this.document.text;
    const scale = Math.round(this.zoom * Math.min(window.devicePixelRatio || 1, DENSEST) * 100);
    this.element.setAttribute("aria-busy", "true");
    this.server.draw(
      { custom_options: text, sample: this.sample, page: this.page, scale },
      (answer) => this._take(answer, text),
      () => this.say("The page could not be drawn. Check the connection, or sign in again in another tab."),
    );
  }

  async _take(answer, text) {
    this.element.setAttribute("aria-busy", "false");
    if (answer.picture) {
      this.pageSizes = answer.pages;
      const before = this.page;
      this.page = answer.page;
      await this.stage.showPicture(answer.picture);
      if (!this.isFitted || before !== this.page) {
        this.rulers.render();
      }
    }
    if (text !== this.document.text) {
      return; // the operator went on meanwhile, and another answer follows
    }
    this.problems = answer.problems || [];
    this.notes = answer.notes || [];
    if (answer.picture) {
      this.hidden = answer.hidden;
      this._takeElements(answer.elements);
    } else {
      this._takeElements(this.elements.filter((element) => !element.isBroken));
    }
    if (!this.isFitted && answer.picture) {
      this.fit();
    }
    this.element.dataset.drawn = text.length ? String(Number(this.element.dataset.drawn || 0) + 1) : "1";
    this.render();
  }

  _takeElements(drawn) {
    const found = new Map(drawn.map((element) => [element.path, element]));
    this.document.reserved = drawn.filter((element) => Object.keys(element.base).length).map((element) => split(element.path)[1]);
    for (const path of this.document.listPaths()) {
      if (!found.has(path)) {
        found.set(path, this._makeBroken(path));
      }
    }
    this.elements = [...found.values()];
    for (const path of this.selection) {
      if (!found.has(path)) {
        this.selection.delete(path);
      }
    }
  }

  /* Describes an element that cannot be drawn, from what the options say. */
  _makeBroken(path) {
    const values = this.document.getMerged(split(path)) || {};
    const [x, y] = [values.x, values.y].map((number) => (typeof number === "number" ? number : null));
    const anchor = x === null || y === null ? null : [x, y];
    const boxes = anchor ? [{ page: (values.page || 1) - 1, box: [x - GUESS, y, x + GUESS, y + GUESS] }] : [];
    return { path, kind: SECTION_KINDS[split(path)[0]], values, base: {}, page: values.page || 1, boxes, anchor, field: "", isBroken: true };
  }

  async _describe() {
    try {
      const offers = await this.server.describe();
      this.offers = offers;
      this.panel.offer(offers);
      this.toolbar.offer(offers);
    } catch {
      this.say("The options could not be loaded. Load the page again.");
    }
  }

  /* Other inputs of the form, such as the issuer, are printed too. */
  _noticeForm(event) {
    const name = event.target.name || "";
    if (event.target.form === this.textarea.form && ["issuer", "custom_fields", "name", "generation_func", "credential_type"].includes(name)) {
      this.ask();
      if (name === "custom_fields") {
        this._describe();
      }
    }
  }

  // Showing

  render() {
    this.stage.render();
    this.list.render();
    this.panel.render();
    this.toolbar.render();
  }

  say(text) {
    this.status.textContent = text;
  }

  get pageSize() {
    return this.pageSizes[this.page] || A4;
  }

  get pageCount() {
    return Math.max(this.pageSizes.length, 1);
  }

  /* Uses the whole window, or gives it back. */
  toggleWindow() {
    const isWhole = this.element.classList.toggle("lcred-designer-full");
    this.toolbar.whole.setAttribute("aria-pressed", String(isWhole));
    this.fit();
  }

  fit() {
    const width = this.scroller.clientWidth - 40;
    if (width > 100) {
      this.isFitted = this.pageSizes.length > 0;
      this._setZoom(Math.min(width / this.pageSize[0], FIT));
    }
  }

  zoomBy(factor) {
    this._setZoom(this.zoom * factor);
  }

  _setZoom(zoom) {
    this.zoom = Math.min(Math.max(zoom, ZOOMS[0]), ZOOMS[1]);
    this.rulers.render();
    this.render();
    this.ask();
  }

  setUnit(unit) {
    this.unit = unit;
    this.rulers.render();
  }

  setGrid(kind) {
    this.grid = { mm: 5 * POINTS_PER_MM, pt: 10 }[kind] || 0;
  }

  setSnaps(snaps) {
    this.snaps = snaps;
  }

  setSample(sample) {
    this.sample = sample;
    this.ask();
  }

  turnTo(page) {
    this.page = page;
    this.render();
    this.ask();
  }

  // Finding

  findElement(path) {
    return this.elements.find((element) => element.path === path);
  }

  /* Returns the box of an element on the page that is shown. */
  findBox(element) {
    return element.boxes.find((each) => each.page === this.page)?.box;
  }

  get selectedElements() {
    return this.elements.filter((element) => this.selection.has(element.path));
  }

  get movableSelection() {
    return this.selectedElements.filter((element) => canMove(element) && this.findBox(element));
  }

  getName(path) {
    return split(path).at(-1).replaceAll("_", " ");
  }

  getExcerpt(element) {
    const { values, kind } = element;
    if (kind === "text") {
      return values.text || "";
    }
    return kind === "image" ? values.asset || (values.issuer_logo ? "issuer’s logo" : `signature ${values.signatory}`) : KINDS[kind];
  }

  describe(element, problemCount) {
    const kind = KINDS[element.kind] === this.getName(element.path) ? "" : `${KINDS[element.kind]}, `;
    const place = element.anchor ? `x ${round(element.anchor[0])}, y ${round(element.anchor[1])}` : "no place of its own";
    const mistakes = problemCount ? `, ${problemCount} ${problemCount === 1 ? "mistake" : "mistakes"}` : "";
    return `${this.getName(element.path)}: ${kind}${place}${mistakes}`;
  }

  listProblems(path) {
    return this.problems.filter((problem) => isOf(problem, path));
  }

  listNotes(path) {
    return this.notes.filter((note) => isOf(note, path));
  }

  get generalProblems() {
    return this.problems.filter((problem) => !this.elements.some((element) => isOf(problem, element.path)));
  }

  get generalNotes() {
    return this.notes.filter((note) => !this.elements.some((element) => isOf(note, element.path)));
  }

  // Selecting

  select(paths) {
    this.selection = new Set(paths);
    this.render();
  }

  toggle(path) {
    if (!this.selection.delete(path)) {
      this.selection.add(path);
    }
    this.render();
  }

  pick(path, event) {
    if (event.shiftKey || event.ctrlKey || event.metaKey) {
      this.toggle(path);
    } else {
      this.select([path]);
    }
    const element = this.findElement(path);
    if (element?.boxes.length && !this.findBox(element)) {
      this.turnTo(element.boxes[0].page);
    }
  }

  // Changing

  makeToken(name) {
    this.tokens += 1;
    return `${name}-${this.tokens}`;
  }

  /* Writes the text of the document into the text area. */
  commit(said = "") {
    if (this.textarea.value !== this.document.text) {
      this.textarea.value = this.document.text;
      this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
      this.render();
    }
    if (said) {
      this.say(said);
    }
  }

  /* Moves elements to a distance from where they were when a drag began. */
  moveTo(elements, dx, dy, token) {
    this.document.history.rewind(token);
    this.document.move(elements, dx, dy, token);
    this._shiftShown(elements, dx, dy);
    this.commit();
  }

  /* Moves the selection by a distance from where it is. */
  nudge(dx, dy) {
    const elements = this.movableSelection;
    if (elements.length) {
      this.document.move(elements, dx, dy, `nudge-${[...this.selection].join()}`);
      this._shiftShown(elements, dx, dy);
      this.commit(this._sayPlaces());
    }
  }

  /* Shows elements where they will be, until the server has drawn them. */
  _shiftShown(elements, dx, dy) {
    const moves = new Map(elements.map((element) => [element.path, element]));
    this.elements = this.elements.map((shown) => {
      const start = moves.get(shown.path);
      return start && canMove(start) ? shiftElement(start, dx, dy) : shown;
    });
  }

  _sayPlaces() {
    const chosen = this.movableSelection;
    return chosen.length === 1 ? `${this.getName(chosen[0].path)}: x ${round(chosen[0].anchor[0])}, y ${round(chosen[0].anchor[1])}` : `${chosen.length} elements were moved`;
  }

  /* Ends a drag. */
  settle() {
    this.say(this.movableSelection.length ? this._sayPlaces() : "");
    this.ask();
  }

  resizeTo(element, changes, token) {
    this.document.history.rewind(token);
    this.document.change(element, changes, token);
    const values = { ...element.values, ...changes };
    const box = this.findBox(element);
    const grown = element.kind === "text" ? null : resizeBox(element, values, box);
    this.elements = this.elements.map((shown) => {
      if (shown.path !== element.path) {
        return shown;
      }
      const boxes = grown ? [{ page: this.page, box: grown }] : shown.boxes;
      return { ...shown, values, boxes };
    });
    this.commit();
  }

  changeOption(target, field, value, token) {
    const keys = [...target.keys, field.name];
    if (value === undefined) {
      this.resetOption(keys);
      return;
    }
    if (target.element && ["x", "y"].includes(field.name) && target.element.field) {
      this.document.change(target.element, { [field.name]: value }, token);
    } else {
      this.document.set(keys, value, token);
    }
    this.commit();
  }

  resetOption(keys) {
    this.document.unset(keys);
    this.commit();
  }

  add(kind) {
    const [width, height] = this.pageSize;
    const centre = { x: round(width / 2), y: round(height / 2) };
    const page = this._findTemplatePage();
    const common = page > 1 ? { page } : {};
    let path;
    if (kind === "text") {
      path = this.document.add("text_elements", "text", { text: "Text", ...centre, size: 14, ...common });
    } else if (kind === "image") {
      const [image] = this.offers?.images || [];
      const source = image ? { asset: image.name } : { issuer_logo: true };
      path = this.document.add("images", "image", { ...source, x: centre.x - 50, y: centre.y - 50, width: 100, height: 100, ...common });
    } else if (kind === "table") {
      const columns = [{ value: "name", heading: "Name" }, { value: "grade", heading: "Grade", align: "end" }];
      path = this.document.add("tables", "table", { rows: "grades", columns, x: round(width * 0.15), y: centre.y, width: round(width * 0.7), ...common });
    } else if (kind === "signatories") {
      path = this._addSignatories(width, common);
    } else if (!this.findElement("qr")) {
      path = this.document.getMerged(["qr"]) === false ? this._showQR() : this.document.add("qr", "qr", { ...centre, size: 84, ...common });
    }
    if (path) {
      this._selectNew([path], `${this.getName(path)} was added`);
    }
  }

  /* The built-in page has places for signatories. Other pages get a box for them. */
  _addSignatories(width, common) {
    if (this.hidden.includes("signatures")) {
      this.document.show("signatures");
      return "signatures";
    }
    if (this.findElement("signatures") || this.findElement("signatories")) {
      return null;
    }
    const box = { x: round(width * 0.15), y: 72, width: round(width * 0.7), height: 84, ...common };
    return this.document.add("signatories", "signatories", box);
  }

  _showQR() {
    this.document.show("qr");
    return "qr";
  }

  /* Returns the page of the template that is shown. */
  _findTemplatePage() {
    const shown = this.elements.find((element) => this.findBox(element) && element.kind !== "table");
    return shown ? shown.page : this.page + 1;
  }

  duplicate() {
    const chosen = this.selectedElements.filter(canDuplicate);
    if (chosen.length) {
      const made = this.document.duplicate(chosen);
      this._selectNew(made, made.length === 1 ? `${this.getName(made[0])} was added` : `${made.length} elements were added`);
    }
  }

  _selectNew(paths, said) {
    this.selection = new Set(paths);
    this.elements = [...this.elements.filter((element) => !paths.includes(element.path)), ...paths.map((path) => this._makeBroken(path))];
    this.commit(said);
    // The keyboard goes on with what is new.
    this.stage.buttons.get(paths[0])?.focus();
  }

  remove() {
    const chosen = this.selectedElements;
    if (!chosen.length) {
      return;
    }
    const paths = new Set(chosen.map((element) => element.path));
    const wasInside = this.stage.layer.contains(document.activeElement);
    this.document.remove(chosen);
    this.elements = this.elements.filter((element) => !paths.has(element.path));
    this.selection = new Set();
    this.commit(chosen.length === 1 ? `${this.getName(chosen[0].path)} was removed` : `${chosen.length} elements were removed`);
    if (wasInside) {
      (this.stage.layer.querySelector("button") || this.scroller).focus();
    }
  }

  showHidden(path) {
    this.document.show(path);
    this.hidden = this.hidden.filter((each) => each !== path);
    this.selection = new Set([path]);
    this.commit(`${this.getName(path)} is shown again`);
  }

  rename(path, name) {
    const renamed = this.document.rename(path, name);
    if (renamed !== path) {
      this.selection = new Set([renamed]);
      this.elements = this.elements.map((element) => (element.path === path ? { ...element, path: renamed } : element));
    } else if (name !== split(path).at(-1)) {
      this.say(`There is already an element with the name “${name}”.`);
    }
    this.commit();
  }

  shift(step) {
    const [element] = this.selectedElements;
    if (element && this.selection.size === 1 && this.document.canShift(element.path, step)) {
      this.document.shift(element.path, step);
      this.commit(step > 0 ? "Drawn later" : "Drawn earlier");
    }
  }

  align(how) {
    const chosen = this.movableSelection;
    this._moveEach(chosen, align(chosen.map((element) => this.findBox(element)), how, this.pageSize));
  }

  distribute(direction) {
    const chosen = this.movableSelection;
    if (chosen.length > 2) {
      this._moveEach(chosen, distribute(chosen.map((element) => this.findBox(element)), direction));
    }
  }

  _moveEach(chosen, distances) {
    const moves = chosen.map((element, index) => ({ element, dx: distances[index][0], dy: distances[index][1] }));
    this.document.place(moves);
    for (const { element, dx, dy } of moves) {
      this._shiftShown([element], dx, dy);
    }
    this.commit(this._sayPlaces());
  }

  undo() {
    if (this.document.history.canUndo) {
      this.document.undo();
      this.commit("Undone");
    }
  }

  redo() {
    if (this.document.history.canRedo) {
      this.document.redo();
      this.commit("Done again");
    }
  }
}

function isOf({ path }, owner) {
  return path === owner || path.startsWith(`${owner}.`);
}

function shiftElement(element, dx, dy) {
  const anchor = [element.anchor[0] + dx, element.anchor[1] + dy];
  const values = { ...element.values, ...(dx ? { x: round(anchor[0]) } : {}), ...(dy ? { y: round(anchor[1]) } : {}), ...moveLevels(element, dy) };
  return { ...element, anchor, values, boxes: element.boxes.map(({ page, box }) => ({ page, box: shift(box, dx, dy) })) };
}

function resizeBox(element, values, box) {
  if (element.kind === "qr") {
    return [values.x, values.y, values.x + values.size, values.y + values.size];
  }
  if (["image", "signatories"].includes(element.kind)) {
    const width = values.width || box[2] - box[0];
    const height = values.height || box[3] - box[1];
    return [values.x, values.y, values.x + width, values.y + height];
  }
  return [values.x, box[1], values.x + values.width, box[3]];
}

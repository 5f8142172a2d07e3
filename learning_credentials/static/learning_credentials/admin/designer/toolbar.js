/* The buttons above the page. */

import { canDuplicate } from "./design_document.js";
import { make, makeButton, makeIconButton, nextId } from "./dom.js";

const ALIGNMENTS = [
  ["left", "Align left edges"],
  ["center", "Align centres across"],
  ["right", "Align right edges"],
  ["top", "Align upper edges"],
  ["middle", "Align middles"],
  ["bottom", "Align lower edges"],
];
const GRIDS = [
  ["0", "No grid"],
  ["mm", "Grid of 5 mm"],
  ["pt", "Grid of 10 points"],
];
const ADDABLE = [
  ["text", "Text", "Add a text"],
  ["image", "Image", "Add an image"],
  ["qr", "QR code", "Add the QR code"],
  ["table", "Table", "Add a table"],
  ["signatories", "Signatories", "Add the signatories"],
];
const PAUSE = 300;

export class Toolbar {
  constructor(designer) {
    this.designer = designer;
    const run = (act) => () => act();
    this.undo = makeIconButton("undo", "Undo (Ctrl+Z)", run(() => designer.undo()));
    this.redo = makeIconButton("redo", "Redo (Ctrl+Y)", run(() => designer.redo()));
    this.copy = makeIconButton("copy", "Duplicate (Ctrl+D)", run(() => designer.duplicate()));
    this.remove = makeIconButton("remove", "Remove (Delete)", run(() => designer.remove()));
    this.backward = makeIconButton("backward", "Draw earlier, behind others", run(() => designer.shift(-1)));
    this.forward = makeIconButton("forward", "Draw later, in front of others", run(() => designer.shift(1)));
    this.aligning = ALIGNMENTS.map(([how, label]) => makeIconButton(how, label, run(() => designer.align(how))));
    this.spreading = [
      makeIconButton("across", "Equal gaps across", run(() => designer.distribute("across"))),
      makeIconButton("up", "Equal gaps up and down", run(() => designer.distribute("up"))),
    ];
    this.adding = ADDABLE.map(([kind, text, label]) => makeButton(text, run(() => designer.add(kind)), { "aria-label": label, "data-add": kind }));
    this.sample = this._makeSample();
    this.whole = makeButton("Full window", run(() => designer.toggleWindow()), { "aria-pressed": "false" });
    this.page = make("select", { "aria-label": "Page" });
    this.page.addEventListener("change", () => designer.turnTo(Number(this.page.value)));
    this.pages = make("span", { class: "lcred-designer-group-of" }, this.page);
    this.zoomText = make("output", { class: "lcred-designer-zoom" });
    const unit = make("select", { "aria-label": "Unit of the rulers" }, make("option", { value: "mm", text: "mm" }), make("option", { value: "pt", text: "points" }));
    unit.addEventListener("change", () => designer.setUnit(unit.value));
    const grid = make("select", { "aria-label": "Grid" }, ...GRIDS.map(([value, text]) => make("option", { value, text })));
    grid.addEventListener("change", () => designer.setGrid(grid.value));
    const snaps = make("input", { type: "checkbox", checked: true });
    snaps.addEventListener("change", () => designer.setSnaps(snaps.checked));
    const group = (label, ...children) => make("span", { class: "lcred-designer-group-of", role: "group", "aria-label": label }, ...children);
    this.element = make(
      "div",
      { class: "lcred-designer-tools", role: "group", "aria-label": "Tools" },
      group("History", this.undo, this.redo),
      group("Add", make("span", { text: "Add:" }), ...this.adding),
      group("Selection", this.copy, this.remove, this.backward, this.forward),
      group("Alignment", ...this.aligning, ...this.spreading),
      group("Zoom", makeButton("−", run(() => designer.zoomBy(1 / 1.25)), { "aria-label": "Zoom out" }), this.zoomText, makeButton("+", run(() => designer.zoomBy(1.25)), { "aria-label": "Zoom in" }), makeButton("Fit", run(() => designer.fit()), { "aria-label": "Zoom to fit" })),
      group("Rulers and grid", unit, grid, make("label", { class: "lcred-designer-check" }, snaps, "Snap")),
      this.pages,
      this.sample,
      this.whole,
    );
  }

  offer({ samples }) {
    this.names.replaceChildren(...samples.map(({ name, label }) => make("option", { value: name, text: label })));
    this.names.value = this.designer.sample;
  }

  render() {
    const { designer } = this;
    const chosen = designer.selectedElements;
    const moving = designer.movableSelection;
    setDisabled(this.undo, !designer.document.history.canUndo);
    setDisabled(this.redo, !designer.document.history.canRedo);
    setDisabled(this.copy, !chosen.some(canDuplicate));
    setDisabled(this.remove, !chosen.length);
    setDisabled(this.backward, chosen.length !== 1 || !designer.document.canShift(chosen[0].path, -1));
    setDisabled(this.forward, chosen.length !== 1 || !designer.document.canShift(chosen[0].path, 1));
    for (const button of this.aligning) {
      setDisabled(button, !moving.length);
    }
    for (const button of this.spreading) {
      setDisabled(button, moving.length < 3);
    }
    setDisabled(this.adding[2], designer.elements.some((element) => element.path === "qr"));
    setDisabled(this.adding[4], designer.elements.some((element) => ["signatures", "signatories"].includes(element.path)));
    this.zoomText.textContent = `${Math.round(designer.zoom * 100)}%`;
    const count = designer.pageCount;
    this.pages.hidden = count < 2;
    if (this.page.length !== count) {
      this.page.replaceChildren(...Array.from({ length: count }, (_, index) => make("option", { value: index, text: `Page ${index + 1}` })));
    }
    this.page.value = String(designer.page);
  }

  _makeSample() {
    const { designer } = this;
    const id = nextId("sample");
    this.names = make("select", { id });
    this.names.addEventListener("change", () => designer.setSample(this.names.value));
    const parts = [make("label", { for: id, text: "Drawn for" }), this.names];
    if (designer.server.hasLearners) {
      parts.push(this._makeSearch());
    }
    return make("span", { class: "lcred-designer-group-of" }, ...parts);
  }

  _makeSearch() {
    const { designer } = this;
    const list = make("ul", { class: "lcred-designer-found" });
    const input = make("input", { type: "search", "aria-label": "Find a learner of the course", placeholder: "Learner…", autocomplete: "off" });
    let timer = 0;
    let latest = 0;
    const show = (learners, problem = "") => {
      list.replaceChildren(
        ...(problem ? [make("li", { text: problem })] : []),
        ...learners.map((learner) =>
          make("li", {}, makeButton(`${learner.name} (${learner.username})`, () => {
            const value = `learner:${learner.id}`;
            if (![...this.names.options].some((option) => option.value === value)) {
              this.names.append(make("option", { value, text: learner.name }));
            }
            this.names.value = value;
            input.value = "";
            show([]);
            this.names.focus();
            designer.setSample(value);
          })),
        ),
      );
    };
    const ask = async () => {
      latest += 1;
      const number = latest;
      try {
        const { learners, problem } = await designer.server.findLearners(input.value);
        if (number === latest) {
          show(learners, problem || (learners.length || input.value.trim().length < 2 ? "" : "Nobody in this course is found."));
        }
      } catch {
        show([], "The search failed. Try again.");
      }
    };
    input.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, PAUSE);
    });
    return make("span", { class: "lcred-designer-search" }, input, list);
  }
}

/* A disabled button would lose the focus, and the keyboard its place. */
function setDisabled(button, isDisabled) {
  button.setAttribute("aria-disabled", String(isDisabled));
}

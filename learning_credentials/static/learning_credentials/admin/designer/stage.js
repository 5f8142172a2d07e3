/* The page: its picture, the boxes of its elements, and what the pointer does with them. */

import { canMove } from "./design_document.js";
import { make } from "./dom.js";
import { join, listHandles, listLines, resize, shift, snap } from "./geometry.js";

/* Pixels: how near a line attracts a box, how far the pointer moves before it drags, and the least size of a box to take hold of. */
const REACH = 6;
const STILL = 3;
const LEAST = 12;

export class Stage {
  constructor(designer) {
    this.designer = designer;
    this.picture = make("canvas", { class: "lcred-designer-picture", "aria-hidden": "true" });
    this.layer = make("div", { class: "lcred-designer-layer", role: "group", "aria-label": "Elements on the page" });
    this.band = make("div", { class: "lcred-designer-band", hidden: true });
    this.guides = { across: make("div", { class: "lcred-designer-guide", hidden: true }), up: make("div", { class: "lcred-designer-guide", hidden: true }) };
    this.element = make("div", { class: "lcred-designer-page" }, this.picture, this.layer, this.band, this.guides.across, this.guides.up);
    this.buttons = new Map();
    this.drag = null;
    this.element.addEventListener("pointerdown", (event) => this._begin(event));
    this.element.addEventListener("pointermove", (event) => this._continue(event));
    this.element.addEventListener("pointerup", (event) => this._end(event));
    this.element.addEventListener("pointercancel", () => this._cancel());
  }

  get zoom() {
    return this.designer.zoom;
  }

  get size() {
    return this.designer.pageSize;
  }

  async showPicture(base64) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    // A bitmap, because a policy for images can forbid blob: and data: addresses.
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    this.picture.width = bitmap.width;
    this.picture.height = bitmap.height;
    this.picture.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
  }

  render() {
    const [width, height] = this.size;
    this.element.style.width = `${width * this.zoom}px`;
    this.element.style.height = `${height * this.zoom}px`;
    const shown = this.designer.elements.filter((element) => this.designer.findBox(element) && element.kind !== "background");
    const paths = new Set(shown.map((element) => element.path));
    for (const [path, button] of this.buttons) {
      if (!paths.has(path)) {
        button.remove();
        this.buttons.delete(path);
      }
    }
    for (const element of shown) {
      this._renderBox(element);
    }
    this._stack(shown);
    // In reading order for those who go through them with the keyboard, and only if it changed, or the focus would be lost.
    const wanted = shown.map((element) => this.buttons.get(element.path));
    if (wanted.some((button, index) => this.layer.children[index] !== button)) {
      const focused = document.activeElement;
      this.layer.append(...wanted);
      if (this.layer.contains(focused)) {
        focused.focus();
      }
    }
  }

  _renderBox(element) {
    const { designer } = this;
    let button = this.buttons.get(element.path);
    if (!button) {
      button = make("button", { type: "button", class: "lcred-designer-box", "data-path": element.path });
      this.buttons.set(element.path, button);
    }
    const isSelected = designer.selection.has(element.path);
    const problems = designer.listProblems(element.path);
    button.setAttribute("aria-pressed", String(isSelected));
    button.setAttribute("aria-label", designer.describe(element, problems.length));
    button.title = problems.map((problem) => problem.text).join("\n");
    button.classList.toggle("lcred-designer-wrong", problems.length > 0);
    button.classList.toggle("lcred-designer-empty", Boolean(element.empty || element.isBroken));
    button.classList.toggle("lcred-designer-fixed", !canMove(element));
    this._place(button, designer.findBox(element), LEAST);
    const handles = isSelected && designer.selection.size === 1 ? listHandles(element) : [];
    if (button.dataset.handles !== handles.join()) {
      button.dataset.handles = handles.join();
      button.replaceChildren(...handles.map((name) => make("span", { class: `lcred-designer-handle lcred-designer-${name}`, "data-handle": name })));
    }
  }

  /* Lets small boxes lie on large ones, so that the pointer reaches each, and what is selected on all. */
  _stack(shown) {
    const measure = (element) => {
      const [left, bottom, right, top] = this.designer.findBox(element);
      return (right - left) * (top - bottom);
    };
    const sorted = [...shown].sort((one, other) => measure(other) - measure(one));
    sorted.forEach((element, index) => {
      const isSelected = this.designer.selection.has(element.path);
      this.buttons.get(element.path).style.zIndex = String(isSelected ? sorted.length + 1 : index + 1);
    });
  }

  /* Puts something over a box of the page. */
  _place(target, box, least = 0) {
    const { zoom } = this;
    const width = Math.max((box[2] - box[0]) * zoom, least);
    const height = Math.max((box[3] - box[1]) * zoom, least);
    target.style.left = `${((box[0] + box[2]) * zoom - width) / 2}px`;
    target.style.top = `${this.size[1] * zoom - ((box[1] + box[3]) * zoom + height) / 2}px`;
    target.style.width = `${width}px`;
    target.style.height = `${height}px`;
  }

  _locate(event) {
    const frame = this.element.getBoundingClientRect();
    return [(event.clientX - frame.left) / this.zoom, this.size[1] - (event.clientY - frame.top) / this.zoom];
  }

  _begin(event) {
    if (event.button !== 0 || !event.isPrimary) {
      return;
    }
    const { designer } = this;
    const button = event.target.closest(".lcred-designer-box");
    const start = this._locate(event);
    this.element.setPointerCapture(event.pointerId);
    if (!button) {
      this.drag = { kind: "band", start, kept: isAdding(event) ? [...designer.selection] : [] };
      event.preventDefault();
      return;
    }
    button.focus();
    event.preventDefault();
    const { path } = button.dataset;
    const wasSelected = designer.selection.has(path);
    if (isAdding(event)) {
      designer.toggle(path);
    } else if (!wasSelected) {
      designer.select([path]);
    }
    const token = designer.makeToken("drag");
    const { handle } = event.target.dataset;
    const element = designer.findElement(path);
    if (handle) {
      this.drag = { kind: "resize", start, token, handle, element, box: designer.findBox(element), moved: false };
      return;
    }
    const moving = designer.selectedElements.filter(canMove);
    const boxes = moving.map((each) => designer.findBox(each)).filter(Boolean);
    const others = designer.elements.filter((each) => !designer.selection.has(each.path) && each.kind !== "background").map((each) => designer.findBox(each)).filter(Boolean);
    this.drag = { kind: "move", start, token, moving, boxes, others, moved: false, path, wasSelected, isAdding: isAdding(event) };
  }

  _continue(event) {
    const { drag } = this;
    if (!drag) {
      return;
    }
    const [x, y] = this._locate(event);
    let [dx, dy] = [x - drag.start[0], y - drag.start[1]];
    if (!drag.moved && Math.hypot(dx, dy) * this.zoom < STILL) {
      return;
    }
    drag.moved = true;
    if (drag.kind === "band") {
      this._spanBand(drag, [x, y]);
    } else if (drag.kind === "resize") {
      this.designer.resizeTo(drag.element, resize(drag.element, drag.box, drag.handle, dx, dy), drag.token);
    } else if (drag.boxes.length) {
      if (event.shiftKey) {
        [dx, dy] = Math.abs(dx) > Math.abs(dy) ? [dx, 0] : [0, dy];
      }
      const found = event.altKey ? null : this._snap(drag, dx, dy);
      this.showGuides(found);
      this.designer.moveTo(drag.moving, dx + (found ? found.dx : 0), dy + (found ? found.dy : 0), drag.token);
    }
  }

  _snap(drag, dx, dy) {
    const { designer } = this;
    const lines = listLines(designer.snaps ? drag.others : [], this.size, designer.grid);
    if (!designer.snaps) {
      lines.across = [];
      lines.up = [];
    }
    return snap(shift(join(drag.boxes), dx, dy), lines, REACH / this.zoom);
  }

  showGuides(found) {
    for (const name of ["across", "up"]) {
      const line = found ? found[name] : null;
      this.guides[name].hidden = line === null;
      if (line !== null) {
        const [width, height] = this.size;
        this._place(this.guides[name], name === "across" ? [line, 0, line, height] : [0, line, width, line], 1);
      }
    }
  }

  _spanBand(drag, [x, y]) {
    const box = [Math.min(x, drag.start[0]), Math.min(y, drag.start[1]), Math.max(x, drag.start[0]), Math.max(y, drag.start[1])];
    this.band.hidden = false;
    this._place(this.band, box);
    const inside = this.designer.elements.filter((element) => {
      const found = element.kind !== "background" && this.designer.findBox(element);
      return found && found[0] >= box[0] && found[1] >= box[1] && found[2] <= box[2] && found[3] <= box[3];
    });
    this.designer.select([...new Set([...drag.kept, ...inside.map((element) => element.path)])]);
  }

  _end() {
    const { drag } = this;
    this._cancel();
    if (!drag) {
      return;
    }
    if (drag.kind === "band" && !drag.moved) {
      this.designer.select(drag.kept);
    } else if (drag.kind === "move" && !drag.moved && !drag.isAdding) {
      this.designer.select([drag.path]);
    }
    this.designer.settle();
  }

  _cancel() {
    this.drag = null;
    this.band.hidden = true;
    this.showGuides(null);
  }
}

function isAdding(event) {
  return event.shiftKey || event.ctrlKey || event.metaKey;
}

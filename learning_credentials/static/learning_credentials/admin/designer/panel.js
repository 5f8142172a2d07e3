/* The options of the selected element, or of the page, as typed fields. */

import { split } from "./design_document.js";
import { make, makeButton, nextId } from "./dom.js";
import { makeInput } from "./fields.js";

const GROUPS = { content: "Content", look: "Look", place: "Place", dates: "Dates and digits" };
const OPEN = new Set(["content", "look", "place"]);

export class Panel {
  constructor(designer) {
    this.designer = designer;
    this.offers = null;
    this.heading = make("h3");
    this.body = make("div");
    this.element = make("section", { class: "lcred-designer-panel", "aria-label": "Options of the selection" }, this.heading, this.body);
    this.folded = new Set(Object.keys(GROUPS).filter((name) => !OPEN.has(name)));
    this.shown = "";
    this.element.addEventListener("focusout", () => window.setTimeout(() => this._renderIfIdle()));
  }

  offer(offers) {
    this.offers = offers;
    this.render();
  }

  /* Shows the selection. While somebody types in a field, the fields stay, so that the cursor does. */
  render() {
    this.isStale = true;
    if (this.shown !== this._findTarget().key) {
      this._renderIfIdle();
    } else {
      // Between two fields nothing has the focus. The field that gets it next must not be replaced.
      window.setTimeout(() => this._renderIfIdle());
      this._mark();
    }
  }

  _renderIfIdle() {
    const target = this._findTarget();
    const active = document.activeElement;
    const isTyping = this.body.contains(active) && active.matches("input:not([type=checkbox]):not([type=radio]), textarea");
    if (!this.isStale || !this.offers || (isTyping && this.shown === target.key)) {
      return;
    }
    this.isStale = false;
    const focused = this.body.contains(active) ? active.closest("[data-option]")?.dataset.option : null;
    this.shown = target.key;
    this.heading.textContent = target.title;
    this.body.replaceChildren(...this._makeBody(target));
    this._mark();
    if (focused) {
      this.body.querySelector(`[data-option="${CSS.escape(focused)}"] :is(input, select, textarea)`)?.focus();
    }
  }

  _findTarget() {
    const { designer } = this;
    const chosen = designer.selectedElements;
    if (chosen.length > 1) {
      return { key: "several", title: `${chosen.length} elements`, fields: [] };
    }
    if (!chosen.length) {
      return { key: "page", title: "Page", keys: [], values: {}, fields: this.offers?.fields.page || [], isPage: true };
    }
    const [element] = chosen;
    return {
      key: element.path,
      title: designer.getName(element.path),
      keys: split(element.path),
      values: element.values,
      fields: this.offers?.fields[element.kind] || [],
      element,
    };
  }

  _makeBody(target) {
    const { designer } = this;
    if (target.key === "several") {
      return [make("p", { class: "help", text: "Move, align, duplicate or remove them together. Select one to see its options." })];
    }
    if (target.key === "signatures") {
      const field = this.offers.fields.page.find((each) => each.name === "signatures");
      return [
        make("p", { class: "help", text: "The type’s signatories have their places on the built-in page. To place signatures yourself, hide these, and add images." }),
        this._makeRow({ ...target, keys: [], values: { signatures: true } }, field),
      ];
    }
    const parts = [...(target.element && split(target.key).length > 1 ? [this._makeName(target)] : [])];
    if (target.element?.field) {
      parts.push(make("p", { class: "help", text: `It is in the form field “${target.element.field}” of the template. Move it, and it gets a place of its own.` }));
    }
    for (const [group, title] of Object.entries(GROUPS)) {
      const fields = target.fields.filter((field) => field.group === group);
      if (fields.length) {
        parts.push(this._makeGroup(group, title, fields.map((field) => this._makeRow(target, field))));
      }
    }
    if (target.isPage) {
      const defaults = { key: "page", keys: ["defaults"], values: {} };
      const background = { key: "page", keys: ["background"], values: designer.findElement("background")?.values || {} };
      parts.push(this._makeGroup("background", "Background", this.offers.fields.background.map((field) => this._makeRow(background, field))));
      parts.push(this._makeGroup("defaults", "Defaults of all texts", this.offers.fields.defaults.map((field) => this._makeRow(defaults, field))));
    }
    return parts;
  }

  _makeGroup(name, title, rows) {
    const details = make("details", { class: "lcred-designer-group", open: !this.folded.has(name) && name in GROUPS ? true : this.opened?.has(name) }, make("summary", { text: title }), ...rows);
    details.addEventListener("toggle", () => {
      (details.open ? this.folded.delete(name) : this.folded.add(name));
      this.opened ??= new Set();
      (details.open ? this.opened.add(name) : this.opened.delete(name));
    });
    return details;
  }

  /* The name of an element. One that is there by default, or inherited, keeps its name. */
  _makeName(target) {
    const id = nextId("name");
    const isFixed = Boolean(Object.keys(target.element.base).length) || this.designer.document.isInherited(target.key);
    const input = make("input", { type: "text", id, readonly: isFixed, maxlength: 100, autocomplete: "off" });
    input.value = target.keys[1];
    input.addEventListener("change", () => this.designer.rename(target.key, input.value.trim()));
    return make("div", { class: "lcred-designer-field", "data-option": "name" }, make("label", { for: id, text: "Name" }), input);
  }

  _makeRow(target, field) {
    const { designer } = this;
    const keys = [...target.keys, field.name];
    const own = designer.document.getOwn(keys);
    const merged = designer.document.getMerged(keys);
    const value = merged !== undefined ? merged : (target.values[field.name] ?? field.default);
    const id = nextId("field");
    const token = designer.makeToken("field");
    const change = (entered) => designer.changeOption(target, field, entered, token);
    const context = { id, panel: this.offers, fontUrl: designer.server.fontUrl };
    const label = make("label", { for: id, text: field.label });
    const row = make("div", { class: "lcred-designer-field", "data-option": field.name, "data-path": keys.join(".") });
    if (field.kind === "columns") {
      row.append(make("span", { class: "lcred-designer-label", text: field.label }), makeInput(field, value, context, change));
    } else {
      row.append(label, makeInput(field, value, context, change));
    }
    if (own !== undefined && !field.required) {
      const isInherited = designer.document.getInherited(keys) !== undefined;
      row.append(
        makeButton("↺", () => designer.resetOption(keys), {
          class: "lcred-designer-reset",
          title: isInherited ? "Use the type’s value" : "Use the default",
          "aria-label": `${field.label}: ${isInherited ? "use the type’s value" : "use the default"}`,
        }),
      );
    } else if (own === undefined && merged !== undefined) {
      row.append(make("span", { class: "lcred-designer-inherited", text: "from the type" }));
    }
    if (field.help) {
      const help = make("p", { class: "help", id: `${id}-help`, text: field.help });
      row.append(help);
      row.querySelector(`#${id}`)?.setAttribute("aria-describedby", help.id);
    }
    return row;
  }

  /* Puts each mistake at its field. */
  _mark() {
    for (const row of this.body.querySelectorAll("[data-path]")) {
      const problems = this.designer.problems.filter(({ path }) => path === row.dataset.path || path.startsWith(`${row.dataset.path}.`));
      row.querySelector(".lcred-designer-problem")?.remove();
      row.classList.toggle("lcred-designer-invalid", problems.length > 0);
      const input = row.querySelector("input, select, textarea");
      input?.setAttribute("aria-invalid", String(problems.length > 0));
      if (problems.length) {
        row.append(make("p", { class: "lcred-designer-problem", text: problems.map((problem) => problem.text).join(" ") }));
      }
    }
  }
}

/* The fields of values that contain others: nested models, lists, and values by key. */

import { describe } from "./conversions.js";
import { make, makeButton, makeId, say } from "./dom.js";
import { Field } from "./fields.js";
import { suggest } from "./sources.js";

class Container extends Field {
  constructor(form, spec, path) {
    super(form, spec, path);
    this.body = make("div", { class: "lcred-option-body" });
    const legend = spec.label === undefined ? null : make("legend", {}, ...this.listLabelParts());
    this.element = make("fieldset", { class: "lcred-option-group", "aria-describedby": this.describedBy }, legend, this.error, this.help, this.body);
    this.children = [];
    this.signature = null;
  }

  /** Show the value as JSON if it is none that this field can show. Return whether it can. */
  checkShape(fits) {
    if (!fits) {
      this.signature = null;
      this.children = [];
      this.body.replaceChildren(make("p", { class: "quiet" }, `Edited in the JSON tab. Now: ${describe({ kind: "json" }, this.raw)}`));
    }
    return fits;
  }

  /** Make the parts again if there are others now. */
  rebuild(signature, makeParts) {
    if (this.signature !== signature) {
      this.signature = signature;
      this.body.replaceChildren(...makeParts());
    }
    for (const child of this.children) {
      child.refresh();
    }
  }
}

/** The fields of a nested model. */
export class GroupField extends Container {
  refresh() {
    super.refresh();
    this.reset.hidden = true;
    if (this.checkShape(this.raw === undefined || this.raw instanceof Map)) {
      this.rebuild("fields", () => {
        this.children = this.spec.fields.map((spec) => this.form.make(spec, [...this.path, spec.name]));
        return this.children.map((child) => child.element);
      });
    }
    this.source.textContent = "";
  }
}

/** A nested model whose fields depend on one of its keys. */
export class VariantField extends Container {
  constructor(form, spec, path) {
    super(form, spec, path);
    const choices = spec.variants.map(([value, label]) => [value, label]);
    const tag = { kind: "choice", name: spec.tag, label: spec.tag_label, choices, is_required: true };
    this.chooser = form.make(tag, [...path, spec.tag]);
    this.chooser.select.addEventListener("change", () => this.#tidy(), { capture: true });
  }

  refresh() {
    super.refresh();
    this.reset.hidden = true;
    const { raw } = this;
    if (!this.checkShape(raw === undefined || raw instanceof Map)) {
      return;
    }
    const chosen = this.#find(raw?.get(this.spec.tag));
    this.rebuild(`variant ${chosen?.[0]}`, () => {
      const fields = (chosen?.[2] ?? []).map((field) => this.form.make(field, [...this.path, field.name]));
      this.children = [this.chooser, ...fields];
      return this.children.map((child) => child.element);
    });
  }

  #find(value) {
    return this.spec.variants.find(([each]) => each === value);
  }

  /** Remove what only the kind before this one had. Otherwise the server would refuse it. */
  #tidy() {
    const before = this.#find(this.raw?.get(this.spec.tag));
    const after = this.spec.variants[Number(this.chooser.select.value)];
    if (!before || !after || this.chooser.select.value === "") {
      return;
    }
    const kept = new Set(after[2].map((field) => JSON.stringify(field)));
    for (const field of before[2].filter((each) => !kept.has(JSON.stringify(each)))) {
      this.form.remove([...this.path, field.name]);
    }
    this.chooser.select.value = String(this.spec.variants.indexOf(after));
  }
}

/** A list of values. */
export class ListField extends Container {
  refresh() {
    super.refresh();
    const { raw, spec } = this;
    this.reset.hidden = raw === undefined || !this.path.length;
    this.reset.textContent = this.isInherited ? "Use the type’s value" : "Use the default";
    this.help.hidden = !spec.help && !this.source.textContent && this.reset.hidden;
    if (!this.checkShape(raw === undefined || Array.isArray(raw))) {
      return;
    }
    const count = raw?.length ?? 0;
    this.rebuild(`${raw === undefined ? "unset" : count}`, () => {
      this.children = (raw ?? []).map((_, index) => this.form.make(spec.item, [...this.path, index]));
      this.addButton = makeButton("Add", () => this.#add(), `Add to ${spec.label ?? "the list"}`);
      this.addButton.disabled = count >= (spec.max_items ?? Infinity);
      return [...this.children.map((child, index) => this.#makeItem(child, index, count)), this.addButton];
    });
  }

  #makeItem(child, index, count) {
    const name = `${this.spec.label ?? "item"} ${index + 1}`;
    const up = makeButton("↑", () => this.#move(index, index - 1), `Move ${name} up`);
    const down = makeButton("↓", () => this.#move(index, index + 1), `Move ${name} down`);
    up.disabled = index === 0;
    down.disabled = index === count - 1;
    const remove = makeButton("Remove", () => this.#remove(index), `Remove ${name}`);
    return make("div", { class: "lcred-option-item" }, child.element, make("div", { class: "lcred-option-tools" }, up, down, remove));
  }

  #add() {
    const { kind, choices, fields, tag, variants } = this.spec.item;
    const empty = tag ? { [tag]: variants[0][0] } : fields ? {} : choices ? choices[0][0] : kind === "boolean" ? false : "";
    const before = this.raw ?? this.fallback;
    const list = Array.isArray(before) ? before : [];
    this.form.write(this.path, [...list, empty]);
    this.children.at(-1)?.focus();
  }

  #move(from, to) {
    const list = [...this.raw];
    list.splice(to, 0, ...list.splice(from, 1));
    this.form.write(this.path, list);
    this.children[to].focus();
  }

  #remove(index) {
    this.form.remove([...this.path, index]);
    this.addButton.focus();
  }
}

/** Values by key, such as grades by category, requirements by course, or texts by language. */
export class MapField extends Container {
  /** The keys of rows that have no value yet. */
  #drafts = new Set();

  constructor(form, spec, path) {
    super(form, spec, path);
    this.keys = [];
    this.itemSpec = withoutDefaults(spec.item);
    this.adder = makeAdder(this);
    this.rows = make("div", { class: spec.keys === "language" ? "lcred-side-by-side" : "lcred-option-rows" });
  }

  refresh() {
    super.refresh();
    this.source.textContent = "";
    this.reset.hidden = true;
    const { raw } = this;
    if (!this.checkShape(raw === undefined || raw instanceof Map)) {
      return;
    }
    const own = raw instanceof Map ? [...raw.keys()] : [];
    const { inherited } = this;
    const below = inherited instanceof Map ? [...inherited.keys()] : [];
    if (this.form.isWriting) {
      // A row whose value was just emptied stays, so that another one can be entered.
      for (const key of this.keys) {
        if (!own.includes(key) && !below.includes(key)) {
          this.#drafts.add(key);
        }
      }
    } else {
      this.#drafts.clear();
    }
    const keys = new Set([...below, ...own, ...this.#drafts]);
    // A row keeps its place while the operator works here, because a row that moves loses the cursor.
    const before = this.form.isWriting ? this.keys.filter((key) => keys.has(key)) : [];
    this.keys = [...new Set([...before, ...keys])];
    const signature = JSON.stringify(this.keys.map((key) => [key, below.includes(key)]));
    this.rebuild(signature, () => {
      this.children = this.keys.map((key) => this.form.make({ ...this.itemSpec, title: key }, [...this.path, key]));
      this.rows.replaceChildren(...this.keys.map((key, index) => this.#makeRow(key, this.children[index], below.includes(key))));
      return [this.rows, this.adder.element];
    });
    this.adder.refresh();
    this.help.hidden = !this.spec.help;
  }

  /** Show a row for a key that has no value yet. */
  addDraft(key) {
    if (!key || this.keys.includes(key)) {
      return false;
    }
    this.#drafts.add(key);
    this.form.redraw(() => this.refresh());
    this.children[this.keys.indexOf(key)].focus();
    return true;
  }

  #makeRow(key, child, isFixed) {
    const { keys, item } = this.spec;
    const note = make("span", { class: "quiet lcred-option-title", hidden: true });
    const name = make("b", { dir: "auto", id: makeId() }, this.adder.nameKey(key));
    const head = make("div", { class: "lcred-option-key" }, name, note);
    if (keys === "context") {
      this.form.courses.set(JSON.stringify([...this.path, key]), key);
      this.form.showTitle(name, key, note);
    } else if (keys === "category") {
      this.form.showWeight(note, key, this.path);
    }
    const tools = make("div", { class: "lcred-option-tools" });
    if (isFixed) {
      head.append(make("span", { class: "quiet" }, "from the type"));
    } else {
      if (keys === "text" || keys === "category") {
        tools.append(makeButton("Rename", () => this.#rename(key, head), `Rename ${key}`));
      }
      tools.append(makeButton("Remove", () => this.#remove(key), `Remove ${key}`));
    }
    const isWide = item.fields || item.kind === "long_text" || keys === "language";
    const content = isWide ? [make("div", { class: "lcred-option-head" }, head, tools), child.element] : [head, child.element, tools];
    const kind = isWide ? "lcred-option-row" : "lcred-option-row lcred-option-line";
    return make("div", { class: kind, role: "group", "aria-labelledby": name.id, "data-key": key }, ...content);
  }

  #remove(key) {
    this.#drafts.delete(key);
    this.keys = this.keys.filter((each) => each !== key);
    this.form.clear([...this.path, key]);
    this.form.redraw(() => this.refresh());
    this.adder.focus();
  }

  #rename(key, head) {
    const input = make("input", { type: "text", class: "vTextField", "aria-label": `New name of ${key}`, dir: "auto" });
    input.value = key;
    const finish = () => {
      const name = input.value.trim();
      if (!name || name === key || this.keys.includes(name)) {
        this.signature = null;
        this.form.redraw(() => this.refresh());
        return;
      }
      this.keys = this.keys.map((each) => (each === key ? name : each));
      if (this.#drafts.delete(key)) {
        this.#drafts.add(name);
      }
      this.form.rename([...this.path, key], name);
      this.form.redraw(() => this.refresh());
      this.children[this.keys.indexOf(name)]?.focus();
    };
    input.addEventListener("change", finish);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        input.blur();
      }
    });
    head.replaceChildren(input);
    input.focus();
    input.select();
  }
}

/** A model inside a mapping: what is empty there comes from elsewhere, so the defaults of the model are not shown. */
function withoutDefaults(item) {
  if (!item.fields) {
    return item;
  }
  return { ...item, fields: item.fields.map(({ default: _default, is_required: _required, ...field }) => field) };
}

/** Return what adds a key to a mapping: a list of known keys, a text input, or both. */
function makeAdder(field) {
  const { form, spec } = field;
  const id = makeId();
  const known = new Map(spec.key_choices ?? []);
  const select = make("select", { id });
  const input = make("input", { type: "text", class: "vTextField", id: `${id}-text`, dir: "auto" });
  const note = make("span", { class: "quiet" });
  const what = { category: "a category", context: "a course", language: "a language" }[spec.keys] ?? "an entry";
  const label = make("label", { for: id }, `Add ${what}`);
  const add = makeButton("Add", () => addTyped(), "Add the entered name");
  const isSelect = spec.keys === "language" || spec.keys === "category";
  const inputs = make("div", { class: "lcred-option-inputs" }, isSelect ? select : null, input, add, note);
  const element = make("div", { class: "lcred-value lcred-option-adder" }, label, inputs);
  const OTHER = "\u0000other";

  function addTyped() {
    if (field.addDraft(input.value.trim())) {
      input.value = "";
      note.textContent = "";
    } else {
      note.textContent = input.value.trim() ? "It is there already." : "Enter a name first.";
      input.focus();
    }
  }

  function showInput(isShown) {
    input.hidden = !isShown;
    add.hidden = !isShown;
  }

  function fill(items) {
    const options = items.filter(([value]) => !field.keys.includes(value)).map(([value, text]) => make("option", { value }, text));
    select.replaceChildren(make("option", { value: "" }, "Choose…"), ...options, make("option", { value: OTHER }, "Another one…"));
  }

  select.addEventListener("change", () => {
    const { value } = select;
    showInput(value === OTHER);
    if (value === OTHER) {
      input.focus();
    } else if (value) {
      field.addDraft(value);
    }
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      addTyped();
    }
  });
  showInput(!isSelect);
  if (isSelect) {
    input.setAttribute("aria-label", `Name of ${what}`);
  } else {
    label.htmlFor = input.id;
  }
  if (spec.keys === "context") {
    inputs.append(suggest(input, form.sources, "contexts"));
  }
  let asked = null;
  return {
    element,
    nameKey: (key) => known.get(key) ?? key,
    focus: () => (isSelect ? select : input).focus(),
    async refresh() {
      if (!isSelect) {
        return;
      }
      const question = spec.keys === "category" ? form.getCourse(field.path) : "";
      if (asked === question) {
        fill([...known]);
        return;
      }
      asked = question;
      // An answer to an earlier question can come later.
      const said = await (spec.keys === "category" ? form.askCategories(question) : form.sources.ask("languages"));
      if (asked !== question) {
        return;
      }
      for (const [value, text] of said.items) {
        known.set(value, spec.keys === "category" ? value : text);
      }
      for (const row of field.rows.children) {
        if (spec.keys === "language") {
          row.querySelector("b").textContent = known.get(row.dataset.key) ?? row.dataset.key;
        }
      }
      fill(said.items.length && spec.keys === "category" ? said.items : [...known]);
      say(note, said.trouble ?? "");
    },
  };
}



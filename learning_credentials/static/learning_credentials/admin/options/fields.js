/* The fields of single values. A field shows the value at its path of the store, and writes what the operator enters there. */

import { checkBounds, describe, findChoice, getConverter } from "./conversions.js";
import { make, makeButton, makeId, say } from "./dom.js";
import { JsonNumber, dump, fromPlain, isSame } from "./json.js";
import { suggest } from "./sources.js";

/** What all fields have: label, help, where an empty value comes from, and the mistake that the server or the field found. */
export class Field {
  /**
   * @param {object} form makes fields and writes values, see `form_view.js`.
   * @param {object} spec describes the field, see `admin/option_fields.py`.
   * @param {Array} path of the value.
   */
  constructor(form, spec, path) {
    Object.assign(this, { form, spec, path, id: makeId() });
    this.error = make("div", { class: "lcred-option-error", id: `${this.id}-error`, hidden: true });
    this.source = make("span", { class: "quiet" });
    this.reset = makeButton("", () => this.useInherited());
    this.reset.hidden = true;
    this.help = make("div", { class: "help", id: `${this.id}-help` }, make("span", {}, spec.help ?? ""), " ", this.source, " ", this.reset);
  }

  get raw() {
    return this.form.store.getRaw(this.path);
  }

  /** The value below this one. Lists are replaced as a whole, so their items have none. */
  get inherited() {
    return !this.path.length || this.path.some((key) => typeof key === "number") ? undefined : this.form.store.getInheritedRaw(this.path);
  }

  /** What holds while the value is empty: the type's value, or the default. */
  get fallback() {
    const { inherited } = this;
    return inherited === undefined && "default" in this.spec ? fromPlain(this.spec.default) : inherited;
  }

  get isInherited() {
    return this.inherited !== undefined;
  }

  get describedBy() {
    return `${this.error.id} ${this.help.id}`;
  }

  makeLabel(forId = this.id) {
    return make("label", { for: forId, class: this.spec.is_required && !this.isInherited ? "required" : null }, ...this.listLabelParts());
  }

  listLabelParts() {
    const { label, name } = this.spec;
    return [label ?? "", name === undefined ? null : make("code", { class: "lcred-option-name" }, name)];
  }

  makeRow(...inputs) {
    return make("div", { class: "lcred-value" }, this.makeLabel(), make("div", {}, ...inputs, this.error, this.help));
  }

  useInherited() {
    this.form.clear(this.path);
    this.focus();
  }

  focus() {
    this.element.querySelector("input, select, textarea, button")?.focus();
  }

  /** Show the current value. */
  refresh() {
    const { raw } = this;
    const inherited = this.isInherited;
    const said = this.fallback;
    const text = said === undefined || said === null || (said === "" && !inherited) ? "" : describe(this.spec, said);
    const origin = inherited ? "The type says" : "Default";
    say(this.source, text && (raw === undefined || inherited) ? `${raw === undefined && inherited ? "As the type says" : origin}: ${text}.` : "");
    this.reset.hidden = raw === undefined || !inherited;
    this.reset.textContent = "Use the type’s value";
    this.help.hidden = !this.spec.help && !this.source.textContent && this.reset.hidden;
    this.showError(this.form.findProblem(this) || this.findMistake());
  }

  /** Return what is wrong with the value, as far as the browser knows. */
  findMistake() {
    return "";
  }

  showError(text) {
    say(this.error, text);
    this.element?.classList.toggle("lcred-option-wrong", Boolean(text));
    for (const input of this.inputs ?? []) {
      input.setAttribute("aria-invalid", String(Boolean(text)));
    }
  }
}

const NUMERIC = new Set(["integer", "number", "percent"]);
const NATIVE = { date: /^\d{4}-\d\d-\d\d$/, datetime: /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/ };

/** A text input: for texts, numbers, per cent, periods, colours, courses and so on. Empty means that the key is not there. */
export class TextField extends Field {
  constructor(form, spec, path) {
    super(form, spec, path);
    this.converter = getConverter(spec.kind);
    const attributes = { id: this.id, "aria-describedby": this.describedBy, maxlength: spec.max_length, dir: "auto" };
    if (spec.kind === "long_text") {
      this.input = make("textarea", { ...attributes, rows: 2, class: "vLargeTextField" });
    } else {
      const isNumber = NUMERIC.has(spec.kind);
      this.input = make("input", { ...attributes, type: "text", class: isNumber ? "lcred-number" : "vTextField" });
      this.input.inputMode = spec.kind === "integer" ? "numeric" : isNumber ? "decimal" : "text";
    }
    this.inputs = [this.input];
    this.input.addEventListener("input", () => this.#write());
    this.input.addEventListener("change", () => this.refresh());
    this.note = make("span", { class: "quiet lcred-option-title", hidden: true });
    this.element = this.makeRow(make("div", { class: "lcred-option-inputs" }, this.input, ...this.#makeExtras()));
    if (spec.label === undefined) {
      this.element.querySelector("label").remove();
      this.input.setAttribute("aria-label", form.nameItem(path));
    }
    /** The value as text, and what the input made of it. */
    this.text = this.shown = "";
  }

  refresh() {
    const { raw, input } = this;
    const fits = raw === undefined ? "" : this.converter.show(raw);
    const text = fits ?? (typeof raw === "string" ? raw : dump(raw).replaceAll(/\s+/g, " "));
    // What the operator is typing is not tidied under their hands: "7." would become "7".
    const isBeingTyped = document.activeElement === input && isSame(this.#tryToRead(), raw);
    if (!isBeingTyped && this.text !== text) {
      this.#fitType(text);
      input.value = text;
    }
    this.text = text;
    // Inputs leave out line ends, which a text that fits none can have.
    this.shown = input.value;
    if (this.spec.kind !== "date" && this.spec.kind !== "datetime") {
      const said = this.fallback ?? undefined;
      input.placeholder = said === "" ? "" : describe({ ...this.spec, unit: "" }, said).replace(/ %$/, "");
    }
    super.refresh();
    if (this.picker) {
      this.picker.value = toSixDigits(this.text) ?? toSixDigits(input.placeholder) ?? "#000000";
    }
    if (this.spec.kind === "context") {
      const { fallback } = this;
      this.form.showTitle(this.note, this.text || (typeof fallback === "string" ? fallback : ""));
    }
  }

  findMistake() {
    const { raw, spec } = this;
    if (raw === undefined || (raw === null && spec.is_nullable)) {
      return "";
    }
    if (this.converter.show(raw) === null) {
      try {
        this.converter.read(typeof raw === "string" ? raw : "?");
        return "This value is stored as text. Enter it again.";
      } catch (error) {
        return error.message;
      }
    }
    try {
      return raw instanceof JsonNumber ? checkBounds(spec, raw) : this.converter.read(this.text) && "";
    } catch (error) {
      return error.message;
    }
  }

  #fitType(text) {
    const pattern = NATIVE[this.spec.kind];
    if (pattern) {
      const isNative = !text || pattern.test(text);
      this.input.type = isNative ? { date: "date", datetime: "datetime-local" }[this.spec.kind] : "text";
    }
  }

  #makeExtras() {
    const { kind, unit } = this.spec;
    if (kind === "percent" || unit) {
      return [make("span", {}, kind === "percent" ? "%" : unit)];
    }
    if (kind === "colour") {
      this.picker = make("input", { type: "color", "aria-label": `Pick: ${this.spec.label ?? "colour"}` });
      this.picker.addEventListener("input", () => {
        this.input.value = this.picker.value;
        this.#write();
      });
      return [this.picker];
    }
    if (NATIVE[kind]) {
      this.input.type = { date: "date", datetime: "datetime-local" }[kind];
      this.input.step = kind === "datetime" ? "1" : "";
    }
    const sources = { context: "contexts", asset: "assets", language: "languages", category: "categories" };
    if (kind in sources) {
      const values = kind === "asset" ? { asset_kind: this.spec.asset_kind ?? "" } : kind === "category" ? { key: this.form.getCourse(path) } : {};
      return [suggest(this.input, this.form.sources, sources[kind], values), this.note];
    }
    return [];
  }

  #tryToRead() {
    try {
      return this.input.value === "" ? undefined : this.converter.read(this.input.value);
    } catch {
      return this.input.value;
    }
  }

  #write() {
    if (this.input.value === this.shown) {
      return;
    }
    this.form.forgetProblem(this);
    const value = this.#tryToRead();
    if (value === undefined && !this.form.isListItem(this.path)) {
      this.form.clear(this.path);
    } else {
      this.form.write(this.path, value ?? "");
    }
  }
}

function toSixDigits(text) {
  const digits = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1];
  return digits && `#${digits.length === 6 ? digits : [...digits].map((digit) => digit + digit).join("")}`.toLowerCase();
}

const NOTHING = "nothing";
const MISFIT = "misfit";

/** A select: for yes or no, and for choices. The first choice means that the key is not there. */
export class SelectField extends Field {
  constructor(form, spec, path) {
    super(form, spec.kind === "boolean" ? { ...spec, choices: [[true, "Yes"], [false, "No"]] } : spec, path);
    this.select = make("select", { id: this.id, "aria-describedby": this.describedBy, change: () => this.#write() });
    this.inputs = [this.select];
    this.element = this.makeRow(this.select);
    if (spec.label === undefined) {
      this.element.querySelector("label").remove();
      this.select.setAttribute("aria-label", form.nameItem(path));
    }
  }

  refresh() {
    const { raw, spec, fallback } = this;
    const said = fallback === undefined || fallback === null ? "" : describe(spec, fallback);
    const first = this.isInherited ? `As the type says (${said || "nothing"})` : said ? `Default (${said})` : "---------";
    const options = [make("option", { value: "" }, first)];
    options.push(...spec.choices.map(([, text], index) => make("option", { value: index }, text)));
    if (spec.is_nullable && (raw === null || this.isInherited)) {
      options.push(make("option", { value: NOTHING }, "Nothing"));
    }
    let chosen = raw === undefined ? "" : String(spec.choices.indexOf(findChoice(spec, raw)));
    if (raw === null && spec.is_nullable) {
      chosen = NOTHING;
    } else if (chosen === "-1") {
      chosen = MISFIT;
      options.push(make("option", { value: MISFIT }, `${dump(raw).slice(0, 40)} (not a choice)`));
    }
    const signature = options.map((option) => option.textContent).join("\n");
    if (this.signature !== signature) {
      this.signature = signature;
      this.select.replaceChildren(...options);
    }
    this.select.value = chosen;
    super.refresh();
    say(this.source, "");
    this.reset.hidden = true;
    this.help.hidden = !spec.help;
  }

  findMistake() {
    return this.select.value === MISFIT ? "Choose one of the list." : "";
  }

  #write() {
    const { value } = this.select;
    if (value === MISFIT) {
      return;
    }
    this.form.forgetProblem(this);
    if (value === "") {
      this.form.clear(this.path);
    } else {
      this.form.write(this.path, value === NOTHING ? null : this.spec.choices[Number(value)][0]);
    }
  }
}

/** Check boxes: for several of a few choices. */
export class ChoicesField extends Field {
  constructor(form, spec, path) {
    super(form, spec, path);
    this.inputs = spec.choices.map(() => make("input", { type: "checkbox", id: makeId(), change: () => this.#write() }));
    const boxes = spec.choices.map(([, text], index) =>
      make("div", { class: "lcred-option-check" }, this.inputs[index], make("label", { for: this.inputs[index].id }, text)),
    );
    const legend = make("legend", {}, ...this.listLabelParts());
    this.element = make("fieldset", { class: "lcred-option-group", "aria-describedby": this.describedBy }, legend, ...boxes, this.error, this.help);
  }

  refresh() {
    const raw = this.raw ?? this.fallback;
    const chosen = Array.isArray(raw) ? raw : [];
    this.spec.choices.forEach(([value], index) => {
      this.inputs[index].checked = chosen.some((each) => isSame(each, fromPlain(value)));
    });
    super.refresh();
    this.reset.hidden = this.raw === undefined;
    this.reset.textContent = this.isInherited ? "Use the type’s value" : "Use the default";
    this.help.hidden = !this.spec.help && this.reset.hidden;
  }

  findMistake() {
    const { raw } = this;
    const isUnknown = (each) => !findChoice(this.spec, each);
    return raw !== undefined && (!Array.isArray(raw) || raw.some(isUnknown)) ? "The JSON has a value that is not in this list." : "";
  }

  #write() {
    this.form.forgetProblem(this);
    const raw = this.raw ?? this.fallback;
    const before = Array.isArray(raw) ? raw : [];
    const has = (list, value) => list.some((each) => isSame(each, fromPlain(value)));
    const checked = this.spec.choices.filter((_, index) => this.inputs[index].checked).map(([value]) => value);
    const kept = before.filter((each) => !findChoice(this.spec, each) || has(checked.map(fromPlain), each));
    const chosen = [...kept, ...checked.filter((value) => !has(before, value))];
    if (!isSame(fromPlain(chosen), before)) {
      this.form.write(this.path, chosen);
    }
  }
}

/** A line that says where an option is edited. */
export class NoteField extends Field {
  constructor(form, spec, path) {
    super(form, spec, path);
    this.text = make("span", { class: "quiet", id: this.id });
    this.element = make("div", { class: "lcred-value" }, make("span", {}, ...this.listLabelParts()), make("div", {}, this.text, this.error, this.help));
  }

  refresh() {
    super.refresh();
    const { raw } = this;
    this.text.textContent = raw === undefined ? "Edited in the JSON tab." : `Edited in the JSON tab. Now: ${describe({ kind: "json" }, raw)}`;
  }
}

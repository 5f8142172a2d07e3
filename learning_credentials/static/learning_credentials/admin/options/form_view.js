/* Shows options as typed fields: the tab "Form". Each field knows its path in the JSON, see `fields.js` and `containers.js`. */

import { registerOptionsView } from "../options_tabs.js";
import { GroupField, ListField, MapField, VariantField } from "./containers.js";
import { make, makeId, say } from "./dom.js";
import { ChoicesField, NoteField, SelectField, TextField } from "./fields.js";
import { dump } from "./json.js";
import { Sources, suggest } from "./sources.js";

const CLASSES = {
  boolean: SelectField,
  choice: SelectField,
  choices: ChoicesField,
  group: GroupField,
  list: ListField,
  map: MapField,
  variant: VariantField,
  json: NoteField,
};
const NAMES = ["retrieval_func", "generation_func"];

class FormView {
  constructor(panel, store) {
    this.store = store;
    this.sources = new Sources(store.about.sources_url);
    this.isWriting = false;
    /** The course of each step, by the path of the step as JSON. */
    this.courses = new Map();
    this.panel = panel;
    this.fields = [];
    this.signature = null;
    this.problems = readProblems(store.textarea, store.about.list ? `${store.field}.` : "");
    this.note = make("p", { class: "quiet", hidden: true });
    this.body = make("div", { class: "lcred-option-body" });
    this.unknown = make("p", { class: "quiet", hidden: true });
    panel.classList.add("lcred-option-form");
    panel.append(this.note, this.#makeCoursePicker(), this.body, this.unknown);
  }

  // For the tabs

  update() {
    const sections = this.#listSections();
    const signature = JSON.stringify(sections.map((section) => section.path));
    if (signature !== this.signature) {
      this.signature = signature;
      this.fields = [];
      this.body.replaceChildren(...sections.map((section) => this.#makeSection(section)));
    }
    this.picker.hidden = !this.#needsCourse(sections) || Boolean(this.#getOwnCourse());
    for (const field of this.fields) {
      field.refresh();
    }
    const { trouble } = this.store.about;
    const isChosen = Object.values(this.store.functions).some(Boolean) || this.store.about.fields || this.store.about.list;
    say(this.note, trouble || (isChosen ? "" : "Choose above who gets it and what they get. Then their options are shown here."));
    this.#listUnknown(sections);
  }

  // For the fields

  make(spec, path) {
    return new (CLASSES[spec.kind] ?? TextField)(this, spec, path);
  }

  write(path, value) {
    this.redraw(() => this.store.set(path, value));
  }

  /** Remove a key, and the objects around it that are empty then. */
  clear(path) {
    this.redraw(() => {
      this.store.remove(path);
      for (let length = path.length - 1; length > 0; length -= 1) {
        const parent = this.store.getRaw(path.slice(0, length));
        if (!(parent instanceof Map) || parent.size || this.isListItem(path.slice(0, length))) {
          break;
        }
        this.store.remove(path.slice(0, length));
      }
    });
  }

  remove(path) {
    this.redraw(() => this.store.remove(path));
  }

  rename(path, name) {
    this.redraw(() => this.store.getRaw(path) !== undefined && this.store.rename(path, name));
  }

  /** Do what changes the page because the operator works in this view. */
  redraw(act) {
    const before = this.isWriting;
    this.isWriting = true;
    try {
      act();
    } finally {
      this.isWriting = before;
    }
  }

  isListItem(path) {
    return typeof path.at(-1) === "number";
  }

  nameItem(path) {
    return path.slice(-2).map((key) => (typeof key === "number" ? String(key + 1) : key)).join(" ");
  }

  /** Return the course whose grading policy is asked for a field: a step, the course of the configuration, or the one that was picked. */
  getCourse(path) {
    for (let length = path.length; length > 0; length -= 1) {
      const step = this.courses.get(JSON.stringify(path.slice(0, length)));
      if (step) {
        return step;
      }
    }
    return this.#getOwnCourse() || this.picked || "";
  }

  async askCategories(course) {
    const said = await this.sources.askCategories(course);
    return { ...said, items: said.items.map(([name, weight]) => [name, weight ? `${name} (${weight})` : name]) };
  }

  async showWeight(note, name, path) {
    const course = this.getCourse(path);
    const { items, trouble } = await this.sources.askCategories(course);
    const found = items.find(([each]) => each.toLowerCase() === name.trim().toLowerCase());
    say(note, found ? found[1] : course && !trouble ? "not in the grading policy of the course" : "");
  }

  /** Show the title of a course. If there is a place for its key, the title takes the place of the key. */
  async showTitle(place, key, keyPlace = null) {
    const title = key ? await this.sources.askTitle(key) : "";
    if (!keyPlace) {
      say(place, title);
    } else if (title) {
      say(place, title);
      say(keyPlace, key);
    }
  }

  /** Return what the server said about a field in the last save, unless the value changed since. */
  findProblem(field) {
    const path = field.path.join(".");
    const value = field.raw === undefined ? "" : dump(field.raw);
    const found = this.problems.filter((problem) => problem.path === path || (!field.spec.fields && !field.children && problem.path.startsWith(`${path}.`)));
    return found.filter((problem) => (problem.value ??= value) === value).map((problem) => problem.text).join(" ");
  }

  forgetProblem(field) {
    const path = field.path.join(".");
    this.problems = this.problems.filter((problem) => problem.path !== path);
  }

  // Parts of the page

  #listSections() {
    const { about, functions } = this.store;
    if (about.fields || about.list) {
      return [{ path: "page", title: "", fields: about.fields ?? [about.list] }];
    }
    const described = NAMES.map((name) => ({ path: functions[name], ...about.descriptions?.[functions[name]] }));
    const sections = described.filter((section) => section.title);
    const seen = new Set();
    return sections.map((section) => ({
      ...section,
      fields: section.fields?.filter((field) => !seen.has(field.name) && seen.add(field.name)),
    }));
  }

  #makeSection(section) {
    const shown = (section.fields ?? []).filter((spec) => spec.kind !== "layout");
    const fields = shown.map((spec) => this.make(spec, spec.name === undefined ? [] : [spec.name]));
    this.fields.push(...fields);
    const parts = fields.map((field) => field.element);
    if (!section.fields) {
      parts.push(make("p", { class: "quiet" }, "This function does not describe its options. Enter them in the JSON tab."));
    } else if (!section.fields.length) {
      parts.push(make("p", { class: "quiet" }, "This function has no options."));
    }
    const others = (section.fields ?? []).filter((spec) => spec.kind === "layout").map((spec) => spec.label.toLowerCase());
    if (others.length) {
      parts.push(make("p", { class: "quiet" }, `Not in this form, but in the other tabs: ${others.join(", ")}.`));
    }
    const id = makeId();
    const heading = section.title ? make("h3", { id }, section.title) : null;
    return make("div", { class: "lcred-option-section", role: "group", "aria-labelledby": heading && id }, heading, ...parts);
  }

  #listUnknown(sections) {
    const known = new Set(sections.flatMap((section) => (section.fields ?? []).map((field) => field.name)));
    const unknown = sections.length && !this.store.about.list ? [...this.store.raw.keys()].filter((key) => !known.has(key)) : [];
    say(this.unknown, unknown.length ? `Also in the JSON, and not changed by this form: ${unknown.join(", ")}.` : "");
  }

  #needsCourse(sections) {
    return JSON.stringify(sections).includes('"category"');
  }

  #getOwnCourse() {
    return this.store.textarea.form?.elements.learning_context_key?.value.trim() ?? this.store.about.course ?? "";
  }

  #makeCoursePicker() {
    const id = makeId();
    const input = make("input", { type: "text", id, class: "vTextField" });
    const note = make("span", { class: "quiet lcred-option-title", hidden: true });
    const help = "Only to suggest assignment categories with their weights. It is not saved.";
    input.addEventListener("change", () => {
      this.picked = input.value.trim();
      this.signature = null;
      this.showTitle(note, this.picked);
      this.update();
    });
    const inputs = make("div", { class: "lcred-option-inputs" }, input, suggest(input, this.sources, "contexts"), note);
    this.picker = make("div", { class: "lcred-value" }, make("label", { for: id }, "Suggest categories of the course"), make("div", {}, inputs, make("div", { class: "help" }, help)));
    return this.picker;
  }
}

/** Return the mistakes that the server found, from the list of errors above the field. */
function readProblems(textarea, prefix) {
  const lines = textarea.closest(".form-row")?.querySelectorAll(".errorlist li") ?? [];
  return [...lines].map((line) => {
    const [path, ...rest] = line.textContent.trim().replace(prefix, "").split(": ");
    return { path: rest.length ? path : "", text: rest.join(": ") };
  });
}

registerOptionsView({
  name: "form",
  title: "Form",
  order: 10,
  isFor({ functions, about }) {
    if (about.fields || about.list) {
      return true;
    }
    const chosen = NAMES.map((name) => functions[name]).filter(Boolean);
    return !chosen.length || chosen.some((path) => about.descriptions?.[path]?.fields);
  },
  mount: (panel, store) => new FormView(panel, store),
});

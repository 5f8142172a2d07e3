/* Shows options in tabs: each view is another way to edit the same JSON.
 *
 * The text area with the JSON is the single truth. A view reads it and writes it back. Every view listens to the `input` events of the text
 * area. After a view changed the text, it dispatches an `input` event on it with `bubbles: true`. `store` does both: see `options/store.js`.
 *
 * A view registers itself, before or after the page is ready:
 *
 *     import { registerOptionsView } from "./options_tabs.js";
 *
 *     registerOptionsView({
 *       name: "layout",          // unique; the id of the tab contains it
 *       title: "Layout",         // the text of the tab
 *       order: 20,               // "form" has 10, "json" has 100; the lowest one is open at first
 *       isFor({ field, functions, about }) {  // asked again after another function was chosen
 *         return field === "custom_options" && functions.generation_func === "learning_credentials.generators.generate_pdf_credential";
 *       },
 *       mount(panel, store) {    // called once, when the tab is opened for the first time
 *         return {
 *           update() {},         // optional: the text, the functions or the inherited options changed; not called while the JSON is invalid
 *           show() {},           // optional: the tab was opened
 *           hide() {},           // optional: another tab was opened
 *         };
 *       },
 *     });
 *
 * While the JSON is invalid, only its own tab can be opened, and a sentence names the mistake. `store` has `text`, `value`, `functions`,
 * `inherited`, `problem`, `textarea`, and `get`, `getInherited`, `set`, `remove`, `rename`, `replace`, `subscribe`. Load the module of a
 * view with `forms.Script(path, type="module")` in the `Media` of the admin class.
 *
 * The views are registered on the window, because storages that add hashes to the names of files serve this module under two addresses.
 */

import { followFunctions } from "./options/functions.js";
import { OptionsStore } from "./options/store.js";

const KEY = Symbol.for("learning_credentials.options_views");
const registry = (globalThis[KEY] ??= { views: new Map(), editors: [], isStarted: false });

/** Offer a view in all editors of options. A view with the same name is replaced unless it is already open. */
export function registerOptionsView(view) {
  registry.views.set(view.name, view);
  for (const editor of registry.editors) {
    editor.update();
  }
}

/** Return the editors of the page. Each has `store`, and `open(name)` opens a tab. */
export function listOptionsEditors() {
  return [...registry.editors];
}

const JSON_VIEW = "json";

class OptionsEditor {
  constructor(box, about) {
    const textarea = box.querySelector("textarea");
    this.store = new OptionsStore(textarea, about);
    this.id = textarea.id;
    this.tabs = new Map();
    this.active = "";
    /** Whether the operator chose the open tab or works in it. Until then, the first one is open. */
    this.isChosen = false;
    this.bar = document.createElement("div");
    this.bar.className = "lcred-tabs";
    this.bar.setAttribute("role", "tablist");
    this.bar.setAttribute("aria-label", about.title);
    this.note = document.createElement("p");
    this.note.className = "lcred-options-problem";
    this.note.id = `${this.id}-problem`;
    this.note.setAttribute("role", "status");
    box.prepend(this.bar, this.note);
    this.box = box;
    this.bar.addEventListener("keydown", (event) => this.#move(event));
    box.addEventListener("focusin", (event) => {
      this.isChosen ||= event.target.closest("[role=tabpanel]") !== null;
    });
    this.store.subscribe(() => this.update());
    this.#add({ name: JSON_VIEW, title: "JSON", order: 100, isFor: () => true, mount: (panel) => panel.append(textarea) });
    this.#mount(this.tabs.get(JSON_VIEW));
    this.#hideAllBut("");
  }

  /** Show the tabs of the chosen functions, and tell the open view about changes. */
  update() {
    const { field, functions, about, problem } = this.store;
    for (const view of registry.views.values()) {
      if (!this.tabs.has(view.name)) {
        this.#add(view);
      }
    }
    for (const tab of this.tabs.values()) {
      const isJSON = tab.view.name === JSON_VIEW;
      tab.isOffered = Boolean(tab.view.isFor({ field, functions, about }));
      tab.button.hidden = !tab.isOffered;
      if (problem && !isJSON) {
        tab.button.setAttribute("aria-disabled", "true");
        tab.button.setAttribute("aria-describedby", this.note.id);
      } else {
        tab.button.removeAttribute("aria-disabled");
        tab.button.removeAttribute("aria-describedby");
      }
    }
    const others = this.#listOffered().length > 1;
    this.bar.hidden = !others;
    this.note.textContent = problem && others ? `${problem} Correct it in the JSON tab. Then the other tabs open again.` : "";
    const current = this.tabs.get(this.active);
    const wanted = problem ? JSON_VIEW : this.isChosen && current?.isOffered ? this.active : this.#choose();
    if (wanted !== this.active) {
      this.open(wanted);
    } else if (!problem) {
      current.handle?.update?.();
    }
  }

  /** Open a tab. */
  open(name, { isFocused = false } = {}) {
    const tab = this.tabs.get(name);
    if (!tab || (this.store.problem && name !== JSON_VIEW)) {
      return;
    }
    const before = this.tabs.get(this.active);
    this.active = name;
    this.#hideAllBut(name);
    if (before && before !== tab) {
      before.handle?.hide?.();
    }
    this.#mount(tab);
    if (!this.store.problem) {
      tab.handle?.update?.();
    }
    tab.handle?.show?.();
    if (isFocused) {
      tab.button.focus();
    }
  }

  #choose() {
    const remembered = this.#listOffered().find((tab) => tab.view.name === recall(this.store.field));
    return (remembered ?? this.#listOffered()[0]).view.name;
  }

  #listOffered() {
    return [...this.tabs.values()].filter((tab) => tab.isOffered).sort((one, other) => one.view.order - other.view.order);
  }

  #add(view) {
    const button = document.createElement("button");
    const panel = document.createElement("div");
    button.type = "button";
    button.id = `${this.id}-tab-${view.name}`;
    button.className = "lcred-tab";
    button.textContent = view.title;
    button.setAttribute("role", "tab");
    button.setAttribute("aria-controls", `${this.id}-panel-${view.name}`);
    panel.id = `${this.id}-panel-${view.name}`;
    panel.className = "lcred-panel";
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", button.id);
    button.addEventListener("click", () => {
      this.isChosen = true;
      this.open(view.name);
      remember(this.store.field, this.active);
    });
    this.tabs.set(view.name, { view, button, panel, handle: null, isMounted: false, isOffered: false });
    const sorted = [...this.tabs.values()].sort((one, other) => one.view.order - other.view.order);
    this.bar.replaceChildren(...sorted.map((tab) => tab.button));
    this.box.append(panel);
    this.#hideAllBut(this.active);
  }

  #mount(tab) {
    if (!tab.isMounted) {
      tab.isMounted = true;
      tab.handle = tab.view.mount(tab.panel, this.store) || null;
    }
  }

  #hideAllBut(name) {
    for (const tab of this.tabs.values()) {
      const isOpen = tab.view.name === name;
      tab.panel.hidden = !isOpen;
      tab.button.setAttribute("aria-selected", String(isOpen));
      tab.button.tabIndex = isOpen ? 0 : -1;
    }
  }

  /** Arrow keys, Home and End move between the tabs, as users of screen readers expect. */
  #move(event) {
    const offered = this.#listOffered();
    const now = offered.findIndex((tab) => tab.button === document.activeElement);
    const isRight = getComputedStyle(this.bar).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const isLeft = isRight === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
    const next = { [isRight]: now + 1, [isLeft]: now - 1, Home: 0, End: offered.length - 1 }[event.key];
    if (now < 0 || next === undefined) {
      return;
    }
    event.preventDefault();
    const tab = offered[(next + offered.length) % offered.length];
    tab.button.focus();
    tab.button.click();
  }
}

function recall(field) {
  try {
    return sessionStorage.getItem(`lcred-options-tab-${field}`);
  } catch {
    return null;
  }
}

function remember(field, name) {
  try {
    sessionStorage.setItem(`lcred-options-tab-${field}`, name);
  } catch {
    // A browser without storage opens the first tab.
  }
}

function start() {
  if (registry.isStarted) {
    return;
  }
  registry.isStarted = true;
  for (const box of document.querySelectorAll(".lcred-options")) {
    const about = box.querySelector("script[type='application/json']");
    const editor = new OptionsEditor(box, JSON.parse(about.textContent));
    registry.editors.push(editor);
    editor.update();
    followFunctions(editor.store);
  }
  document.dispatchEvent(new CustomEvent("lcred:options-ready"));
}

// Modules run after the page was parsed. The other modules of the page register their views before this event.
if (document.readyState === "loading" || document.readyState === "interactive") {
  document.addEventListener("DOMContentLoaded", start);
} else {
  start();
}

/* Keeps the options of one form. The text area is the only place where they are stored in the browser.
 *
 * A path is a list of keys and indexes, such as ["text_elements", "name", "size"]. Values are plain JavaScript values, unless a name says
 * `raw`: then they are those of `json.js`.
 */

import { dump, fromPlain, isSame, parse, toPlain } from "./json.js";

function find(value, path) {
  let found = value;
  for (const key of path) {
    if (found instanceof Map) {
      found = found.get(key);
    } else if (Array.isArray(found)) {
      found = found[key];
    } else {
      return undefined;
    }
  }
  return found;
}

export class OptionsStore {
  #listeners = new Set();
  #text = null;
  #root;

  /**
   * @param {HTMLTextAreaElement} textarea contains the options as JSON.
   * @param {object} about what the server says about the field, see `admin/option_widgets.py`.
   */
  constructor(textarea, about) {
    this.textarea = textarea;
    this.about = about;
    this.#root = about.list ? [] : new Map();
    /** The name of the field: "custom_options" or "page_options". */
    this.field = about.field;
    /** The dotted paths of the chosen functions: {retrieval_func, generation_func}. Empty if none is chosen. */
    this.functions = about.functions || {};
    /** The options below these: a configuration has its type's, a type has none. */
    this.inherited = about.inherited || {};
    this.inheritedRaw = fromPlain(this.inherited);
    /** The sentence that says why the text is not valid, or an empty text. */
    this.problem = "";
    this.#read();
    textarea.addEventListener("input", () => this.#read());
    textarea.form?.addEventListener("reset", () => window.setTimeout(() => this.#read()));
  }

  get text() {
    return this.textarea.value;
  }

  /** All options, as a copy. If the text is not valid, those of the last valid text. */
  get value() {
    return toPlain(this.#root);
  }

  get raw() {
    return this.#root;
  }

  /** Return the value at a path, or undefined. */
  get(path) {
    const found = find(this.#root, path);
    return found === undefined ? undefined : toPlain(found);
  }

  getRaw(path) {
    return find(this.#root, path);
  }

  /** Return the value at a path of the options below these, or undefined. */
  getInherited(path) {
    const found = find(this.inheritedRaw, path);
    return found === undefined ? undefined : toPlain(found);
  }

  getInheritedRaw(path) {
    return find(this.inheritedRaw, path);
  }

  /** Set the value at a path. Missing objects on the way are made. Other keys and their order stay. */
  set(path, value) {
    const raw = fromPlain(value);
    if (path.length && isSame(find(this.#root, path), raw)) {
      return;
    }
    if (!path.length) {
      this.#write(raw);
      return;
    }
    const root = parse(dump(this.#root));
    let parent = root;
    for (const key of path.slice(0, -1)) {
      let next = find(parent, [key]);
      if (!(next instanceof Map) && !Array.isArray(next)) {
        next = new Map();
        this.#put(parent, key, next);
      }
      parent = next;
    }
    this.#put(parent, path.at(-1), raw);
    this.#write(root);
  }

  /** Remove the key at a path, or the item of a list. */
  remove(path) {
    if (find(this.#root, path) === undefined) {
      return;
    }
    const root = parse(dump(this.#root));
    const parent = find(root, path.slice(0, -1));
    if (parent instanceof Map) {
      parent.delete(path.at(-1));
    } else {
      parent.splice(path.at(-1), 1);
    }
    this.#write(root);
  }

  /** Give a key another name. It keeps its place. */
  rename(path, name) {
    const root = parse(dump(this.#root));
    const parent = find(root, path.slice(0, -1));
    const items = [...parent];
    parent.clear();
    for (const [key, item] of items) {
      parent.set(key === path.at(-1) ? name : key, item);
    }
    this.#write(root);
  }

  /** Replace all options. */
  replace(value) {
    this.#write(fromPlain(value));
  }

  /** Call a function after each change of the text, the functions or the inherited options. Return a function that ends this. */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Set the chosen functions and the inherited options. */
  setContext({ functions, inherited }) {
    this.functions = functions ?? this.functions;
    if (inherited !== undefined) {
      this.inherited = inherited;
      this.inheritedRaw = fromPlain(inherited);
    }
    this.#tell();
  }

  #put(parent, key, raw) {
    if (parent instanceof Map) {
      parent.set(key, raw);
    } else {
      parent[key] = raw;
    }
  }

  #write(root) {
    this.textarea.value = dump(root);
    this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #read() {
    const text = this.textarea.value;
    if (text === this.#text) {
      return;
    }
    this.#text = text;
    this.problem = "";
    try {
      const { list } = this.about;
      const root = text.trim() ? parse(text) : list ? [] : new Map();
      if (list ? Array.isArray(root) : root instanceof Map) {
        this.#root = root;
      } else {
        this.problem = list ? "This must be a JSON list: [ … ]." : "The options must be a JSON object: { … }.";
      }
    } catch (mistake) {
      this.problem = mistake.message;
    }
    this.#tell();
  }

  #tell() {
    for (const listener of [...this.#listeners]) {
      listener(this);
    }
  }
}

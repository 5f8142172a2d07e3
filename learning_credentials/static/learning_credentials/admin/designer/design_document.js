/* The options that are edited, without anything of a page in a browser. The text is the truth: every change is an edit of it.

   Elements are named by their paths in the options, such as "text_elements.name". `element` in the arguments is one as the server describes
   it: path, kind, values, base, anchor, field. */

import { round } from "./geometry.js";
import { History } from "./history.js";
import { JsonError, listKeys, parse, removeAt, renameAt, setAt, shiftAt, toValue } from "./json_text.js";

export const SECTIONS = ["text_elements", "tables", "images"];
const SINGLE = ["qr", "image", "background", "signatories"];
const NEW_PLACE = 12;
/* What a text gets from the form field in whose place it is. It keeps them when it is moved away. */
const FROM_FIELD = ["size", "align", "max_width", "fit", "font", "color"];

export class DesignDocument {
  constructor(text = "", inherited = {}) {
    this.inherited = inherited;
    this.history = new History(text);
  }

  get text() {
    return this.history.text;
  }

  /* The parsed options, or null while the text is no JSON object. */
  get value() {
    try {
      const value = toValue(parse(this.text));
      return isObject(value) ? value : null;
    } catch (error) {
      if (error instanceof JsonError) {
        return null;
      }
      throw error;
    }
  }

  get isBroken() {
    return this.value === null;
  }

  /* Takes over a text that somebody typed. */
  replace(text, token = "typed") {
    this.history.push(text, token);
  }

  undo() {
    return this.history.undo();
  }

  redo() {
    return this.history.redo();
  }

  /* Returns what the options say at a path of keys, without what is inherited. */
  getOwn(keys) {
    return getIn(this.value, keys);
  }

  getInherited(keys) {
    return getIn(this.inherited, keys);
  }

  /* Returns the options at a path as they are merged over the inherited ones. */
  getMerged(keys) {
    return merge(this.getInherited(keys), this.getOwn(keys));
  }

  /* Returns the paths of all elements that the options describe, whether they can be drawn or not. */
  listPaths() {
    const found = [];
    for (const section of SECTIONS) {
      for (const name of new Set([...Object.keys(this.getInherited([section]) || {}), ...this.listOwnKeys([section])])) {
        found.push(`${section}.${name}`);
      }
    }
    return [...found, ...SINGLE.filter((name) => isObject(this.getMerged([name])))].filter((path) =>
      isObject(this.getMerged(split(path))),
    );
  }

  listOwnKeys(keys) {
    return this.isBroken ? [] : listKeys(this.text, keys);
  }

  set(keys, value, token = null) {
    this._apply((text) => setAt(text, keys, value), token);
  }

  /* Removes an option, so that what is inherited or the default counts. Empty objects around it are removed too. */
  unset(keys, token = null) {
    this._apply((text) => prune(removeAt(text, keys), keys.slice(0, -1)), token);
  }

  /* Moves elements by a distance from where they are described, in points. */
  move(elements, dx, dy, token = null) {
    this.place(elements.map((element) => ({ element, dx, dy })), token);
  }

  /* Moves each element by its own distance. */
  place(moves, token = null) {
    this._apply((text) => moves.reduce((edited, { element, dx, dy }) => this._move(edited, element, dx, dy), text), token);
  }

  /* Sets several options of an element in one step. */
  change(element, changes, token = null) {
    this._apply((text) => this._change(text, element, changes), token);
  }

  /* Adds an element to a section under a new name. Returns its path. */
  add(section, name, options, token = null) {
    if (SINGLE.includes(section)) {
      this.set([section], options, token);
      return section;
    }
    const free = this.findFreeName(section, name);
    this.set([section, free], options, token);
    return `${section}.${free}`;
  }

  /* Copies elements, a little away from the originals. Returns the paths of the copies. */
  duplicate(elements, token = null) {
    const made = [];
    this._apply((text) => {
      let edited = text;
      for (const element of elements.filter(canDuplicate)) {
        const keys = split(element.path);
        const section = element.kind === "image" ? "images" : keys[0];
        const name = this.findFreeName(section, keys[keys.length - 1], made);
        const options = { ...element.base, ...this.getMerged(keys) };
        if (element.field) {
          Object.assign(options, pick(element.values, FROM_FIELD));
          delete options.field;
        }
        options.x = round(element.anchor[0] + NEW_PLACE);
        options.y = round(element.anchor[1] - NEW_PLACE);
        Object.assign(options, moveLevels(element, -NEW_PLACE));
        edited = setAt(edited, [section, name], options);
        made.push(`${section}.${name}`);
      }
      return edited;
    }, token);
    return made;
  }

  /* Removes elements. One that is there by default, or inherited, is hidden. */
  remove(elements, token = null) {
    this._apply((text) => elements.reduce((edited, element) => this._remove(edited, element), text), token);
  }

  /* Shows a hidden element again. */
  show(path, token = null) {
    const keys = split(path);
    const inherited = this.getInherited(keys);
    if (inherited === false) {
      this.set(keys, path === "signatures" ? true : {}, token);
    } else {
      this.unset(keys, token);
    }
  }

  /* Draws an element earlier (-1) or later (1). Only entries of these options have an order that can be changed. */
  shift(path, step, token = null) {
    this._apply((text) => shiftAt(text, split(path), step), token);
  }

  canShift(path, step) {
    const keys = split(path);
    const own = keys.length > 1 ? this.listOwnKeys(keys.slice(0, 1)) : [];
    const index = own.indexOf(keys[1]);
    return index >= 0 && index + step >= 0 && index + step < own.length;
  }

  /* Gives an element that only these options have another name. Returns its path. */
  rename(path, name, token = null) {
    const keys = split(path);
    if (keys.length < 2 || !name || this._isTaken(keys[0], name)) {
      return path;
    }
    this._apply((text) => renameAt(text, keys, name), token);
    return `${keys[0]}.${name}`;
  }

  isInherited(path) {
    return this.getInherited(split(path)) !== undefined;
  }

  findFreeName(section, name, made = []) {
    const base = name.replace(/_\d+$/, "") || "element";
    for (let number = 1; ; number += 1) {
      const candidate = number === 1 ? base : `${base}_${number}`;
      if (!this._isTaken(section, candidate) && !made.includes(`${section}.${candidate}`)) {
        return candidate;
      }
    }
  }

  /* Names of elements that are there by default. The designer sets them when it knows them. */
  reserved = [];

  _isTaken(section, name) {
    const isReserved = section === "text_elements" && this.reserved.includes(name);
    return isReserved || this.getMerged([section, name]) !== undefined;
  }

  _move(text, element, dx, dy) {
    if (!canMove(element) || (!dx && !dy)) {
      return text;
    }
    const changes = {};
    if (dx || element.field) {
      changes.x = round(element.anchor[0] + dx);
    }
    if (dy || element.field) {
      changes.y = round(element.anchor[1] + dy);
    }
    return this._change(text, element, { ...changes, ...moveLevels(element, dy) });
  }

  _change(text, element, changes) {
    const keys = split(element.path);
    const kept = element.field && ("x" in changes || "y" in changes) ? this._keepFromField(element, keys) : {};
    return Object.entries({ ...kept, ...changes }).reduce(
      (edited, [name, value]) => setAt(edited, [...keys, name], value),
      text,
    );
  }

  _keepFromField(element, keys) {
    const own = this.getMerged(keys) || {};
    const kept = { x: round(element.anchor[0]), y: round(element.anchor[1]) };
    for (const name of FROM_FIELD) {
      const value = element.values[name];
      if (!(name in own) && value !== null && value !== undefined && value !== "") {
        kept[name] = typeof value === "number" ? round(value) : value;
      }
    }
    return kept;
  }

  _remove(text, element) {
    const keys = split(element.path);
    const stays = element.path === "signatures" || Object.keys(element.base || {}).length || this.isInherited(element.path);
    return stays ? setAt(text, keys, false) : prune(removeAt(text, keys), keys.slice(0, -1));
  }

  _apply(edit, token) {
    if (!this.isBroken) {
      this.history.push(edit(this.text), token);
    }
  }
}

/* Returns the keys of a path. Names of elements can have dots. */
export function split(path) {
  const section = SECTIONS.find((name) => path.startsWith(`${name}.`));
  return section ? [section, path.slice(section.length + 1)] : [path];
}

export function canMove(element) {
  return Boolean(element.anchor) && !element.path.startsWith("template.");
}

export function canDuplicate(element) {
  return canMove(element) && !["qr", "signatories"].includes(element.kind);
}

/* Returns the levels between which a text is kept, moved with it. */
export function moveLevels({ kind, values }, dy) {
  const isKept = kind === "text" && typeof values.bottom === "number" && typeof values.top === "number";
  return isKept && dy ? { bottom: round(values.bottom + dy), top: round(values.top + dy) } : {};
}

export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/* Merges options as the server does: objects in depth, everything else as a whole. */
export function merge(inherited, own) {
  if (own === undefined) {
    return inherited;
  }
  if (!isObject(inherited) || !isObject(own)) {
    return own;
  }
  const keys = new Set([...Object.keys(inherited), ...Object.keys(own)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(getOwnValue(inherited, key), getOwnValue(own, key))]));
}

function prune(text, keys) {
  if (!keys.length || listKeys(text, keys).length || !isObject(getIn(toValue(parse(text)), keys))) {
    return text;
  }
  return prune(removeAt(text, keys), keys.slice(0, -1));
}

function pick(values, names) {
  return Object.fromEntries(names.filter((name) => values[name] !== null && name in values).map((name) => [name, values[name]]));
}

function getIn(value, keys) {
  return keys.reduce((found, key) => (isObject(found) ? getOwnValue(found, key) : undefined), value);
}

function getOwnValue(object, key) {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

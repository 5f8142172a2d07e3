/* Edits the text of a JSON object in place. What an edit does not name keeps its characters: order of keys, spaces, digits of numbers. */

const SPACE = new Set([" ", "\n", "\r", "\t"]);
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const INDENT = "  ";
const MOST_LEVELS = 200;

export class JsonError extends Error {}

/* Returns the tree of a text: nodes with start, end, and entries (objects), items (arrays) or value. An empty text is an empty object. */
export function parse(text) {
  if (!text.trim()) {
    return { type: "object", start: 0, end: text.length, entries: [], isMissing: true };
  }
  const reader = { text, at: 0, level: 0 };
  skip(reader);
  const node = readValue(reader);
  skip(reader);
  if (reader.at < text.length) {
    fail(reader);
  }
  return node;
}

/* Returns the value of a node, as JSON.parse does. Keys keep their order, except that JavaScript puts whole numbers first. */
export function toValue(node) {
  if (node.type === "object") {
    // Object.fromEntries makes own properties of all names, "__proto__" too.
    return Object.fromEntries(node.entries.map((entry) => [entry.key, toValue(entry.value)]));
  }
  return node.type === "array" ? node.items.map(toValue) : node.value;
}

/* Returns the text with a value at a path of keys. Missing objects on the way are made; other values in the way are replaced. */
export function setAt(text, path, value) {
  const root = parse(text);
  if (root.isMissing || root.type !== "object") {
    return print(nest(path, value), "");
  }
  let node = root;
  for (const [index, key] of path.entries()) {
    const entry = findEntry(node, key);
    const rest = path.slice(index + 1);
    if (!entry) {
      return insert(text, node, key, nest(rest, value));
    }
    if (!rest.length || entry.value.type !== "object") {
      const wanted = nest(rest, value);
      if (JSON.stringify(toValue(entry.value)) === JSON.stringify(wanted)) {
        return text;
      }
      return text.slice(0, entry.value.start) + printInside(text, node, wanted) + text.slice(entry.value.end);
    }
    node = entry.value;
  }
  return text;
}

/* Returns the text without the entry at a path. */
export function removeAt(text, path) {
  const found = findPlace(text, path);
  if (!found) {
    return text;
  }
  const { node, index } = found;
  const { entries } = node;
  if (entries.length === 1) {
    return `${text.slice(0, node.start)}{}${text.slice(node.end)}`;
  }
  const [from, to] =
    index > 0 ? [entries[index - 1].value.end, entries[index].value.end] : [entries[0].start, entries[1].start];
  return text.slice(0, from) + text.slice(to);
}

/* Returns the text in which the entry at a path has changed places with the one `step` entries later. */
export function shiftAt(text, path, step) {
  const found = findPlace(text, path);
  const other = found && found.node.entries[found.index + step];
  if (!other) {
    return text;
  }
  const [first, second] = [found.node.entries[found.index], other].sort((one, two) => one.start - two.start);
  return (
    text.slice(0, first.start) +
    text.slice(second.start, second.value.end) +
    text.slice(first.value.end, second.start) +
    text.slice(first.start, first.value.end) +
    text.slice(second.value.end)
  );
}

/* Returns the text in which the entry at a path has another key. */
export function renameAt(text, path, key) {
  const found = findPlace(text, path);
  if (!found) {
    return text;
  }
  const entry = found.node.entries[found.index];
  return text.slice(0, entry.start) + JSON.stringify(key) + text.slice(entry.keyEnd);
}

/* Returns the keys of the object at a path, in the order of the text. */
export function listKeys(text, path) {
  let node = parse(text);
  for (const key of path) {
    node = node.type === "object" ? (findEntry(node, key) || {}).value : undefined;
    if (!node) {
      return [];
    }
  }
  return node.type === "object" ? node.entries.map((entry) => entry.key) : [];
}

function findPlace(text, path) {
  let node = parse(text);
  for (const [position, key] of path.entries()) {
    const index = node.type === "object" ? node.entries.findIndex((entry) => entry.key === key) : -1;
    if (index < 0) {
      return null;
    }
    if (position === path.length - 1) {
      return { node, index };
    }
    node = node.entries[index].value;
  }
  return null;
}

function findEntry(node, key) {
  return node.entries.find((entry) => entry.key === key);
}

function nest(path, value) {
  return path.reduceRight((inner, key) => Object.fromEntries([[key, inner]]), value);
}

function insert(text, node, key, value) {
  const name = `${JSON.stringify(key)}: `;
  if (!node.entries.length) {
    const outer = indentOf(text, node.start);
    const inner = outer + INDENT;
    return `${text.slice(0, node.start)}{\n${inner}${name}${print(value, inner)}\n${outer}}${text.slice(node.end)}`;
  }
  const lead = text.slice(node.start + 1, node.entries[0].start);
  const last = node.entries[node.entries.length - 1];
  return `${text.slice(0, last.value.end)},${lead || " "}${name}${printInside(text, node, value)}${text.slice(last.value.end)}`;
}

/* Returns the text of a value for an object, over several lines if the entries of the object are on lines of their own. */
function printInside(text, node, value) {
  const lead = text.slice(node.start + 1, node.entries[0].start);
  return lead.includes("\n") ? print(value, lead.slice(lead.lastIndexOf("\n") + 1)) : JSON.stringify(value);
}

function print(value, indent) {
  return JSON.stringify(value, null, INDENT).replaceAll("\n", `\n${indent}`);
}

/* Returns the white space at the beginning of a line. */
function indentOf(text, at) {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start))[0];
}

function skip(reader) {
  while (SPACE.has(reader.text[reader.at])) {
    reader.at += 1;
  }
}

function readValue(reader) {
  const start = reader.at;
  const character = reader.text[start];
  if (character === "{" || character === "[") {
    reader.level += 1;
    if (reader.level > MOST_LEVELS) {
      fail(reader);
    }
    const node = character === "{" ? readObject(reader) : readArray(reader);
    reader.level -= 1;
    return { ...node, start, end: reader.at };
  }
  const source = match(reader, character === '"' ? STRING : SCALAR);
  return { type: "scalar", value: JSON.parse(source), start, end: reader.at };
}

function readObject(reader) {
  const entries = [];
  readList(reader, "}", () => {
    const start = reader.at;
    const key = JSON.parse(match(reader, STRING));
    const keyEnd = reader.at;
    skip(reader);
    take(reader, ":");
    skip(reader);
    entries.push({ key, start, keyEnd, value: readValue(reader) });
  });
  return { type: "object", entries };
}

function readArray(reader) {
  const items = [];
  readList(reader, "]", () => items.push(readValue(reader)));
  return { type: "array", items };
}

function readList(reader, closing, readOne) {
  reader.at += 1;
  skip(reader);
  while (reader.text[reader.at] !== closing) {
    readOne();
    skip(reader);
    if (reader.text[reader.at] === closing) {
      break;
    }
    take(reader, ",");
    skip(reader);
    if (reader.text[reader.at] === closing) {
      fail(reader);
    }
  }
  reader.at += 1;
}

function take(reader, character) {
  if (reader.text[reader.at] !== character) {
    fail(reader);
  }
  reader.at += 1;
}

function match(reader, pattern) {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text);
  if (!found) {
    fail(reader);
  }
  reader.at += found[0].length;
  return found[0];
}

function fail(reader) {
  const before = reader.text.slice(0, reader.at).split("\n");
  throw new JsonError(`line ${before.length}, column ${before[before.length - 1].length + 1}`);
}

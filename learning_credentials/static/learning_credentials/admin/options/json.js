/* Reads and writes JSON and changes nothing else: the order of keys, and how numbers are written, stay.
 *
 * Objects are Maps, because plain objects sort keys such as "2" first. Numbers are `JsonNumber`, because 12345678901234567890 and 1.0 are
 * other numbers in JavaScript. `toPlain` and `fromPlain` convert for code that does not need this.
 */

const DEEPEST = 200;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /[A-Za-z_]+/y;
const WORDS = new Map([["true", true], ["false", false], ["null", null]]);

/** A number as it is written. */
export class JsonNumber {
  constructor(raw) {
    this.raw = String(raw);
  }

  valueOf() {
    return Number(this.raw);
  }
}

/** A mistake in a JSON text, with its place. */
export class JsonMistake extends Error {
  constructor(message, text, position) {
    const before = text.slice(0, position);
    const line = before.split("\n").length;
    const column = position - before.lastIndexOf("\n");
    super(`This is not valid JSON: line ${line}, column ${column}: ${message}`);
    this.line = line;
    this.column = column;
  }
}

class Reader {
  constructor(text) {
    this.text = text;
    this.position = 0;
  }

  fail(message, position = this.position) {
    throw new JsonMistake(message, this.text, position);
  }

  match(pattern) {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text);
    if (found === null) {
      return null;
    }
    this.position = pattern.lastIndex;
    return found[0];
  }

  skip() {
    this.match(SPACE);
    return this.text[this.position];
  }

  readValue(depth) {
    const start = this.skip();
    if (depth > DEEPEST) {
      this.fail("The options are nested too deeply.");
    }
    if (start === "{") {
      return this.readObject(depth);
    }
    if (start === "[") {
      return this.readList(depth);
    }
    if (start === '"') {
      return this.readString();
    }
    const raw = this.match(NUMBER);
    if (raw !== null) {
      return new JsonNumber(raw);
    }
    const begin = this.position;
    const word = this.match(WORD);
    if (WORDS.has(word)) {
      return WORDS.get(word);
    }
    return this.fail(start === undefined ? "A value is missing at the end." : "A value must stand here.", begin);
  }

  readString() {
    const begin = this.position;
    const raw = this.match(STRING);
    if (raw === null) {
      this.fail("This text has no closing quotation mark, or contains a character that must be escaped.", begin);
    }
    return JSON.parse(raw);
  }

  readObject(depth) {
    const found = new Map();
    this.position += 1;
    if (this.skip() === "}") {
      this.position += 1;
      return found;
    }
    for (;;) {
      if (this.skip() !== '"') {
        this.fail("A key in double quotation marks must stand here.");
      }
      const begin = this.position;
      const key = this.readString();
      if (found.has(key)) {
        this.fail(`The key “${key}” is used twice in one object.`, begin);
      }
      if (this.skip() !== ":") {
        this.fail("A colon must stand here.");
      }
      this.position += 1;
      found.set(key, this.readValue(depth + 1));
      if (this.endsAt("}")) {
        return found;
      }
    }
  }

  readList(depth) {
    const found = [];
    this.position += 1;
    if (this.skip() === "]") {
      this.position += 1;
      return found;
    }
    for (;;) {
      found.push(this.readValue(depth + 1));
      if (this.endsAt("]")) {
        return found;
      }
    }
  }

  endsAt(bracket) {
    const next = this.skip();
    if (next !== "," && next !== bracket) {
      this.fail(`A comma or ${bracket} must stand here.`);
    }
    this.position += 1;
    return next === bracket;
  }
}

/** Return the value of a JSON text. Throw `JsonMistake` if it is not valid. */
export function parse(text) {
  const reader = new Reader(text);
  const value = reader.readValue(0);
  if (reader.skip() !== undefined) {
    reader.fail("Nothing may follow the last bracket.");
  }
  return value;
}

/** Return a value as JSON text, indented as the server does it. */
export function dump(value, indent = "") {
  const deeper = `${indent}  `;
  if (value instanceof JsonNumber) {
    return value.raw;
  }
  if (value instanceof Map) {
    const items = [...value].map(([key, item]) => `${deeper}${JSON.stringify(key)}: ${dump(item, deeper)}`);
    return items.length ? `{\n${items.join(",\n")}\n${indent}}` : "{}";
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => `${deeper}${dump(item, deeper)}`);
    return items.length ? `[\n${items.join(",\n")}\n${indent}]` : "[]";
  }
  return JSON.stringify(value);
}

/** Return a value as plain objects and numbers. */
export function toPlain(value) {
  if (value instanceof JsonNumber) {
    return value.valueOf();
  }
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [key, toPlain(item)]));
  }
  return Array.isArray(value) ? value.map(toPlain) : value;
}

/** Return plain objects and numbers as the values of this module. These values themselves are also accepted. */
export function fromPlain(value) {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) {
      throw new TypeError(`${value} is not a number that JSON can contain`);
    }
    return new JsonNumber(value);
  }
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, fromPlain(item)]));
  }
  if (Array.isArray(value)) {
    return value.map(fromPlain);
  }
  if (value !== null && typeof value === "object" && !(value instanceof JsonNumber)) {
    return new Map(Object.entries(value).filter(([, item]) => item !== undefined).map(([key, item]) => [key, fromPlain(item)]));
  }
  return value;
}

/** Return whether two values are the same. 1 and 1.0 are. The order of keys makes no difference. */
export function isSame(one, other) {
  if (one instanceof JsonNumber && other instanceof JsonNumber) {
    return one.raw === other.raw || (one.valueOf() === other.valueOf() && Math.abs(one.valueOf()) < Number.MAX_SAFE_INTEGER);
  }
  if (one instanceof Map && other instanceof Map) {
    return one.size === other.size && [...one].every(([key, item]) => other.has(key) && isSame(item, other.get(key)));
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  }
  return one === other;
}

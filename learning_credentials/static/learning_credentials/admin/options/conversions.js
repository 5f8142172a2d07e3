/* Converts values of options into what people read and type, and back.
 *
 * `show` returns null for a value that does not fit the kind. `read` throws `Unreadable` for a text that does not.
 */

import { JsonNumber, dump, fromPlain } from "./json.js";

export class Unreadable extends Error {}

const NUMBER = /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)$/;
const SCIENTIFIC = /^-?(?:0|[1-9]\d*)(?:\.\d+)?[eE][+-]?\d+$/;
const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const UNITS = ["year", "month", "week", "day", "hour", "minute"];
const WORDS = /^(?:\d+\s*(?:year|month|week|day|hour|minute)s?\b[\s,]*(?:and\b\s*)?)+$/i;
const WORD = /(\d+)\s*(year|month|week|day|hour|minute)s?/gi;
const MONTH = "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?";
const END = new RegExp(`\\s*\\b(?:until|to)\\s+(?:\\d{1,2}\\s+${MONTH}|${MONTH}\\s+\\d{1,2})$`, "i");
const ISO = /^P(?=[\dT])(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?)?$/;

/** Return a number that is 10 to the power of `places` times as large. The digits are moved, so nothing is rounded. */
export function shift(raw, places) {
  const [, sign, whole, fraction = "", exponent = "0"] = PARTS.exec(raw) ?? [];
  const move = Number(exponent) + places;
  if (whole === undefined || Math.abs(move) > 40) {
    return null;
  }
  let digits = whole + fraction;
  let point = whole.length + move;
  if (point <= 0) {
    digits = "0".repeat(1 - point) + digits;
    point = 1;
  }
  digits = digits.padEnd(point, "0");
  const before = digits.slice(0, point).replace(/^0+(?=\d)/, "");
  const after = digits.slice(point).replace(/0+$/, "");
  return `${sign}${before}${after ? `.${after}` : ""}`;
}

function readNumber(text, example) {
  const typed = text.trim().replaceAll(/[\s\u00a0\u202f]/g, "");
  if (SCIENTIFIC.test(typed)) {
    return typed;
  }
  if (!NUMBER.test(typed)) {
    throw new Unreadable(`Enter a number, such as ${example}.`);
  }
  const [, sign, digits] = /^([+-]?)(.*)$/.exec(typed.replace(",", "."));
  const [whole, fraction = ""] = digits.split(".");
  const tidy = `${whole.replace(/^0+(?=\d)/, "") || "0"}${fraction ? `.${fraction}` : ""}`;
  return sign === "-" && !/^[0.]+$/.test(tidy) ? `-${tidy}` : tidy;
}

const asText = {
  show: (raw) => (typeof raw === "string" ? raw : null),
  read: (text) => text,
};

function showWords(text) {
  const found = ISO.exec(text);
  if (!found) {
    return text;
  }
  const parts = UNITS.map((unit, index) => [Number(found[index + 1] ?? 0), unit]).filter(([number]) => number);
  return parts.map(([number, unit]) => `${number} ${unit}${number === 1 ? "" : "s"}`).join(" ") || "0 days";
}

/** A period can also have an end: "until 31 December". */
function checkPeriod(text) {
  const typed = text.trim();
  const length = typed.replace(END, "").replace(/\/--\d\d-\d\d$/, "");
  if (length !== typed && !length) {
    return typed;
  }
  checkLength(length);
  return typed;
}

function checkLength(text) {
  const typed = text.trim();
  if (!WORDS.test(typed) && !ISO.test(typed.toUpperCase())) {
    throw new Unreadable("Enter numbers of years, months, weeks, days, hours or minutes, such as “18 months” or “1 year 6 months”.");
  }
  return typed;
}

function readISO(text) {
  const typed = checkLength(text);
  if (ISO.test(typed.toUpperCase())) {
    return typed.toUpperCase();
  }
  const numbers = Object.fromEntries(UNITS.map((unit) => [unit, 0]));
  for (const [, number, unit] of typed.matchAll(WORD)) {
    numbers[unit.toLowerCase()] += Number(number);
  }
  const write = (units) => units.map((unit) => (numbers[unit] ? `${numbers[unit]}${unit[0].toUpperCase()}` : "")).join("");
  const [day, time] = [write(UNITS.slice(0, 4)), write(UNITS.slice(4))];
  return day || time ? `P${day}${time ? `T${time}` : ""}` : "P0D";
}

const CONVERTERS = {
  integer: {
    show: (raw) => (raw instanceof JsonNumber && /^-?\d+$/.test(raw.raw) ? raw.raw : null),
    read(text) {
      const number = readNumber(text, "2");
      if (number.includes(".")) {
        throw new Unreadable("Enter a whole number.");
      }
      return new JsonNumber(number);
    },
  },
  number: {
    show: (raw) => (raw instanceof JsonNumber ? raw.raw : null),
    read: (text) => new JsonNumber(readNumber(text, "2.5")),
  },
  percent: {
    show: (raw) => (raw instanceof JsonNumber ? shift(raw.raw, 2) : null),
    read: (text) => new JsonNumber(shift(readNumber(text.replace(/\s*%\s*$/, ""), "70"), -2)),
  },
  period: {
    show: (raw) => (typeof raw === "string" ? showWords(raw) : null),
    read: checkPeriod,
  },
  duration: {
    show: (raw) => (typeof raw === "string" ? showWords(raw) : null),
    read: readISO,
  },
};

/** Return how a kind of values is converted. */
export function getConverter(kind) {
  return CONVERTERS[kind] ?? asText;
}

/** Return a sentence that says which bound a number exceeds, or an empty text. */
export function checkBounds(spec, raw) {
  if (!(raw instanceof JsonNumber)) {
    return "";
  }
  const number = raw.valueOf();
  const say = (bound) => getConverter(spec.kind).show(fromPlain(bound)) + (spec.kind === "percent" ? " %" : "");
  const isPercent = spec.kind === "percent";
  const minimum = spec.minimum ?? (isPercent ? 0 : -Infinity);
  const maximum = spec.maximum ?? (isPercent ? 1 : Infinity);
  if (number < minimum) {
    return `Enter ${say(minimum)} or more.`;
  }
  if (number > maximum) {
    return `Enter ${say(maximum)} or less.`;
  }
  return "";
}

/** Return a value for people, in one line. */
export function describe(spec, raw) {
  if (raw === undefined) {
    return "";
  }
  if (raw === null) {
    return "nothing";
  }
  if (spec.kind === "boolean" && typeof raw === "boolean") {
    return raw ? "yes" : "no";
  }
  if (spec.choices) {
    const values = Array.isArray(raw) ? raw : [raw];
    const texts = values.map((value) => findChoice(spec, value)?.[1] ?? dump(value));
    return texts.join(", ") || "none";
  }
  if (Array.isArray(raw) && spec.item) {
    return raw.map((item) => describe(spec.item, item)).join(", ") || "none";
  }
  const shown = getConverter(spec.kind).show(raw);
  if (shown === null) {
    const text = dump(raw).replaceAll(/\s+/g, " ");
    return text.length > 60 ? `${text.slice(0, 59)}…` : text;
  }
  if (!shown) {
    return "empty";
  }
  const unit = spec.kind === "percent" ? " %" : spec.unit ? ` ${spec.unit}` : "";
  return shown + unit;
}

/** Return the pair of value and text of a choice. */
export function findChoice(spec, raw) {
  const value = raw instanceof JsonNumber ? raw.valueOf() : raw;
  return spec.choices.find(([each]) => each === value);
}

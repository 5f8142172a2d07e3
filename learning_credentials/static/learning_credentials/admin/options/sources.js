/* Asks the server for what the fields suggest: courses and their titles, assignment categories, assets.
 *
 * An answer has `items`, and `trouble` if the LMS does not answer. Without suggestions everything can still be typed.
 */

import { make, makeId } from "./dom.js";

const NO_ANSWER = "The server does not answer. Type the value.";
const LONGEST_QUERY = 2500; // characters
const PAUSE = 250; // milliseconds of rest before the server is asked

export class Sources {
  #answers = new Map();
  #waiting = [];
  #timer = 0;

  constructor(url) {
    this.url = url;
  }

  /** Return the answer about one kind of suggestions. Each question is asked once. */
  ask(kind, values = {}) {
    const query = new URLSearchParams({ kind });
    for (const [name, value] of Object.entries(values)) {
      for (const each of [value].flat()) {
        query.append(name, each);
      }
    }
    const key = query.toString();
    if (!this.#answers.has(key)) {
      const answer = this.#fetch(key);
      this.#answers.set(key, answer);
      answer.then((said) => said.trouble && this.#answers.delete(key));
    }
    return this.#answers.get(key);
  }

  /** Return the title of a course, or an empty text. */
  async askTitle(key) {
    const [, title = ""] = (await this.#askTogether("titles", key)) ?? [];
    return title;
  }

  /** Return the assignment categories of a course as {items, trouble}. Without a course there is only the total. */
  async askCategories(key) {
    if (!key) {
      return this.ask("categories");
    }
    const [, items = [], trouble = NO_ANSWER] = (await this.#askTogether("policies", key)) ?? [];
    return { items, trouble };
  }

  /** Ask about one key. The keys of one moment are asked together, because a learning path can have many courses. */
  #askTogether(kind, key) {
    const name = `${kind} ${key}`;
    if (!this.#answers.has(name)) {
      const asked = new Promise((resolve) => this.#waiting.push({ kind, key, resolve }));
      this.#answers.set(name, asked);
      window.clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#flush());
    }
    return this.#answers.get(name);
  }

  #flush() {
    const waiting = this.#waiting;
    this.#waiting = [];
    while (waiting.length) {
      // Servers accept addresses of a few thousand characters.
      const { kind } = waiting[0];
      let length = 0;
      const together = [];
      while (waiting[0]?.kind === kind && (length += encodeURIComponent(waiting[0].key).length + 5) < LONGEST_QUERY + (together.length ? 0 : 1e6)) {
        together.push(waiting.shift());
      }
      this.#askAbout(kind, together);
    }
  }

  async #askAbout(kind, together) {
    const { items, trouble } = await this.ask(kind, { key: together.map(({ key }) => key) });
    const found = new Map(items.map((item) => [item[0], item]));
    for (const { key, resolve } of together) {
      resolve(found.get(key));
      if (trouble) {
        this.#answers.delete(`${kind} ${key}`); // it is asked again later
      }
    }
  }

  async #fetch(query) {
    const trouble = NO_ANSWER;
    if (!this.url) {
      return { items: [], trouble };
    }
    try {
      const response = await fetch(`${this.url}?${query}`);
      return response.ok ? await response.json() : { items: [], trouble };
    } catch {
      return { items: [], trouble };
    }
  }
}

/** Give a text input a list of suggestions, which are asked again while the operator types. Return the list. */
export function suggest(input, sources, kind, values = {}) {
  const list = make("datalist", { id: makeId() });
  input.setAttribute("list", list.id);
  input.setAttribute("autocomplete", "off");
  let timer = 0;
  let latest = 0;
  const ask = async () => {
    const number = ++latest;
    const { items } = await sources.ask(kind, { ...values, q: input.value });
    if (number === latest) {
      list.replaceChildren(...items.map(([value, text]) => make("option", { value }, text)));
    }
  };
  input.addEventListener("focus", ask, { once: true });
  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, PAUSE);
  });
  return list;
}

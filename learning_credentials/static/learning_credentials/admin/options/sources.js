/* Asks the server for what the fields suggest: courses and their titles, assignment categories, assets.
 *
 * An answer has `items`, and `trouble` if the LMS does not answer. Without suggestions everything can still be typed.
 */

import { make, makeId } from "./dom.js";

const PAUSE = 250; // milliseconds of rest before the server is asked

export class Sources {
  #answers = new Map();
  #wanted = new Map();
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

  /** Return the title of a course, or an empty text. The keys of one moment are asked together. */
  askTitle(key) {
    return new Promise((resolve) => {
      this.#wanted.set(key, [...(this.#wanted.get(key) ?? []), resolve]);
      window.clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#askTitles());
    });
  }

  async #askTitles() {
    const wanted = this.#wanted;
    this.#wanted = new Map();
    const { items } = await this.ask("titles", { key: [...wanted.keys()].sort() });
    const titles = new Map(items);
    for (const [key, resolvers] of wanted) {
      for (const resolve of resolvers) {
        resolve(titles.get(key) ?? "");
      }
    }
  }

  async #fetch(query) {
    const trouble = "The server does not answer. Type the value.";
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

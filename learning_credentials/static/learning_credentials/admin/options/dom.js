/* Makes elements of the page. */

let count = 0;

/** Return an id that no other element has. */
export function makeId() {
  count += 1;
  return `lcred-option-${count}`;
}

/** Return an element. Attributes with a value of null or false are left out; functions are listeners. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else if (value !== null && value !== false && value !== undefined) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Set a text, and hide the element if the text is empty. */
export function say(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
  element.hidden = !text;
}

/** Return a small button that sends no form. */
export function makeButton(text, listener, label = null) {
  return make("button", { type: "button", class: "lcred-small-button", click: listener, "aria-label": label }, text);
}

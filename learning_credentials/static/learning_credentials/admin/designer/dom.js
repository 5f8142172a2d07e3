/* Makes elements of the page. Styles are set through the CSSOM, which a strict Content-Security-Policy allows. */

/* No form has this id, so inputs of the designer are not sent with the form around it and cannot keep it from being sent. */
const NO_FORM = "lcred-no-form";
let count = 0;

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") {
      element.textContent = value;
    } else if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  if (["input", "select", "textarea", "button"].includes(tag)) {
    element.setAttribute("form", NO_FORM);
  }
  element.append(...children);
  return element;
}

export function makeButton(text, onclick, attributes = {}) {
  return make("button", { type: "button", text, onclick, class: "lcred-designer-button", ...attributes });
}

/* Returns a button whose picture is one of the drawings below. */
export function makeIconButton(icon, label, onclick, attributes = {}) {
  const button = makeButton("", onclick, { "aria-label": label, title: label, ...attributes });
  button.append(drawIcon(icon));
  return button;
}

export function nextId(name) {
  count += 1;
  return `lcred-designer-${name}-${count}`;
}

/* Lines on a grid of 16: what each button does. */
const ICONS = {
  undo: "M6 3 2.500 6.500 6 10M3 6.500h6a4 4 0 0 1 0 8H6",
  redo: "M10 3l3.500 3.500L10 10M13 6.500H7a4 4 0 0 0 0 8h3",
  left: "M2.500 2v12M5 4h8v3H5zM5 9h5v3H5z",
  center: "M8 2v12M3 4h10v3H3zM5 9h6v3H5z",
  right: "M13.500 2v12M3 4h8v3H3zM6 9h5v3H6z",
  top: "M2 2.500h12M4 5h3v8H4zM9 5h3v5H9z",
  middle: "M2 8h12M4 3h3v10H4zM9 5h3v6H9z",
  bottom: "M2 13.500h12M4 3h3v8H4zM9 6h3v5H9z",
  across: "M2.500 2v12M13.500 2v12M6.500 4h3v8h-3z",
  up: "M2 2.500h12M2 13.500h12M4 6.500h8v3H4z",
  forward: "M3 10V3h7M6 6h7v7H6z",
  backward: "M6 3h7v7h-3M3 6h7v7H3zM5 8h3",
  copy: "M3 11V3h8M6 6h7v7H6zM9.500 7.500v4M7.500 9.500h4",
  remove: "M3 4.500h10M6 4V2.500h4V4M4.500 4.500l.5 9h6l.5-9M7 7v4.500M9 7v4.500",
};

function drawIcon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", ICONS[name]);
  svg.append(line);
  return svg;
}

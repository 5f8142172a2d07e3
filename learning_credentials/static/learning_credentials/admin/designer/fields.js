/* Inputs for options. Each returns an element whose `lcredInputs` can be marked as wrong, and calls `change(value)` or `change(undefined)`
   for the default. */

import { make, makeButton, nextId } from "./dom.js";
import { makeFontField } from "./font_field.js";
import { POINTS_PER_MM } from "./geometry.js";

const HEX = /^#[0-9a-fA-F]{6}$/;
const LENGTHS = new Set(["x", "y", "width", "height", "max_width", "bottom", "continued_y", "bleed"]);

/* Returns the input for a field. `about` is what the server says about it, `value` what counts now. */
export function makeInput(about, value, context, change) {
  const makers = {
    number: makeNumber,
    integer: makeNumber,
    switch: makeSwitch,
    choice: makeChoice,
    colour: makeColour,
    font: makeFontField,
    fonts: makeList,
    lines: makeLines,
    area: makeArea,
    placeholders: makePlaceholders,
    link: makePlaceholders,
    image: (...rest) => makeNamed(context.panel.images, ...rest),
    template: (...rest) => makeNamed(context.panel.templates, ...rest),
    columns: makeColumns,
  };
  return (makers[about.kind] || makeText)(about, value, context, change);
}

function makeText(about, value, context, change) {
  const list = about.suggestions ? make("datalist", { id: nextId("list") }, ...about.suggestions.map((text) => make("option", { value: text }))) : null;
  const input = make("input", { type: "text", id: context.id, list: list && list.id, autocomplete: "off" });
  input.value = value ?? "";
  input.addEventListener("change", () => change(input.value === "" && !about.required ? undefined : input.value));
  return list ? make("span", {}, input, list) : input;
}

function makeNumber(about, value, context, change) {
  const input = make("input", { type: "number", id: context.id, step: about.kind === "integer" ? 1 : "any", min: about.min, max: about.max });
  input.value = value ?? "";
  const note = make("span", { class: "lcred-designer-mm" });
  const show = () => {
    const number = input.valueAsNumber;
    note.textContent = LENGTHS.has(about.name) && Number.isFinite(number) ? `${(number / POINTS_PER_MM).toFixed(1)} mm` : "";
  };
  show();
  input.addEventListener("input", show);
  input.addEventListener("change", () => {
    if (input.value === "") {
      change(undefined);
    } else if (Number.isFinite(input.valueAsNumber)) {
      change(input.valueAsNumber);
    }
  });
  return make("span", { class: "lcred-designer-number" }, input, note);
}

function makeSwitch(about, value, context, change) {
  const input = make("input", { type: "checkbox", id: context.id });
  input.checked = Boolean(value);
  input.addEventListener("change", () => change(input.checked));
  return input;
}

function makeChoice(about, value, context, change) {
  const names = about.choices.map((name) => make("option", { value: name, text: name }));
  const select = make("select", { id: context.id }, ...(about.default === null ? [make("option", { value: "", text: "–" })] : []), ...names);
  select.value = value ?? "";
  select.addEventListener("change", () => change(select.value === "" ? undefined : select.value));
  return select;
}

function makeColour(about, value, context, change) {
  const text = make("input", { type: "text", id: context.id, autocomplete: "off", spellcheck: "false" });
  const picker = make("input", { type: "color", "aria-label": `${about.label}: palette` });
  const show = (colour) => {
    text.value = colour ?? "";
    picker.value = HEX.test(colour || "") ? colour : "#000000";
  };
  show(value);
  text.addEventListener("change", () => change(text.value === "" ? undefined : text.value));
  picker.addEventListener("change", () => change(picker.value));
  return make("span", { class: "lcred-designer-colour" }, picker, text);
}

function makeList(about, value, context, change) {
  const input = make("input", { type: "text", id: context.id, autocomplete: "off" });
  input.value = (value || []).join(", ");
  input.addEventListener("change", () => {
    const names = input.value.split(",").map((name) => name.trim()).filter(Boolean);
    change(names.length ? names : undefined);
  });
  return input;
}

function makeLines(about, value, context, change) {
  const area = make("textarea", { id: context.id, rows: 3 });
  area.value = (value || []).join("\n");
  area.addEventListener("change", () => change(area.value ? area.value.split("\n") : undefined));
  return area;
}

function makeArea(about, value, context, change) {
  const area = make("textarea", { id: context.id, rows: 2 });
  area.value = value ?? "";
  // An empty alternative text says that an image is decoration. The button beside the field takes the text away.
  area.addEventListener("change", () => change(area.value));
  return area;
}

function makePlaceholders(about, value, context, change) {
  const area = make("textarea", { id: context.id, rows: about.kind === "link" ? 1 : 3, dir: "auto", spellcheck: "true" });
  area.value = value ?? "";
  area.addEventListener("input", () => change(area.value));
  const picker = make("select", { "aria-label": `${about.label}: insert a placeholder` }, make("option", { value: "", text: "Insert a placeholder…" }));
  for (const { name, label, sample } of context.panel.placeholders) {
    picker.append(make("option", { value: `{${name}}`, text: `{${name}} ${label.split(". {")[0]}: ${sample}` }));
  }
  picker.addEventListener("change", () => {
    area.setRangeText(picker.value, area.selectionStart, area.selectionEnd, "end");
    picker.value = "";
    area.dispatchEvent(new Event("input"));
    area.focus();
  });
  return make("span", { class: "lcred-designer-stack" }, area, picker);
}

function makeNamed(offered, about, value, context, change) {
  const names = offered.map((item) => make("option", { value: item.name, text: item.label ? `${item.name} (${item.label})` : item.name }));
  const select = make("select", { id: context.id }, make("option", { value: "", text: "–" }), ...names);
  if (value && !offered.some((item) => item.name === value)) {
    select.append(make("option", { value, text: value }));
  }
  select.value = value ?? "";
  select.addEventListener("change", () => change(select.value === "" ? undefined : select.value));
  return select;
}

/* The columns of a table, one group of inputs each. */
function makeColumns(about, value, context, change) {
  const columns = Array.isArray(value) ? value.map((column) => ({ ...column })) : [];
  const box = make("div", { id: context.id, class: "lcred-designer-columns", role: "group", "aria-label": about.label });
  const commit = () => change(columns.map((column) => Object.fromEntries(Object.entries(column).filter(([, item]) => item !== undefined && item !== null))));
  columns.forEach((column, index) => {
    const fields = context.panel.fields.column.map((field) => {
      const id = nextId("column");
      const input = makeInput(field, column[field.name] ?? field.default, { ...context, id }, (entered) => {
        column[field.name] = entered;
        commit();
      });
      return make("div", { class: "lcred-designer-field" }, make("label", { for: id, text: field.label }), input);
    });
    const legend = make("legend", { text: `Column ${index + 1}` });
    const remove = makeButton("Remove column", () => {
      columns.splice(index, 1);
      commit();
    }, { "aria-label": `Remove column ${index + 1}`, disabled: columns.length < 2 });
    box.append(make("fieldset", {}, legend, ...fields, remove));
  });
  box.append(makeButton("Add column", () => {
    columns.push({ value: "name", heading: "Name" });
    commit();
  }));
  return box;
}

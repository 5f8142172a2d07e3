/* A font with a sample of itself. The list of samples is made when it is opened. */

import { make, nextId } from "./dom.js";

export function makeFontField(about, value, context, change) {
  const list = make("datalist", { id: nextId("fonts") }, ...context.panel.fonts.map((font) => make("option", { value: font.name })));
  const input = make("input", { type: "text", id: context.id, list: list.id, autocomplete: "off", spellcheck: "false" });
  input.value = value ?? "";
  input.addEventListener("change", () => change(input.value === "" ? undefined : input.value));
  const sample = value ? makeSample(value, context) : null;
  const choice = make("details", { class: "lcred-designer-fonts" }, make("summary", { text: "Choose by sample" }));
  choice.addEventListener("toggle", () => {
    if (choice.open && choice.children.length === 1) {
      choice.append(makeSamples(about, value, context, change));
    }
  });
  return make("span", { class: "lcred-designer-stack" }, input, list, ...(sample ? [sample] : []), choice);
}

function makeSample(name, context) {
  const image = make("img", { alt: "", loading: "lazy", class: "lcred-designer-sample", width: 220, height: 26 });
  image.src = `${context.fontUrl}?name=${encodeURIComponent(name)}`;
  // A font that does not exist has a mistake beside it, and needs no broken picture.
  image.addEventListener("error", () => image.remove());
  return image;
}

function makeSamples(about, value, context, change) {
  const radio = nextId("font");
  const groups = Map.groupBy ? Map.groupBy(context.panel.fonts, (font) => font.group) : groupFonts(context.panel.fonts);
  const sets = [...groups].map(([group, fonts]) =>
    make(
      "fieldset",
      {},
      make("legend", { text: group }),
      ...fonts.map((font) => {
        const input = make("input", { type: "radio", name: radio, value: font.name });
        input.checked = font.name === value;
        input.addEventListener("change", () => change(font.name));
        return make("label", {}, input, make("span", { text: font.name }), makeSample(font.name, context));
      }),
    ),
  );
  return make("div", { class: "lcred-designer-samples" }, ...sets);
}

function groupFonts(fonts) {
  const groups = new Map();
  for (const font of fonts) {
    groups.set(font.group, [...(groups.get(font.group) || []), font]);
  }
  return groups;
}

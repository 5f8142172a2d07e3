/* Offers the designer as a tab of the options of functions that draw a design. */

import { registerOptionsView } from "../options_tabs.js";
import { Designer } from "./designer.js";

const textarea = document.getElementById("id_custom_options");
const functions = new Set((textarea?.dataset.designFunctions || "").split(" ").filter(Boolean));

registerOptionsView({
  name: "design",
  title: "Design",
  order: 20,
  isFor({ field, functions: chosen }) {
    return field === "custom_options" && functions.has(chosen.generation_func);
  },
  mount(panel, store) {
    return new Designer(panel, store);
  },
});

/* Adds groups of inputs for more languages. Without this script, each saved page has one empty group. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll(".lcred-translations")) {
    const button = box.querySelector("button");
    const original = box.querySelector("[data-empty]");
    if (!button || !original) {
      continue;
    }
    const pristine = original.cloneNode(true);
    pristine.removeAttribute("data-empty");
    const first = box.querySelectorAll("fieldset").length - 1;
    button.hidden = false;
    button.addEventListener("click", () => {
      const number = box.querySelectorAll("fieldset").length;
      const added = pristine.cloneNode(true);
      for (const field of added.querySelectorAll("[name]")) {
        field.name = field.name.replace(`.${first}.`, `.${number}.`);
        field.id = field.id.replace(`_${first}_`, `_${number}_`);
      }
      for (const label of added.querySelectorAll("label")) {
        label.htmlFor = label.htmlFor.replace(`_${first}_`, `_${number}_`);
      }
      box.insertBefore(added, button);
      added.querySelector("select").focus();
    });
  }
});

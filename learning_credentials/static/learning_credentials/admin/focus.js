/* Puts the cursor into the first field of a new row's form. Django's own script takes the first button of the page for a field. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  for (const element of document.querySelectorAll("form fieldset input, form fieldset select, form fieldset textarea")) {
    if (element.type !== "hidden" && !element.disabled && element.offsetParent) {
      element.focus();
      return;
    }
  }
});

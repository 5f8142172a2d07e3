/* Copies the address of the page. Without this file the address can be selected and copied by hand. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("button[data-copies]")) {
    const field = document.getElementById(button.dataset.copies);
    const status = document.getElementById(button.dataset.status);
    if (!field || !status || !navigator.clipboard) {
      continue; // no secure connection: browsers hand out the clipboard over https only
    }
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(field.value);
        status.textContent = status.dataset.done;
      } catch {
        field.select();
      }
    });
  }
});

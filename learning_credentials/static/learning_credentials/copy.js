/* Copies the address of the page, and has it counted when somebody copies it or follows a link to share it. Without this file the address can
   be selected and copied by hand, and nothing is counted. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const section = document.querySelector("[data-share-url]");
  const count = () => {
    if (section && navigator.sendBeacon) {
      navigator.sendBeacon(section.dataset.shareUrl);
    }
  };
  for (const link of section ? section.querySelectorAll("ul a") : []) {
    link.addEventListener("click", count);
  }
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
        count();
      } catch {
        field.select();
      }
    });
  }
});

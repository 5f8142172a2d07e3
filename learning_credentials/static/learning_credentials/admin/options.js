/* Shows the help and the paths of the functions that are chosen, and folds the rest away. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const selects = ["id_retrieval_func", "id_generation_func"].map((id) => document.getElementById(id)).filter(Boolean);
  const update = () => {
    const chosen = new Set(selects.map((select) => select.value));
    for (const help of document.querySelectorAll("details.lcred-function")) {
      help.open = chosen.has(help.dataset.function);
    }
    for (const select of selects) {
      const path = select.parentElement.querySelector(".lcred-path code");
      if (path) {
        path.textContent = select.value;
      }
    }
  };
  for (const select of selects) {
    select.addEventListener("change", update);
  }
  if (selects.length) {
    update();
  }
});

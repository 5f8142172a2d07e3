/* Suggests learning contexts while a key or a name is typed. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const PAUSE = 250; // milliseconds of rest before the server is asked
  for (const input of document.querySelectorAll("input[data-search-url]")) {
    const list = input.list;
    let timer = 0;
    let latest = 0;
    const ask = async () => {
      const number = ++latest;
      const response = await fetch(`${input.dataset.searchUrl}?q=${encodeURIComponent(input.value)}`);
      if (!response.ok) {
        return;
      }
      const { contexts } = await response.json();
      if (number !== latest) {
        return; // an answer to what was typed before
      }
      list.replaceChildren(
        ...contexts.map(({ key, name }) => {
          const option = document.createElement("option");
          option.value = key;
          option.textContent = name;
          return option;
        }),
      );
    };
    input.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => ask().catch(() => {}), PAUSE);
    });
  }
});

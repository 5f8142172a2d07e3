/* Makes files of links that hold their content: browsers refuse to save an address of more than two megabytes. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  for (const anchor of document.querySelectorAll('a[download][href^="data:text/csv;"]')) {
    const bytes = Uint8Array.from(atob(anchor.getAttribute("href").split(",", 2)[1]), (sign) => sign.charCodeAt(0));
    anchor.href = URL.createObjectURL(new Blob([bytes], { type: "text/csv;charset=utf-8" }));
  }
});

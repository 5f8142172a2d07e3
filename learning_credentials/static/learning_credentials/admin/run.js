/* Watches a run: asks for its progress until it is finished, then loads the page once more for what the server alone knows.
   So it does while nothing moves: the page says what is in the way. */
"use strict";
(() => {
  const PAUSE = 1000; // milliseconds between two questions
  const STILL = 30; // questions with the same answer
  const LONGEST_PAUSE = 30000; // after failures
  const box = document.getElementById("run-progress");
  if (!box) {
    return;
  }
  const bar = box.querySelector("progress");
  const badge = box.querySelector("[data-show=label]");
  let pause = PAUSE;
  let last = "";
  let repeated = 0;

  const show = (progress) => {
    for (const element of box.querySelectorAll("[data-show]")) {
      element.textContent = progress[element.dataset.show];
    }
    badge.className = `lcred-badge lcred-${progress.state}`;
    bar.value = progress.percent;
  };

  const ask = async () => {
    try {
      const response = await fetch(box.dataset.url, { headers: { Accept: "application/json" }, redirect: "error" });
      if (!response.ok) {
        throw new Error(String(response.status));
      }
      const progress = await response.json();
      show(progress);
      repeated = JSON.stringify(progress) === last ? repeated + 1 : 0;
      last = JSON.stringify(progress);
      if (progress.is_finished || repeated >= STILL) {
        window.location.reload();
        return;
      }
      pause = PAUSE;
    } catch {
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
    window.setTimeout(ask, pause);
  };

  window.setTimeout(ask, pause);
})();

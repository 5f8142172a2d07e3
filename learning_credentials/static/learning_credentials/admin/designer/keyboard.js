/* What keys do: on the boxes of the page, and everywhere in the designer. */

const DISTANCES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const FAR = 10;

export function handleKey(designer, event) {
  const { target } = event;
  const isTyping = target.matches("input, textarea, select");
  if (event.key === "Enter" && target.matches("input")) {
    // It would send the form around the designer.
    event.preventDefault();
    target.dispatchEvent(new Event("change", { bubbles: true }));
    return;
  }
  const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (isCommand && !(isTyping && target.matches("textarea, [type=text], [type=number], [type=search]"))) {
    const act = { z: event.shiftKey ? "redo" : "undo", y: "redo", d: "duplicate" }[event.key.toLowerCase()];
    if (act) {
      event.preventDefault();
      designer[act]();
      return;
    }
    if (event.key.toLowerCase() === "a" && !isTyping) {
      event.preventDefault();
      designer.select(designer.elements.filter((element) => designer.findBox(element) && element.kind !== "background").map((element) => element.path));
      return;
    }
  }
  const box = target.closest(".lcred-designer-box");
  const entry = target.closest(".lcred-designer-entry");
  if (box || entry) {
    handleElementKey(designer, event, (box || entry).dataset.path, Boolean(box));
  }
}

function handleElementKey(designer, event, path, isBox) {
  const isAdding = event.shiftKey || event.ctrlKey || event.metaKey;
  if (DISTANCES[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    choose(designer, path);
    const [dx, dy] = DISTANCES[event.key].map((step) => step * (event.shiftKey ? FAR : 1));
    designer.nudge(dx, dy);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    choose(designer, path);
    designer.remove();
  } else if (isBox && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    if (isAdding) {
      designer.toggle(path);
    } else {
      designer.select([path]);
    }
  } else if (event.key === "Escape") {
    designer.select([]);
  }
}

/* An act is for the selection if the element that has the focus belongs to it, else for this element. */
function choose(designer, path) {
  if (!designer.selection.has(path)) {
    designer.select([path]);
  }
}

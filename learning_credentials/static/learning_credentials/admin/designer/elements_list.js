/* The list of all elements, for those who do not see the picture, and for elements that nobody can take hold of on it. */

import { make, makeButton } from "./dom.js";

export class ElementsList {
  constructor(designer) {
    this.designer = designer;
    this.list = make("ul", { class: "lcred-designer-elements" });
    this.problems = make("ul", { class: "lcred-designer-problems errorlist", "aria-label": "Mistakes" });
    this.notes = make("ul", { class: "lcred-designer-notes", "aria-label": "Notes on this learner" });
    this.element = make("section", { class: "lcred-designer-listing", "aria-label": "Elements" }, make("h3", { text: "Elements" }), this.problems, this.list, this.notes);
  }

  render() {
    const { designer } = this;
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.path : null;
    this.list.replaceChildren(...designer.elements.map((element) => this._makeRow(element)), ...designer.hidden.map((path) => this._makeHidden(path)));
    if (focused) {
      const row = [...this.list.querySelectorAll("[data-path]")].find((each) => each.dataset.path === focused);
      (row || this.list.querySelector("[data-path]") || document.body).focus();
    }
    // Without `scrollIntoView`, which would scroll the page too.
    const chosen = this.list.querySelector("[aria-pressed=true]")?.closest("li");
    if (chosen && chosen.offsetTop < this.list.scrollTop) {
      this.list.scrollTop = chosen.offsetTop;
    } else if (chosen) {
      this.list.scrollTop = Math.max(this.list.scrollTop, chosen.offsetTop + chosen.offsetHeight - this.list.clientHeight);
    }
    this.problems.replaceChildren(...designer.generalProblems.map((problem) => make("li", { text: problem.text || problem.message })));
    this.problems.hidden = !designer.generalProblems.length;
    this.notes.replaceChildren(...designer.generalNotes.map((note) => make("li", { text: note.message })));
    this.notes.hidden = !designer.generalNotes.length;
  }

  _makeRow(element) {
    const { designer } = this;
    const isSelected = designer.selection.has(element.path);
    const problems = designer.listProblems(element.path);
    const notes = designer.listNotes(element.path);
    const button = makeButton("", (event) => designer.pick(element.path, event), {
      class: "lcred-designer-entry",
      "data-path": element.path,
      "aria-pressed": String(isSelected),
    });
    button.append(
      make("span", { class: "lcred-designer-name", text: designer.getName(element.path) }),
      make("span", { class: "lcred-designer-excerpt", text: designer.getExcerpt(element) }),
    );
    const row = make("li", {}, button);
    for (const problem of problems) {
      row.append(make("p", { class: "lcred-designer-problem", text: problem.text }));
    }
    for (const note of notes) {
      row.append(make("p", { class: "lcred-designer-note", text: note.message }));
    }
    return row;
  }

  _makeHidden(path) {
    const name = this.designer.getName(path);
    return make(
      "li",
      { class: "lcred-designer-hidden" },
      make("span", { class: "lcred-designer-name", text: name }),
      makeButton("Show", () => this.designer.showHidden(path), { "aria-label": `Show ${name}`, "data-path": path }),
    );
  }
}

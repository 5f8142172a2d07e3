/* Remembers texts for undo and redo. Changes with the same token, such as the steps of one drag, are one entry. */

const MOST = 500;

export class History {
  constructor(text) {
    this.entries = [{ text, token: null }];
    this.index = 0;
  }

  get text() {
    return this.entries[this.index].text;
  }

  get canUndo() {
    return this.index > 0;
  }

  get canRedo() {
    return this.index < this.entries.length - 1;
  }

  push(text, token = null) {
    if (text === this.text) {
      return;
    }
    const isSame = token !== null && this.entries[this.index].token === token && !this.canRedo;
    this.entries.length = this.index + 1;
    if (isSame) {
      this.entries[this.index] = { text, token };
      return;
    }
    this.entries.push({ text, token });
    if (this.entries.length > MOST) {
      this.entries.shift();
    }
    this.index = this.entries.length - 1;
  }

  /* Takes back the last entry if it has the token, so that a drag begins again where it began. */
  rewind(token) {
    if (this.index > 0 && this.entries[this.index].token === token) {
      this.index -= 1;
      this.entries.length = this.index + 1;
    }
  }

  undo() {
    this.index = Math.max(this.index - 1, 0);
    return this.text;
  }

  redo() {
    this.index = Math.min(this.index + 1, this.entries.length - 1);
    return this.text;
  }
}

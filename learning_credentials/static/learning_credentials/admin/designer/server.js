/* Asks the server for pictures, for what the panel offers, and for learners. */

const FORM_FIELDS = ["name", "retrieval_func", "generation_func", "custom_fields", "issuer", "credential_type", "learning_context_key"];

export class Server {
  constructor(textarea) {
    this.textarea = textarea;
    this.form = textarea.form;
    this.urls = textarea.dataset;
    this.isBusy = false;
    this.next = null;
  }

  get hasLearners() {
    return Boolean(this.urls.designLearnersUrl);
  }

  get fontUrl() {
    return this.urls.designFontUrl;
  }

  /* Asks for a picture. While one is on its way, only the last question waits. */
  draw(question, onanswer, onfailure) {
    this.next = { question, onanswer, onfailure };
    if (!this.isBusy) {
      this._drawNext();
    }
  }

  async describe() {
    return this._post(this.urls.designPanelUrl, {});
  }

  async findLearners(text) {
    const url = new URL(this.urls.designLearnersUrl, window.location.href);
    url.searchParams.set("q", text);
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    if (!response.ok) {
      throw new Error(String(response.status));
    }
    return response.json();
  }

  async _drawNext() {
    this.isBusy = true;
    while (this.next) {
      const { question, onanswer, onfailure } = this.next;
      this.next = null;
      try {
        onanswer(await this._post(this.urls.designUrl, question));
      } catch (error) {
        onfailure(error);
      }
    }
    this.isBusy = false;
  }

  async _post(url, question) {
    const entered = new FormData(this.form);
    const body = new FormData();
    for (const name of [...FORM_FIELDS, "csrfmiddlewaretoken"]) {
      if (entered.has(name)) {
        body.append(name, entered.get(name));
      }
    }
    for (const [name, value] of Object.entries(question)) {
      body.append(name, value);
    }
    const response = await fetch(url, { method: "POST", body, redirect: "error", headers: { Accept: "application/json" } });
    if (!response.ok) {
      throw new Error(String(response.status));
    }
    return response.json();
  }
}

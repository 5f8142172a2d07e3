/* Shows the criteria that will be written, while the options are typed. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const PAUSE = 400; // milliseconds of rest before the server is asked
  const FIELDS = ["retrieval_func", "custom_options", "criteria", "learning_context_key", "credential_type"];
  const preview = document.querySelector(".lcred-criteria[data-url]");
  const form = preview && preview.closest("form");
  if (!form) {
    return;
  }
  let timer = 0;
  let latest = 0;
  const ask = async () => {
    const number = ++latest;
    const entered = new FormData(form);
    const body = new FormData();
    for (const name of [...FIELDS, "csrfmiddlewaretoken"]) {
      if (entered.has(name)) {
        body.append(name, entered.get(name));
      }
    }
    const response = await fetch(preview.dataset.url, { method: "POST", body });
    if (!response.ok) {
      return;
    }
    const { html } = await response.json();
    if (number === latest) {
      preview.innerHTML = html; // escaped by the server
    }
  };
  const later = (event) => {
    if (FIELDS.includes(event.target.name)) {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => ask().catch(() => {}), PAUSE);
    }
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  // Django's picker of types uses jQuery, whose events other scripts do not see.
  if (window.django && window.django.jQuery) {
    window.django.jQuery(form).on("change", "select", later);
  }
});

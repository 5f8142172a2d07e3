/* Tells a store which functions are chosen in the form around it, and which options it inherits. */

const NAMES = ["retrieval_func", "generation_func"];

/** Follow the selects of the functions, or the picker of the type. */
export function followFunctions(store) {
  const inputs = store.textarea.form?.elements ?? {};
  const selects = NAMES.filter((name) => inputs[name] instanceof HTMLSelectElement);
  const read = () => {
    const chosen = Object.fromEntries(selects.map((name) => [name, inputs[name].value]));
    store.setContext({ functions: { ...store.functions, ...chosen } });
  };
  for (const name of selects) {
    listen(inputs[name], read);
  }
  if (selects.length) {
    read();
  }
  const picker = inputs.credential_type;
  if (picker instanceof HTMLSelectElement && store.about.type_url) {
    let latest = 0;
    listen(picker, async () => {
      const number = ++latest;
      const said = await askType(store.about.type_url, picker.value);
      if (number === latest) {
        store.about.trouble = said.trouble ?? "";
        store.setContext({ functions: said.functions, inherited: said.inherited });
      }
    });
  }
}

function listen(select, listener) {
  // Django's picker of types uses jQuery, whose events other scripts do not see. jQuery sees both kinds.
  const query = window.django?.jQuery;
  if (query) {
    query(select).on("change", listener);
  } else {
    select.addEventListener("change", listener);
  }
}

async function askType(url, id) {
  const nothing = { functions: {}, inherited: {} };
  if (!id) {
    return nothing;
  }
  try {
    const response = await fetch(`${url}?${new URLSearchParams({ type: id })}`);
    return response.ok ? await response.json() : { ...nothing, trouble: "The options of this type cannot be read." };
  } catch {
    return { ...nothing, trouble: "The server does not answer, so the options of the type are not shown. Choose the type again." };
  }
}

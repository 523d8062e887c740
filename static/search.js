// Suggestions below a search box. Without this file the box is a plain form.
const suggestBelow = (input) => {
  const list = document.createElement("ul");
  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.label);
  input.after(list);
  const attributes = {
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);

  let active = -1;
  let asked = null;

  const close = () => {
    asked?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  };
  const choose = (number) => {
    active = number;
    [...list.children].forEach((option, n) => {
      option.setAttribute("aria-selected", String(n === number));
      if (n === number) option.scrollIntoView({ block: "nearest" });
    });
    if (number < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[number].id);
  };
  const show = (suggestions) => {
    list.replaceChildren(
      ...suggestions.map(({ html, url, where }, n) => {
        const option = document.createElement("li");
        option.id = `${input.id}-suggestion-${n}`;
        option.setAttribute("role", "option");
        option.dataset.url = url;
        const name = document.createElement("span");
        name.innerHTML = html; // The server escaped it; it has <mark> and nothing else.
        const place = document.createElement("small");
        place.textContent = where;
        option.append(name, " ", place);
        return option;
      }),
    );
    list.hidden = !suggestions.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    choose(-1);
  };
  const ask = async () => {
    asked?.abort();
    if (!input.value.trim()) return close();
    const request = (asked = new AbortController());
    try {
      const address = `${input.dataset.suggestions}?q=${encodeURIComponent(input.value)}`;
      const response = await fetch(address, { signal: request.signal });
      if (response.ok) {
        const { suggestions } = await response.json();
        if (asked === request && document.activeElement === input) show(suggestions);
      }
    } catch {
      // The next letter came first, or the network is gone: the form still works.
    }
  };

  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 80);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const options = list.hidden ? 0 : list.children.length;
    if (event.isComposing) return; // Enter and arrows belong to the input method.
    if (event.key === "Escape") {
      if (options) event.preventDefault();
      else if (input.closest("dialog")) input.closest("dialog").close();
      else input.blur();
      close();
    } else if (options && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // From the last one back to the box, and on to the first.
      choose(((active + 1 + step + options + 1) % (options + 1)) - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      location.assign(list.children[active].dataset.url);
    }
  });
  // Before the box loses the focus, which closes the list.
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    event.preventDefault();
    location.assign(option.dataset.url);
  });
};

(() => {
  const boxes = [...document.querySelectorAll("input[data-suggestions]")];
  boxes.forEach(suggestBelow);

  // Ctrl+K, or ⌘K, opens a box anywhere on the page, a copy of the first form.
  let dialog = null;
  const openBox = () => {
    if (!dialog) {
      const form = boxes[0].form.cloneNode(true);
      const box = form.querySelector("input[data-suggestions]");
      form.querySelectorAll(".suggestions").forEach((list) => list.remove());
      form.querySelector(`label[for="${box.id}"]`)?.setAttribute("for", "search-anywhere");
      box.id = "search-anywhere";
      dialog = document.createElement("dialog");
      dialog.className = "search-anywhere find";
      dialog.setAttribute("aria-label", box.placeholder);
      dialog.append(form);
      document.body.append(dialog);
      suggestBelow(box);
      dialog.addEventListener("click", (event) => {
        if (event.target === dialog) dialog.close();
      });
    }
    if (!dialog.open) dialog.showModal();
    const box = dialog.querySelector("input");
    box.focus();
    box.select();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || event.shiftKey || event.altKey) return;
    if (!(event.ctrlKey || event.metaKey) || !boxes.length) return;
    event.preventDefault();
    openBox();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    // A page with a box of its own hides the one in the bar; some are replaced with their page.
    const inputs = [...document.querySelectorAll("form[role=search] input[type=search]")];
    const box = inputs.find((input) => input.checkVisibility());
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
})();

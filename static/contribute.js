// Forms of contributors: what they would do while one types, values that the list knows, and drafts
// that outlive the tab. Without this file they are plain forms with a button for the preview.
(() => {
  const DAYS_KEPT = 30;
  const store = {
    // A browser may keep nothing, or be full: then nothing is kept, and all else works.
    read: (key) => {
      try {
        return JSON.parse(localStorage.getItem(key));
      } catch {
        return null;
      }
    },
    write: (key, value) => {
      try {
        if (value === null) localStorage.removeItem(key);
        else localStorage.setItem(key, JSON.stringify(value));
      } catch {}
    },
  };
  const PERSON = "contribute:person";
  const SENDING = "contribute:sending";

  // After it was sent, its draft is not needed any more.
  const finish = () => {
    try {
      const key = sessionStorage.getItem(SENDING);
      if (key) store.write(key, null);
      sessionStorage.removeItem(SENDING);
    } catch {}
  };
  if (document.querySelector("[data-sent='1']")) finish();

  // Places: only those that have the words

  for (const box of document.querySelectorAll("[data-filter]")) {
    const rows = [...document.querySelectorAll(`#${box.dataset.filter} [data-words]`)];
    const none = document.querySelector("[data-none]");
    box.addEventListener("input", () => {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const text = row.dataset.words.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        shown += !row.hidden;
      }
      if (none) none.hidden = shown > 0;
    });
  }

  // Ctrl+Enter sends, wherever one types

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    const form = event.target.form;
    const button = form?.querySelector("[name=do][value=send]");
    if (!button) return;
    event.preventDefault();
    form.requestSubmit(button);
  });

  const form = document.getElementById("contribution");
  if (!form) return;

  // What went wrong is read out; where a reason is all that is missing one can type at once

  const open = (control) => {
    const box = control.closest("details");
    if (box) box.open = true;
  };
  const reason = document.querySelector(".form-errors ~ * [data-reason]");
  const asked_for = reason && document.getElementById(reason.hash.slice(1));
  if (asked_for) open(asked_for);
  (asked_for ?? document.querySelector(".form-errors"))?.focus();

  // Values that the list knows, completed one by one; several have the list's separator between them

  const fold = (text) => text.normalize("NFKC").toLowerCase();
  const combo = (input, values, separator) => {
    input.removeAttribute("list");
    const list = document.createElement("ul");
    list.id = `${input.id}-list`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.labels[0]?.firstChild.textContent.trim() ?? "");
    const box = document.createElement("div");
    box.className = "combo";
    input.replaceWith(box);
    box.append(input, list);
    const attributes = {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": list.id,
    };
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    let active = -1;
    const mark = separator.trim() || separator;
    // The piece around the caret, and where it begins and ends.
    const piece = () => {
      const caret = input.selectionStart ?? input.value.length;
      const start = input.value.slice(0, caret).lastIndexOf(mark);
      const from = start < 0 ? 0 : start + mark.length;
      const next = input.value.indexOf(mark, caret);
      return { from, to: next < 0 ? input.value.length : next };
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
    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      choose(-1);
    };
    const open = () => {
      const { from, to } = piece();
      const typed = fold(input.value.slice(from, to).trim());
      const there = new Set(input.value.split(mark).map((value) => fold(value.trim())));
      const found = values
        .filter((value) => !there.has(fold(value)) && fold(value).includes(typed))
        .sort((a, b) => fold(b).startsWith(typed) - fold(a).startsWith(typed))
        .slice(0, 8);
      list.replaceChildren(
        ...found.map((value, n) => {
          const option = document.createElement("li");
          option.id = `${list.id}-${n}`;
          option.setAttribute("role", "option");
          option.textContent = value;
          return option;
        }),
      );
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      choose(-1);
    };
    const take = (option) => {
      const { from, to } = piece();
      const before = input.value.slice(0, from).trimEnd();
      const start = before ? before.slice(0, -mark.length).trimEnd() + separator : "";
      const value = start + option.textContent;
      input.value = value + input.value.slice(to);
      input.setSelectionRange(value.length, value.length);
      close();
      input.dispatchEvent(new Event("input", { bubbles: true }));
      close();
    };
    input.addEventListener("input", open);
    input.addEventListener("focus", () => input.value || open());
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      const options = list.hidden ? 0 : list.children.length;
      if (event.isComposing) return; // Enter and arrows belong to the input method.
      if (event.key === "Escape" && options) {
        event.preventDefault();
        close();
      } else if (event.key === "ArrowDown" && !options && input.tagName === "INPUT") {
        open();
      } else if (options && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        choose(((active + 1 + step + options + 1) % (options + 1)) - 1);
      } else if (event.key === "Enter" && active >= 0) {
        event.preventDefault();
        take(list.children[active]);
      }
    });
    // Before the box loses the focus, which closes the list.
    list.addEventListener("mousedown", (event) => {
      const option = event.target.closest("[role=option]");
      if (!option) return;
      event.preventDefault();
      take(option);
    });
  };
  for (const input of form.querySelectorAll("[data-values]")) {
    const options = document.getElementById(input.dataset.values)?.options ?? [];
    combo(input, [...options].map((option) => option.value), input.dataset.separator);
  }

  // What it would do, after every pause in typing; an answer that comes too late is not shown

  const pane = document.getElementById("preview");
  let asked = null;
  const status = document.getElementById("preview-status");
  const show = ({ preview, remarks, parts, status: told }) => {
    // Those who hear the page are told in a few words, and only what is new.
    if (status.textContent !== told) status.textContent = told;
    pane.innerHTML = preview; // The server made it, of what it escaped and sanitised.
    for (const [name, html] of Object.entries(parts)) {
      const place = form.querySelector(`[data-part="${name}"]`);
      if (!place || place.dataset.html === html || place.contains(document.activeElement)) continue;
      place.innerHTML = html;
      place.dataset.html = html;
    }
    for (const field of form.querySelectorAll("[data-field]")) {
      const place = field.querySelector(".remarks");
      const html = remarks[field.dataset.field] ?? "";
      if (place && place.dataset.html !== html) {
        place.innerHTML = html;
        place.dataset.html = html;
        const reason = place.querySelector("[data-reason]");
        if (reason) open(document.getElementById(reason.hash.slice(1)));
      }
      const input = field.querySelector("input, textarea");
      if (!input || field.querySelector(".errors")) continue;
      if (html.includes("remark block")) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  };
  let timer;
  const ask = async () => {
    clearTimeout(timer);
    asked?.abort();
    const request = (asked = new AbortController());
    pane.setAttribute("aria-busy", "true");
    try {
      const body = new URLSearchParams(new FormData(form));
      body.delete("csrfmiddlewaretoken");
      const response = await fetch(form.dataset.preview, {
        method: "POST",
        body,
        signal: request.signal,
      });
      if (response.ok && asked === request) show(await response.json());
    } catch {
      // The next letter came first, or the network is gone: the form still works.
    }
    if (asked === request) pane.setAttribute("aria-busy", "false");
  };
  const soon = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  };

  const look = () => pane.closest("section").scrollIntoView({ block: "nearest" });
  const askAndLook = () => {
    look();
    // What comes is larger than what is there.
    ask().then(look);
  };

  // Drafts

  const key = form.dataset.draft ? `contribute:${form.dataset.draft}` : "";
  const controls = () =>
    [...form.elements].filter(
      (control) =>
        control.name &&
        // What the entry was when this was typed belongs to what was typed.
        (control.type !== "hidden" || ["opened", "unplaced"].includes(control.name)) &&
        control.type !== "submit" &&
        !control.closest(".trap") &&
        control.name !== "q",
    );
  const state = (control) =>
    control.type === "checkbox" || control.type === "radio"
      ? control.checked
      : control.value;
  const nameOf = (control) =>
    control.type === "radio" ? `${control.name}=${control.value}` : control.name;
  const snapshot = () => Object.fromEntries(controls().map((c) => [nameOf(c), state(c)]));
  const fill = (values) => {
    for (const control of controls()) {
      const value = values[nameOf(control)];
      if (value === undefined) continue;
      if (control.type === "checkbox" || control.type === "radio") control.checked = value;
      else control.value = value;
    }
  };
  const initial = snapshot();
  const keep = () => {
    const now = snapshot();
    const changed = Object.keys(now).some((name) => now[name] !== initial[name]);
    // What the server filled in is in no other draft.
    const isWorth = changed || form.hasAttribute("data-bound");
    store.write(key, isWorth ? { at: Date.now(), values: now } : null);
  };
  const restore = () => {
    const draft = store.read(key);
    if (!draft?.values || Date.now() - draft.at > DAYS_KEPT * 864e5) return;
    const isSame = ([name, value]) => name === "opened" || initial[name] === value;
    if (Object.entries(draft.values).every(isSame)) return;
    const names = new Set(controls().map(nameOf));
    const later = Object.entries(draft.values).filter(([name]) => !names.has(name));
    fill(draft.values);
    // Cards of pasted lines, and cells without a column: the server writes their fields.
    if (later.length && (!pane || draft.values.unplaced)) return again(later);
    const bar = form.querySelector("[data-kept]");
    bar.hidden = false;
    bar.querySelector("[data-discard]").addEventListener("click", () => {
      fill(initial);
      store.write(key, null);
      bar.hidden = true;
      if (pane) ask();
      form.querySelector(".ask input, .ask textarea")?.focus();
    });
    // Fields that a choice brings along are there after the first preview.
    if (pane) ask().then(() => fill(Object.fromEntries(later)));
  };
  const again = (values) => {
    for (const [name, value] of [...values, ["do", "preview"]]) {
      if (value === false) continue; // A box that is not ticked is not sent.
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name, value: value === true ? "on" : value });
      form.append(input);
    }
    form.submit();
  };
  const person = () => ["credit", "email"].map((name) => form.elements[name]).filter(Boolean);
  if (!form.hasAttribute("data-bound")) {
    const known = store.read(PERSON) ?? {};
    for (const field of person()) if (!field.value) field.value = known[field.name] ?? "";
    if (key) restore();
  }

  // What is wrong with a field is so until it is typed into
  const forget = (control) => {
    const field = control.closest(".field, .choices");
    if (!field?.querySelector(".errors")) return;
    for (const errors of field.querySelectorAll(".errors")) errors.remove();
    control.removeAttribute("aria-invalid");
    if (!form.querySelector(".field .errors, .choices .errors, .remark.block")) {
      form.querySelector(".form-errors")?.remove();
    }
  };
  form.addEventListener("input", (event) => {
    if (event.target.name === "q") return;
    forget(event.target);
    if (key) keep();
    if (pane) soon(event.target.type === "radio" ? 0 : 250);
  });
  // What was typed while this file was on its way.
  const { activeElement: typing } = document;
  if (pane && form.contains(typing) && typing.value !== typing.defaultValue) soon(0);

  let isSending = false;
  addEventListener("pageshow", () => (isSending = false));
  form.addEventListener("submit", (event) => {
    if (event.submitter?.value !== "send") return;
    if (isSending) return event.preventDefault();
    // Unless something else, such as a proof of work, sends it later.
    setTimeout(() => (isSending = !event.defaultPrevented));
    if (person().length) {
      store.write(PERSON, Object.fromEntries(person().map((f) => [f.name, f.value])));
    }
    try {
      if (key) sessionStorage.setItem(SENDING, key);
    } catch {}
  });
  // Enter previews what is typed, and sends what was previewed by it.
  let previewed = "";
  document.querySelector("[data-enter]")?.addEventListener("click", (event) => {
    if (!pane) return;
    event.preventDefault();
    const now = JSON.stringify(snapshot());
    if (previewed === now) return form.requestSubmit(form.querySelector("[name=do][value=send]"));
    previewed = now;
    askAndLook();
  });
  // A fix, and the preview, without leaving the page.
  form.addEventListener("click", (event) => {
    const link = event.target.closest("[data-reason]");
    if (link) {
      event.preventDefault();
      const control = document.getElementById(link.hash.slice(1));
      open(control);
      control.focus();
    }
    const button = event.target.closest("button");
    if (!button || !pane) return;
    if (button.name === "fix") {
      event.preventDefault();
      const values = JSON.parse(button.value);
      let changed = null;
      for (const [name, value] of Object.entries(values)) {
        const control = form.elements[name];
        if (control) {
          control.value = value;
          changed = control;
        }
      }
      changed?.focus();
      if (key) keep();
      ask();
    } else if (button.hasAttribute("data-preview-button")) {
      event.preventDefault();
      askAndLook();
    }
  });
})();

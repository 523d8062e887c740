/* Moderation by keyboard, and small comforts. Everything works without this file. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const main = document.querySelector(".moderation #content");
  if (!main) return;
  const queue = document.getElementById("queue");
  const cases = queue ? [...queue.querySelectorAll(".case")] : [];
  const keys = document.getElementById("keys");
  let current = -1;

  const isTyping = (target) =>
    target.closest("textarea, select, [contenteditable]") !== null ||
    (target.matches("input") && !["checkbox", "radio"].includes(target.type));
  // Ctrl+Enter sends what one types.
  main.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    if (!event.target.matches("textarea")) return;
    event.preventDefault();
    event.target.form?.requestSubmit();
  });
  const button = (key) => main.querySelector(`[data-key="${CSS.escape(key)}"]`);

  function go(step) {
    if (!cases.length) return;
    current = Math.min(cases.length - 1, Math.max(0, current + step));
    cases.forEach((item, index) => item.classList.toggle("current", index === current));
    cases[current].querySelector(".open").focus({ preventScroll: true });
    cases[current].scrollIntoView({ block: "nearest" });
  }

  function selected() {
    return queue.querySelectorAll('.case input[name="selected"]:checked');
  }

  /* How many are selected: on this page, or by the one box for all pages. */
  function numberSelected() {
    const whole = queue.querySelector("#whole:checked");
    return whole ? whole.value.split(" ").length : selected().length;
  }

  /* What a decision in the queue is about: what is selected, else the case one stands on. */
  function take() {
    if (numberSelected() === 0 && current >= 0) {
      cases[current].querySelector('input[name="selected"]').checked = true;
      count();
    }
    return numberSelected() > 0;
  }

  function count() {
    const number = numberSelected();
    const shown = queue.querySelector(".picked b");
    if (!shown) return;
    shown.hidden = number === 0;
    shown.textContent = String(number);
    queue.classList.toggle("picking", number > 0);
    const all = document.getElementById("all");
    const here = selected().length;
    all.checked = here === cases.length;
    all.indeterminate = here > 0 && here < cases.length;
  }

  function unfold(details) {
    details.open = true;
    details.scrollIntoView({ block: "nearest" });
    const field = details.querySelector("form:last-of-type :is(select, textarea, input:not([type=hidden]))");
    if (field) field.focus();
  }

  const inQueue = {
    j: () => go(1),
    k: () => go(-1),
    x: () => {
      if (current < 0) go(1);
      const box = cases[current].querySelector('input[name="selected"]');
      box.checked = !box.checked;
      count();
    },
    a: () => take() && button("a")?.click(),
    r: () => take() && button("r")?.focus(),
    c: () => {
      if (current < 0) return;
      const link = cases[current].querySelector(".open");
      window.location.assign(`${link.href}#way-ask`);
    },
  };

  function press(target) {
    if (target.matches("summary")) unfold(target.parentElement);
    else if (target.matches("input, select")) target.focus();
    else target.click();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && isTyping(event.target)) {
      event.target.blur();
      return;
    }
    if (isTyping(event.target) || keys?.open) return;
    const own = cases.length ? inQueue[event.key] : undefined;
    const target = own ? null : event.key.length === 1 ? button(event.key) : null;
    if (event.key === "?" && keys) keys.showModal();
    else if (own) own();
    else if (target) press(target);
    else return;
    event.preventDefault();
  });

  for (const shown of main.querySelectorAll(".keys")) {
    shown.hidden = false;
    shown.addEventListener("click", () => keys.showModal());
  }

  if (queue) {
    queue.addEventListener("change", (event) => {
      if (event.target.id === "all") {
        for (const box of queue.querySelectorAll('.case input[name="selected"]')) box.checked = event.target.checked;
      }
      count();
    });
    queue.addEventListener("focusin", (event) => {
      const index = cases.indexOf(event.target.closest(".case"));
      if (index < 0) return;
      current = index;
      cases.forEach((item, number) => item.classList.toggle("current", number === index));
    });
    count();
  }

  /* Another version is previewed after every pause in typing; an answer that is late is not shown. */
  for (const form of main.querySelectorAll("form[data-preview]")) {
    const pane = form.querySelector("[data-pane]");
    const status = form.querySelector("[role=status]");
    let timer;
    let asked = null;
    const ask = async () => {
      asked?.abort();
      const request = (asked = new AbortController());
      const body = new URLSearchParams(new FormData(form));
      body.set("part", "1");
      try {
        const response = await fetch(form.dataset.preview, { method: "POST", body, signal: request.signal });
        if (!response.ok || asked !== request) return;
        pane.innerHTML = await response.text(); // The server made it, of what it escaped and sanitised.
        status.textContent = pane.querySelector(".figures, .quiet")?.textContent ?? "";
      } catch {
        // The next letter came first, or the network is gone: the button still works.
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 300);
    });
    form.querySelector("button[formaction]").remove();
  }

  /* A ready-made text goes where it can be changed before it is sent. */
  for (const ready of main.querySelectorAll('select[name="text"]')) {
    ready.addEventListener("change", () => {
      const note = ready.form.querySelector('textarea[name="note"]');
      if (!ready.value || !note) return;
      const text = ready.selectedOptions[0].textContent;
      note.value = note.value.trim() ? `${note.value.trimEnd()}\n\n${text}` : text;
      ready.value = "";
      note.focus();
    });
  }

  /* Whoever writes a text of their own means that text. */
  for (const own of main.querySelectorAll(".clash .own textarea")) {
    own.addEventListener("input", () => {
      const pick = own.closest(".clash").querySelector('input[value="own"]');
      if (pick) pick.checked = true;
    });
  }

  function follow() {
    const details = document.getElementById(window.location.hash.slice(1));
    if (details?.matches("details")) unfold(details);
  }
  window.addEventListener("hashchange", follow);
  follow();
  /* The same link twice changes no hash. */
  for (const link of main.querySelectorAll('.thumb a[href^="#way-"]')) link.addEventListener("click", () => setTimeout(follow));

  for (const offer of main.querySelectorAll(".undo")) {
    setTimeout(() => offer.remove(), 1000 * Number(offer.dataset.seconds));
  }
});

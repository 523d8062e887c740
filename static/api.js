// Sends what HTML cannot: OPTIONS, and JSON. The answer comes as a page like this one; its part that
// tells the answer takes the place of the one that stands here.
(() => {
  const answer = () => document.getElementById("answer");

  const show = (section) => {
    answer().replaceWith(section);
    section.focus();
    section.scrollIntoView({ block: "nearest" });
  };

  const plain = (text) => {
    const section = answer().cloneNode(false);
    const shown = document.createElement("pre");
    shown.textContent = text;
    section.append(shown);
    return section;
  };

  const send = async (verb, form) => {
    const headers = { Accept: "text/html" };
    const request = { method: verb, headers, credentials: "same-origin" };
    if (form) {
      headers["Content-Type"] = "application/json";
      headers["X-CSRFToken"] = form.elements.csrfmiddlewaretoken.value;
      request.body = form.querySelector("textarea").value;
    }
    try {
      const reply = await fetch(location.href.split("#")[0], request);
      const text = await reply.text();
      const page = new DOMParser().parseFromString(text, "text/html");
      const section = page.getElementById("answer");
      show(section ? document.adoptNode(section) : plain(`${reply.status} ${reply.statusText}`));
    } catch (error) {
      show(plain(String(error)));
    }
  };

  for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
  for (const button of document.querySelectorAll("[data-verb]")) {
    button.addEventListener("click", async (event) => {
      event.preventDefault();
      button.disabled = true;
      await send(button.dataset.verb, button.form);
      button.disabled = false;
    });
  }
})();

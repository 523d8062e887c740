// Where htmx swaps a part of the page for the next one: focus, scroll, what is said aloud, and what
// else on the page holds the address. Without this file and htmx the same links load whole pages.
(() => {
  const said = document.getElementById("said");
  const part = () => document.querySelector("[data-hx-history-elt]");
  const landmark = (link) => link.closest("[aria-labelledby], [aria-label]");
  const name = (element) =>
    element?.getAttribute("aria-labelledby") || element?.getAttribute("aria-label") || "";
  const tell = (link) => {
    const count = document.getElementById("count");
    (link ?? count)?.focus({ preventScroll: true });
    if (count) said.textContent = count.innerText;
  };
  let left = null;

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const link = document.activeElement;
    const filters = document.getElementById("filters");
    left = {
      id: detail.target.contains(link) ? link.id : "",
      // Who turned the page wants its start, and not the link to the next one.
      text: detail.target.contains(link) && !link.closest(".pages") ? link.textContent : "",
      place: name(landmark(link)),
      scrolled: filters?.scrollTop ?? 0,
    };
  });

  document.addEventListener("htmx:afterSettle", () => {
    if (!left) return;
    const { id, text, place, scrolled } = left;
    left = null;
    const filters = document.getElementById("filters");
    if (filters) filters.scrollTop = scrolled;
    const opened = document.getElementById(location.hash.slice(1));
    const same = [...part().querySelectorAll("a")].find(
      (link) => text && link.textContent === text && name(landmark(link)) === place,
    );
    tell(opened?.parentElement.querySelector("a") ?? (document.getElementById(id) || same));
    if (!opened && part().getBoundingClientRect().top < 0) {
      part().scrollIntoView({ behavior: "instant" });
    }
  });

  // htmx has put the reader's part back, and scrolled to where it was.
  document.addEventListener("htmx:historyRestore", () => tell());

  for (const moved of ["htmx:pushedIntoHistory", "htmx:historyRestore"]) {
    document.addEventListener(moved, () => {
      const next = document.querySelector(".languages [name=next]");
      if (next) next.value = location.pathname + location.search;
    });
  }

  // What htmx cannot show, the browser can: an error, or that there is no network.
  for (const failed of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failed, ({ detail }) => {
      location.assign(detail.pathInfo.finalRequestPath);
    });
  }
})();

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

  // On a small screen the filters are a drawer. Without this file the fragment opens it.
  const drawer = () => document.getElementById("filters");
  const isOpen = () => Boolean(drawer()?.checkVisibility());
  const open = (isWanted) => {
    drawer().classList.toggle("is-open", isWanted);
    if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".to-filters, .close-filters a");
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    const isWanted = link.matches(".to-filters") && !isOpen();
    open(isWanted);
    const place = isWanted ? drawer() : document.getElementById("count");
    place.focus({ preventScroll: true });
    place.scrollIntoView({ behavior: "instant", block: "nearest" });
  }, true);

  // All values of a facet, filtered by letters.
  const offerLetters = () => {
    for (const box of document.querySelectorAll(".letters[hidden]")) box.hidden = false;
  };
  offerLetters();
  document.addEventListener("htmx:afterSettle", offerLetters);
  document.addEventListener("input", ({ target }) => {
    const box = target.closest?.(".letters");
    if (!box) return;
    const letters = target.value.trim().toLowerCase();
    for (const item of box.parentElement.children) {
      const link = item.querySelector("a:not(.all)");
      if (link) item.hidden = !link.textContent.toLowerCase().includes(letters);
    }
  });

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const link = document.activeElement;
    const filters = drawer();
    left = {
      id: detail.target.contains(link) ? link.id : "",
      // Who turned the page wants its start, and not the link to the next one.
      text: detail.target.contains(link) && !link.closest(".pages") ? link.textContent : "",
      place: name(landmark(link)),
      scrolled: filters?.scrollTop ?? 0,
      isOpen: isOpen(),
      top: link?.getBoundingClientRect().top ?? 0,
      isTurned: Boolean(link?.closest(".pages")),
    };
  });

  document.addEventListener("htmx:afterSettle", () => {
    if (!left) return;
    const { id, text, place, scrolled, top, isTurned } = left;
    // Before anything is focused: what is not shown cannot be.
    if (left.isOpen) drawer()?.classList.add("is-open");
    left = null;
    const filters = drawer();
    if (filters) filters.scrollTop = scrolled;
    const opened = document.getElementById(location.hash.slice(1));
    const same = [...part().querySelectorAll("a")].find(
      (link) => text && link.textContent === text && name(landmark(link)) === place,
    );
    const link = opened?.parentElement.querySelector("a") ?? (document.getElementById(id) || same);
    tell(link);
    if (opened) return;
    // What was chosen stays under the finger; a page that was turned begins at its start.
    if (link && !isTurned && filters?.contains(link)) {
      scrollBy({ top: link.getBoundingClientRect().top - top, behavior: "instant" });
    } else if (part().getBoundingClientRect().top < 0) {
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

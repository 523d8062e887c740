// The colour theme: what the reader chose here, else what the system prefers.
// Loaded before the page is painted, so that a dark page never flashes white.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const read = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // Storage is switched off: the choice lasts for this page.
    }
  };
  const write = (theme) => {
    try {
      if (theme) localStorage.setItem("theme", theme);
      else localStorage.removeItem("theme");
    } catch {}
  };
  const preferred = () => (system.matches ? "dark" : "light");
  const current = () => root.dataset.theme || preferred();
  const show = (button) => button?.setAttribute("aria-pressed", String(current() === "dark"));
  const apply = (theme) => {
    if (theme === "dark" || theme === "light") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };

  apply(read());

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme-switch");
    if (!button) return;
    button.hidden = false;
    show(button);
    button.addEventListener("click", () => {
      const wanted = current() === "dark" ? "light" : "dark";
      // Back at what the system prefers, the system decides again.
      const choice = wanted === preferred() ? null : wanted;
      write(choice);
      apply(choice);
      show(button);
    });
    system.addEventListener("change", () => show(button));
    // Another tab switched.
    addEventListener("storage", (event) => {
      if (event.key !== "theme") return;
      apply(event.newValue);
      show(button);
    });
  });
})();

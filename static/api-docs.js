// Shows the operations of the API by Swagger UI, in the theme of the site and as whoever is signed in.
(() => {
  const root = document.documentElement;
  const place = document.getElementById("api-docs");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    const theme = root.dataset.theme || (system.matches ? "dark" : "light");
    root.classList.toggle("dark-mode", theme === "dark");
  };
  follow();
  system.addEventListener("change", follow);
  new MutationObserver(follow).observe(root, { attributeFilter: ["data-theme"] });

  // The operations alone: the page has a landmark, a heading and an introduction of its own.
  const ownLayout = (system) => ({
    components: {
      OwnLayout: ({ getComponent }) => {
        const { createElement } = system.React;
        const part = (name) => createElement(getComponent(name, true));
        const bar = createElement("div", { className: "scheme-container" }, part("AuthorizeBtnContainer"));
        return createElement("div", { className: "swagger-ui" }, part("SvgAssets"), bar, part("operations"));
      },
    },
  });

  // Headings that skip a level, links inside buttons that lead nowhere but to where the button is,
  // fields without a name, and boxes that only a mouse can scroll.
  const mend = () => {
    const each = (selector, change) => place.querySelectorAll(selector).forEach(change);
    each("h3.opblock-tag", (title) => title.setAttribute("aria-level", "2"));
    each("h4, h5", (title) => title.setAttribute("aria-level", "3"));
    each("button a[href]", (link) => link.removeAttribute("href"));
    each("[role=region]", (region) => region.removeAttribute("role"));
    each(".microlight:not([tabindex])", (box) => box.setAttribute("tabindex", "0"));
    each(":is(select, input, textarea):not([aria-label])", (field) => {
      const of = field.closest("[data-param-name], [data-code]")?.dataset ?? {};
      field.setAttribute("aria-label", of.paramName ?? of.code ?? place.dataset.field);
    });
  };
  new MutationObserver(mend).observe(place, { childList: true, subtree: true });

  SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    deepLinking: true,
    docExpansion: "list",
    plugins: [ownLayout],
    layout: "OwnLayout",
    displayRequestDuration: true,
    tryItOutEnabled: true,
    // Nothing is sent to other hosts.
    validatorUrl: null,
    requestInterceptor: (request) => {
      const own = new URL(request.url, location.href).origin === location.origin;
      if (own && place.dataset.csrf) request.headers["X-CSRFToken"] = place.dataset.csrf;
      return request;
    },
  });
})();

"""WCAG 2.2 AA of a page in the browser, as far as a program can tell."""

from collections.abc import Iterable

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

from tests.effort import IS_LONG

LOOKS = [("en", 1280), ("zh-hans", 320)]
"""Each language and each width, which may break one another."""
if IS_LONG:
    LOOKS += [("zh-hans", 1280), ("en", 320)]

VIOLATIONS = {"resultTypes": ["violations"], "preload": False}
# Target size is not among the rules that are on by themselves.
OPTIONS = VIOLATIONS | {"rules": {"target-size": {"enabled": True}}}
OF_COLOURS = VIOLATIONS | {"runOnly": ["color-contrast", "link-in-text-block"]}
"""What the other theme can break, as it changes nothing but colours."""

AT_REST = """() => {
    const still = new CSSStyleSheet();
    still.replaceSync(`
        * { transition: none !important }
        [aria-busy="true"] { opacity: 1 !important }
    `);
    document.adoptedStyleSheets.push(still);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const hear = () => { window.isDark = dark.matches; };
    hear();
    dark.addEventListener("change", hear);
}"""
"""What shows the other theme at once, and does not dim a preview that is being made anew; it hears
of a theme after the page's own scripts."""
THEME_IS_HEARD = """(dark) => new Promise((done) => {
    const look = () => (window.isDark === dark ? done() : requestAnimationFrame(look));
    look();
})"""


def violations(page: Page, *, within: str | None = None) -> str:
    """What is wrong with the page as it stands, in one theme and in the other, or nothing."""
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    page.evaluate(AT_REST)
    page.evaluate(AXE_SCRIPT)
    reports = ""
    for number, theme in enumerate(("dark", "light") if is_dark else ("light", "dark")):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.evaluate(THEME_IS_HEARD, theme == "dark")
        options = OF_COLOURS if number and not IS_LONG else OPTIONS
        run = "([context, options]) => axe.run(context ?? document, options)"
        results = AxeResults(page.evaluate(run, [within, options]))
        if results.violations_count:
            reports += f"In the {theme} theme: {results.generate_report()}\n"
    return reports


def overflows(page: Page, widths: Iterable[int]) -> dict[int, int]:
    """The widths of a window in which the page has to be scrolled sideways, with what it needs.

    It is not loaded again: nothing but style depends on the width.
    """
    needed = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        needed[width] = page.evaluate("document.documentElement.scrollWidth")
    return {width: need for width, need in needed.items() if need > width}

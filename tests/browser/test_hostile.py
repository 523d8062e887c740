"""What somebody with bad intent wrote stays text, in its box, on every kind of page."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from playwright.sync_api import Dialog, Page, Request, expect

from catalog.editing.entries import change_entry, remove_entry
from catalog.history.revisions import Author
from catalog.models import Catalog, Tag
from tests.browser.hostile import CHARACTERS, MARKUP, STRINGS, hostile_text
from tests.catalog.importing.imports import new_list

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

FINDINGS = """() => {
  const found = [];
  const say = (text) => found.push(text);
  const root = document.documentElement;
  if (root.dataset.ran) say("a script ran");
  if (document.title.startsWith("taken over")) say("the title was taken over");
  if (root.scrollWidth > innerWidth) say(`${root.scrollWidth} pixels wide`);
  const [bar, main, foot] = ["header.bar", "main#main", "footer.foot"].map((selector) => {
    const all = document.querySelectorAll(selector);
    if (all.length !== 1 || all[0].parentElement !== document.body) say(`not one ${selector}`);
    return all[0].getBoundingClientRect();
  });
  if (bar.bottom > main.top + 1 || main.bottom > foot.top + 1) say("parts overlap");
  const site = document.querySelector(".site");
  scrollTo(0, 0);
  const box = site.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  if (!site.contains(top)) say("something lies over the bar");
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  const twice = ids.filter((id, n) => ids.indexOf(id) !== n);
  if (twice.length) say(`ids used twice: ${twice}`);
  const ours = ".search, .page-head > .within, #browse > header > form";
  const strange = document.querySelectorAll(
    "main :is(script, style, iframe, object, embed, svg, math, img, video, meta, base, link,"
    + " title, template, noscript, textarea, select, marquee, dialog, form)",
  );
  for (const element of strange) {
    if (!element.matches(ours)) say(`an element ${element.tagName}`);
  }
  for (const element of document.querySelectorAll("main *")) {
    for (const { name } of element.attributes) {
      if (/^(on|style|target|srcdoc|action$|name$)/.test(name) && !element.closest(ours)) {
        say(`${element.tagName} ${name}`);
      }
    }
  }
  for (const link of document.querySelectorAll("main a[href], .foot a[href]")) {
    if (!/^(https?|mailto|ftp|ircs?|xmpp):$/.test(link.protocol)) say(`a link to ${link.href}`);
    const rel = link.rel.split(" ");
    const isOut = link.host !== location.host;
    if (isOut && !["nofollow", "noopener", "ugc"].every((word) => rel.includes(word))) {
      say(`${link.href} without rel`);
    }
  }
  return found;
}"""


@pytest.fixture
def catalog(live_server: "LiveServer") -> Catalog:
    """A list where everything that people write is hostile, with changes and a removed entry."""
    new_list("# Books\n\n- [One](https://one.example/)\n", "books")
    catalog = new_list(hostile_text())
    Catalog.objects.filter(pk=catalog.pk).update(
        title=MARKUP[1] + CHARACTERS[0],
        description=f"{MARKUP[9]} {MARKUP[0]} {CHARACTERS[4]}",
        guidelines="\n\n".join(STRINGS),
        license=MARKUP[0][:60],
        source_url="javascript:alert(1)",
        license_url="data:text/html,x",
        language='"><b>',
    )
    Tag.objects.update(description=MARKUP[3])
    changed, removed = catalog.entries.published().filter(name__startswith="in ")[:2]
    change_entry(entry=changed, by=Author(credit=MARKUP[1][:90]), description=MARKUP[2])
    remove_entry(entry=removed, by=Author(credit=CHARACTERS[0], note=MARKUP[0] + "x" * 3_000))
    return Catalog.objects.get(pk=catalog.pk)


def pages_of(catalog: Catalog) -> Iterator[str]:
    """Pages of every kind, and the entry's for each text and for each address."""
    yield "/"
    for page in ("", "browse/", "tags/", "changes/", "changes/2/", "changes/3/"):
        yield f"/tools/{page}"
    for section in catalog.sections.all()[:6]:
        yield section.get_absolute_url()
    for entry in catalog.entries.all():
        if entry.name.startswith(("name ", "link ")) or entry.state == entry.State.REMOVED:
            yield entry.get_absolute_url()
    for tag in Tag.objects.filter(facet__catalog=catalog)[:4]:
        yield tag.get_absolute_url()
        yield f"/tools/browse/?tag={tag.facet.slug}:{tag.slug}"
    for facet in catalog.facets.all():
        yield f"/tools/tags/{facet.slug}/"
    for text in [MARKUP[0], MARKUP[14], CHARACTERS[0], "evil"]:
        yield f"/tools/search/?q={quote(text[:200])}"
        yield f"/search/?q={quote(text[:200])}"
        yield f"/tools/browse/?tag={quote(text[:200])}&section={quote(text[:200])}"
        yield f"/tools/{quote(text[:200], safe='')}/"


@pytest.mark.parametrize("half", [0, 1])
def test_hostile_text_stays_text_on_every_page(
    browser_page: Page, catalog: Catalog, browser_errors: list[str], half: int
) -> None:
    requests: set[str] = set()
    dialogs: list[str] = []

    def note(request: Request) -> None:
        requests.add(urlsplit(request.url).netloc)

    def close(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    browser_page.on("request", note)
    browser_page.on("dialog", close)
    browser_page.set_viewport_size({"width": 320, "height": 640})
    results = {}
    for address in [*dict.fromkeys(pages_of(catalog))][half::2]:
        answer = browser_page.goto(address, wait_until="load")
        assert answer is not None
        if answer.status not in {200, 404, 410}:
            results[address] = [f"status {answer.status}"]
        elif findings := browser_page.evaluate(FINDINGS):
            results[address] = findings
    browser_errors[:] = [
        error for error in browser_errors if "status of 404" not in error and "410" not in error
    ]

    assert results == {}
    assert dialogs == []
    assert len(requests) == 1


@pytest.mark.parametrize("typed", ["name", "<scr", "onerror", "evil"])
def test_suggestions_show_hostile_names_as_text(
    browser_page: Page, catalog: Catalog, typed: str
) -> None:
    browser_page.set_viewport_size({"width": 320, "height": 640})
    browser_page.goto("/tools/tags/")
    browser_page.get_by_role("combobox").fill(typed)
    expect(browser_page.get_by_role("option").first).to_be_visible()

    assert browser_page.locator("[role=option] :not(span, small, mark)").count() == 0
    assert browser_page.evaluate(FINDINGS) == []


def test_hostile_text_is_well_formed_for_machines(catalog: Catalog) -> None:
    client = Client()
    tag = Tag.objects.filter(facet__catalog=catalog)[0]
    section = catalog.sections.exclude(path="")[0]
    for address in (
        "/tools/feed.atom",
        "/tools/changes/feed.atom",
        f"{tag.get_absolute_url()}feed.atom",
        f"{section.get_absolute_url()}feed.atom",
        "/sitemap.xml",
        "/opensearch.xml",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        ET.fromstring(answer.content)
    for entry in catalog.entries.published():
        html = client.get(entry.get_absolute_url()).content.decode()
        start = html.index('<script type="application/ld+json">') + 35
        data = html[start : html.index("</script>", start)]
        assert json.loads(data)["@context"] == "https://schema.org"

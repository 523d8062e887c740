"""What GitHub's own parser, cmark-gfm, says of a text: the second opinion."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import unquote

import cmarkgfm
from cmarkgfm.cmark import Options

from catalog.markdown import Document

_OUTBOUND = re.compile(r"(?:(?:https?|ftp):)?//", re.IGNORECASE)


class _Links(HTMLParser):
    """Collects the addresses of the links that have a text."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self._href: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._href, self._text = dict(attrs).get("href"), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href is not None:
            if self._text.strip() and _OUTBOUND.match(self._href):
                self.links.append(_folded(self._href))
            self._href = None


def outbound_links(text: str) -> list[str]:
    """The addresses a reader of GitHub's page can leave it for, links of pictures alone not."""
    links = _Links()
    links.feed(cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE))
    links.close()
    return links.links


def missed_links(text: str, document: Document) -> list[str]:
    """The outbound links that no entry has."""
    known = {_folded(link.url) for entry in document.entries for link in entry.links}
    return [url for url in outbound_links(text) if url not in known]


def _folded(url: str) -> str:
    """The address without what the two parsers may write differently: escapes and a last slash."""
    return unquote(url.strip()).rstrip("/")

"""Follow every link of the public site, as a search engine would, and note what is broken."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from html.parser import HTMLParser
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from django.contrib.staticfiles.finders import find
from django.test import Client
from django.urls import Resolver404, resolve

HOST = "http://testserver"
STATIC = f"{HOST}/static/"
ELSEWHERE = ("/admin/", "/i18n/")
"""What is not the public site."""

ONLY_A_PAGE = re.compile(r"(?:page=\d+)?")

SUBRESOURCES = {"script": "src", "img": "src", "iframe": "src", "source": "src", "embed": "src"}
LOADING = frozenset({"stylesheet", "icon", "preload", "modulepreload", "manifest", "prefetch"})


class Link(NamedTuple):
    """A link, the page it stands on, and whether robots are told to leave it alone."""

    address: str
    page: str
    is_nofollow: bool = False


class _Page(HTMLParser):
    """What a page has: anchors, links, and what the browser loads for it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[tuple[str, bool]] = []
        self.loaded: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if anchor := values.get("id") or (tag == "a" and values.get("name")):
            self.anchors.add(str(anchor))
        rel = values.get("rel", "").split()
        if tag == "link" and LOADING.intersection(rel):
            self.loaded.append(values.get("href", ""))
        elif tag in {"a", "link", "area"} and "href" in values:
            self.links.append((values["href"], "nofollow" in rel))
        elif tag in SUBRESOURCES and SUBRESOURCES[tag] in values:
            self.loaded.append(values[SUBRESOURCES[tag]])

    handle_startendtag = handle_starttag


def _kind(address: str) -> str:
    """The name of an address of the site; with ` ?` for a choice, which is a page of another kind.

    An address that nothing answers is a kind of its own, so that it is always asked for.
    """
    parts = urlsplit(address)
    try:
        name = resolve(unquote(parts.path)).view_name
    except Resolver404:
        return address
    return name if ONLY_A_PAGE.fullmatch(parts.query) else f"{name} ?"


class Crawl:
    """A walk over all pages that can be reached, each asked for once.

    Pages of a choice (`?tag=`, `?q=`, what `nofollow` marks) are asked for and not followed
    further: combined filters have no end.

    `each` is of how many pages of each kind (the name of their address) links are followed to;
    without it, of all.
    """

    def __init__(self, *starts: str, each: int | None = None) -> None:
        self.client = Client(SERVER_NAME="testserver", raise_request_exception=False)
        self.broken: list[str] = []
        """One line each: what is wrong, where it leads, on which page it stands."""
        self.anchors: dict[str, set[str]] = {}
        """The anchors of each page that was read, by address."""
        self.statuses: dict[str, int] = {}
        self.kinds: Counter[str] = Counter()
        """How many pages of each kind were asked for, by the name of their address."""
        self._each = each
        self._targets: dict[str, str] = {}
        self._fragments: set[Link] = set()
        self._waiting = deque(Link(HOST + start, "") for start in starts)
        while self._waiting:
            self._visit(self._waiting.popleft())
        for link in sorted(self._fragments):
            self._check_fragment(link)

    def _visit(self, link: Link) -> None:
        address = link.address
        if address in self.statuses:
            return
        if address.startswith(STATIC):
            # Not asked for: whoever ends the answer, which closes the file, ends the database too.
            if not find(address.removeprefix(STATIC)):
                self.broken.append(f"no file {address} on {link.page}")
            return
        kind = _kind(address)
        if self._each is not None and self.kinds[kind] >= self._each:
            return
        self.kinds[kind] += 1
        answer = self.client.get(address.removeprefix(HOST), follow=True)
        self.statuses[address] = answer.status_code
        if answer.streaming:
            # To its end: the cursor of one that is left alone is closed whenever memory is tidied,
            # which may be in the middle of another question on the same connection.
            for _chunk in answer:
                pass
        chain = getattr(answer, "redirect_chain", [])
        target = urljoin(HOST, chain[-1][0]) if chain else address
        self._targets[address] = target
        # What was removed says so, with its history.
        if answer.status_code not in {HTTPStatus.OK, HTTPStatus.GONE}:
            self.broken.append(f"{answer.status_code} {address} on {link.page}")
            return
        if not answer.headers["Content-Type"].startswith("text/html"):
            return
        page = _Page(answer.content.decode())
        self.anchors[target] = page.anchors
        self.broken += [
            f"loads {url} on {address}"
            for url in page.loaded
            if not urljoin(target, url).startswith(f"{HOST}/")
        ]
        is_choice = link.is_nofollow or not ONLY_A_PAGE.fullmatch(urlsplit(target).query)
        results = [*page.links, *((url, False) for url in page.loaded)]
        for internal in self._internal(target, results):
            if urldefrag(internal.address).fragment:
                self._fragments.add(internal)
            bare = internal._replace(address=urldefrag(internal.address).url)
            if bare.address not in self.statuses and not is_choice:
                self._waiting.append(bare)

    def _internal(self, page: str, links: list[tuple[str, bool]]) -> Iterator[Link]:
        for href, is_nofollow in dict.fromkeys(links):
            try:
                address = urljoin(page, href)
                path = urlsplit(address).path
            except ValueError:
                continue  # Not an address of this site, whatever it is.
            if address.startswith(f"{HOST}/") and not path.startswith(ELSEWHERE):
                yield Link(address, page, is_nofollow)

    def _check_fragment(self, link: Link) -> None:
        address, fragment = urldefrag(link.address)
        anchors = self.anchors.get(self._targets.get(address, address))
        # What a nofollow page alone leads to was not read.
        if anchors is not None and not {fragment, unquote(fragment)} & anchors:
            self.broken.append(f"no anchor {link.address} on {link.page}")

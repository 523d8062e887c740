"""Structured data of pages: schema.org in JSON-LD, and cards for social sites.

A script of the type `application/ld+json` is data: browsers neither run it nor does the content
security policy concern it. What stands in it is escaped, so that no text can end it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape, unescape
from itertools import islice
from typing import Any

import orjson
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Catalog, Link

DESCRIPTION_LENGTH = 200
LISTED = 50
"""Items of a page's list that are told."""

TYPES = {
    Link.Kind.REPOSITORY: "SoftwareSourceCode",
    Link.Kind.PAPER: "ScholarlyArticle",
    Link.Kind.DATASET: "Dataset",
    Link.Kind.SITE: "WebSite",
}
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def card(title: str, description: str = "", *, kind: str = "website") -> dict[str, str]:
    """The page as other sites show a link to it."""
    return {"title": title[:DESCRIPTION_LENGTH], "description": short(description), "kind": kind}


def head_of(address: str, card: Mapping[str, str] | None, structured: str | None) -> str:
    """Return the machine-readable part of a page's head, at this canonical address, as HTML."""
    canonical = escape(address)
    out = [f'<link rel="canonical" href="{canonical}">']
    if card:
        out.append(
            f'<meta property="og:title" content="{escape(card["title"])}">'
            f'<meta property="og:type" content="{card["kind"]}">'
            f'<meta property="og:url" content="{canonical}">'
            f'<meta name="twitter:card" content="summary">'
        )
        if card["description"]:
            text = escape(card["description"])
            out.append(
                f'<meta property="og:description" content="{text}">'
                f'<meta name="description" content="{text}">'
            )
    if structured:
        out.append(f'<script type="application/ld+json">{structured}</script>')
    return "\n  ".join(out)


def short(html: str) -> str:
    """The beginning of what the HTML says, plain."""
    return cut(" ".join(unescape(strip_tags(html)).split()))


def cut(text: str) -> str:
    """The beginning of a text."""
    return text if len(text) <= DESCRIPTION_LENGTH else f"{text[: DESCRIPTION_LENGTH - 1]}…"


def list_data(
    catalog: Catalog, name: str, url: str, count: int, items: Iterable[tuple[str, str]]
) -> SafeString:
    """A list of things; `items` are names and absolute addresses."""
    return _script(
        {
            "@type": "ItemList",
            "name": name,
            "url": url,
            "description": short(catalog.description) or None,
            "license": catalog.license_url or None,
            "inLanguage": catalog.language or None,
            "numberOfItems": count,
            "itemListElement": [
                {"@type": "ListItem", "position": number, "name": cut(text), "url": address}
                for number, (text, address) in enumerate(islice(items, LISTED), 1)
            ],
        }
    )


def entry_data(
    name: str, html: str, page: str, address: str, kind: str | None, keywords: Iterable[str]
) -> SafeString:
    """The thing an entry is about, described by `html`; `kind` is that of the link to `address`."""
    type_ = TYPES.get(Link.Kind(kind), "Thing") if kind else "Thing"
    data = {
        "@type": type_,
        "name": cut(name),
        "description": short(html) or None,
        "url": address or None,
        "mainEntityOfPage": page,
    }
    if type_ == "SoftwareSourceCode":
        data["codeRepository"] = address
    if type_ != "Thing":
        data["keywords"] = ", ".join(keywords) or None
    return _script(data)


def _script(data: dict[str, Any]) -> SafeString:
    told = {key: value for key, value in data.items() if value is not None}
    text = orjson.dumps({"@context": "https://schema.org", **told}).decode()
    # No sign that means anything to HTML is left.
    return mark_safe(text.translate(_ESCAPES))  # noqa: S308

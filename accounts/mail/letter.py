"""The content of a letter apart from its look: the same parts give the text and the HTML.

Sentences come from us, `quote` and the values of `facts` from anybody: being parts of their own,
they can look like neither a button nor a sentence of ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Button:
    """The one thing to do; the text version shows the address itself."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter in one language. Only `subject` is needed."""

    subject: str
    paragraphs: tuple[str, ...] = ()
    quote: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    button: Button | None = None
    closing: tuple[str, ...] = ()
    unsubscribe: Button | None = None


def render(letter: Letter) -> tuple[str, str]:
    """Return the letter as plain text and as HTML."""
    context = {
        "letter": letter,
        "quote_lines": letter.quote.splitlines(),
        "language": get_language(),
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
    }
    lines = render_to_string("mail/letter.txt", context)
    text = re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
    return text, render_to_string("mail/letter.html", context)


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """Return what somebody wrote as a header may hold it: without control characters."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"

"""Findings about how a description is written, next to how its neighbours are.

A rule about neighbours speaks only where nearly all of them agree, as the linter's do: it repeats
what the list's own people do, and has no taste of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from catalog.markdown.inline import plain_text
from catalog.markdown.linting import (
    NEARLY_ALL,
    Finding,
    has_capital,
    has_end_mark,
    lone_bracket,
    longest_order,
    repeats_name,
)
from catalog.markdown.nodes import LinkForm
from submissions.checks.subject import FEW, Neighbour, Subject
from submissions.findings import finding

# Words of advertisements, and well-known names in a spelling that is not theirs


_PROMOTIONAL = re.compile(
    r"(?<![\w-])(?:"
    r"world[- ]class|world'?s (?:best|first|leading)|best[- ]in[- ]class|best[- ]ever"
    r"|game[- ]chang\w+"
    r"|revolution(?:ary|i[sz]\w+)|ground[- ]?breaking|cutting[- ]edge|next[- ]gen(?:eration)?"
    r"|industry[- ]leading|market[- ]leading|unparalleled|unrivall?ed|unmatched|unbeatable"
    r"|mind[- ]?blowing|jaw[- ]dropping|must[- ]have|one[- ]stop|ultimate|supercharge\w*"
    r"|skyrocket\w*|number one|no\. ?1|#1|100% free|buy now|sign up|limited[- ]time|discount"
    r"|amazing(?:ly)?|incredibl[ey]|stunning(?:ly)?|insane(?:ly)?|blazing(?:ly)?[- ]fast"
    r")(?![\w-])"
    r"|全球领先|业界领先|行业领先|国内领先|最强|最好的|第一款|革命性|颠覆|独一无二|绝无仅有|震撼|必备神器",
    re.IGNORECASE,
)

_NAMES = (
    "AngularJS", "Bitbucket", "ChatGPT", "CoffeeScript", "Docker Compose",
    "FastAPI", "FreeBSD", "GitHub", "GitLab", "GraphQL", "Hugging Face", "IntelliJ", "iOS",
    "JavaScript", "jQuery", "JetBrains", "LinkedIn", "LaTeX", "macOS", "MongoDB", "MySQL",
    "Node.js", "npm", "NumPy", "OpenAI", "OpenStreetMap", "PostgreSQL", "PowerShell", "PyPI",
    "PyTorch", "SQLite", "Stack Overflow", "TensorFlow", "TypeScript", "VS Code", "WebAssembly",
    "WebSocket", "WordPress", "YouTube",
)  # fmt: skip
# Spellings that are in use besides, of which none is wrong.
_ALSO = {
    "latex": "latex",
    "ios": "IOS",
    "npm": "NPM",
    "websocket": "websocket",
    "docker compose": "docker compose",
    "bitbucket": "BitBucket",
}
_RIGHT = {name.casefold(): name for name in _NAMES}
_KNOWN = re.compile(
    # Not inside an address, a path, code, another word, or a name with a dash or a dot.
    r"(?<![\w/.@#\-`=&%+~])(?:"
    + "|".join(map(re.escape, sorted(_NAMES, key=len, reverse=True)))
    + r")(?![\w/@`=&%+~-]|\.\w)",
    re.IGNORECASE,
)
# What is no running text: code, link targets, tags, bare addresses.
_HELD = re.compile(r"`[^`]*`|\]\([^)]*\)|\]\[[^\]]*\]|<[^>]*>|(?:https?://|www\.)\S+")


def promotional_words(text: str) -> list[str]:
    """The words of advertisements in a plain text, in lower case, in order."""
    return [match[0].lower() for match in _PROMOTIONAL.finditer(text)]


def respelled(text: str, neighbours: str = "") -> tuple[str, str, str] | None:
    """The first misspelled name, how it is spelled, and the text with all of them put right.

    A spelling that the neighbours use as well is the list's own way. None if all is well.
    """
    wrong = [
        (match, _RIGHT[match[0].casefold()])
        for match in _running(text)
        if match[0] != _RIGHT[match[0].casefold()]
        and match[0] != _ALSO.get(match[0].casefold())
        and not match[0].isupper()
        and match[0] not in neighbours
    ]
    if not wrong:
        return None
    better = text
    for match, right in reversed(wrong):
        better = better[: match.start()] + right + better[match.end() :]
    return wrong[0][0][0], wrong[0][1], better


def _running(text: str) -> Iterator[re.Match[str]]:
    """Names in running text; what is held back is blanked out, so that places stay."""
    blanked = _HELD.sub(lambda match: " " * len(match[0]), text)
    yield from _KNOWN.finditer(blanked)


_SEPARATOR = re.compile(r"\A(?:[-–—:：]|->|=>)\s+(?=\S)")
_STOPS = (".", "。", "．")
_BEHIND = re.compile(r"[\s*_~`\"'”’」』)\]）】]*\Z")
_SENTENCE_INSIDE = re.compile(r"[.!?]\s+\S|[。！？]\S")
_ELLIPSIS = ("...", "…", "。。。")
_ASTERISKS = re.compile(r"(?<![\w*\\])\*\*(?=[^\s*])[^*\n]{1,200}?\*\*(?!\*)")
_STRONG = re.compile(
    r"(?P<before>\w?)(?P<run>\*\*(?=[^\s*])[^*\n]{1,200}?(?<=[^\s*])\*\*)(?P<after>\w?)"
)
_CLOSED = {"(": ")", "[": "]", "{": "}", "（": "）", "【": "】", "「": "」", "『": "』", "《": "》"}


def style_findings(subject: Subject) -> Iterator[Finding]:
    """Yield differences from the neighbours' style, and probable mistakes."""
    for field, text in subject.markdown_fields.items():
        yield from _marks(subject, field, " ".join(text.split()))
    if subject.description:
        yield from _description(subject)
    elif _lost_description(subject):
        yield from _none(subject)
    yield from _words(subject)
    yield from _order(subject)


# Marks


def _marks(subject: Subject, field: str, text: str) -> Iterator[Finding]:
    lone = lone_bracket(text)
    if lone:
        closing = _CLOSED.get(lone)
        fix = {field: _with_closing(text, closing)} if closing else None
        yield finding("unbalanced", field, fix=fix, mark=lone)
    if "**" in text and _ASTERISKS.search(plain_text(text)):
        fixed = _STRONG.sub(_apart, text)
        fix = {field: fixed} if not _ASTERISKS.search(plain_text(fixed)) else None
        yield finding("glued-emphasis", field, fix=fix)
    for place in subject.links:
        if place.field == field and place.link.form in {LinkForm.INLINE, LinkForm.REFERENCE}:
            yield from _before_link(field, text, place.link.text)


def _with_closing(text: str, mark: str) -> str:
    """The text with a closing mark at its end, in front of a full stop."""
    stop = text[-1] if text.endswith(_STOPS) else ""
    return f"{text.removesuffix(stop)}{mark}{stop}"


def _apart(match: re.Match[str]) -> str:
    before = match["before"] + " " if match["before"] else ""
    return before + match["run"] + (" " + match["after"] if match["after"] else "")


def _before_link(field: str, text: str, label: str) -> Iterator[Finding]:
    place = text.find(f"[{label}](")
    before = text[place - 1 : place] if place > 0 else ""
    if (
        before.isascii()
        and (before.isalnum() or before in {",", ";"})
        and before
        and label[:1].isascii()
        and label[:1].isalnum()
    ):
        fix = {field: f"{text[:place]} {text[place:]}"}
        yield finding("space-before-link", field, fix=fix, text=label)


# Descriptions


def _description(subject: Subject) -> Iterator[Finding]:
    field, text = subject.description_field, " ".join(subject.description.split())
    if started := _SEPARATOR.match(text):
        text = text[started.end() :]
        yield finding("separator", field, fix={field: text})
    if text.endswith(_ELLIPSIS):
        yield finding("ellipsis", field)
    plain = plain_text(text)
    described = [(one, plain_text(one.description[:2000])) for one in subject.neighbours]
    described = [(one, plain_one) for one, plain_one in described if plain_one]
    if not plain or len(described) < FEW:
        return
    yield from _repeated(subject, text, plain, described)
    capitals = [has_capital(one.name, one.description, plain_one) for one, plain_one in described]
    judged = [capital for capital in capitals if capital is not None]
    if (
        has_capital(subject.name, text, plain) is False
        and len(judged) >= FEW
        and sum(judged) >= NEARLY_ALL * len(judged)
    ):
        start = re.search(r"\w", text)
        place = start.start() if start else 0
        fix = {field: text[:place] + text[place].upper() + text[place + 1 :]}
        yield finding("capital", field, fix=fix)
    yield from _end_mark(subject, text, plain, described)


def _repeated(
    subject: Subject, text: str, plain: str, described: Sequence[tuple[Neighbour, str]]
) -> Iterator[Finding]:
    repeating = sum(repeats_name(one.name, plain_one) for one, plain_one in described)
    if repeats_name(subject.name, plain) and repeating <= (1 - NEARLY_ALL) * len(described):
        rest = text[len(subject.name) :] if text.startswith(subject.name) else ""
        rest = re.sub(r"\A\s*(?:[-–—:：,，]|is an?\b|is the\b|是一[个款种])?\s*", "", rest)
        fix = {subject.description_field: rest[:1].upper() + rest[1:]} if rest else None
        yield finding("name-in-description", subject.description_field, fix=fix)


def _end_mark(
    subject: Subject, text: str, plain: str, described: Sequence[tuple[Neighbour, str]]
) -> Iterator[Finding]:
    field = subject.description_field
    marked = sum(has_end_mark(plain_one) for _one, plain_one in described)
    if marked >= NEARLY_ALL * len(described) and not has_end_mark(plain):
        if subject.is_addition and field == "description" and not subject.is_table:
            return  # A new item gets the mark of its siblings by itself.
        marks = Counter(
            plain_one[-1] for _one, plain_one in described if plain_one.endswith(_STOPS)
        )
        mark = marks.most_common(1)[0][0] if marks else "."
        yield finding("end-mark", field, fix={field: text + mark})
    stops = sum(plain_one.endswith(_STOPS) for _one, plain_one in described)
    if (
        stops <= (1 - NEARLY_ALL) * len(described)
        and plain.endswith(_STOPS)
        and not plain.endswith(_ELLIPSIS)
        and not _SENTENCE_INSIDE.search(plain[:-1])
        and plain.count(".") < 2
    ):
        end = _BEHIND.search(text)
        place = (end.start() if end else len(text)) - 1
        fix = {field: text[:place] + text[place + 1 :]} if text[place] in _STOPS else None
        yield finding("end-mark", field, variant="superfluous", fix=fix)


def _lost_description(subject: Subject) -> bool:
    """Whether there is none, and it is the proposal that leaves it out."""
    if subject.is_table and (subject.listing is None or subject.listing.description_column is None):
        return False
    return subject.is_addition or subject.description_field in subject.changed


def _none(subject: Subject) -> Iterator[Finding]:
    column = subject.column_at(subject.description_field)
    if column is not None and column.key in subject.policy.required_columns:
        return  # It is missing, whatever the neighbours do.
    described = sum(bool(one.description.strip()) for one in subject.neighbours)
    if len(subject.neighbours) >= FEW and described >= NEARLY_ALL * len(subject.neighbours):
        yield finding("no-description", subject.description_field)


# Words


def _words(subject: Subject) -> Iterator[Finding]:
    neighbour_text = " ".join(one.description for one in subject.neighbours)
    if subject.description:
        words = promotional_words(plain_text(subject.description))
        # Where the neighbours talk like that it is how the list talks.
        usual = Counter(promotional_words(plain_text(neighbour_text[:50_000])))
        words = [word for word in words if usual[word] <= len(subject.neighbours) // 20]
        if words:
            yield finding("promotional", subject.description_field, word=words[0])
    for field, text in subject.markdown_fields.items():
        if field == subject.cell_of_name:
            continue
        spelling = respelled(text, neighbour_text)
        if spelling:
            wrong, right, better = spelling
            yield finding("spelling", field, fix={field: better}, wrong=wrong, right=right)


# Order


def _order(subject: Subject) -> Iterator[Finding]:
    neighbours = subject.neighbours
    if len(neighbours) < FEW or not subject.name:
        return
    index = _index(subject)
    if index is None:
        return
    names = [one.name for one in neighbours]
    in_order, _keys = longest_order(names)
    if len(in_order) < NEARLY_ALL * len(names):
        return
    with_it = [*names[:index], subject.name, *names[index:]]
    in_order_with_it, keys = longest_order(with_it)
    if len(in_order_with_it) > len(in_order):
        return
    before = [name for name, key in zip(with_it, keys, strict=True) if key < keys[index]]
    # Without a place it goes where its name belongs.
    fix = {"after": "", "first": ""} if subject.proposal.after or subject.proposal.first else None
    field = subject.name_field if fix is None else "after"
    if before:
        neighbour = max(before, key=lambda name: keys[with_it.index(name)])
        yield finding("order", field, fix=fix, name=neighbour)
    else:
        yield finding("order", field, variant="front", fix=fix)


def _index(subject: Subject) -> int | None:
    """Return the entry's index among its neighbours; None where no place was chosen."""
    proposal, neighbours = subject.proposal, subject.neighbours
    if proposal.first:
        return 0
    if proposal.after is not None:
        places = [n for n, one in enumerate(neighbours) if one.pk == proposal.after]
        return places[0] + 1 if places else None
    if subject.entry is None or not subject.has_new_name or proposal.target is not None:
        return None
    position = subject.entry.position
    return sum(one.position < position for one in neighbours)

"""Words of advertisements, and well-known names in a spelling that is not theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator

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

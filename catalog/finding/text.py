"""Reading what somebody typed: words, phrases, what to leave out, fields, an address.

    docker "image builder" -java license:MIT lang:zh in:tools podman OR buildah

Whatever is typed means something: an operator that is not whole is read as words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from catalog.finding.words import fold, is_cjk, stream
from catalog.markdown.links import canonical_url, repository_of

LONGEST_QUERY = 200
LONGEST_ADDRESS = 2000
MAX_TERMS = 12
"""Words and phrases of a query that count."""


class Term(NamedTuple):
    """Words of a query that have to stand next to each other: most often one."""

    words: tuple[str, ...]
    is_prefix: bool = False
    """The last word may go on."""
    is_quoted: bool = False
    """Whether only this form and spelling matches."""


@dataclass(frozen=True, slots=True)
class Filter:
    """`name:value` as typed: `license:MIT`, `lang:zh`, `in:tools`; the name in lower case."""

    name: str
    value: str
    is_excluded: bool = False

    @property
    def words(self) -> list[str]:
        """Return the words to search for where the filter matches no facet."""
        return stream(fold(f"{self.name} {self.value}"))


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of a query."""

    groups: tuple[tuple[Term, ...], ...] = ()
    """One of the terms of each group has to match; most groups have one."""
    fillers: tuple[Term, ...] = ()
    """Words that say nothing beside others: *the best … for …*."""
    excluded: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()
    addresses: tuple[str, ...] = ()
    """The canonical addresses that a query which is an address may mean: the nearest to what was
    typed first, and last the repository that it is in, if it is in one."""
    name_key: str = ""
    """The key that a name equal to the query would have, for a query without operators."""
    is_open: bool = False
    """The last word may be the beginning of one."""
    query: str = ""
    """The text that was typed."""

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms that an entry may match, to mark them in its text."""
        return tuple(term for group in self.groups for term in group) + self.fillers

    def __bool__(self) -> bool:
        return bool(self.groups or self.excluded or self.filters or self.addresses)


# Words that are left out of a question in the languages of the interface; of Chinese, which has no
# spaces, at the ends of a run.
FILLERS = frozenset(
    re.findall(
        r"\S+",
        """a an and any are at be best by can do does for from good great how i in is it like
        looking me my need of on or please recommend recommended some something that the there to
        top want way what which with you your 的 和 与""",
    )
)
_CHINESE_FILLER = re.compile(
    "(?:最好用?的?|好用的|推荐一?[个下]?|有没有|有哪些|有什么|哪个好?|哪些|如何|怎么样?|怎样|什么是?|请问|求)+"
)

_TOKEN = re.compile(
    r"""
    (?P<sign>-(?![-\s]))?(?P<field>[^\W\d][\w-]*[:：](?!//|\s|\Z))?
    (?: "(?P<straight>[^"]*)(?P<close>"?) | [“”](?P<curly>[^“”]*)[“”]? | (?P<bare>[^\s"“”]+) )
    """,
    re.VERBOSE,
)
_OR = frozenset({"OR", "|"})

_SCP = re.compile(r"\A(?:ssh://)?git@([\w.-]+)[:/](\S+)\Z")
_SCHEME = re.compile(r"\A(?:https?|ftp|git|ssh)://", re.IGNORECASE)
_HOST = re.compile(r"\A(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?(?:[/?#]\S*)?\Z")
_HOSTS_OF_MANY = frozenset(
    {
        "arxiv.org", "bitbucket.org", "codeberg.org", "doi.org", "gitee.com", "github.com",
        "gitlab.com", "huggingface.co",
    }
)  # fmt: skip
"""Hosts where two segments of a path name a thing."""


def read_query(query: str) -> Meaning:
    """The meaning of a query, whatever it is; a false one when there is nothing in it."""
    query = query.replace("\0", " ")[:LONGEST_ADDRESS]
    addresses = addresses_of(query)
    query = query[:LONGEST_QUERY]
    terms, excluded, filters = _Reading(query).parts()
    groups = [group for group in terms if group]
    is_plain = not excluded and not filters
    words = [word for group in groups for term in group for word in term.words]
    is_open = bool(groups) and groups[-1][-1].is_prefix
    content = [group for group in groups if not _is_filler(group)]
    fillers = [term for group in groups if _is_filler(group) for term in group] if content else []
    return Meaning(
        groups=tuple((content or groups)[:MAX_TERMS]),
        fillers=tuple(fillers[:MAX_TERMS]),
        excluded=tuple(excluded),
        filters=tuple(filters),
        addresses=addresses,
        name_key=" ".join(words) if is_plain else "",
        is_open=is_open,
        query=query,
    )


def addresses_of(query: str) -> tuple[str, ...]:
    """The canonical addresses that a query which is an address may mean; () if it is none.

    The address itself, then what it is a part of: the repository of a page, the site of a path.
    """
    text = query.strip().strip("<>")
    if match := _SCP.match(text):
        text = f"https://{match[1]}/{match[2]}"
    elif not _SCHEME.match(text):
        if not _HOST.match(text):
            return ()
        text = f"https://{text}"
    elif text[:4].lower() in {"git:", "ssh:"}:
        text = f"https{text[text.index(':') :]}"
    url = canonical_url(text)
    if not url:
        return ()
    urls = [url]
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    least = 2 if parts.netloc in _HOSTS_OF_MANY else 0
    # An address with a query is often one of very many things of a site.
    for length in range(len(segments) - 1, least - 1, -1) if not parts.query else ():
        path = "/".join(segments[:length])
        urls.append(canonical_url(f"https://{parts.netloc}/{path}"))
    if repository := repository_of(url):
        urls = [url, f"https://{repository}", repository]
    return tuple(dict.fromkeys(urls))


def _is_filler(group: tuple[Term, ...]) -> bool:
    return all(
        len(term.words) == 1 and term.words[0] in FILLERS and not term.is_quoted for term in group
    )


class _Reading:
    """The tokens of a query one after another."""

    def __init__(self, query: str) -> None:
        self._query = query

    def parts(self) -> tuple[list[tuple[Term, ...]], list[Term], list[Filter]]:
        """Groups of terms, excluded terms, filters."""
        groups: list[tuple[Term, ...]] = []
        excluded: list[Term] = []
        filters: list[Filter] = []
        is_alternative = False
        for match in _TOKEN.finditer(self._query):
            if match[0] in _OR and (groups or filters):
                # Values of one field are alternatives by themselves.
                is_alternative = bool(groups)
                continue
            sign, text = match["sign"], self._text(match)
            if match["field"] and text.strip():
                filters.append(Filter(fold(match["field"][:-1]), text.strip(), bool(sign)))
                is_alternative = False
                continue
            for term in self._terms(match, text):
                if sign:
                    excluded.append(term._replace(is_prefix=False, is_quoted=True))
                elif is_alternative:
                    groups[-1] = (*groups[-1], term)
                elif (term,) not in groups:
                    groups.append((term,))
            is_alternative = False
        return groups, excluded, filters

    @staticmethod
    def _text(match: re.Match[str]) -> str:
        return next(
            text
            for text in (match["straight"], match["curly"], match["bare"], "")
            if text is not None
        )

    def _terms(self, match: re.Match[str], text: str) -> Iterator[Term]:
        is_quoted = match["bare"] is None
        if not is_quoted:
            text = _CHINESE_FILLER.sub(" ", text) if not _CHINESE_FILLER.fullmatch(text) else text
        for part in [text] if is_quoted else text.split():
            words = stream(fold(part))
            if not words:
                continue
            is_open = not is_quoted and match.end() == len(self._query)
            words, is_open = _run(words, is_open=is_open)
            yield Term(tuple(words), is_open, is_quoted)


def _run(words: list[str], *, is_open: bool) -> tuple[list[str], bool]:
    """The words of a term: of a run of Chinese only the pairs, as another character may follow."""
    if not is_cjk(words[-1]):
        return words, is_open
    alone = len(words[-1]) == 1
    if alone and len(words) > 1 and len(words[-2]) == 2 and words[-2][1] == words[-1]:
        return words[:-1], False
    return words, alone

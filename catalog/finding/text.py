"""Reading what somebody typed, and cutting any text into the words that search knows.

    docker "image builder" -java license:MIT lang:zh in:tools podman OR buildah

Whatever is typed means something: an operator that is not whole is read as words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from catalog.markdown.chinese import simplified
from catalog.markdown.links import canonical_url, repository_of

# Cutting text into words, one way for both databases
#
# A text becomes a *stream*, in which words that adjoin in the text adjoin too, so that a phrase can
# be matched. A run of Chinese, Japanese or Korean becomes its overlapping pairs and its last
# character. Traditional characters count as simplified ones, a mark (🐍, ✅) is a word. After the
# stream come the *parts* of names (`HuggingFace`, `C++`, `node.js`); see docs/search.md.


LONGEST_WORD = 64
"""Characters of a word that count; what is longer is no word that anybody types."""

_LONGEST_NAME = 300

_CJK = (
    "\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARKS = "".join(
    chr(code) for code in range(0x300, 0x1C00) if unicodedata.category(chr(code)) in {"Mn", "Mc"}
)
_LETTER = rf"(?:[^\W_{_CJK}]|[{_MARKS}])"
_EMOJI = "\u2600-\u27bf\u2b50\u2b55\U0001f300-\U0001faff"
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_WORD = re.compile(
    # A dot before a name (.NET) and signs behind one (C++, C#) belong to it.
    rf"[{_CJK}]+|(?:(?<![\w.)\]])\.(?=[^\W\d_]))?{_LETTER}+(?:\+\+|[+#](?!\w))?|[{_EMOJI}]|{_FLAG}"
)
_ASCII_WORD = re.compile(r"(?:(?<![\w.)\]])\.(?=[a-z]))?[a-z0-9]+(?:\+\+|[+#](?!\w))?")
_HAS_CJK = re.compile(f"[{_CJK}]")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_CHARACTER = re.compile(f".[{_MARKS}]*", re.DOTALL)
_JOINT = re.compile(r"[-_.·]")
_COMPOUND = re.compile(r"[^\W_]+(?:[-_.·][^\W_]+)+")
_NO_LETTER = re.compile(r"[\W_]")
_MIXED = re.compile(r"[^\W_]*(?:[a-z][A-Z]|[^\W\d_]\d|\d[^\W\d_])[^\W_]*")
_TURN = re.compile(r"[a-z][A-Z]|[^\W\d_]\d|\d[^\W\d_]")
_HUMP = re.compile(r"\d+|[A-Z]+(?![a-z])|[A-Z]?[^\WA-Z\d_]+")
_SIGNS = ".+#"


def is_cjk(word: str) -> bool:
    """Whether a word of a stream is a pair of characters, or the last one of a run."""
    return _HAS_CJK.match(word) is not None


class Word(NamedTuple):
    """A word of a stream and where in the text it stands."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """The text without what people leave out when they type: case, accents, width, script.

    Chinese is in simplified characters.
    """
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    folded = unicodedata.normalize("NFKC", bare).casefold()
    return simplified(folded) if _HAS_CJK.search(folded) else folded


def stream(folded: str) -> list[str]:
    """The words of a folded text in their order."""
    if folded.isascii():
        words: list[str] = _ASCII_WORD.findall(folded)
        if max(map(len, words), default=0) > LONGEST_WORD:
            words = [word[:LONGEST_WORD] for word in words]
        return words
    # As _words() does; without the places it takes half the time.
    words = []
    for run in _WORD.findall(folded):
        if _HAS_CJK.match(run):
            words += [run[n : n + 2] for n in range(len(run))]
        else:
            words.append(run[:LONGEST_WORD])
    return words


def _words(folded: str) -> Iterator[Word]:
    for match in _WORD.finditer(folded):
        run, start = match[0], match.start()
        if _HAS_CJK.match(run):
            for n in range(len(run)):
                pair = run[n : n + 2]
                yield Word(pair, start + n, start + n + len(pair))
        else:
            yield Word(run[:LONGEST_WORD], start, match.end())


def parts(text: str) -> list[str]:
    """Return further words of a text: parts of its words, and words that are written as one."""
    text = text[:_LONGEST_NAME]
    # Most names have neither, and looking for where they begin takes longer.
    compounds = _COMPOUND.finditer(text) if _JOINT.search(text) else ()
    # node.js as nodejs.
    own = [fold(_NO_LETTER.sub("", match[0])) for match in compounds]
    for match in _MIXED.finditer(text) if _TURN.search(text) else ():
        humps = _HUMP.findall(match[0])
        # LLaMA is no l, la, ma, and 6B no b.
        if len(humps) > 1 and all(len(hump) > 1 or hump.isdigit() for hump in humps):
            own += map(fold, humps)
    if "+" in text or "#" in text or "." in text:
        own += [word.strip(_SIGNS) for word in stream(fold(text)) if word.strip(_SIGNS) != word]
    return [word[:LONGEST_WORD] for word in dict.fromkeys(own) if word]


def words_with_places(text: str) -> list[Word]:
    """The stream of a text that is not folded yet, each word with its place in that text."""
    if text.isascii():
        return list(_words(fold(text)))
    folded: list[str] = []
    places: list[int] = []
    for match in _CHARACTER.finditer(text):
        there = fold(match[0])
        folded.append(there)
        places += [match.start()] * len(there)
    places.append(len(text))
    return [
        Word(word.text, places[word.start], places[word.end]) for word in _words("".join(folded))
    ]


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
        """a an and any are at be best but by can do does for from good great how i in is it like
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
    groups, excluded, filters = _read(query)
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


def without_fields(query: str) -> str:
    """The query without its fields, where it has any beside words; else ''."""
    tokens = [*_TOKEN.finditer(query)]
    words = [token[0] for token in tokens if not token["field"]]
    return " ".join(words) if len(words) < len(tokens) else ""


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


def _read(query: str) -> tuple[list[tuple[Term, ...]], list[Term], list[Filter]]:
    """Groups of terms, excluded terms, filters."""
    groups: list[tuple[Term, ...]] = []
    excluded: list[Term] = []
    filters: list[Filter] = []
    is_alternative = False
    for match in _TOKEN.finditer(query):
        if match[0] in _OR and (groups or filters):
            # Values of one field are alternatives by themselves.
            is_alternative = bool(groups)
            continue
        sign, text = match["sign"], match["straight"] or match["curly"] or match["bare"] or ""
        if match["field"] and text.strip():
            filters.append(Filter(fold(match["field"][:-1]), text.strip(), bool(sign)))
            is_alternative = False
            continue
        is_last = match.end() == len(query)
        for term in _terms(text, is_quoted=match["bare"] is None, is_last=is_last):
            if sign:
                excluded.append(term._replace(is_prefix=False, is_quoted=True))
            elif is_alternative:
                groups[-1] = (*groups[-1], term)
            elif (term,) not in groups:
                groups.append((term,))
        is_alternative = False
    return groups, excluded, filters


def _terms(text: str, *, is_quoted: bool, is_last: bool) -> Iterator[Term]:
    if not is_quoted and not _CHINESE_FILLER.fullmatch(text):
        text = _CHINESE_FILLER.sub(" ", text)
    for part in [text] if is_quoted else text.split():
        if words := stream(fold(part)):
            words, is_open = _run(words, is_open=is_last and not is_quoted)
            yield Term(tuple(words), is_open, is_quoted)


def _run(words: list[str], *, is_open: bool) -> tuple[list[str], bool]:
    """The words of a term: of a run of Chinese only the pairs, as another character may follow."""
    if not is_cjk(words[-1]):
        return words, is_open
    alone = len(words[-1]) == 1
    if alone and len(words) > 1 and len(words[-2]) == 2 and words[-2][1] == words[-1]:
        return words[:-1], False
    return words, alone

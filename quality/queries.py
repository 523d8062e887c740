"""Queries for known entries, as people type them: made from the entries, the same at every run.

A query is made so that the entry is what somebody who types it would want: names and words that
many entries have are left out.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

PER_KIND = 60
MOST_WITH_WORDS = 5
"""Entries that may have all content words of a query besides the known one."""

_CJK = re.compile("[\u4e00-\u9fff]{2,}")
_CHINESE_PARTICLE = re.compile("[的与和了是在及或等为以对用个一不]")
# In lower case: a name in a description is no word of it.
_WORD = re.compile(r"(?<![\w.-])[a-z]{4,}(?![\w.-])")
_SHORT_END = re.compile(r"(?:\A|[^aeiou])[aeiou][bdgklmnprt]\Z")
"""Ends of words that double their last letter before -ing, or not: people differ."""
_NAME_WORD = re.compile(r"[A-Za-z]{5,}")
_GITHUB = re.compile(r"https?://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?\Z")
_COMMON = frozenset(
    re.findall(
        "[a-z]+",
        """about also been best does from have into like make many more most much only other over
        some such than that their them then there these they this tool tools very what when where
        which while will with your using used based just each""",
    )
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Known:
    """An entry as the queries are made from it; texts are plain."""

    pk: int
    catalog: int
    name: str
    url: str
    canonical_url: str
    description: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query and the keys of the entries that answer it: one thing, wherever it is listed."""

    kind: str
    text: str
    answers: frozenset[int]


type Make = Callable[[Known, "Corpus", random.Random], str]
"""Makes a query for an entry; '' where the entry has nothing to make one of."""


class Corpus:
    """The entries with how many of them have each word."""

    def __init__(self, entries: Iterable[Known]) -> None:
        self.entries = list(entries)
        things: defaultdict[str, set[int]] = defaultdict(set)
        named: defaultdict[str, set[str]] = defaultdict(set)
        self.with_word: defaultdict[str, set[str]] = defaultdict(set)
        """Things with a word, or a pair of Chinese characters."""
        for entry in self.entries:
            thing = entry.canonical_url or str(entry.pk)
            things[thing].add(entry.pk)
            named[loose(entry.name)].add(thing)
            for word in words_of(f"{entry.name} {entry.description}"):
                self.with_word[word].add(thing)
        self._things, self._named = things, named

    def answers(self, entry: Known) -> frozenset[int]:
        """The keys of the entries that are the same thing."""
        return frozenset(self._things[entry.canonical_url or str(entry.pk)])

    def is_known(self, entry: Known) -> bool:
        """Whether the name stands for this one thing alone."""
        return len(loose(entry.name)) > 2 and len(self._named[loose(entry.name)]) == 1

    def having(self, words: Sequence[str]) -> int:
        """Return how many things have all of the words."""
        return len(set.intersection(*(self.with_word[word.lower()] for word in words)))

    def rarest(self, words: Sequence[str], chance: random.Random, number: int) -> list[str]:
        """Words of an entry that say what it is: of the rarer half some that others have, too."""
        rare = sorted(
            {word for word in words if len(self.with_word[word.lower()]) > 1},
            key=lambda word: (len(self.with_word[word.lower()]), word),
        )[: max(number, len(set(words)) // 2)]
        if len(rare) < number:
            return []
        chosen = chance.sample(rare, number)
        return chosen if self.having(chosen) <= MOST_WITH_WORDS else []


def loose(text: str) -> str:
    """The letters and digits of a text."""
    return "".join(re.findall(r"\w+", text.lower()))


def words_of(text: str) -> set[str]:
    """Words of a text in lower case; of Chinese the pairs and fours of characters."""
    words = {word.lower() for word in re.findall(r"\w+", text)}
    for run in _CJK.findall(text):
        words.update(run[n : n + size] for size in (2, 3, 4) for n in range(len(run) - size + 1))
    return words


def content_words(text: str) -> list[str]:
    """Words of a text that say something, in their order."""
    return [word for word in _WORD.findall(text) if word not in _COMMON]


def exact_name(entry: Known, corpus: Corpus, chance: random.Random) -> str:
    """The name as it is written."""
    return entry.name if len(entry.name) < 80 else ""


def loose_punctuation(entry: Known, corpus: Corpus, chance: random.Random) -> str:
    """The name in lower case with other punctuation, or none."""
    if len(entry.name) > 60 or not re.search(r"\w[-_. ]\w", entry.name):
        return ""
    return re.sub(r"(?<=\w)[-_. ](?=\w)", chance.choice(["-", " ", " "]), entry.name.lower())


def chinese_word(entry: Known, corpus: Corpus, chance: random.Random) -> str:
    """A Chinese word that few entries have."""
    rare = [
        run[n : n + size]
        for run in _CJK.findall(f"{entry.name} {entry.description}")
        for size in (2, 3, 4)
        for n in range(len(run) - size + 1)
        if len(corpus.with_word[run[n : n + size]]) == 1
    ]
    return chance.choice(rare) if rare else ""


def two_words(entry: Known, corpus: Corpus, chance: random.Random) -> str:
    """Two words of the description."""
    return " ".join(corpus.rarest(content_words(entry.description), chance, 2)).lower()


def address(entry: Known, corpus: Corpus, chance: random.Random) -> str:
    """The address in another spelling, or of a page in the repository."""
    bare = re.sub(r"https?://(www\.)?", "", entry.url).partition("#")[0].rstrip("/")
    end = "" if "?" in bare else "/"
    end = "" if "?" in bare else "/"
    spellings = [
        entry.url, f"http://{bare}", f"https://{bare}{end}", bare, f"www.{bare}", f"{bare}{end}",
    ]  # fmt: skip
    if repository := _GITHUB.match(entry.url):
        owner, name = repository.groups()
        base = f"https://github.com/{owner}/{name}"
        spellings[3:] = [
            f"{base}.git", f"{base}/tree/main", f"{base}/issues", f"{base}#readme",
            f"github.com/{owner.upper()}/{name}", f"git@github.com:{owner}/{name}.git",
        ]  # fmt: skip
    return chance.choice(spellings)


def letter_wrong(entry: Known, corpus: Corpus, chance: random.Random) -> str:
    """The name with one letter missing, doubled, swapped or another."""
    words = list(_NAME_WORD.finditer(entry.name))
    if not words or len(entry.name) > 40:
        return ""
    word = chance.choice(words)
    letters, at = list(word[0].lower()), chance.randrange(1, len(word[0]) - 1)
    match chance.randrange(4):
        case 0:
            del letters[at]
        case 1:
            letters.insert(at, letters[at])
        case 2:
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        case _:
            letters[at] = chance.choice(_LETTERS)
    wrong = "".join(letters)
    if wrong == word[0].lower() or corpus.with_word.get(wrong):
        return ""
    return entry.name[: word.start()] + wrong + entry.name[word.end() :]


def inflected(entry: Known, corpus: Corpus, chance: random.Random) -> str:
    """Two words of the description, one in another form."""
    words = corpus.rarest(content_words(entry.description), chance, 2)
    own = words_of(f"{entry.name} {entry.description}")
    for n, word in enumerate(words):
        if (other := _other_form(word)) and other not in own:
            return " ".join([*words[:n], other, *words[n + 1 :]])
    return ""


def _other_form(word: str) -> str:
    if word.endswith("ing") and len(word) > 6:
        return word[:-3] + "s" if word[-4] != word[-5] else word[:-4] + "s"
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    if word.endswith(("y", "s", "x", "h", "ed", "al", "ic", "ly")):
        return ""
    has_plural = word.endswith(("e", "er", "or", "ion", "ent", "ing")) or _SHORT_END.search(word)
    return word + ("s" if has_plural else "ing")


def with_filler(entry: Known, corpus: Corpus, chance: random.Random) -> str:
    """Return a question by somebody who does not know the thing's name."""
    words = corpus.rarest(content_words(entry.description), chance, 2)
    if not words:
        return ""
    form = chance.choice(
        ["best {} for {} tool", "best {} for {}", "how to {} with {}", "free {} and {} software",
         "looking for a {} {}", "what is a good {} for {}"]
    )  # fmt: skip
    return form.format(*words)


def chinese_glued(entry: Known, corpus: Corpus, chance: random.Random) -> str:
    """Two Chinese words of an entry, written as one."""
    text = f"{entry.name} {entry.description}"
    runs = [run for part in _CJK.findall(text) for run in _CHINESE_PARTICLE.split(part)]
    pairs = [run[n : n + 2] for run in runs for n in range(0, len(run) - 1, 2)]
    chosen = corpus.rarest(pairs, chance, 2)
    glued = "".join(chosen)
    return "" if glued in text else glued


KINDS: dict[str, Make] = {
    "exact name": exact_name,
    "loose punctuation": loose_punctuation,
    "one Chinese word": chinese_word,
    "two words": two_words,
    "address": address,
    "letter wrong": letter_wrong,
    "inflected": inflected,
    "filler": with_filler,
    "Chinese glued": chinese_glued,
}


def make_queries(entries: Iterable[Known], *, seed: int = 1) -> list[Query]:
    """Some queries of each kind, from every list about as many."""
    corpus = Corpus(entries)
    by_list: defaultdict[int, list[Known]] = defaultdict(list)
    for entry in corpus.entries:
        by_list[entry.catalog].append(entry)
    queries: list[Query] = []
    for kind, make in KINDS.items():
        chance = random.Random(f"{seed} {kind}")
        made: dict[str, Query] = {}
        for _try in range(PER_KIND * 200):
            entry = chance.choice(by_list[chance.choice(list(by_list))])
            if corpus.is_known(entry) and (text := make(entry, corpus, chance)):
                made[text] = Query(kind, text, corpus.answers(entry))
            if len(made) == PER_KIND:
                break
        queries += made.values()
    return queries

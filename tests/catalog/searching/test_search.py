"""One contract for both databases: what is found, and in which order."""

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.checking import check_catalog, rebuild_projection
from catalog.finding import postings
from catalog.finding.indexing import index_catalog, index_entries
from catalog.finding.matching import Index
from catalog.finding.results import _matches, _plain_matches, lists_of, marked, plain, shown_text
from catalog.finding.searching import TextSearch
from catalog.finding.suggesting import _spellings, suggest
from catalog.finding.text import fold, parts, read_query, stream, words_with_places
from catalog.markdown.chinese import in_both_scripts
from catalog.models import Catalog, Entry, IndexedEntry, IndexTerm
from catalog.store.document import delete_catalog
from tests.catalog.importing.imports import import_again, new_list

TEXT = """# Tools

## 工具 Tools

- [llama.cpp](https://github.com/ggml-org/llama.cpp) - Inference of models in plain code.
- [C](https://c.example/) - A language.
- [C++](https://cpp.example/) - More of it.
- [C#](https://cs.example/) - A sharp one.
- [GPT-J-6B](https://gptj.example/) - 开源大语言模型。
- [HuggingFace](https://hf.example/) - Café models & more.
- [node.js](https://node.example/) - A JavaScript thing.
- [.NET](https://dot.example/) - By a company.
- [通义千问](https://zh.example/) - 阿里的模型，用于 Chat。
- [Mongo](https://mongo.example/) - Go is not what it is in.
- [Go](https://go.example/) - A language.
- [Go fmt](https://fmt.example/) - Order.
- [Order in Go](https://order.example/) - Tidy.

## Data

| name | license | note |
|---|---|---|
| [Straße](https://one.example/) | MIT | ＦＵＬＬ width |
| [Data set](https://two.example/) | Apache-2.0 | go there |
"""


@pytest.fixture
def catalog(db: None) -> Catalog:
    return new_list(TEXT)


def results(query: str, catalog: Catalog | None = None) -> list[str]:
    """Names of the first entries that a query finds."""
    pks = TextSearch(read_query(query), Index(catalog.pk if catalog else None)).best(None, 0, 20)
    names = dict(Entry.objects.in_bulk(pks))
    return [names[pk].name for pk in pks]


def test_what_is_called_exactly_so_comes_first(catalog: Catalog) -> None:
    # By name, names that begin so, names with the word, names with its beginning, the rest.
    assert results("go") == ["Go", "Go fmt", "Order in Go", "Data set", "Mongo"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("llama", ["LLaMA", "Llamas", "Llama abc", "Llama zoo", "Llama 2 7B", "My llama"]),
        ('"llama"', ["LLaMA", "Llama abc", "Llama zoo", "Llama 2 7B", "My llama"]),
        ("llama 2 ", ["Llama 2 7B"]),
    ],
)
def test_of_names_that_begin_so_the_shortest_come_first(
    db: None, query: str, names: list[str]
) -> None:
    called = ("Llama 2 7B", "Llama zoo", "My llama", "Llamas", "LLaMA", "Llama abc")
    catalog = new_list(
        "# Names\n\n" + "".join(f"- [{name}](https://a.example/)\n" for name in called)
    )

    assert results(query) == results(query, catalog) == names
    assert [row.title for row in suggest(query, None).entries] == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("llama.cpp", ["llama.cpp"]),
        ("LLAMA CPP", ["llama.cpp"]),
        ("llamacpp", ["llama.cpp"]),
        ("cpp", ["llama.cpp", "C++"]),
        ("c++", ["C++"]),
        ("C#", ["C#"]),
        ("GPT-J-6B", ["GPT-J-6B"]),
        ("gptj", ["GPT-J-6B"]),
        ("6b", ["GPT-J-6B"]),
        ("face", ["HuggingFace"]),
        ("nodejs", ["node.js"]),
        (".net", [".NET"]),
        ("net", [".NET"]),
        ("cafe", ["HuggingFace"]),
        ("CAFÉ mod", ["HuggingFace"]),
        ("strasse", ["Straße"]),
        ("full", ["Straße"]),
        ("apache", ["Data set"]),
        ("mit", ["Straße"]),
        ("大", ["GPT-J-6B"]),
        ("型", ["GPT-J-6B", "通义千问"]),
        ("言模", ["GPT-J-6B"]),
        ("语言模型", ["GPT-J-6B"]),
        ("模语", []),
        ("千", ["通义千问"]),
        ("通义千问", ["通义千问"]),
        ("通義千問", ["通义千问"]),
        ("開源大語言", ["GPT-J-6B"]),
        ("模型 chat", ["通义千问"]),
        ('"more of"', ["C++"]),
        ('"of more"', []),
        ("“more of”", ["C++"]),
        ("mode", ["HuggingFace", "llama.cpp"]),
        ('"mode"', []),
        ("modelling code", ["llama.cpp"]),
        ("data mit", ["Straße"]),
        ("ggml", ["llama.cpp"]),
        ("", []),
        ("!?", []),
        ("'", []),
    ],
)
def test_query_finds(catalog: Catalog, query: str, names: list[str]) -> None:
    assert results(query) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("license:MIT", ["Straße"]),
        # What a list says of it otherwise; the words of what it does not have.
        ("lang:MIT", ["Straße"]),
        ("lang:café", ["HuggingFace"]),
        ("licence:apache", ["Data set"]),
        ("lang:zh", ["GPT-J-6B", "通义千问"]),
        ("lang:zh -chat", ["GPT-J-6B"]),
        ("in:data", ["Straße", "Data set"]),
        ("-in:data go", ["Go", "Go fmt", "Order in Go", "Mongo"]),
        ("tag:mit OR tag:apache-2.0", ["Straße", "Data set"]),
        ("site:go.example language", ["Go"]),
        ("list:tools language -c", ["Go"]),
        ("no:language", ["C", "Go"]),
        ("more:models", ["HuggingFace"]),
        ("https://go.example", ["Go"]),
        ("http://www.GO.example/", ["Go"]),
        ("github.com/GGML-org/llama.cpp/issues/3", ["llama.cpp"]),
        ("git@github.com:ggml-org/llama.cpp.git", ["llama.cpp"]),
        ("https://nowhere.example/go", []),
    ],
)
def test_fields_and_addresses_find(catalog: Catalog, query: str, names: list[str]) -> None:
    assert results(f"{query} ") == names


def test_list_is_called_by_a_part_of_its_address(db: None) -> None:
    for slug in ("ann-kites", "kites-of-ben", "bens-kites-too"):
        new_list(f"# Of {slug}\n\n- [{slug}](https://{slug}.example/) - Flies.\n", slug=slug)

    assert results("list:ann-kites flies") == ["ann-kites"]
    assert results("list:kites flies") == ["ann-kites", "bens-kites-too"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("in:开源工具", ["One"]),
        ("in:開源", ["One"]),
        ("in:开源", ["One"]),
        ("in:數據", ["Two"]),
        ("-in:數據 example", ["One"]),
        ("列表:数据库", ["Two", "One"]),
        ("列表:數據庫", ["Two", "One"]),
    ],
)
def test_fields_are_read_in_both_scripts(db: None, query: str, names: list[str]) -> None:
    new_list(
        "# 數據庫\n\n## 開源工具\n\n- [One](https://one.example/) - a.\n\n"
        "## 数据\n\n- [Two](https://two.example/) - b.\n"
    )
    Catalog.objects.update(title="數據庫")

    assert results(f"{query} ") == names


@pytest.mark.parametrize(
    ("text", "spellings"),
    [("abc", ["abc"]), ("數據", ["數據", "数据", "数據", "數据"]), ("发", ["发", "發", "髮"])],
)
def test_text_is_spelled_in_both_scripts(text: str, spellings: list[str]) -> None:
    assert sorted(in_both_scripts(text)) == sorted(spellings)


def test_search_keeps_to_a_list_and_counts_pages(catalog: Catalog) -> None:
    other = new_list(TEXT, slug="other")

    assert len(results("language")) == 4
    assert results("language", other) == ["C", "Go"]
    matches = TextSearch(read_query("language"), Index(None))
    assert len(matches.entries) == 4
    assert matches.best(None, 3, 4) == [Entry.objects.get(catalog=other, name="Go").pk]


def test_suggestions_are_by_name(catalog: Catalog) -> None:
    def entries(typed: str) -> list[str]:
        return [row.title for row in suggest(typed, None).entries]

    assert entries("g") == ["Go", "Go fmt", "GPT-J-6B", "Order in Go"]
    assert entries("lang") == results("lang")
    assert entries("") == []
    assert [row.name for row in suggest("go f", catalog).entries] == [
        "<mark>Go</mark> <mark>f</mark>mt"
    ]


def test_suggestions_lead_to_lists_sections_and_tags(catalog: Catalog) -> None:
    def others(typed: str, within: Catalog | None) -> list[list[str]]:
        offered = suggest(typed, within).places
        kinds = ("list", "section", "tag")
        return [[place.title for place in offered if place.kind == kind] for kind in kinds]

    assert others("too", None) == [[catalog.title], ["工具 Tools"], []]
    assert others("too", catalog) == [[], ["工具 Tools"], []]
    assert others("apac", None) == others("apac", catalog) == [[], [], ["Apache-2.0"]]
    assert others("t", None) == others("nothing so", None) == [[], [], []]
    # A list, or a section of this one, is offered although no entry is called so.
    assert others(f"{catalog.title} ", None)[0] == [catalog.title]
    assert others("%", catalog) == others("_o", catalog) == [[], [], []]


@pytest.mark.django_db
def test_results_are_counted_by_list(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = {"a": 3, "b": 9, "c": 6}
    for slug, number in numbers.items():
        lines = "".join(f"- [{slug}{n}](https://{slug}.example/{n}) - x.\n" for n in range(number))
        new_list(f"# {slug}\n\n{lines}", slug=slug)
    results = TextSearch(read_query("x"), Index(None)).entries

    for looked_at in (100, 4):
        monkeypatch.setattr("catalog.finding.results.LOOKED_AT", looked_at)
        assert [row[::2] for row in lists_of(results, 2)] == [("b", 9), ("c", 6)]


@pytest.mark.parametrize(
    ("query", "corrected", "as_typed", "left_out", "names"),
    [
        ("llama", "", "", (), ["llama.cpp"]),
        ("Huggingfase", "huggingface", '"Huggingfase"', (), ["HuggingFace"]),
        ('"huggingfase"', "", "", (), []),
        ("lama.cpp ", "llama.cpp ", '"lama".cpp ', (), ["llama.cpp"]),
        ("modls inferense", "models inference", '"modls" "inferense"', (), ["llama.cpp"]),
        ("通义干问", "", "", (), ["通义千问"]),
        ("tidyorder", "tidy order", '"tidyorder"', (), ["Order in Go"]),
        ("java script thing", "javascript thing", '"java" "script" thing', (), ["node.js"]),
        (
            "thing of java-script",
            "thing of javascript",
            'thing of "java"-"script"',
            (),
            ["node.js"],
        ),
        (
            "a java script thingy",
            "a javascript thing",
            'a "java" "script" "thingy"',
            (),
            ["node.js"],
        ),
        ("mode ", "node ", '"mode" ', (), ["node.js"]),
        ("thing of javascript company", "", "", ("company",), ["node.js", ".NET"]),
        ("xyzzyxyzzy", "", "", (), []),
    ],
)
def test_spelling_is_corrected_and_words_are_left_out(
    catalog: Catalog,
    query: str,
    corrected: str,
    as_typed: str,
    left_out: tuple[str, ...],
    names: list[str],
) -> None:
    matches = TextSearch(read_query(query), Index(None))

    assert (matches.corrected, matches.as_typed, matches.left_out) == (
        corrected,
        as_typed,
        left_out,
    )
    assert results(query) == names


def test_short_word_that_has_but_the_stem_of_another_is_corrected(db: None) -> None:
    new_list(
        "# T\n\n- [A](https://a.example/) - Fuzi speaks.\n"
        "- [B](https://b.example/) - A fuzzy finder.\n"
    )

    assert results("fuzy finder") == ["B"]


def test_word_that_another_but_begins_with_leaves_out_no_entry_with_the_others(db: None) -> None:
    new_list(
        "# T\n\n- [Press](https://a.example/) - Packs javascript for the web.\n"
        + "".join(f"- [F{n}](https://f{n}.example/) - A web framework.\n" for n in range(5))
        + "".join(f"- [S{n}](https://s{n}.example/) - Sings.\n" for n in range(30))
    )

    assert results("web framework java") == ["F0", "F1", "F2", "F3", "F4", "Press"]
    assert results("java") == ["Press"]


def test_entries_whose_own_address_it_is_come_before_those_that_name_it(db: None) -> None:
    new_list(
        "# T\n\n- [Kiosk](https://kiosk.example/) - For [its clients](https://thing.example/).\n"
        "- [Own](https://thing.example/) - It.\n- [Kit](https://thing.example/) - It, too.\n"
    )

    assert results("http://www.thing.example/") == ["Own", "Kit", "Kiosk"]


def test_title_of_a_list_says_what_its_entries_are_about(catalog: Catalog) -> None:
    text = "# {0}\n\n- [{1}](https://{1}.example/) - Mends bikes.\n"
    for slug, title, name in [("a", "Awesome-Selfhosted", "Wheel"), ("b", "Awesome 工具", "Spoke")]:
        new_list(text.format(title, name), slug=slug)
        Catalog.objects.filter(slug=slug).update(title=title)

    assert results("bikes") == ["Wheel", "Spoke"]
    assert results("self hosted bikes")[0] == results("selfhosted bikes")[0] == "Wheel"
    assert results("工具 bikes")[0] == "Spoke"
    assert results("selfhosted") == []


def test_each_entry_says_which_words_it_lacks(catalog: Catalog) -> None:
    matches = TextSearch(read_query("thing of javascript company"), Index(None))

    names = dict(Entry.objects.values_list("pk", "name"))
    assert {names[pk]: matches.lacking(pk) for pk in matches.best(None, 0, 9)} == {
        "node.js": ["company"],
        ".NET": ["thing", "javascript"],
    }


def test_index_follows_the_list(catalog: Catalog) -> None:
    import_again(catalog, TEXT.replace("Go fmt", "Gofmt").replace("- [C#]", "[C#]"))

    assert results("gofmt") == ["Gofmt"]
    assert results("fmt") == ["Gofmt"] or results("fmt") == []
    assert IndexedEntry.objects.count() == Entry.objects.exclude(state="suggested").count()
    assert check_catalog(catalog) == []

    delete_catalog(catalog)
    assert results("go") == []
    assert not IndexTerm.objects.exists()


CARDS = "\n".join(
    f"## [{name}](https://{name.lower()}.example/)\n\n{says}\n"
    for name, says in [("Kite", "Flies upwards."), ("Boat", "Sails **along**."), ("Cart", "Rolls.")]
)


def test_words_below_a_heading_match(db: None) -> None:
    catalog = new_list(f"# Things\n\n{CARDS}")
    words = ["upwards", "sails along", "rolling"]
    assert [results(word) for word in words] == [["Kite"], ["Boat"], ["Cart"]]

    import_again(catalog, f"# Things\n\n{CARDS}".replace("upwards", "downwards"))
    assert [results(word) for word in ("upwards", "downwards")] == [[], ["Kite"]]
    assert check_catalog(catalog) == []


def test_what_is_not_published_is_not_found(catalog: Catalog) -> None:
    go, mongo = (catalog.entries.get(name=name) for name in ("Go", "Mongo"))
    Entry.objects.filter(pk=go.pk).update(state=Entry.State.SUGGESTED)
    index_entries([go.pk, mongo.pk], catalog)
    assert results('"go"') == ["Go fmt", "Order in Go", "Data set", "Mongo"]

    Entry.objects.filter(pk=mongo.pk).update(state=Entry.State.SUGGESTED)
    index_catalog(catalog)
    assert results("mongo") == []

    Entry.objects.filter(pk=mongo.pk).update(state=Entry.State.PUBLISHED)
    index_catalog(catalog)
    assert results("mongo") == ["Mongo"]


def test_check_sees_and_rebuild_mends_the_index(catalog: Catalog) -> None:
    go = catalog.entries.get(name="Go").pk
    IndexedEntry.objects.filter(pk=go).update(words="other")
    IndexTerm.objects.filter(term=b"ngo").delete()
    postings.write({}, {"wfmt": [go], "wnowhere": [go]})
    assert check_catalog(catalog) == [
        "1 index rows are not what the text says",
        "3 index terms are not what the text says",
    ]

    assert rebuild_projection(catalog) == 4
    assert results("go")[0] == "Go"
    assert check_catalog(catalog) == []


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_migration_goes_back() -> None:
    try:
        call_command("migrate", "catalog", "0001", verbosity=0)
        tables = connection.introspection.table_names()
        assert [name for name in tables if "search" in name] == []
    finally:
        call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, IndexedEntry._meta.db_table)
    assert {"indexed_entry_name", "indexed_entry_of_catalog"} < constraints.keys()
    new_list(TEXT)
    assert results("llama") == ["llama.cpp"]


# Words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("GPT-J-6B", ["gpt", "j", "6b"]),
        ("snake_case", ["snake", "case"]),
        ("C++17, C# and F#.", ["c++", "17", "c#", "and", "f#"]),
        ("on .NET. Node.js", ["on", ".net", "node", "js"]),
        ("中文GPT模型", ["中文", "文", "gpt", "模型", "型"]),
        ("Ünïcödé Été", ["unicode", "ete"]),
        ("한국어", ["한국", "국어", "어"]),
        ("हिन्दी", ["हिन्दी"]),
        ("=1 *:", ["1"]),
        ("開源 网络", ["开源", "源", "网络", "络"]),
        ("✅ works on 🐍2 🇨🇳", ["✅", "works", "on", "🐍", "2", "🇨🇳"]),
    ],
)
def test_text_is_cut_into_words(text: str, words: list[str]) -> None:
    assert stream(fold(text)) == words
    assert [word.text for word in words_with_places(text)] == words


@pytest.mark.parametrize(
    ("text", "results"),
    [
        ("llama.cpp", ["llamacpp"]),
        ("ChatGLM2", ["chat", "glm", "2"]),
        ("LLaMA", []),
        ("C++", ["c"]),
        ("plain words", []),
    ],
)
def test_parts_of_names_match(text: str, results: list[str]) -> None:
    assert parts(text) == results


@given(st.text())
def test_ascii_and_other_text_are_cut_the_same(text: str) -> None:
    folded = fold(text)
    # What is not ASCII behind it sends the same text the other way.
    assert stream(f"{folded} é") == [*stream(folded), "é"] or not folded.isascii()


@given(st.text(), st.text())
def test_marks_change_no_text(text: str, query: str) -> None:
    html = str(marked(text, read_query(query).terms))

    assert plain(html.replace("<mark>", "").replace("</mark>", "")) == " ".join(text.split())


@example("型型型", "型型")
@example("模言", "模+模言")
@given(
    st.text(st.sampled_from("ab1 .+#_-é模型开A语言，語Ｂ"), max_size=30),
    st.text(st.sampled_from("ab1 +模型开语言"), min_size=1, max_size=6),
)
def test_marks_are_the_same_whichever_way_they_match(text: str, query: str) -> None:
    terms = read_query(query).terms
    fast = _plain_matches(text, fold(text), terms)
    words = words_with_places(text)
    slow = [span for term in terms for span in _matches(text, words, term)]

    assert fast is None or marked_places(fast) == marked_places(slow)


def marked_places(spans: list[tuple[int, int]]) -> set[int]:
    """Every place that is marked."""
    return {place for start, end in spans for place in range(start, end)}


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("word " * 30, "word " * 19 + "word…"),
        ("words and-a-long-one-that-goes-on-and-on", "words and-a-long-one-that-goes-on-and-on"),
        ("x" * 150, "x" * 100 + "…"),
        ("模型" * 60, "模型" * 50 + "…"),
    ],
    ids=["a word ends near", "short", "one word", "no blanks"],
)
def test_long_text_is_cut_where_a_word_ends(text: str, cut: str) -> None:
    assert marked(text, (), length=100) == cut


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('by <a href="https://a.example/">Bruce</a>, with <em>care</em>.', "by Bruce, with care."),
        ("<code>a</code>&amp;<b>b</b>", "a&b"),
        ("<p>one</p><p>two<br>three</p>", " one  two three "),
    ],
)
def test_marks_inside_a_text_end_no_word(html: str, text: str) -> None:
    assert shown_text(html) == text


def test_long_text_is_cut_around_the_first_mark() -> None:
    html = str(
        marked("start " * 200 + "needle" + " end" * 200, read_query("needle").terms, length=100)
    )

    assert html.startswith("…")
    assert html.endswith("…")
    assert "<mark>needle</mark>" in html
    assert len(html) < 130


@pytest.mark.parametrize(
    ("word", "spellings"),
    [
        ("Tools", ["tool"]),
        ("happy", ["happi", "happy"]),
        ("École", ["ecol", "École"]),
        # Letters of other scripts are not the same to every database, large or small.
        ("МИР", ["МИР", "мир"]),
        ("模型", ["模型"]),
    ],
)
def test_spellings_of_which_none_has_another_in_it(word: str, spellings: list[str]) -> None:
    assert _spellings(word) == spellings

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.finding.text import Filter, Meaning, Term, addresses_of, read_query


def words(*each: str) -> tuple[tuple[Term, ...], ...]:
    """Groups of one word each, the last of which may go on."""
    return tuple((Term((word,), is_prefix=n == len(each)),) for n, word in enumerate(each, 1))


def closed(*each: str) -> tuple[tuple[Term, ...], ...]:
    """Groups of one whole word each."""
    return tuple((Term((word,)),) for word in each)


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        ("", Meaning()),
        ("  ?! ", Meaning()),
        ("Docker", Meaning(groups=words("docker"), name_key="docker", is_open=True)),
        ("docker ", Meaning(groups=closed("docker"), name_key="docker")),
        (
            "docker docker image",
            Meaning(
                groups=(*closed("docker"), *words("docker", "image")[1:]),
                name_key="docker image",
                is_open=True,
            ),
        ),
        (
            "open-source c++",
            Meaning(
                groups=((Term(("open", "source")),), (Term(("c++",), True),)),
                name_key="open source c++",
                is_open=True,
            ),
        ),
        (
            '"image builder" x ',
            Meaning(
                groups=((Term(("image", "builder"), is_quoted=True),), *closed("x")),
                name_key="image builder x",
            ),
        ),
        (
            "“image” ",
            Meaning(groups=((Term(("image",), is_quoted=True),),), name_key="image"),
        ),
        (
            "editor -java",
            Meaning(groups=closed("editor"), excluded=(Term(("java",), is_quoted=True),)),
        ),
        (
            '-"no code" editor ',
            Meaning(
                groups=closed("editor"), excluded=(Term(("no", "code"), is_quoted=True),)
            ),
        ),
        ("--help ", Meaning(groups=closed("help"), name_key="help")),
        ("a - b ", Meaning(groups=closed("b"), fillers=(Term(("a",)),), name_key="a b")),
        (
            "podman OR buildah | kaniko images ",
            Meaning(
                groups=(
                    (Term(("podman",)), Term(("buildah",)), Term(("kaniko",))),
                    *closed("images"),
                ),
                name_key="podman buildah kaniko images",
            ),
        ),
        ("OR x ", Meaning(groups=closed("or", "x")[1:], fillers=(Term(("or",)),), name_key="or x")),
        (
            'license:MIT -lang:zh in:"Command line" editor ',
            Meaning(
                groups=closed("editor"),
                filters=(
                    Filter("license", "MIT"),
                    Filter("lang", "zh", is_excluded=True),
                    Filter("in", "Command line"),
                ),
            ),
        ),
        ("许可：MIT", Meaning(filters=(Filter("许可", "MIT"),))),
        ("note: this ", Meaning(groups=closed("note", "this"), name_key="note this")),
        (":snake: ", Meaning(groups=closed("snake"), name_key="snake")),
        ("12:30 ", Meaning(groups=((Term(("12", "30")),),), name_key="12 30")),
        (
            "best editor for rust ",
            Meaning(
                groups=closed("editor", "rust"),
                fillers=(Term(("best",)), Term(("for",))),
                name_key="best editor for rust",
            ),
        ),
        ("how to ", Meaning(groups=closed("how", "to"), name_key="how to")),
        (
            "推荐一个图片压缩",
            Meaning(groups=((Term(("图片", "片压", "压缩")),),), name_key="图片 片压 压缩"),
        ),
        (
            "開源 大",
            Meaning(
                groups=((Term(("开源",)),), (Term(("大",), True),)),
                name_key="开源 大",
                is_open=True,
            ),
        ),
    ],
)  # fmt: skip
def test_query_means(query: str, meaning: Meaning) -> None:
    assert read_query(query) == replace(meaning, query=query)


@pytest.mark.parametrize(
    ("query", "addresses"),
    [
        ("editor", ()),
        ("two words", ()),
        ("mailto:a@b.example", ()),
        ("HTTP://www.A.example/Path/", ("https://a.example/Path", "https://a.example")),
        ("a.example/x?id=3", ("https://a.example/x?id=3",)),
        ("node.js", ("https://node.js",)),
        (
            "github.com/Owner/Repo/issues?q=x#top",
            (
                "https://github.com/owner/repo/issues?q=x",
                "https://github.com/owner/repo",
                "github.com/owner/repo",
            ),
        ),
        (
            "git@github.com:owner/repo.git",
            ("https://github.com/owner/repo", "github.com/owner/repo"),
        ),
        ("https://github.com/owner", ("https://github.com/owner",)),
    ],
)
def test_addresses_of(query: str, addresses: tuple[str, ...]) -> None:
    assert addresses_of(query) == addresses


@given(st.text(st.sampled_from('ab -"“:|OR.+/@大语1 '), max_size=30))
def test_every_query_means_something_or_nothing(query: str) -> None:
    meaning = read_query(query)

    terms = [*meaning.terms, *meaning.excluded]
    assert all(term.words for term in terms)
    assert bool(meaning) == bool(terms or meaning.filters or meaning.addresses)

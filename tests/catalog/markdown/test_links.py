"""What counts as a link in running text, as the same link, and as which kind of link."""

import html
import re

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.markdown.links import (
    MAX_CANONICAL,
    canonical_url,
    find_bare_urls,
    host_of,
    link_kind,
    repository_of,
    tracking_parameters,
)
from tests.lists import NAMES, needs_real_lists, read_list

PARTS = [
    "http://", "https://", "HTTPS://", "ftp://", "www.", "WWW.", "a", "b", "Com", ".", "..", "_",
    "-", "/", "//", "?", "!", ",", ":", "*", "~", "'", '"', "(", ")", ";", "&", "&amp;", "&#39;",
    "%20", "%", "%e4%b8%ad", "#", "=", "1", "@", "\\", "[", "]", " ", "\n", "\t", "中", "，", "。",
    "é", "\u00a0", "\u200b", "\x01", "\x7f", "😀", "…", "—", "index.html", ".git", "ref=x",
    "utm_source=x", "github.com", "gitlab.com", "arxiv.org", "doi.org", "huggingface.co", "tree",
    "blob", "main",
    "/-/", "abs", "2301.00001v2", ":80", "10.48550/arXiv.", "datasets",
]  # fmt: skip
texts = st.one_of(st.text(), st.lists(st.sampled_from(PARTS)).map("".join))
addresses = st.lists(st.sampled_from(PARTS)).map("".join).map("https://".__add__)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see http://a.org/b, or", [(4, 18, "http://a.org/b")]),
        ("www.a.org", [(0, 9, "http://www.a.org")]),
        ("HTTPS://A.org ftp://a.org", [(0, 13, "HTTPS://A.org"), (14, 25, "ftp://a.org")]),
        ("http://localhost/x", [(0, 18, "http://localhost/x")]),
        ("中http://a.org/中，好", [(1, 17, "http://a.org/中，好")]),
        ("(http://a.org/b)", [(1, 15, "http://a.org/b")]),
        ("http://a.org/b_(c)", [(0, 18, "http://a.org/b_(c)")]),
        ("http://a.org/b)c)", [(0, 16, "http://a.org/b)c")]),
        ("http://a.org/b&amp;", [(0, 14, "http://a.org/b")]),
        ("http://a.org/b;", [(0, 14, "http://a.org/b")]),
        ("http://a.org/b?c=d&e=f", [(0, 22, "http://a.org/b?c=d&e=f")]),
        ("http://a.org/b.,:!?'\"*_~", [(0, 14, "http://a.org/b")]),
        ("http://a.org/<b", [(0, 13, "http://a.org/")]),
        ("**www.a.org**", [(2, 11, "http://www.a.org")]),
        ("git+https://a.org", [(4, 17, "https://a.org")]),
        ("[x] http://a.org", [(4, 16, "http://a.org")]),
        ("\\[ http://a.org", [(3, 15, "http://a.org")]),
        ("http://a_b.org/", []),
        ("http://a_b.c.org/", [(0, 17, "http://a_b.c.org/")]),
        ("[http://a.org]", []),
        ("[ http://a.org", []),
        ("xhttp://a.org", []),
        ("xwww.a.org", []),
        ("，www.a.org", []),
        ("WWW.A.ORG", []),
        ("www.", []),
        ("https://", []),
        ("https://.a", []),
        ("mailto:a@b.org a@b.org", []),
    ],
)
def test_find_bare_urls_follows_github(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert list(find_bare_urls(text)) == expected


def links_of_cmark_gfm(paragraph: str) -> list[str]:
    page = cmarkgfm.github_flavored_markdown_to_html(paragraph)
    return [
        html.unescape(text)
        for target, text in re.findall(r'<a href="([^"]*)">(.*?)</a>', page, re.DOTALL)
        if not target.startswith(("mailto:", "xmpp:"))
    ]


@given(st.lists(st.sampled_from([part for part in PARTS if part not in {"\n", "\t"}])))
def test_find_bare_urls_finds_what_cmark_gfm_finds(parts: list[str]) -> None:
    # A letter first, and no space last: the text stays one paragraph.
    paragraph = "x" + "".join(parts).rstrip()
    if "](" in paragraph:
        return  # A link of another kind.
    results = [paragraph[start:end] for start, end, _ in find_bare_urls(paragraph)]
    assert results == links_of_cmark_gfm(paragraph)


@needs_real_lists
@pytest.mark.parametrize("name", NAMES)
def test_find_bare_urls_finds_what_cmark_gfm_finds_in_real_lines(name: str) -> None:
    # Lines without any other markup, so that they are paragraphs of their own.
    lines = [
        line.strip()
        for line in read_list(name).splitlines()
        if ("://" in line or "www." in line) and not re.search(r"[`<\]|]", line)
    ]
    lines = [re.sub(r"^(?:[-*+>#]+|\d+[.)])\s+", "", line) for line in lines]
    assert [[line[start:end] for start, end, _ in find_bare_urls(line)] for line in lines] == [
        links_of_cmark_gfm(line) for line in lines
    ]


@given(texts)
def test_find_bare_urls_yields_ordered_ranges(text: str) -> None:
    last = 0
    for start, end, url in find_bare_urls(text):
        assert last <= start < end <= len(text)
        assert url.endswith(text[start:end])
        last = end


@pytest.mark.parametrize(
    ("canonical", "spellings"),
    [
        (
            "https://a.org",
            ["http://a.org", "HTTPS://WWW.A.ORG/", "//a.org", "https://a.org:443/#top",
             "http://a.org:80/index.html", "https://a.org./?utm_source=x&fbclid=y",
             " https://a.org "],
        ),
        ("https://a.org/B", ["https://a.org/B/", "http://www.a.org/B?ref=awesome", "https://a.org/%42"]),
        ("https://a.org:8080/b", ["http://a.org:8080/b/"]),
        ("https://a.org?q=1", ["http://a.org/?q=1&utm_medium=x", "http://a.org?q=1&"]),
        ("https://a.org/中", ["https://a.org/%E4%B8%AD", "http://a.org/%e4%b8%ad/"]),
        ("https://a.org/b%2Fc%20d", ["https://a.org/b%2fc%20d"]),
        ("https://a.org#/tools", ["https://a.org/#/tools/"]),
        ("https://a.org", ["https://a.org/#/", "https://a.org/#!", "https://a.org/#!/"]),
        ("https://www.com", ["http://www.com/"]),
        ("ftp://a.org/b", ["FTP://A.org/b/"]),
        (
            "https://github.com/owner/repo",
            ["https://github.com/Owner/Repo", "http://www.github.com/owner/repo.git",
             "https://github.com/owner/repo/tree/main", "https://github.com/owner/repo#readme",
             "https://github.com/owner/repo/blob/master/README.md",
             "https://github.com/owner/repo?tab=readme-ov-file"],
        ),
        ("https://github.com/owner/repo/tree/main/A", ["https://github.com/Owner/Repo/tree/main/A/"]),
        ("https://github.com/owner/repo/blob/main/a/README.md", ["https://github.com/owner/Repo/blob/main/a/README.md"]),
        ("https://github.com/owner/repo/issues/1", ["https://github.com/Owner/repo.git/issues/1"]),
        ("https://github.com/topics/LLM", ["https://github.com/topics/LLM"]),
        ("https://github.com/Owner", ["https://github.com/Owner/"]),
        (
            "https://gitlab.com/group/sub/repo",
            ["https://gitlab.com/Group/sub/repo", "https://gitlab.com/group/sub/repo/-/tree/main",
             "https://gitlab.com/group/sub/repo/tree/main", "https://gitlab.com/group/sub/repo.git"],
        ),
        ("https://gitlab.com/group/repo/blob/main/x.md?ref=y", ["https://gitlab.com/group/repo/-/blob/main/x.md?ref=y&gclid=1"]),
        ("https://codeberg.org/owner/repo", ["https://codeberg.org/Owner/repo/src/branch/main"]),
        ("https://bitbucket.org/owner/repo", ["https://bitbucket.org/owner/repo/src", "https://bitbucket.org/owner/repo/overview"]),
        ("https://git.sr.ht/~owner/repo", ["https://git.sr.ht/~owner/repo/tree"]),
        ("https://huggingface.co/org/name-7b", ["https://huggingface.co/Org/Name-7B", "https://hf.co/org/name-7b/tree/main"]),
        ("https://huggingface.co/datasets/org/name", ["https://huggingface.co/datasets/Org/name/"]),
        ("https://huggingface.co/spaces/org/name", ["https://huggingface.co/spaces/org/Name?logs=build"]),
        ("https://huggingface.co/docs/hub", ["https://huggingface.co/docs/hub/"]),
        (
            "https://arxiv.org/abs/2301.00001",
            ["https://arxiv.org/abs/2301.00001v3", "http://arxiv.org/pdf/2301.00001.pdf",
             "https://www.arxiv.org/pdf/2301.00001v2", "https://arxiv.org/html/2301.00001v1",
             "https://doi.org/10.48550/arXiv.2301.00001", "https://ar5iv.org/abs/2301.00001"],
        ),
        ("https://arxiv.org/abs/math.gt/0309136", ["http://arxiv.org/abs/math.GT/0309136v1"]),
        ("https://doi.org/10.1000/xyz", ["https://dx.doi.org/10.1000/XYZ"]),
        ("", ["", "#a", "docs/a.md", "/a", "mailto:a@b.org", "javascript:alert(1)", "data:,x",
              "git@github.com:o/r.git", "https://", "http:///a", "tg://resolve"]),
    ],
)  # fmt: skip
def test_canonical_url_is_one_for_all_spellings(canonical: str, spellings: list[str]) -> None:
    assert [canonical_url(spelling) for spelling in spellings] == [canonical] * len(spellings)


def test_canonical_url_distinguishes_different_things() -> None:
    urls = [
        "https://github.com/owner/repo",
        "https://github.com/owner/repo/tree/main/one",
        "https://github.com/owner/repo/tree/main/two",
        "https://github.com/owner/repo/blob/main/README_zh.md",
        "https://github.com/owner/repo/wiki",
        "https://huggingface.co/owner/repo",
        "https://huggingface.co/datasets/owner/repo",
        "https://huggingface.co/spaces/owner/repo",
        "https://gitlab.com/owner/repo",
        "https://gitlab.com/owner/repo/sub",
        "https://a.org/x",
        "https://a.org/X",
        "https://a.org/x?id=1",
        "https://b.a.org/x",
        "https://a.org/#/one",
        "https://a.org/#/two",
    ]
    assert len({canonical_url(url) for url in urls}) == len(urls)


def test_canonical_url_of_a_long_address_fits_its_column() -> None:
    one, two = (canonical_url(f"https://a.org/{'x' * 5000}{end}") for end in "12")
    assert (len(one), one[:190] == two[:190], one == two) == (MAX_CANONICAL, True, False)
    assert canonical_url(one) == one


@given(st.one_of(texts, addresses))
def test_canonical_url_is_idempotent_and_fits(url: str) -> None:
    canonical = canonical_url(url)
    assert canonical_url(canonical) == canonical
    assert len(canonical) <= MAX_CANONICAL


@given(st.one_of(texts, addresses))
def test_links_never_raise(url: str) -> None:
    assert isinstance(repository_of(url), str)
    assert isinstance(tracking_parameters(url), list)
    assert len(host_of(url)) <= 255
    assert link_kind(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.org" + "/index.html" * 100_000,
        "https://a.org/" + "%" * 1_000_000,
        "https://a.org/?" + "utm_a=1&" * 100_000,
        "https://github.com/owner/repo" + ".git" * 200_000,
        "https://gitlab.com" + "/a" * 200_000,
        "https://" + "www." * 200_000,
        "http://a_" * 100_000,
        "_www." * 200_000,
        "http://a.org/" + "(" * 300_000 + ")" * 300_000,
        "http://a.org/a" + ";" * 500_000,
    ],
    ids=lambda url: url[:40],
)
def test_links_are_linear(url: str) -> None:
    # Seconds each if they were quadratic; milliseconds as they are.
    canonical_url(url)
    repository_of(url)
    link_kind(url)
    tracking_parameters(url)
    assert list(find_bare_urls(url))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/Owner/Repo/tree/main/dir", "github.com/owner/repo"),
        ("https://www.github.com/owner/repo.git", "github.com/owner/repo"),
        ("https://gitlab.com/group/sub/repo/-/issues/1", "gitlab.com/group/sub/repo"),
        ("https://github.com/owner", ""),
        ("https://github.com/sponsors/owner", ""),
        ("https://gist.github.com/owner/1234", ""),
        ("https://a.org/owner/repo", ""),
        ("docs/owner/repo", ""),
    ],
)
def test_repository_of(url: str, expected: str) -> None:
    assert repository_of(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://WWW.A.org:8080/b", "a.org"),
        ("//user:secret@a.org/", "a.org"),
        ("http://[::1]:80/", "[::1]"),
        ("https://例え.jp/", "例え.jp"),
        ("mailto:a@b.org", ""),
        ("#a", ""),
    ],
)
def test_host_of(url: str, expected: str) -> None:
    assert host_of(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.org", "site"),
        ("ftp://a.org", "site"),
        ("tg://resolve?domain=x", "site"),
        ("https://github.com/owner", "site"),
        ("https://github.com/owner/repo/wiki", "repository"),
        ("https://huggingface.co/org/name", "model"),
        ("https://huggingface.co/org/name/blob/main/LICENSE", "model"),
        ("https://huggingface.co/org", "site"),
        ("https://huggingface.co/docs/hub", "site"),
        ("https://huggingface.co/datasets/org/name", "dataset"),
        ("https://huggingface.co/spaces/org/name", "space"),
        ("https://huggingface.co/papers/2301.00001", "paper"),
        ("https://modelscope.cn/models/org/name/summary", "model"),
        ("https://arxiv.org/pdf/2301.00001", "paper"),
        ("https://arxiv.org/", "site"),
        ("https://doi.org/10.1/x", "paper"),
        ("https://www.youtube.com/watch?v=x", "video"),
        ("https://www.youtube.com/", "site"),
        ("https://pypi.example/project/x/", "package"),
        ("#a", "internal"),
        ("", "internal"),
        ("docs/a.md", "relative"),
        ("../a", "relative"),
        ("MAILTO:a@b.org", "mail"),
    ],
)
def test_link_kind(url: str, expected: str) -> None:
    assert link_kind(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.org/?utm_source=x&id=1&UTM_medium=y", ["utm_source", "UTM_medium"]),
        ("https://a.org/?ref=x&fbclid=y", ["ref", "fbclid"]),
        ("https://gitlab.com/owner/repo/-/issues?ref=main", []),
        ("https://a.org/?reference=x&source=y", []),
        ("https://a.org/#?utm_source=x", []),
        ("docs?utm_source=x", []),
    ],
)
def test_tracking_parameters(url: str, expected: list[str]) -> None:
    assert tracking_parameters(url) == expected

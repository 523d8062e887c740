"""Where relative links of a README lead to, by where the README lives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rendering.html import SourceLinks

SECTIONS = {"": "/list/", "tools": "/list/tools/", "工具": "/list/tools-2/"}
REPOSITORY = "https://github.com/Owner/Repo"


@pytest.mark.parametrize(
    ("source_url", "url", "expected"),
    [
        (REPOSITORY, "#tools", "/list/tools/"),
        (REPOSITORY, "#Tools", "/list/tools/"),
        (REPOSITORY, "#-tools-", "/list/tools/"),
        (REPOSITORY, "#-", f"{REPOSITORY}#-"),
        (REPOSITORY, "#%E5%B7%A5%E5%85%B7", "/list/tools-2/"),
        (REPOSITORY, "README.md#tools", "/list/tools/"),
        (REPOSITORY, "./readme.md", "/list/"),
        (REPOSITORY, "", "/list/"),
        (REPOSITORY, "#gone", f"{REPOSITORY}#gone"),
        (REPOSITORY, "docs/a.md#b", f"{REPOSITORY}/blob/HEAD/docs/a.md#b"),
        (REPOSITORY, "/docs/a.md", f"{REPOSITORY}/blob/HEAD/docs/a.md"),
        (REPOSITORY, "../../issues", f"{REPOSITORY}/issues"),
        (f"{REPOSITORY}.git", "a.md", f"{REPOSITORY}/blob/HEAD/a.md"),
        (f"{REPOSITORY}/blob/main/docs/LIST.md", "a.md", f"{REPOSITORY}/blob/main/docs/a.md"),
        (f"{REPOSITORY}/blob/main/docs/LIST.md", "../a.md", f"{REPOSITORY}/blob/main/a.md"),
        (f"{REPOSITORY}/blob/main/docs/LIST.md", "/a.md", f"{REPOSITORY}/blob/main/a.md"),
        (f"{REPOSITORY}/blob/main/docs/LIST.md", "list.md#tools", "/list/tools/"),
        (f"{REPOSITORY}/tree/main/docs", "a.md", f"{REPOSITORY}/blob/main/docs/a.md"),
        (
            "https://raw.githubusercontent.com/Owner/Repo/refs/heads/main/README.md",
            "a.md",
            f"{REPOSITORY}/blob/main/a.md",
        ),
        (
            "https://gitlab.com/group/sub/repo/-/blob/main/README.md",
            "a.md",
            "https://gitlab.com/group/sub/repo/-/blob/main/a.md",
        ),
        ("https://codeberg.org/o/r", "a.md", "https://codeberg.org/o/r/src/HEAD/a.md"),
        (
            "https://codeberg.org/o/r/src/branch/main/README.md",
            "a.md",
            "https://codeberg.org/o/r/src/branch/main/a.md",
        ),
        ("https://a.org/lists/tools.html", "a.html", "https://a.org/lists/a.html"),
        ("https://a.org/lists/", "/a.html", "https://a.org/a.html"),
        ("https://a.org", "a.html", "https://a.org/a.html"),
        ("", "#tools", "/list/tools/"),
        ("", "a.md", ""),
        ("", "#gone", ""),
        (REPOSITORY, "http://[", ""),
    ],
)
def test_links_resolve_like_on_the_code_host(source_url: str, url: str, expected: str) -> None:
    assert SourceLinks(source_url, SECTIONS)(url, False) == expected


@pytest.mark.parametrize(
    ("source_url", "url", "expected"),
    [
        (REPOSITORY, "img/a.png", f"{REPOSITORY}/raw/HEAD/img/a.png"),
        (f"{REPOSITORY}/blob/main/docs/LIST.md", "a.png", f"{REPOSITORY}/raw/main/docs/a.png"),
        (f"{REPOSITORY}/blob/main/docs/LIST.md", "/a.png", f"{REPOSITORY}/raw/main/a.png"),
        ("https://a.org/lists/", "a.png", "https://a.org/lists/a.png"),
        ("", "a.png", ""),
    ],
)
def test_pictures_resolve_to_their_bytes(source_url: str, url: str, expected: str) -> None:
    assert SourceLinks(source_url, SECTIONS)(url, True) == expected


@given(st.text(), st.text(), st.booleans())
def test_source_links_never_raise(source_url: str, url: str, is_image: bool) -> None:
    assert isinstance(SourceLinks(source_url, SECTIONS)(url, is_image), str)
    assert isinstance(SourceLinks(f"{REPOSITORY}/{source_url}", {})(url, is_image), str)

"""What readers call facets."""

import pytest
from django.utils import translation

from catalog.browsing import Selection
from catalog.column_roles import FACETS
from catalog.pages.browse import EntryRow, tag_links
from catalog.sentences import FACET_NAMES, facet_name, tag_name


@pytest.mark.parametrize(
    ("slug", "name", "english", "chinese"),
    [
        ("license", "License", "Licence", "许可证"),
        ("license", "许可证", "Licence", "许可证"),
        ("base-model", "Base model", "Base model", "基座模型"),
        ("base-model", "BACKBONE", "Base model", "基座模型"),
        ("added-in", "Added in", "Added in", "加入时间"),
        ("rating", "☆", "Rating", "评分"),
        # Somebody chose these.
        ("license", "Terms of use", "Terms of use", "Terms of use"),
        ("topic", "License", "License", "License"),
        ("wheels", "Wheels", "Wheels", "Wheels"),
    ],
)
def test_facet_is_called_in_the_readers_language_unless_somebody_named_it(
    slug: str, name: str, english: str, chinese: str
) -> None:
    names = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            names.append(facet_name(slug, name))

    assert names == [english, chinese]


def test_every_known_meaning_has_a_name() -> None:
    assert set(FACETS) - set(FACET_NAMES) == set()


@pytest.mark.parametrize(
    ("facet", "name", "english", "chinese"),
    [
        ("text-language", "English", "English", "英语"),
        ("text-language", "中文", "Chinese", "中文"),
        ("language", "en", "English", "英语"),
        ("language", "ZH", "Chinese", "中文"),
        ("language", "Deutsch", "German", "德语"),
        ("language", "Go", "Go", "Go"),
        ("language", "multi", "multi", "multi"),
        ("country", "de", "de", "de"),
        ("link-kind", "repository", "repository", "代码仓库"),
        ("link-kind", "wiki", "wiki", "wiki"),
        ("host", "model", "model", "model"),
    ],
)
def test_languages_and_kinds_are_called_in_the_readers_language(
    facet: str, name: str, english: str, chinese: str
) -> None:
    names = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            names.append(tag_name(facet, name))

    assert names == [english, chinese]


def test_link_to_a_tag_is_in_each_readers_language_one_after_the_other() -> None:
    rows = [(1, EntryRow("", "Kite", "Kite", "", "", "", "Toys"))]
    tags = [(1, "text-language", "en", "English", "Language of the text")]
    links = []
    for language in ("en", "zh-hans", "en"):
        with translation.override(language):
            links.append(tag_links(Selection(), rows, tags)[1])

    start = '<li><a href="?tag=text-language:en" rel="nofollow"'
    english, chinese = f"{start}>English</a></li>", f'{start} lang="zh">英语</a></li>'
    assert links == [[english], [chinese], [english]]

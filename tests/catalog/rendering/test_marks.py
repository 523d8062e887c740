"""Marks before a description, and the separators that its line had."""

import pytest

from catalog.rendering import without_separator


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<code>⚠</code> - Tracks trends.", "<code>⚠</code> Tracks trends."),
        ("- Low-code library - and more.", "Low-code library - and more."),
        (" • <a href='https://a.example/'>A</a>", "<a href='https://a.example/'>A</a>"),
        ("-Web调试代理。", "Web调试代理。"),
        ("—中文说明 - 更多", "中文说明 - 更多"),
        (":books: Free books - all.", ":books: Free books - all."),
        ("-v prints more - or less.", "-v prints more - or less."),
        ("Nmap - the mapper.", "Nmap - the mapper."),
        ("", ""),
    ],
)
def test_separators_are_not_shown_where_nothing_stands_before_them(html: str, shown: str) -> None:
    assert without_separator(html) == shown

"""Which column of a table holds the name of the thing, and which describes it."""

from __future__ import annotations

import re

from catalog.markdown.fields import is_generic
from catalog.markdown.inline import plain_text
from catalog.markdown.nodes import Cell, Link, LinkForm, Listing

# Headers of the column that says what the thing is called: for words in several, all of them
# joined by `-` are looked up too.
_NAME_HEADERS = frozenset(
    {
        "algorithm", "api", "app", "application", "apps", "architecture", "article", "awesome",
        "benchmark", "blog", "book", "books", "channel", "company", "corpus", "course", "courses",
        "data", "dataset", "datasets", "extension", "feed", "feeds", "font", "framework", "game",
        "item", "language-model", "library", "list", "llm", "method", "model", "models", "movie",
        "name", "names", "nom", "nombre", "package", "paper", "papers", "platform", "plugin",
        "podcast", "product", "program", "project", "projects", "projet", "provider", "proyecto",
        "repo", "repository", "resource", "resources", "script", "service", "site", "software",
        "source", "theme", "titel", "title", "titre", "tool", "tools", "topic", "tutorial",
        "título", "video", "website", "websites", "имя", "название", "проект", "ツール",
        "プロジェクト", "モデル", "ライブラリ", "书名", "产品", "名", "名前", "名字", "名称",
        "大模型", "工具", "平台", "应用", "数据集", "标题", "模型", "模型名称", "网站", "论文",
        "软件", "项目", "项目名", "项目名称", "이름",
    }
)  # fmt: skip
# Headers of the column that says what it is.
_DESCRIPTION_HEADERS = frozenset(
    {
        "about", "abstract", "comment", "comments", "desc", "descripcion", "descripción",
        "description", "descriptions", "details", "feature", "features", "introduction",
        "main-feature", "note", "notes", "overview", "purpose", "remark", "remarks", "summary",
        "описание", "主要特点", "介绍", "功能", "备注", "描述", "概要", "概述", "特点", "简介",
        "説明", "说明", "설명",
    }
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"[\W\d_]*\Z")
_LONG = 25
"""Mean length in characters from which a column's text reads as a description."""


def guess_columns(listing: Listing, rows: list[tuple[list[Cell], list[Link]]]) -> None:
    """Set the listing's name and description column from its header and some of its rows."""
    width = max([len(listing.header), *[len(cells) for cells, _links in rows]], default=0)
    if not width:
        return
    texts: list[list[str]] = [[] for _ in range(width)]
    linked = [0] * width
    for cells, links in rows:
        for number, cell in enumerate(cells):
            text = plain_text(cell.text)
            texts[number].append(text)
            start, end = cell.slot
            if any(
                start <= link.slot.start < end
                and not link.is_image_only
                and link.form not in {LinkForm.BARE, LinkForm.AUTOLINK}
                and not is_generic(link.text)
                for link in links
            ):
                linked[number] += 1
    headers = [_words(header) for header in listing.header] + [set()] * width
    half = max(len(rows), 1) / 2

    def rank(number: int) -> tuple[float, ...]:
        filled = [text for text in texts[number] if text]
        named = bool(headers[number] & _NAME_HEADERS)
        described = bool(headers[number] & _DESCRIPTION_HEADERS) and not named
        wordy = sum(not is_generic(text) and "://" not in text for text in filled) >= half
        distinct = len(set(filled)) * 3 >= len(filled) * 2
        return (
            named and wordy and linked[number] >= half,
            named and wordy and distinct,
            linked[number] >= half and not described,
            wordy and distinct and not described,
            wordy,
            -number,
        )

    listing.name_column = max(range(width), key=rank)
    listing.description_column = None
    best = float(_LONG)
    for number in range(width):
        if number == listing.name_column:
            continue
        if headers[number] & _DESCRIPTION_HEADERS:
            listing.description_column = number
            return
        filled = [0 if "://" in text else len(text) for text in texts[number] if text]
        mean = sum(filled) / len(filled) if filled else 0.0
        if mean > best:
            best, listing.description_column = mean, number


def _words(header: str) -> set[str]:
    folded = header.casefold().strip()
    return {folded.replace(" ", "-"), *_WORD.findall(folded)}

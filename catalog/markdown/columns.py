"""Which column of a table holds the name of the thing, and which describes it."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field

from catalog.markdown.inline import plain_text
from catalog.markdown.link_names import SHOWN_AS_ADDRESS, is_address, is_generic
from catalog.markdown.nodes import Cell, Link, Listing

# Headers of the column that says what the thing is called, words joined by `-`. The first such
# column names the rows, whether links are in it or not.
_NAME_HEADERS = frozenset(
    {
        "ad", "adı", "algorithm", "algorithms", "api", "app", "application", "applications", "apps",
        "benchmark", "book", "books", "channel", "corpus", "course", "courses", "dataset",
        "datasets", "extension", "feed", "font", "framework", "game", "isim", "item",
        "language-model", "library", "llm", "method", "methods", "model", "models", "movie", "name",
        "names", "nom", "nombre", "package", "platform", "plugin", "podcast", "product", "program",
        "project", "projects", "projet", "proyecto", "script", "service", "software", "theme",
        "titel", "title", "titles", "titre", "tool", "tools", "título", "имя", "название", "проект",
        "タイトル", "ツール", "データセット", "プロジェクト", "モデル", "ライブラリ", "书名",
        "产品", "产品名称", "內容", "内容", "名", "名前", "名字", "名称", "名稱", "大模型", "工具",
        "工具名称", "平台", "应用", "数据集", "标题", "模型", "模型名称", "网站", "课程", "软件",
        "项目", "项目名", "项目名称", "이름", "제목",
    }
)  # fmt: skip
# Headers of a column that names the thing if links are in it, and goes with it if not.
_MAYBE_NAME_HEADERS = frozenset(
    {
        "architecture", "article", "articles", "awesome", "blog", "company", "data", "entry",
        "list", "paper", "papers", "provider", "repo", "repository", "resource", "resources",
        "site", "source", "topic", "tutorial", "video", "website", "websites", "公司", "机构",
        "論文", "论文", "资源",
    }
)  # fmt: skip
# Headers of a column with nothing but links or pictures.
_LINK_HEADERS = frozenset(
    {
        "code", "demo", "download", "enlace", "github", "hf", "homepage", "huggingface", "icon",
        "lien", "link", "links", "logo", "opml", "paper-link", "rss", "site-link", "url", "urls",
        "website-link", "ссылка", "ссылки", "リンク", "下载", "下载地址", "主页", "地址", "官网",
        "查看", "连接", "連接", "链接", "项目地址", "링크",
    }
)  # fmt: skip
# Headers of the column that says what it is.
_DESCRIPTION_HEADERS = frozenset(
    {
        "about", "abstract", "açıklama", "comment", "comments", "desc", "descripcion",
        "descripción", "description", "descriptions", "details", "feature", "features",
        "introduction", "main-feature", "main-features", "note", "notes", "overview", "purpose",
        "remark", "remarks", "summary", "описание", "主要特点", "介绍", "功能", "备注", "描述",
        "概要", "概述", "特点", "简介", "説明", "说明", "설명",
    }
)  # fmt: skip
_PHRASE = re.compile(r"\s*(?:[/,&|、]|\bor\b|\band\b)\s*")
_BOLD = ("**", "__", "<b>", "<strong>", "[**", "[__")
_MANY = 1000
"""More columns than a table has."""
_LONG = 40
"""Mean width in columns of a terminal from which a column's text reads as a description."""


@dataclass(slots=True)
class _Column:
    """What the header and some rows tell about a column."""

    number: int
    phrases: set[str]
    texts: list[str] = field(default_factory=list)
    linked: int = 0
    bold: int = 0

    def name_rank(self, rows: int) -> tuple[bool | int, ...]:
        """The greater, the likelier the names stand here."""
        half = max(rows, 1) / 2
        texts = [text for text in self.texts if text]
        wordy = sum(not is_generic(text) and not is_address(text) for text in texts) >= half
        distinct = wordy and len(set(texts)) * 3 >= len(texts) * 2
        described = bool(self.phrases & _DESCRIPTION_HEADERS)
        named = not self.phrases.isdisjoint(_NAME_HEADERS)
        maybe = named or not self.phrases.isdisjoint(_MAYBE_NAME_HEADERS)
        marked = self.linked >= half or (self.bold >= half and distinct)
        other = not described and self.phrases.isdisjoint(_LINK_HEADERS)
        return (
            _MANY - self.number if named and distinct else 0,
            maybe and wordy and marked,
            marked and other,
            distinct and other,
            wordy and not described,
            wordy,
            -self.number,
        )

    def mean_width(self) -> float:
        """How wide its texts are; CJK characters count twice, addresses nothing."""
        widths = [
            0 if "://" in text else len(text) + sum(map("\u2e80".__le__, text))
            for text in self.texts
            if text
        ]
        return sum(widths) / len(widths) if widths else 0.0


def guess_columns(listing: Listing, rows: list[tuple[list[Cell], list[Link]]]) -> None:
    """Set the listing's name and description column from its header and some of its rows."""
    width = max([len(listing.header), *[len(cells) for cells, _links in rows]], default=0)
    if not width:
        return
    headers = [*listing.header, *[""] * width]
    columns = [_Column(number, _phrases(headers[number])) for number in range(width)]
    for cells, links in rows:
        telling = [
            link.slot.start
            for link in links
            if not link.is_image_only
            and link.form not in SHOWN_AS_ADDRESS
            and not is_generic(link.text)
        ]
        for column, (markdown, (start, end)) in zip(columns, cells, strict=False):
            column.texts.append(plain_text(markdown) or plain_text(markdown, alt=True))
            column.bold += markdown.startswith(_BOLD)
            first = bisect_left(telling, start)
            column.linked += first < len(telling) and telling[first] < end
    name = max(columns, key=lambda column: column.name_rank(len(rows)))
    others = [column for column in columns if column is not name]
    listing.name_column = name.number
    listing.description_column = _description_column(others)


def _description_column(columns: list[_Column]) -> int | None:
    """The column whose header says so, else the one with the longest texts."""
    for column in columns:
        if column.phrases & _DESCRIPTION_HEADERS:
            return column.number
    widest = max(columns, key=_Column.mean_width, default=None)
    return widest.number if widest and widest.mean_width() > _LONG else None


def _phrases(header: str) -> set[str]:
    """What a header names: `Model/Project` two things, `App name` an app and a name."""
    phrases = [phrase.split() for phrase in _PHRASE.split(header.casefold().strip()) if phrase]
    found = {"-".join(words) for words in phrases}
    for words in phrases:
        if words and words[-1].strip("()") in {"name", "names", "title"}:
            found.add("name")
    return found

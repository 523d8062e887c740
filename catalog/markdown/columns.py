"""Which column of a table holds the name of the thing, and which describes it."""

from __future__ import annotations

import re

from catalog.markdown.fields import is_generic
from catalog.markdown.inline import plain_text
from catalog.markdown.nodes import Cell, Link, LinkForm, Listing

_NAME_HEADERS = frozenset(
    """
    algorithm api app apps application architecture article awesome benchmark blog book books
    channel company corpus course courses data dataset datasets extension feed feeds font framework
    game item language-model library list llm method model models movie name names package paper
    papers platform plugin podcast product program project projects provider repo repository
    resource resources script service site software source theme title tool tools topic tutorial
    video website websites
    名称 名字 名 项目 项目名 项目名称 模型 模型名称 大模型 工具 数据集 论文 标题 产品 平台 软件 网站 应用 书名
    名前 プロジェクト ツール ライブラリ モデル 이름 название имя проект nombre proyecto nom projet name название
    título titre titel
    """.split()
)
_DESCRIPTION_HEADERS = frozenset(
    """
    about abstract comment comments desc description descriptions details feature features
    introduction main-feature notes note overview purpose remark remarks summary
    描述 简介 介绍 说明 备注 特点 主要特点 功能 概述 説明 概要 설명 описание descripción descripcion
    """.split()
)
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

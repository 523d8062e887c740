"""Every code of the codec and the checks has a sentence, in both languages."""

import ast
import re
from collections.abc import Iterator, Mapping

import pytest
from django.conf import settings
from django.utils.translation import override

from catalog.markdown.linting import Finding, Severity
from catalog.markdown.nodes import BlockKind
from catalog.markdown.writing.layout import CodecError
from catalog.sentences import (
    FIELDS,
    IN_LIST,
    IN_PROPOSAL,
    KINDS,
    REFUSALS,
    SEVERITIES,
    finding_sentence,
    refusal_sentence,
)

NUMBERS = [
    "above",
    "better",
    "cells",
    "columns",
    "count",
    "first",
    "length",
    "level",
    "limit",
    "number",
    "status",
]
PLACEHOLDER = re.compile(r"%\((\w+)\)")
# What stays as it is in any language.
INTERNATIONAL = re.compile(r"https?(://)?|HTML|README|<br />|URL|U\+")


def values_of(sentence: str) -> dict[str, str | int]:
    """A value for each placeholder, none of which has a Latin letter."""
    names = PLACEHOLDER.findall(sentence)
    return {name: 7 if name in NUMBERS else "值" for name in names}


def refusals() -> Iterator[CodecError]:
    for code, sentence in REFUSALS.items():
        values = values_of(str(sentence))
        fields = [*FIELDS, "cell 2"] if values.pop("field", None) else ["source"]
        kinds = [{"kind": kind} for kind in KINDS] if values.pop("kind", None) else [{}]
        for field in fields:
            for kind in kinds:
                yield CodecError(code, field, **values, **kind)


def findings(table: Mapping[str, object], line: int) -> Iterator[Finding]:
    for key, sentence in table.items():
        code, _dot, variant = key.partition(".")
        yield Finding(code, Severity.NOTE, values_of(str(sentence)), variant, line=line)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_sentence_is_in_the_language_of_its_reader(language: str) -> None:
    with override("en"):
        refused = list(refusals())
        noticed = [*findings(IN_LIST, 1), *findings(IN_PROPOSAL, 0)]
    with override(language):
        sentences = [
            *map(refusal_sentence, refused),
            *map(finding_sentence, noticed),
            *map(str, SEVERITIES.values()),
        ]

    english = [one for one in sentences if re.search("[A-Za-z]{2}", INTERNATIONAL.sub("", one))]
    assert english == (sentences if language == "en" else [])


def test_field_of_a_refusal_is_called_as_its_reader_calls_it() -> None:
    sentence = "%s must fit on one line. Use <br /> to break a line in a cell."

    for header, name in [("", "The cell 2"), ("Licence", "“Licence”")]:
        error = CodecError("line-break-in-cell", "cell 2")
        assert refusal_sentence(error, header) == sentence % name


def test_finding_stored_with_its_sentence_keeps_it() -> None:
    finding = Finding("no-longer-known", Severity.NOTE, {"message": "It is odd."})

    assert finding_sentence(finding) == "It is odd."


def codes_used(folder: str, functions: set[str], position: int) -> set[str]:
    """The literal codes that calls of these functions pass, with their literal variants."""
    codes = set()
    for path in (settings.BASE_DIR / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in functions and len(node.args) > position:
                code = node.args[position]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    codes.add(code.value)
    return codes


def test_every_code_that_is_used_has_a_sentence() -> None:
    assert codes_used("catalog/markdown", {"CodecError"}, 0) <= set(REFUSALS)
    assert codes_used("catalog/markdown", {"in_entry"}, 2) <= set(IN_LIST)
    assert codes_used("catalog/markdown", {"in_block"}, 3) <= set(IN_LIST)
    assert codes_used("submissions", {"finding"}, 0) <= set(IN_PROPOSAL)
    assert {kind.value for kind in BlockKind} == set(KINDS)

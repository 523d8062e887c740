"""The part of GitHub's published description of its interface that the site uses.

`github.json` is cut out of the package `@octokit/openapi`, as it is published (MIT), so that tests
need no network; `.ci/run` compares it with the package where npm can get that. To cut it anew:

    npm pack @octokit/openapi && tar -xzf octokit-openapi-*.tgz
    python -m tests.git.github_description package/generated/api.github.com.json

What is sent is held against it, and so is what the stand-in answers; its answers are the examples
there with the fields of the case.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs

FILE = Path(__file__).with_name("github.json")
OPERATIONS = {
    "/repos/{owner}/{repo}/pulls": ("get", "post"),
    "/repos/{owner}/{repo}/pulls/{pull_number}": ("patch",),
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ("get", "post"),
    "/repos/{owner}/{repo}/issues/comments/{comment_id}": ("patch",),
    "/repos/{owner}/{repo}/statuses/{sha}": ("post",),
    "/repos/{owner}/{repo}/installation": ("get",),
    "/app/installations/{installation_id}/access_tokens": ("post",),
}


@cache
def description() -> Any:
    """The part, with what may be null said as JSON Schema says it."""
    return _nullable(json.loads(FILE.read_text("utf-8")))


def operation_of(method: str, path: str) -> Any:
    """The operation that a request is one of."""
    for template, methods in description()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in methods:
            return methods[method.lower()]
    raise AssertionError(f"GitHub has no {method} {path}")


def check_request(method: str, path: str, query: str, body: Any) -> None:
    """Raise `AssertionError` for a request that GitHub does not describe."""
    operation = operation_of(method, path)
    known = {_resolved(one)["name"]: _resolved(one)["schema"] for one in operation["parameters"]}
    for name, text in parse_qsl(query):
        assert name in known, f"{method} {path} has no parameter {name}"
        schema = known[name]
        value: Any = int(text) if schema.get("type") == "integer" else text
        jsonschema_rs.validate(schema, value)
    if body is None:
        assert "requestBody" not in operation or method == "PATCH"
        return
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    _check(schema, body)
    unknown = body.keys() - schema["properties"].keys()
    assert not unknown, f"{method} {path} has no field {unknown}"


def answer_to(method: str, path: str, **fields: Any) -> Any:
    """The example of a good answer with other fields; of a list its one element."""
    operation = operation_of(method, path)
    _status, response = next(iter(operation["responses"].items()))
    content = response["content"]["application/json"]
    example = deepcopy(_resolved(next(iter(content["examples"].values())))["value"])
    row = example[0] if isinstance(example, list) else example
    # The examples' teams lack what the description asks of a team.
    fields = {name: [] for name in row if name == "requested_teams"} | fields
    for name, value in fields.items():
        if isinstance(value, dict) and isinstance(row.get(name), dict):
            _merge(row[name], value)
        else:
            row[name] = value
    _check(content["schema"], [row] if isinstance(example, list) else row)
    return row


def _merge(row: dict[str, Any], values: dict[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, dict) and isinstance(row.get(name), dict):
            _merge(row[name], value)
        else:
            row[name] = value


def _check(schema: Any, value: Any) -> None:
    _validator(json.dumps(schema)).validate(value)


@cache
def _validator(schema: str) -> Any:
    root = {**json.loads(schema), "components": description()["components"]}
    return jsonschema_rs.validator_for(root)


def _resolved(value: Any) -> Any:
    if "$ref" not in value:
        return value
    node = description()
    for part in value["$ref"][2:].split("/"):
        node = node[part]
    return node


def _nullable(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable`, JSON Schema one more type."""
    if isinstance(node, list):
        return [_nullable(part) for part in node]
    if not isinstance(node, dict):
        return node
    node = {name: _nullable(part) for name, part in node.items()}
    if node.pop("nullable", None) is True:
        return {"anyOf": [node, {"type": "null"}]}
    return node


def cut(whole: Any) -> Any:
    """The operations that are used, with all that they refer to."""
    paths = {
        path: {method: whole["paths"][path][method] for method in methods}
        for path, methods in OPERATIONS.items()
    }
    components: dict[str, dict[str, Any]] = {}
    left = list(_references(paths))
    while left:
        kind, name = left.pop().split("/")[2:]
        if name not in components.setdefault(kind, {}):
            components[kind][name] = whole["components"][kind][name]
            left += _references(components[kind][name])
    named = {name: whole[name] for name in ("openapi", "info")}
    return {**named, "paths": paths, "components": components}


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from _references(part)


if __name__ == "__main__":
    part = cut(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    if "--check" not in sys.argv:
        text = json.dumps(part, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        FILE.write_text(text + "\n", "utf-8")
    elif part != json.loads(FILE.read_text("utf-8")):
        sys.exit(f"{FILE.name} is not what @octokit/openapi says.")

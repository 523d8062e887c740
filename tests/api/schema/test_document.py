"""The schema as a document: valid, whole, and the same for everybody."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest
import yaml
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.validation import validate_schema
from rest_framework.exceptions import APIException

from catalog.errors import CatalogError
from config.errors import PROBLEMS
from config.schema import LINKS
from config.views import document
from submissions.errors import status_of

OWN = ("accounts", "api", "background", "catalog", "config", "submissions")


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def subclasses[T](kind: type[T]) -> Iterator[type[T]]:
    for package in OWN:
        for module in walk_packages(import_module(package).__path__, f"{package}."):
            if ".migrations" not in module.name:
                import_module(module.name)
    waiting = kind.__subclasses__()
    while waiting:
        results = waiting.pop()
        yield results
        waiting += results.__subclasses__()


def test_document_is_valid_openapi() -> None:
    validate_schema(document())  # type: ignore[no-untyped-call]

    assert document()["openapi"] == "3.1.1"


def test_generating_it_warns_of_nothing() -> None:
    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        spectacular_settings.DEFAULT_GENERATOR_CLASS().get_schema(request=None, public=True)

    assert [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache] == []


def test_every_operation_has_its_summary_and_one_known_tag() -> None:
    tags = [tag["name"] for tag in document()["tags"]]
    lacking = [
        name
        for name, operation in operations()
        if not operation.get("summary")
        or len(operation.get("tags", [])) != 1
        or operation["tags"][0] not in tags
    ]

    assert lacking == []


def test_every_parameter_is_described() -> None:
    lacking = [
        f"{name}: {parameter['name']}"
        for name, operation in operations()
        for parameter in operation.get("parameters", [])
        if not parameter.get("description")
    ]

    assert lacking == []


def test_every_numbered_list_is_paged_and_described_alike() -> None:
    integer = {"type": "integer"}
    number = {**integer, "minimum": 1}
    parameters, results = {}, {}
    for _name, operation in operations():
        schemas = {each["name"]: each["schema"] for each in operation.get("parameters", [])}
        if "page" in schemas:
            name = operation["operationId"]
            parameters[name] = tuple(schemas[each] for each in ("page", "page_size", "count"))
            answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
            component = document()["components"]["schemas"][answer["$ref"].rpartition("/")[2]]
            results[name] = {
                key: row["type"] for key, row in component["properties"].items() if key != "results"
            }
    largest = dict.fromkeys(parameters, 100) | {"listSections": 500, "listTags": 500}

    assert sorted(parameters) == [
        "getEntryHistory",
        "listCatalogs",
        "listEntries",
        "listQueue",
        "listSections",
        "listSubmissions",
        "listTags",
    ]
    assert parameters == {
        name: (
            {**number, "maximum": 10_000_000, "default": 1},
            {**number, "maximum": most, "default": 50},
            {**integer, "enum": [0, 1], "default": 1},
        )
        for name, most in largest.items()
    }
    # How the words of a request for entries were changed.
    assert results["listEntries"].pop("search") == "object"
    assert results["listEntries"].pop("removed") == "array"
    assert results == {
        name: {
            "count": ["integer", "null"],
            "next": ["string", "null"],
            "previous": ["string", "null"],
        }
        for name in parameters
    }


def test_links_lead_from_answers_to_parameters_that_there_are() -> None:
    known = {
        operation["operationId"]: {each["name"] for each in operation.get("parameters", [])}
        for _name, operation in operations()
    }
    results = {
        (operation["operationId"], status): response["links"]
        for _name, operation in operations()
        for status, response in operation["responses"].items()
        if "links" in response
    }
    wrong = [
        (*at, name)
        for at, links in results.items()
        for name, link in links.items()
        if not link["parameters"].keys() <= known.get(link["operationId"], set())
    ]

    assert (results.keys(), wrong) == (LINKS.keys(), [])


def test_every_operation_of_a_submission_is_led_to() -> None:
    led_to = {name for links in LINKS.values() for link in links for name in link.to}
    addressed = {
        operation["operationId"] for name, operation in operations() if "/submissions/{" in name
    }

    assert addressed - led_to == set()


def test_every_error_has_one_code_of_the_table_and_its_status() -> None:
    known = {code: status for status, codes in PROBLEMS.items() for code in codes}
    own = {
        kind.code: status_of(kind.__new__(kind))
        for kind in subclasses(CatalogError)
        if "code" in vars(kind)
    }
    own |= {
        kind.default_code: kind.status_code
        for kind in subclasses(APIException)
        if kind.__module__.startswith(OWN)
    }

    assert {code: known.get(code) for code in own} == own


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["json", "yaml"])
def test_document_is_sent_once(client: Client, name: str) -> None:
    response = client.get(f"/api/v1/schema/?format={name}")
    again = client.get(
        f"/api/v1/schema/?format={name}", headers={"If-None-Match": response.headers["ETag"]}
    )

    assert (response.status_code, response.headers["Content-Type"]) == (200, f"application/{name}")
    assert (
        yaml.load(response.content, yaml.CSafeLoader)["paths"].keys() == document()["paths"].keys()
    )
    assert (again.status_code, again.content) == (304, b"")

"""Links between operations: values in one's answer are parameters of the next.

The links of OpenAPI (3.1, section 4.8.20): documentation shows them, and programs that explore an
API by its schema go along them, from a proposal to its decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from submissions.choices import Role
from submissions.operations import OPERATIONS, REVISION

type Schema = dict[str, Any]

_VERBS_OF_SUBMITTERS = tuple(one.id for one in OPERATIONS if one.who == Role.SUBMITTER)
_OF_MODERATORS = [one for one in OPERATIONS if one.who == Role.MODERATOR]
_DECISIONS = tuple(one.id for one in _OF_MODERATORS if REVISION in one.fields)
_WITHOUT_REVISION = tuple(one.id for one in _OF_MODERATORS if REVISION not in one.fields)
_OF_CATALOG = ("listSections", "listTags", "listChanges", "exportCatalog")


class Link(NamedTuple):
    """Leads from an answer to other operations: a parameter of theirs, and where its value stands.

    `value` and the values of `body` are runtime expressions of OpenAPI.
    """

    to: tuple[str, ...]
    parameter: str
    value: str
    body: Mapping[str, str] = {}


_IN_ANSWER = "$response.body#/"
_AS_READ = {"expected_revision": f"{_IN_ANSWER}revision"}

LINKS: dict[tuple[str, str], tuple[Link, ...]] = {
    ("getCatalog", "200"): (
        Link(_OF_CATALOG, "slug", "$request.path.slug"),
        Link(("listEntries",), "catalog", f"{_IN_ANSWER}slug"),
    ),
    ("submit", "201"): (
        Link(("getSubmission",), "token", f"{_IN_ANSWER}token"),
        Link(_VERBS_OF_SUBMITTERS, "token", f"{_IN_ANSWER}token", _AS_READ),
        Link(("getQueuedSubmission",), "id", f"{_IN_ANSWER}id"),
        Link(_DECISIONS, "id", f"{_IN_ANSWER}id", _AS_READ),
        Link(_WITHOUT_REVISION, "id", f"{_IN_ANSWER}id"),
    ),
    ("getSubmission", "200"): (
        Link(_VERBS_OF_SUBMITTERS, "token", "$request.path.token", _AS_READ),
    ),
    ("getQueuedSubmission", "200"): (
        Link(_DECISIONS, "id", "$request.path.id", _AS_READ),
        Link(_WITHOUT_REVISION, "id", "$request.path.id"),
    ),
}
"""Links by operation and status of its answer.

None begins at a page of a list: it may be empty, and then there would be nothing to go on with.
"""


def add_links(result: Schema, **_: Any) -> Schema:
    """Add the links to the answers. A postprocessing hook of drf-spectacular."""
    for methods in result["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                links = LINKS.get((operation["operationId"], status), ())
                if links:
                    response["links"] = dict(_described(links))
    return result


def _described(links: Iterable[Link]) -> Iterator[tuple[str, Schema]]:
    """The links by the names of the operations that they lead to."""
    for link in links:
        for operation in link.to:
            described: Schema = {
                "operationId": operation,
                "parameters": {link.parameter: link.value},
            }
            yield operation, described | ({"requestBody": dict(link.body)} if link.body else {})

"""The table of operations beside the verbs and the edges that are made from it."""

from inspect import signature
from typing import Any

import pytest
from django.urls import reverse

from submissions.api import bodies
from submissions.choices import Role, Verb
from submissions.operations import BUTTONS, OPERATIONS, Operation
from submissions.workflow import TRANSITIONS

VERSION = {"proposal", "listing", "seen"}
"""What a form or body with the fields of a proposal gives besides."""


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_fields_are_the_parameters_of_the_verb(operation: Operation) -> None:
    parameters = set(signature(operation.call).parameters) - {"submission", "actor"}
    fields = {field.name for field in operation.fields}
    assert fields | (VERSION if operation.has_version else set()) == parameters


def test_every_verb_of_a_person_is_an_operation() -> None:
    people = {Role.SUBMITTER, Role.MODERATOR}
    expected = {(row.verb, role) for row in TRANSITIONS for role in people & {*row.who}}
    assert {(one.verb, one.who) for one in OPERATIONS if one.verb} == expected - {
        (Verb.SUBMIT, Role.SUBMITTER)
    }


def test_every_operation_has_an_address_and_a_body() -> None:
    prefix = {Role.SUBMITTER: "submission", Role.MODERATOR: "moderation"}
    key: dict[Role, dict[str, Any]] = {
        Role.SUBMITTER: {"token": "x" * 20},
        Role.MODERATOR: {"id": 3},
    }
    for one in OPERATIONS:
        address = reverse(f"api:{prefix[one.who]}-{one.name}", kwargs=key[one.who])
        assert address.endswith(f"/{one.name}/")
        fields = bodies.body_of(one)().fields
        assert {field.name for field in one.fields} <= set(fields)
        assert {field.name for field in one.fields if field.is_required} == {
            name for name, field in fields.items() if field.required
        }


def test_buttons_have_keys_of_their_own() -> None:
    keys = [button.key for button in BUTTONS.values()]
    assert len({*keys}) == len(keys)
    assert {button.operation.who for button in BUTTONS.values()} == {Role.MODERATOR}

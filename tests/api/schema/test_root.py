"""Where the API begins: the version, and the addresses of everything else."""

import pytest
from django.test import Client


@pytest.mark.django_db
def test_root_leads_everywhere(client: Client) -> None:
    answers = client.get("/api/v1/").json()

    assert answers == {
        "version": "1.0.0",
        "catalogs": "http://testserver/api/v1/catalogs/",
        "entries": "http://testserver/api/v1/entries/",
        "submissions": "http://testserver/api/v1/submissions/",
        "moderation": "http://testserver/api/v1/moderation/submissions/",
        "schema": "http://testserver/api/v1/schema/",
        "docs": "http://testserver/api/v1/docs/",
    }
    statuses = {
        name: client.get(answers[name]).status_code for name in answers if name != "version"
    }
    requesting = {"submissions": 401, "moderation": 401}
    assert statuses == dict.fromkeys(statuses, 200) | requesting


@pytest.mark.django_db
def test_root_refuses_what_it_does_not_know(client: Client) -> None:
    response = client.get("/api/v1/?catalog=tools")

    assert (response.status_code, response.json()["code"]) == (400, "unknown_parameter")

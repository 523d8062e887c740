"""The API as pages: who gets them, and what stands on them."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import orjson
import pytest
from django.test import Client

from accounts.models import User
from api.formats import linked
from tests.api.browsable.addresses import THINGS

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.browsable.addresses")]

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
PATH = "/api/v1/things/"


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


def page(path: str = PATH, client: Client | None = None, **headers: str) -> Any:
    return (client or Client()).get(path, headers={"Accept": BROWSER, **headers})


@pytest.mark.parametrize(
    ("accept", "query", "kind"),
    [
        (BROWSER, "", "text/html; charset=utf-8"),
        (BROWSER, "?format=json", "application/json"),
        ("*/*", "", "application/json"),
        ("*/*", "?format=api", "text/html; charset=utf-8"),
        ("application/json", "", "application/json"),
        (None, "", "application/json"),
    ],
)
def test_browsers_get_pages_and_programs_json(accept: str | None, query: str, kind: str) -> None:
    headers = {} if accept is None else {"Accept": accept}
    answer = Client().get(PATH + query, headers=headers)

    assert answer.headers["Content-Type"] == kind
    assert "Accept" in answer.headers["Vary"]


def test_page_shows_the_answer() -> None:
    answer = page(f"{PATH}?a=1&b=<2>")

    text = answer.text
    assert "<code>GET /api/v1/things/?a=1&amp;b=%3C2%3E</code>" in text
    assert rows(text) == {
        "HTTP": "200 OK",
        "Allow": "GET, POST, HEAD, OPTIONS",
        "Content-Type": "application/json",
        "Vary": "Accept",
        "X-Told": "<b>",
    }
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert body(text) == THINGS
    assert 'rel="next" href="http://localhost/api/v1/things/?page=3"' in text
    assert 'rel="prev"' not in text
    assert f'href="{PATH}?a=1&amp;b=%3C2%3E&amp;format=json"' in text


def rows(text: str) -> dict[str, str]:
    results = re.findall(r"<dt[^>]*>(.*?)</dt><dd>(.*?)</dd>", text)
    return {name: unescape(value) for name, value in results}


def body(text: str) -> object:
    """What stands on the page, read as JSON again."""
    shown = re.search(r'<pre class="json"[^>]*><code>(.*?)</code></pre>', text, re.DOTALL)
    assert shown is not None
    return json.loads(unescape(re.sub(r"</?(?:a|b|i)\b[^>]*>", "", shown[1])))


def test_no_word_of_others_becomes_ours() -> None:
    text = page().text

    assert "<script>alert" not in text
    links = re.findall(r'<a href="([^"]*)" rel="nofollow">([^<]*)</a>', text)
    assert [unescape(href) for href, _shown in links if "//a.example" in href] == [
        'https://a.example/?a="&b=<i>'
    ]
    assert "javascript:" not in "".join(href for href, _shown in links)
    assert "two words" not in "".join(href for href, _shown in links)


@pytest.mark.parametrize(
    ("data", "html"),
    [
        (None, ""),
        ("<b>", "&lt;b&gt;"),
        (b"\xff<", "\ufffd&lt;"),
        ([], "[]"),
        ({"a": 1}, '{\n  <b>"a"</b>: <i>1</i>\n}'),
        ([orjson.Fragment(b'{"a":[]}')], '[\n  {\n    <b>"a"</b>: []\n  }\n]'),
        (["true", True], '[\n  "true",\n  <i>true</i>\n]'),
        (["a\\", "b"], '[\n  "a\\\\",\n  "b"\n]'),
        (
            ["http://x/\n", "http://x/é"],
            '[\n  "http://x/\\n",\n  <a href="http://x/é" rel="nofollow">"http://x/é"</a>\n]',
        ),
    ],
)
def test_json_is_marked(data: object, html: str) -> None:
    assert linked(data) == html


def test_crumbs_lead_where_something_answers() -> None:
    text = page("/api/v1/things/verb/").text

    crumbs = re.search(r"<ol>(.*?)</ol>", text)
    assert crumbs is not None
    assert re.findall(r"<li>(.*?)</li>", crumbs[1]) == [
        "api",
        '<a href="/api/v1/">v1</a>',
        '<a href="/api/v1/things/">things</a>',
        "verb",
    ]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/nothing/", "404 Not Found", "not_found"),
        ("/api/v1/things/verb/", "405 Method Not Allowed", "method_not_allowed"),
    ],
)
def test_errors_are_pages_too(path: str, status: str, code: str) -> None:
    answer = page(path)

    assert rows(answer.text)["HTTP"] == status
    assert answer.status_code == int(status[:3])
    shown = body(answer.text)
    assert isinstance(shown, dict)
    assert shown["code"] == code


def test_wrong_token_is_reported_on_a_page() -> None:
    answer = page(Authorization="Bearer wrong")

    assert answer.status_code == 401
    assert 'error="invalid_token"' in rows(answer.text)["WWW-Authenticate"]


def test_form_is_for_those_who_are_signed_in(ada: User) -> None:
    signed_in = Client()
    signed_in.force_login(ada)

    assert "<textarea" in page(client=signed_in).text
    anonymous = page()
    assert "<textarea" not in anonymous.text
    assert "csrfmiddlewaretoken" not in anonymous.text
    assert not anonymous.cookies


def test_answer_without_a_body_is_a_page(ada: User) -> None:
    answer = Client().post(
        "/api/v1/things/verb/", content_type="application/json", headers={"Accept": "text/html"}
    )

    assert answer.status_code == 200
    assert rows(answer.text) == {
        "HTTP": "204 No Content",
        "Allow": "POST, OPTIONS",
        "Vary": "Accept",
    }


def test_page_costs_no_query_of_its_own(
    django_assert_num_queries: pytest.FixtureRequest,
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        page()

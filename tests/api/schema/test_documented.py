"""What the documentation of the API shows is run as it stands, and says what it says there."""

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.management import call_command

from accounts.models import Membership
from accounts.tokens import Scope
from catalog.models import Catalog
from config.errors import PROBLEMS
from tests.api.schema.documented import examples, is_reported, run_python, run_shell
from tests.api.schema.site import secret_for
from tests.conftest import IN_CI
from tests.submission_factories import make_user

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

TEXT = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
SITE, SECRET = "http://127.0.0.1:8000", "lw_…"


@pytest.fixture
def text(live_server: "LiveServer") -> str:
    """The document with our own address, and tokens of a contributor and a moderator."""
    call_command("load_sample", verbosity=0)
    catalog = Catalog.objects.get()
    ada, mo = make_user("ada"), make_user("mo", is_staff=True)
    Membership.objects.create(user=mo, catalog=catalog, role=Membership.Role.MODERATOR)
    secrets = [secret_for(ada, Scope.READ, Scope.SUBMIT), secret_for(mo, *Scope)]
    text = TEXT.replace(SITE, live_server.url)
    for secret in secrets * 2:
        text = text.replace(SECRET, secret, 1)
    return text


@pytest.mark.django_db(transaction=True, reset_sequences=True)
@pytest.mark.parametrize("language", ["sh", "python"])
def test_examples_do_what_the_document_says(text: str, language: str) -> None:
    if language == "sh" and shutil.which("curl") is None:
        reason = "curl is not installed"
        pytest.fail(reason) if IN_CI else pytest.skip(reason)
    results = examples(text, language)
    outputs = {"sh": run_shell, "python": run_python}[language](results)

    wrong = [
        (each.source, each.answers, output)
        for each, output in zip(results, outputs, strict=True)
        if not is_reported(each, output)
    ]
    assert wrong == []


def test_every_error_is_in_the_table() -> None:
    rows = [
        f"| {status.value} | `{code}` | {sentence} |"
        for status, codes in PROBLEMS.items()
        for code, sentence in codes.items()
    ]

    assert re.findall(r"^\| \d{3} \|.*", TEXT, re.MULTILINE) == rows

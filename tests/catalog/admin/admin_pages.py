"""What tests of the administration share: a list, people, and files to upload."""

from collections.abc import Sequence
from difflib import ndiff
from html import unescape
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.models import Catalog, Revision

TEXT = """# Tools

See [the guide](https://example.org/guide) and [the other](https://example.org/other) first.

## Editors

| name | language | notes |
|------|----------|-------|
| [Ed](https://example.org/ed) | C/Go | The standard one |
| [Vi](https://example.org/vi) | C | Has modes |
| [Nano](https://example.org/nano) | C |  |

## Shells

- [Bash](https://example.org/bash) - The usual one.
- [Fish](https://example.org/fish) - A friendly one.
- [Zsh](https://example.org/zsh) - A large one.
"""


def make_list(text: str = TEXT, slug: str = "tools", title: str = "Tools") -> Catalog:
    """A list as an import leaves it."""
    return import_text(text, catalog=Catalog(slug=slug, title=title), by=Author()).catalog


def superuser(name: str = "ada") -> User:
    """Somebody who runs the site."""
    return User.objects.create_superuser(name, display_name="Ada L.")


def member(name: str, catalog: Catalog, role: str = Membership.Role.MAINTAINER) -> User:
    """Somebody of the staff with a role in one list."""
    user = User.objects.create_user(name, is_staff=True)
    Membership.objects.create(user=user, catalog=catalog, role=role)
    return user


def signed_in(user: User) -> Client:
    """A browser of that person."""
    client = Client()
    client.force_login(user)
    return client


def url(name: str, *args: Any) -> str:
    """An address of the administration."""
    return reverse(f"admin:catalog_{name}", args=args)


def upload(text: str | bytes, name: str = "README.md") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode("utf-8"))


def page(response: Any) -> str:
    """A page's text, entities resolved; fails unless it is one."""
    assert response.status_code in {200, 409}, (response.status_code, response.get("Location"))
    return unescape(response.content.decode())


def download(response: Any) -> bytes:
    """What the browser would save."""
    return b"".join(response.streaming_content)


def messages_of(response: Any) -> list[str]:
    """What the page says at the top, after redirects."""
    return [str(message) for message in response.context["messages"]]


def hidden(response: HttpResponse | Any, *names: str) -> dict[str, str]:
    """Values of hidden fields of the page's form."""
    text = response.content.decode()
    results = {}
    for name in names:
        tag = text[text.index(f'name="{name}"') :]
        results[name] = unescape(tag.split('value="', 1)[1].split('"', 1)[0])
    return results


def changed_lines(before: str, catalog: Catalog) -> list[str]:
    """The lines of a diff between a text and the list's own now, as `- old` and `+ new`."""
    catalog.refresh_from_db()
    after = export_markdown(catalog)
    lines = ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line.rstrip("\n") for line in lines if line[:2] in {"- ", "+ "}]


def verbs(catalog: Catalog) -> Sequence[str]:
    """What the history says was done, oldest first."""
    return list(
        Revision.objects.filter(catalog=catalog).order_by("number").values_list("verb", flat=True)
    )


def edited(client: Client, address: str, **typed: Any) -> Any:
    """Open a page, type, preview and save, as a browser does it; the answer to the last step."""
    preview = previewed(client, address, **typed)
    carried = as_carried(preview)
    return client.post(address, {**carried, "do": "save"}, follow=True)


def previewed(client: Client, address: str, **typed: Any) -> Any:
    """Open a page, type and preview; the answer is the diff, or the form with what is wrong."""
    return client.post(address, {**opened(client, address), **typed, "do": "preview"})


def opened(client: Client, address: str) -> dict[str, str]:
    """What a browser would send of a page's form as it was opened: line endings are CRLF."""
    form = client.get(address).context["form"]
    data = {}
    for bound in form:
        value = "" if bound.value() in {None, False} else str(bound.value())
        sent = "\r\n".join(value.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        data[bound.html_name] = sent
        if bound.field.show_hidden_initial:
            data[bound.html_initial_name] = sent
    return data


def as_carried(preview: Any) -> dict[str, list[str]]:
    """What the page of a diff sends on."""
    assert "carried" in preview.context, preview.context["form"].errors
    data: dict[str, list[str]] = {}
    for name, value in preview.context["carried"]:
        data.setdefault(name, []).append(value)
    return data


def shown_diff(preview: Any) -> list[str]:
    """The changed lines that the page of a diff shows, as `changed_lines()` has them."""
    hunks = preview.context["diff"].hunks
    lines = [line for hunk in hunks for line in hunk if line.sign != " "]
    return [f"{line.sign} {''.join(line.text)}" for line in lines]

"""A site with something of every kind for programs to find: lists, history, submissions, people."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from accounts.tokens import Scope, make_token
from catalog.models import Catalog
from submissions.choices import Status
from submissions.models import Kind
from submissions.people import Actor
from tests.factories import make_tag, remove_entry
from tests.submission_factories import (
    edit,
    entry_called,
    make_moderator,
    make_tools,
    make_user,
    reach,
    submit,
)

TEXT = """\
# Tools

Things that help, with one [in running text](https://text.example/).

## Editors

- [Alpha](https://alpha.example) - Edits text.
- [Beta](https://beta.example) - Edits more text.
  - [Beta mini](https://mini.beta.example)
- [Old](https://old.example) - Not kept up.

### 编辑器

- [通义](https://tongyi.example/zh) - 一个模型。

## Models

| Name | Size | Licence |
| --- | --- | --- |
| [Gamma](https://gamma.example) | 7B | MIT |
| [Delta](https://delta.example) | 13B | GPL |
"""


@dataclass(frozen=True)
class Site:
    """What was made, by what tests call it."""

    catalog: Catalog
    contributor: User
    moderator: User
    tokens: dict[str, str]
    """Secrets by role: `contributor`, `moderator`."""


def make_site() -> Site:
    """Two lists, an entry that was changed and one removed, a submission in every status."""
    make_tools("books")
    tools = make_tools(text=TEXT)
    grace = make_user("grace", display_name="Grace")
    mo = make_moderator(tools, "mo", display_name="Mo")
    assert mo.user is not None
    make_tag(tools, "Language", "zh", [entry_called("通义", tools)])
    remove_entry(entry_called("Old", tools), credit="Ada", note="Gone.")
    make_submissions(tools, Actor(user=grace), mo)
    return Site(
        catalog=Catalog.objects.get(slug="tools"),
        contributor=grace,
        moderator=mo.user,
        tokens={
            "contributor": secret_for(grace, Scope.READ, Scope.SUBMIT),
            "moderator": secret_for(mo.user, *Scope),
        },
    )


def secret_for(user: User, *scopes: Scope) -> str:
    """A token of this person."""
    return make_token(user=user, name="tests", scopes=[str(scope) for scope in scopes])[1]


def make_submissions(catalog: Catalog, grace: Actor, mo: Actor) -> None:
    """One in each status, and a pending one of each kind besides."""
    for number, status in enumerate(Status):
        sent = submit(catalog, grace, name=f"N{number}", url=f"https://n{number}.example/")
        if status != Status.PENDING:
            reach(status, sent, mo)
    edit("Alpha", grace, description="Edits any text.")
    alpha = entry_called("Beta", catalog)
    submit(catalog, grace, kind=Kind.REPORT, entry=alpha, report="dead-link", note="404")
    submit(catalog, grace, kind=Kind.REMOVE, entry=entry_called("Gamma", catalog), reason="Gone.")

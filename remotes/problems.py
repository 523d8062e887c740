"""Problems that keep a list from being in step with its repository, a sentence each."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.errors import CatalogError

PROBLEMS = {
    "access": gettext_lazy(
        "The repository refuses access: check the token or the deploy key, and its permissions."
    ),
    "missing": gettext_lazy(
        "There is no such repository, or access is missing: check the address and the token."
    ),
    "branch": gettext_lazy("The repository has no branch of this name: check the branch."),
    "file": gettext_lazy("The file is not in the branch: check the path."),
    "text": gettext_lazy("The file in the repository cannot be read as a list."),
    "protected": gettext_lazy(
        "The branch is protected and refuses pushes; changes made here go to a "
        "separate branch for a pull request."
    ),
    "push": gettext_lazy(
        "The repository can be read but refuses pushes: give the token write access."
    ),
    "forced": gettext_lazy(
        "The branch was rewritten and no longer contains the common commits: "
        "choose which version to keep."
    ),
    "moved": gettext_lazy("Other pushes keep coming in; this will be retried later."),
    "unreachable": gettext_lazy("The server does not respond; this will be retried later."),
    "foreign": gettext_lazy(
        "Others have committed to the branch that the site writes to: merge it, or delete it."
    ),
    "host": gettext_lazy(
        "The server's SSH host key has changed: check that it is the right server."
    ),
    "private": gettext_lazy(
        "The address leads into a private network, where remotes are not allowed."
    ),
    "secret": gettext_lazy(
        "The stored credentials cannot be decrypted: enter them again, or restore the key."
    ),
    "program": gettext_lazy("The git program is not installed on this server; install git."),
    "host-access": gettext_lazy(
        "The list is in step, but the host refuses to show or change pull requests: give the token "
        "the permissions for pull requests and commit statuses."
    ),
    "host-missing": gettext_lazy(
        "The list is in step, but the host shows no pull requests of this repository: check the "
        "kind of host, and the token's permissions."
    ),
    "host-refused": gettext_lazy(
        "The list is in step, but the host refused something about a pull request."
    ),
    "limited": gettext_lazy("The host asks for a pause; this will be retried later."),
    "git": gettext_lazy("Git refused for the reason below."),
}
"""The problems by code. What Git said stands beside them, see `RemoteProblem.detail`."""

REACHED = frozenset(
    {"branch", "file", "text", "protected", "forced", "moved", "foreign", "host-refused", "limited"}
)
"""Problems of repositories that answer: somebody has to decide, or to look at what is there."""

REFUSALS = frozenset({"host-access", "host-missing", "host-refused"})
"""Refusals of one call, which the next one may not meet."""

OF_HOST = REFUSALS | {"limited"}
"""Problems of pull requests alone: everything in Git is exchanged all the same."""

PASSING = frozenset({"unreachable", "moved", "limited"})
"""Problems that usually pass; maintainers are notified when they last."""


class RemoteProblem(CatalogError):
    """The repository cannot be used as it is; `problem` is the code, `detail` what Git said.

    `wait` is how many seconds a host asks to be left alone.
    """

    def __init__(self, problem: str, detail: str = "", *, wait: int = 0) -> None:
        self.wait = wait
        self.problem = problem
        self.detail = detail
        super().__init__(sentence_of(problem, detail))


_EXPLAINED = frozenset({"git", "text", "push", "unreachable", "file", "host-refused"})


class LeaseLost(Exception):
    """The lease has passed to another process."""


def sentence_of(problem: str, detail: str = "") -> str:
    """Return the problem and what to do, with Git's output where that helps."""
    if not problem:
        return ""
    sentence = str(PROBLEMS.get(problem, PROBLEMS["git"]))
    if detail and problem in _EXPLAINED:
        return _("%(sentence)s (%(detail)s)") % {"sentence": sentence, "detail": detail}
    return sentence

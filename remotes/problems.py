"""What can keep a list from being in step with its repository, each in one sentence."""

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
    "git": gettext_lazy("Git refused for the reason below."),
}
"""By code. What Git said stands beside them, see `RemoteProblem.detail`."""

REACHED = frozenset({"branch", "file", "text", "protected", "forced", "moved", "foreign"})
"""Those of repositories that do answer: somebody has to decide, or to look at what is there."""

PASSING = frozenset({"unreachable", "moved"})
"""Those that usually pass by themselves; maintainers are told when they last."""


class RemoteProblem(CatalogError):
    """The repository cannot be used as it is; `code` is the problem, `detail` what Git said."""

    def __init__(self, problem: str, detail: str = "") -> None:
        self.problem = problem
        self.detail = detail
        super().__init__(sentence_of(problem, detail))


class LeaseLost(Exception):
    """Somebody else synchronises by now."""


def sentence_of(problem: str, detail: str = "") -> str:
    """What is wrong and what to do, with what Git said where that helps."""
    if not problem:
        return ""
    sentence = str(PROBLEMS.get(problem, PROBLEMS["git"]))
    if detail and problem in {"git", "text", "push", "unreachable", "file"}:
        return _("%(sentence)s (%(detail)s)") % {"sentence": sentence, "detail": detail}
    return sentence

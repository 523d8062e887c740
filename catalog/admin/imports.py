"""The import of an uploaded README: the file, the preview, the confirmation."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.admin.base import OfLists, Step, address, by
from catalog.admin.edit_pages import NewListForm, UploadForm
from catalog.errors import CatalogError, RevisionConflict
from catalog.importing.applying import ImportResult, apply, bring_up_to_date
from catalog.importing.merging import Conflict, Decide, joined, line_ending, undecided
from catalog.importing.planning import Figure, ImportPlan, plan_import
from catalog.markdown.linting import Finding, Severity
from catalog.models import Catalog
from catalog.sentences import SEVERITIES
from catalog.store.snapshots import new_snapshot, take_snapshot

# An uploaded README between the preview of an import and the word that it is to be done. It is kept
# in a row of Django's session table, which is shared by all processes, expires and is signed; its
# key stays in the person's own session, which holds one at a time.


UPLOAD_SECONDS = 3600
"""Seconds for which a preview can be confirmed."""
_POINTER = "catalog_upload"


@dataclass(frozen=True, slots=True)
class Upload:
    """A text that waits. `catalog` is the list it is for, None for a new one with `settings`."""

    text: str
    name: str
    catalog: int | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Return the digest of the text in UTF-8, by which the confirmation names it."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()


def store_upload(session: SessionBase, upload: Upload) -> None:
    """Keep an upload for its person, in place of an earlier one."""
    forget_upload(session)
    store = SessionStore()
    store.update(asdict(upload))
    store.set_expiry(UPLOAD_SECONDS)
    store.create()
    session[_POINTER] = store.session_key


def read_upload(session: SessionBase) -> Upload | None:
    """The upload that waits for this person, if any."""
    key = session.get(_POINTER)
    if not key:
        return None
    data = SessionStore(session_key=key).load()
    if "text" not in data:
        return None
    return Upload(data["text"], data["name"], data["catalog"], data["settings"])


def forget_upload(session: SessionBase) -> None:
    """Drop what waits for this person."""
    key = session.pop(_POINTER, None)
    if key:
        SessionStore(session_key=key).delete()


_LABELS = {
    Figure.CREATED: gettext_lazy("created"),
    Figure.UPDATED: gettext_lazy("updated"),
    Figure.MOVED: gettext_lazy("moved"),
    Figure.MOVED_AND_EDITED: gettext_lazy("moved and edited"),
    Figure.RETURNED: gettext_lazy("returned"),
    Figure.JOINED: gettext_lazy("merged into another entry"),
    Figure.REMOVED: gettext_lazy("removed"),
    Figure.UNCHANGED: gettext_lazy("unchanged"),
}
WAIT, OURS, THEIRS, BOTH, OWN = "wait", "ours", "theirs", "both", "own"
CHOICES = {
    WAIT: gettext_lazy("Decide later: keep the version here and queue it for review"),
    OURS: gettext_lazy("Keep the version here"),
    THEIRS: gettext_lazy("Use the file's version"),
    BOTH: gettext_lazy("Keep both, the file's below"),
    OWN: gettext_lazy("Write it myself"),
}
"""The choices for a conflict in a preview."""
SHOWN = 5
"""Findings of a kind that are shown in a preview."""
_ORDER = {severity: place for place, severity in enumerate(SEVERITIES)}


@dataclass(slots=True)
class Kind:
    """Findings with one code: the first of them, and how many there are."""

    code: str
    severity: Severity
    findings: list[Finding] = field(default_factory=list)
    count: int = 0

    @property
    def label(self) -> str:
        """Return the heading of the severity."""
        return str(SEVERITIES[self.severity])

    @property
    def hidden(self) -> int:
        """Return how many are not among `findings`."""
        return self.count - len(self.findings)


def by_kind(findings: list[Finding], shown: int = SHOWN) -> list[Kind]:
    """Findings grouped by code, the worst first."""
    kinds: dict[str, Kind] = {}
    for finding in findings:
        kind = kinds.setdefault(finding.code, Kind(finding.code, finding.severity))
        kind.count += 1
        if len(kind.findings) < shown:
            kind.findings.append(finding)
    return sorted(kinds.values(), key=lambda kind: (_ORDER[kind.severity], kind.code))


class Imports(OfLists):
    """The pages of an import, for a list that is there and for a new one."""

    def upload_view(self, request: HttpRequest, key: str = "") -> HttpResponse:
        """Choose the file."""
        catalog = self._list(request, key)
        form_class = UploadForm if catalog else NewListForm
        form = form_class(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            name, text = form.cleaned_data["file"]
            settings: dict[str, str] = {
                field: form.cleaned_data[field]
                for field in ("title", "slug", "source_url")
                if field in form.cleaned_data
            }
            store_upload(
                request.session, Upload(text, name, catalog.pk if catalog else None, settings)
            )
            return HttpResponseRedirect(_preview_address(catalog))
        return self.page(
            request,
            "upload.html",
            title=_("Import a newer README") if catalog else _("Import a list"),
            trail=self.trail(catalog) if catalog else (),
            catalog=catalog,
            form=form,
        )

    def preview_view(self, request: HttpRequest, key: str = "") -> HttpResponse:
        """Show what the file would change, and do exactly that when the person says so."""
        catalog = self._list(request, key)
        upload = read_upload(request.session)
        if upload is None or upload.catalog != (catalog.pk if catalog else None):
            return self._gone(request, catalog)
        if request.method == "POST" and "cancel" in request.POST:
            forget_upload(request.session)
            return HttpResponseRedirect(_home(catalog))
        if request.method == "POST" and request.POST.get("sha256") != upload.sha256:
            # Another file was uploaded in another tab since this preview was shown.
            return self._gone(request, catalog)
        plan = _plan(upload, catalog)
        if request.method != "POST":
            return self._preview(request, upload, catalog, plan)
        try:
            result = _apply(request, plan, upload, catalog)
        except CatalogError as error:
            return self._preview(request, upload, catalog, _plan(upload, catalog), error)
        forget_upload(request.session)
        stored = result.catalog
        return self.done(
            request, _summary(result), address("catalog_change", stored.pk), obj=stored
        )

    def _list(self, request: HttpRequest, key: str) -> Catalog | None:
        if key:
            catalog: Catalog = self.find(request, key, change=True)
            return catalog
        self.require_superuser(request)
        return None

    def _gone(self, request: HttpRequest, catalog: Catalog | None) -> HttpResponse:
        message = _("The upload has expired and nothing was changed. Choose the file again.")
        self.message_user(request, message, level="warning")
        return HttpResponseRedirect(_upload_address(catalog))

    def _preview(
        self,
        request: HttpRequest,
        upload: Upload,
        catalog: Catalog | None,
        plan: ImportPlan,
        error: CatalogError | None = None,
    ) -> HttpResponse:
        trail = [Step(_("Import"), _upload_address(catalog))]
        return self.page(
            request,
            "preview.html",
            title=_("What the import would change") if catalog else _("What would be imported"),
            trail=self.trail(catalog, *trail) if catalog else trail,
            status=409 if error else 200,
            catalog=catalog,
            upload=upload,
            plan=plan,
            conflicts=_choices(request, plan),
            choices=CHOICES.items(),
            summary=plan.summary(),
            figures=[(label, plan.figures[figure]) for figure, label in _LABELS.items()],
            sections=_contents(plan),
            diff=plan.diff() if catalog else None,
            kinds=by_kind(plan.warnings),
            error=error,
            upload_url=_upload_address(catalog),
        )


def _home(catalog: Catalog | None) -> str:
    return address("catalog_change", catalog.pk) if catalog else address("catalog_changelist")


def _upload_address(catalog: Catalog | None) -> str:
    return address("catalog_reimport", catalog.pk) if catalog else address("catalog_import")


def _preview_address(catalog: Catalog | None) -> str:
    if catalog:
        return address("catalog_reimport_preview", catalog.pk)
    return address("catalog_import_preview")


def _choices(request: HttpRequest, plan: ImportPlan) -> list[tuple[Conflict, str, str, str]]:
    """The conflicts, each with its name in the form, what was chosen, and what was written."""
    choices = []
    for number, conflict in enumerate(plan.conflicts):
        name = f"choice-{number}"
        chosen = request.POST.get(name, WAIT)
        own = request.POST.get(f"own-{number}", conflict.theirs)
        choices.append((conflict, name, chosen if chosen in CHOICES else WAIT, own))
    return choices


def _decide(request: HttpRequest, plan: ImportPlan) -> Decide:
    """Return the choice for each conflict of the plan that was shown."""
    decided: dict[Conflict, str | None] = {}
    for conflict, _name, chosen, own in _choices(request, plan):
        ending = line_ending([conflict.ours, conflict.theirs])
        own = joined(own.replace("\r\n", "\n"), "").replace("\n", ending)
        decided[conflict] = {
            WAIT: None,
            OURS: conflict.ours,
            THEIRS: conflict.theirs,
            BOTH: joined(conflict.ours, conflict.theirs),
            OWN: own,
        }[chosen]
    return decided.get


def _plan(upload: Upload, catalog: Catalog | None, decide: Decide = undecided) -> ImportPlan:
    if catalog:
        bring_up_to_date(catalog)
        return plan_import(upload.text, take_snapshot(catalog), decide)
    return plan_import(upload.text, new_snapshot(Catalog(**upload.settings)))


def _apply(
    request: HttpRequest, plan: ImportPlan, upload: Upload, catalog: Catalog | None
) -> ImportResult:
    """Apply the plan, if it is the one that was shown: of this text at this revision.

    With what was chosen for its conflicts.
    """
    if request.POST.get("revision") != str(plan.snapshot.revision):
        raise RevisionConflict(
            _(
                "Someone else changed the list while you were looking, so nothing "
                "was imported. This is what the import would change now."
            )
        )
    if plan.conflicts:
        shown = plan.snapshot.revision
        plan = _plan(upload, catalog, _decide(request, plan))
        if plan.snapshot.revision != shown:
            raise RevisionConflict(_("The list was changed in the meantime; try again."))
    return apply(plan, by=by(request, request.POST.get("note", "").strip()))


def _contents(plan: ImportPlan) -> list[tuple[str, int, int]]:
    """Title, level and number of entries of each section of a new list."""
    counts: dict[int | None, int] = {}
    for entry in plan.document.entries:
        if not entry.suggested:
            counts[entry.section] = counts.get(entry.section, 0) + 1
    sections = enumerate(plan.document.sections)
    return [(section.title, section.level, counts.get(i, 0)) for i, section in sections]


def _summary(result: ImportResult) -> str:
    plan = result.plan
    if result.is_new:
        count = result.catalog.entry_count
        return ngettext(
            "The list was imported with %(count)d entry.",
            "The list was imported with %(count)d entries.",
            count,
        ) % {"count": count}
    if plan.is_empty and not plan.conflicts:
        return _("Nothing has changed: the list already equals the file.")
    waiting = ngettext(
        "%(count)d conflict is waiting in the queue.",
        "%(count)d conflicts are waiting in the queue.",
        len(plan.waiting),
    ) % {"count": len(plan.waiting)}
    done = _(
        "The file was imported: %(created)d created, %(updated)d updated, %(moved)d moved, "
        "%(moved_and_edited)d moved and edited, %(returned)d returned, %(joined)d merged "
        "into another entry, %(removed)d removed, %(unchanged)d unchanged."
    ) % {figure.value: plan.figures[figure] for figure in Figure}
    return f"{done} {waiting}" if plan.waiting else done

"""One's own submissions: an account's, else those that this browser knows."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from catalog.models import Catalog
from catalog.pages.frame import page_of, pages_html
from submissions.choices import Status
from submissions.models import Submission
from submissions.private_responses import secret
from submissions.views import frame

PER_PAGE = 25
STATES = {
    "open": (_("Open"), (Status.UNCONFIRMED, Status.PENDING, Status.CHANGES_REQUESTED)),
    "published": (_("Published"), (Status.APPLIED,)),
    "other": (
        _("Not published"),
        (Status.REJECTED, Status.WITHDRAWN, Status.EXPIRED, Status.REVERTED),
    ),
}


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The own submissions, newest first; `?status=` and `?catalog=` narrow them."""
    user = frame.user_of(request)
    is_sent = request.GET.get("sent") == "1"
    if user is None:
        rows = frame.submissions_sent(request)
        return secret(frame.show(request, "submission_list.html", None, rows=rows, is_sent=is_sent))
    own = Submission.objects.submitted_by(user)
    state, slug = request.GET.get("status", ""), request.GET.get("catalog", "").replace("\0", "")
    shown = own.filter(status__in=STATES[state][1]) if state in STATES else own
    if slug:
        shown = shown.filter(catalog__slug=slug)
    page = page_of(request, shown.select_related("catalog", "section"), PER_PAGE)
    query = urlencode({k: v for k, v in (("status", state), ("catalog", slug)) if v})
    response = frame.show(
        request,
        "submission_list.html",
        None,
        rows=page.object_list,
        page=page,
        pagination=pages_html(page, f"?{query}" if query else ""),
        states=[(key, label) for key, (label, _statuses) in STATES.items()],
        state=state,
        slug=slug,
        catalogs=Catalog.objects.filter(submissions__submitter=user).distinct(),
        is_own=True,
        is_sent=is_sent,
    )
    return secret(response)

"""The preview of a form while it is filled in.

It only reads, and its answer is for the page that asks: so it needs no token against forgery, and
goes on working when the page's own has run out.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from catalog.models import Catalog, Entry
from submissions.forms.about import MoveForm
from submissions.forms.contribution import ContributionForm
from submissions.forms.entry import SuggestForm
from submissions.forms.places import listing_of
from submissions.models import ContributionPolicy, Submission
from submissions.views import frame
from submissions.views.answering import FORMS
from submissions.views.form_preview import FormPreview, preview_form


@csrf_exempt
@never_cache
@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """`{"status": text, "preview": html, "remarks": {field: html}}` for the fields of a form.

    Of a move also `"parts": {"cells": html}`: the fields that a place brings along.

    `kind` and `listing` or `entry` say which form it is; `answers` is the token of the submission
    that it answers, if it does.
    """
    catalog = frame.catalog_or_404(slug)
    form = _form(request, catalog)
    form.is_valid()
    preview = preview_form(form)
    context = {"preview": preview, "form": form, "catalog": catalog}
    return JsonResponse(
        {
            "status": _summary(preview),
            "preview": render_to_string("submissions/preview.html", context, request),
            "remarks": {
                name: render_to_string("submissions/remarks.html", {"remarks": remarks}, request)
                for name, remarks in preview.remarks.items()
                if name
            },
            "parts": {"cells": render_to_string("submissions/cells.html", context, request)}
            if isinstance(form, MoveForm)
            else {},
        }
    )


def _summary(preview: FormPreview) -> str:
    """Return a short summary for screen readers."""
    count = sum(map(len, preview.remarks.values()))
    remarks = ngettext("%(n)d remark.", "%(n)d remarks.", count) % {"n": count}
    if preview.is_empty:
        return remarks
    diff = preview.lines.diff
    added = ngettext("+%(n)d line", "+%(n)d lines", diff.added) % {"n": diff.added}
    removed = ngettext("−%(n)d line", "−%(n)d lines", diff.removed) % {"n": diff.removed}
    return f"{added}, {removed}. {remarks}"


def _form(request: HttpRequest, catalog: Catalog) -> ContributionForm:
    data = request.POST
    form_class = FORMS.get(data.get("kind", ""))
    if form_class is None:
        raise Http404
    fields: dict[str, Any] = {
        "catalog": catalog,
        "policy": ContributionPolicy.of(catalog),
        "user": frame.user_of(request),
        "is_shown": False,
    }
    answers = _answered(catalog, data.get("answers", ""))
    if form_class is SuggestForm:
        return form_class(
            data, listing=listing_of(catalog, data.get("listing", "")), answers=answers, **fields
        )
    entry = frame.entry_or_404(catalog, _number(data.get("entry", "")))
    if entry.state == Entry.State.REMOVED:
        raise Http404
    return form_class(data, listing=entry.listing, entry=entry, answers=answers, **fields)


def _answered(catalog: Catalog, token: str) -> Submission | None:
    if not token or "\0" in token:
        return None
    return Submission.objects.filter(catalog=catalog, token=token).first()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0

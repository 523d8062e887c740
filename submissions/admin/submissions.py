"""Submissions in the administration: the queue, the page of each, and the addresses of both."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path

from submissions.admin.bulk import Bulk
from submissions.admin.deciding import Deciding
from submissions.admin.numbers import Figures
from submissions.admin.queue import Queue
from submissions.admin.rolling_back import RollingBack
from submissions.models import Submission


@admin.register(Submission)
class SubmissionAdmin(Queue, Deciding, RollingBack, Bulk, Figures):
    """The queue and the pages of submissions."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        pages: list[tuple[str, Any, str]] = [
            ("bulk/", self.bulk_view, "bulk"),
            ("undo/", self.undo_view, "undo"),
            ("numbers/", self.numbers_view, "numbers"),
            ("rollback/", self.rollback_view, "rollback"),
            ("<str:key>/decide/", self.decide_view, "decide"),
            ("<str:key>/claim/", self.claim_view, "claim"),
            ("<str:key>/next/", self.next_view, "next"),
            ("<str:key>/revert/", self.revert_view, "revert"),
        ]
        own = [
            path(route, wrap(view), name=f"submissions_submission_{name}")
            for route, view, name in pages
        ]
        return [*own, *super().get_urls()]

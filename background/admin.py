"""The queue in the admin: what waits, what failed and why; to be tried again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.tasks import TaskResultStatus
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_tasks_db.admin import DBTaskResultAdmin
from django_tasks_db.models import DBTaskResult

from background import queue

admin.site.unregister(DBTaskResult)

HIDDEN = {"args_kwargs", "return_value", "backend_name", "queue_name", "priority", "worker_ids"}
"""A letter's arguments may hold a link that signs its reader in."""


@admin.register(DBTaskResult)
class TaskAdmin(DBTaskResultAdmin):
    """The library's, without what tasks were given and with another attempt."""

    list_display: Any = (
        "task_path",
        "state",
        "attempts",
        "enqueued_at",
        "display_run_after",
        "error",
    )
    list_filter: ClassVar[Any] = ("status",)
    actions = ("try_again",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: DBTaskResult | None = None
    ) -> list[str]:
        return [name for name in super().get_readonly_fields(request, obj) if name not in HIDDEN]

    @admin.display(description=_("state"), ordering="status")
    def state(self, row: DBTaskResult) -> str:
        if row.status == TaskResultStatus.READY and row.worker_ids:
            return gettext("waiting for its next attempt")
        return row.get_status_display()

    @admin.display(description=_("attempts"))
    def attempts(self, row: DBTaskResult) -> int:
        return len(row.worker_ids)

    @admin.display(description=_("error"))
    def error(self, row: DBTaskResult) -> str:
        lines = row.traceback.strip().splitlines()
        return lines[-1] if lines else ""

    @admin.action(description=_("Try the selected tasks again now"), permissions=["view"])
    def try_again(self, request: HttpRequest, rows: QuerySet[DBTaskResult]) -> None:
        count = queue.retry(rows)
        text = ngettext("Retrying %d task.", "Retrying %d tasks.", count)
        messages.success(request, text % count)

"""What the worker has to do, for who runs the site."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from django_tasks_db.models import DBTaskResult

from core.admin import ReadOnly, TenantAdmin


@admin.register(DBTaskResult)
class TaskAdmin(ReadOnly, TenantAdmin):
    """Tasks of all organizations, so for site administrators alone. What they were given isn't shown."""

    list_display = ["task_path", "status", "enqueued_at", "started_at", "finished_at", "attempts"]
    list_filter = ["status"]
    ordering = ["-enqueued_at"]
    sortable_by = ()
    actions = None
    fields = (
        "task_path",
        "status",
        "enqueued_at",
        "run_after",
        "started_at",
        "finished_at",
        "attempts",
        "exception_class_path",
        "traceback",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Tasks are of no organization."""
        tasks = DBTaskResult.objects.defer("args_kwargs", "return_value").order_by("-enqueued_at")
        return tasks if self.has_view_permission(request) else tasks.none()

    def has_view_permission(self, request: HttpRequest, obj: DBTaskResult | None = None) -> bool:  # type: ignore[override]
        return request.user.is_active and request.user.is_superuser

    @admin.display(description=gettext_lazy("attempts"))
    def attempts(self, task: DBTaskResult) -> int:
        """How many workers began it."""
        return len(task.worker_ids)

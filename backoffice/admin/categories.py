"""Categories."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.roles import Power
from backoffice.admin.deleting import DeletedByService
from backoffice.admin.figures import WithFigures, per_row
from events.models import Category, Event
from events.services import catalogue


@admin.register(Category)
class CategoryAdmin(WithFigures, DeletedByService):
    """Shelves of the season."""

    may_view, may_change = Power.SEE_EVENTS.permission, Power.MANAGE_EVENTS.permission
    list_display = ["name", "slug", "order", "events_count"]
    fields = ["name", "slug", "order"]
    search_fields = ["search_text"]
    prepopulated_fields = {"slug": ["name"]}

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is published under an address keeps it: only a new one is made up from the name."""
        return self.prepopulated_fields if obj is None else {}

    def add_figures(self, rows: Sequence[Category]) -> None:
        """How many events stand on each shelf."""
        events = Event.objects.without_templates().filter(category__in=[row.pk for row in rows]).order_by()
        counts = per_row(rows, events.values_list("category").annotate(Count("pk")))
        for row in rows:
            row.events_count = counts[row.pk]  # type: ignore[attr-defined]

    @admin.display(description=_("events"))
    def events_count(self, category: Any) -> int:
        return category.events_count

    def what_goes(self, obj: Category) -> dict[type[Model], int]:
        """Its events stay, without a category."""
        return {Category: 1}

    def delete_by(self, obj: Category, by: Any) -> None:
        catalogue.delete_category(category_id=obj.pk, by=by)

"""Figures beside the rows of a list: asked for once for the whole page, whatever the table holds."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.http import HttpRequest

from core.admin import TenantAdmin


class PageWithFigures(ChangeList):
    """A page of rows that were told their figures."""

    model_admin: "WithFigures"

    def get_results(self, request: HttpRequest) -> None:
        """Find the rows, then their figures."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        self.model_admin.add_figures(self.result_list)


class WithFigures(TenantAdmin):
    """An admin whose list has columns that are counted elsewhere: an annotation would count them for every row."""

    def add_figures(self, rows: Sequence[Any]) -> None:
        """Set attributes of these rows, in so many queries as there are figures."""
        raise NotImplementedError

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PageWithFigures


def per_row(rows: Sequence[Model], counted: Any) -> dict[int, Any]:
    """Return `counted`, pairs of a row's key and a figure, as a dictionary with 0 for rows without."""
    return {row.pk: 0 for row in rows} | dict(counted)

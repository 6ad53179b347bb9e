"""Deletions go through a service, and are announced by numbers rather than by the names of 60,000 places."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import capfirst

from core.admin import TenantAdmin


class DeletedByService(TenantAdmin):
    """An admin that says beforehand how much goes, and lets the owner of the rows delete them."""

    delete_confirmation_max_display = 0

    def what_goes(self, obj: Any) -> Mapping[Any, int]:
        """Return how many rows go, by their model's name."""
        raise NotImplementedError

    def delete_by(self, obj: Any, by: Any) -> None:
        """Call the service; it may refuse."""
        raise NotImplementedError

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict[str, int], set, list]:
        """Count what goes, and load nothing of it."""
        counted = {model: count for obj in objs for model, count in self.what_goes(obj).items() if count}
        names = {capfirst(str(model._meta.verbose_name_plural)): count for model, count in counted.items()}
        return [], names, set(), []

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        self.delete_by(obj, request.user)

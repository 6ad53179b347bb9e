"""The audit trail: written in the transaction of what it tells of, read by people and by `manage.py audit`."""

from datetime import datetime
from typing import Any

from django.db import models

from core.models import AuditEntry


def record(action: str, about: models.Model, *, at: datetime, by: Any = None, **facts: Any) -> None:
    """Append what happened. `facts` go in as they are: no name, address or phone of a person."""
    AuditEntry.objects.create(
        at=at,
        action=action,
        object_type=about._meta.label_lower,
        object_id=about.pk,
        facts=facts,
        by=by,
        organization_id=getattr(about, "organization_id", None),
    )


def about(thing: models.Model) -> models.QuerySet[AuditEntry]:
    """Return what was recorded of an object, oldest first."""
    entries = AuditEntry.objects.filter(object_type=thing._meta.label_lower, object_id=thing.pk)
    return entries.order_by("pk")

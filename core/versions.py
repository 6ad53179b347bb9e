"""What was configured before: the versions that django-simple-history keeps, told as changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core import dates

SHOWN = 100
"""So many versions of one object, the last ones."""


@dataclass(frozen=True, slots=True)
class Field:
    """What one field said before, and says since."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Version:
    """A change: when, by whom, and of which fields."""

    at: datetime
    by: Any
    fields: list[Field]


def of(thing: models.Model, zone: str) -> list[Version]:
    """Return the changes of an object, the last one first, with times in `zone`; none where no versions are kept."""
    if not hasattr(thing, "history"):
        return []
    records = list(thing.history.select_related("history_user").order_by("-history_id")[: SHOWN + 1])
    changed = ((newer, list(_fields(older, newer, zone))) for newer, older in pairwise(records))
    return [Version(newer.history_date, newer.history_user, fields) for newer, fields in changed if fields]


def _fields(older: Any, newer: Any, zone: str) -> Iterator[Field]:
    for field in newer.tracked_fields:
        before, after = (getattr(each, field.attname) for each in (older, newer))
        if before != after and not getattr(field, "auto_now", False):
            name = capfirst(str(field.verbose_name))
            yield Field(name, _shown(older, field, zone), _shown(newer, field, zone))


def _shown(record: Any, field: Any, zone: str) -> str:
    value = getattr(record, field.attname)
    if value in (None, "", []):
        return "–"
    if isinstance(value, datetime):
        return dates.in_zone(value, zone)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.is_relation:
        return str(field.related_model._default_manager.filter(pk=value).first() or value)
    return str(dict(field.flatchoices).get(value, value))

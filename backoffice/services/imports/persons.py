"""
What lines say of somebody who asks: told, and erased. Those that were brought in say nothing any more; those that wait
or are wrong do, for as long as a month.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Organization
from backoffice.models import Import, ImportRow
from backoffice.services.imports.customers import address_key
from backoffice.services.imports.kinds import digest

NAME = "lines_of_imports"
"""What an export of somebody's data calls them."""
OF_PEOPLE = [Import.Kind.CUSTOMERS, Import.Kind.BOOKINGS]
"""A venue's address is the house's own."""
OPEN = [ImportRow.Status.WAITING, ImportRow.Status.FINE, ImportRow.Status.FAILED]
PERSONAL = {"name", "email", "phone"}


def told(addresses: Iterable[str], organization: Organization | None) -> list[dict[str, Any]]:
    """Return what lines say of who has one of these addresses, in one house or in all."""
    return [
        {
            "organization": row.part_of.organization.name,
            "uploaded": row.part_of.created_at.isoformat(),
            "line": row.number,
            "says": row.cells,
        }
        for row in _lines(list(addresses), organization)
    ]


def erase(addresses: Iterable[str], organization: Organization | None) -> None:
    """
    Take from these lines who somebody is. Within the caller's transaction, which has locked no booking yet.

    A sale stays one, of nobody: its place is taken and its money is the house's. What only said who somebody is, and
    what says it where that isn't looked for, is empty and passed over.
    """
    asked = list(addresses)
    imports = {row.part_of_id for row in _lines(asked, organization)}
    list(Import.objects.filter(pk__in=imports).order_by("pk").select_for_update(no_key=True))  # nobody notes verdicts
    found = ImportRow.objects.filter(pk__in=[row.pk for row in _lines(asked, organization)], status__in=OPEN)
    for row in (
        found.select_related("part_of").order_by("part_of", "number").select_for_update(of=("self",), no_key=True)
    ):
        _empty(row, asked)
    keys = [digest(address_key(address)) for address in asked]
    _of_people(organization).filter(part_of__kind=Import.Kind.CUSTOMERS, key__in=keys).update(key="")


def _empty(row: ImportRow, addresses: list[str]) -> None:
    left = {name: text for name, text in row.cells.items() if name not in PERSONAL}
    if row.part_of.kind == Import.Kind.CUSTOMERS or _say(left, addresses):
        with translation.override(row.part_of.language):
            row.status, row.result = ImportRow.Status.SKIPPED, _("Erased on request.")
        row.key, left = "", {}
    row.cells = left
    row.save(update_fields=["status", "result", "key", "cells"])


def _lines(addresses: list[str], organization: Organization | None) -> Iterator[ImportRow]:
    """Yield lines that say one of the addresses, and those of the same booking that say none."""
    rows = _of_people(organization).filter(status__in=OPEN).select_related("part_of__organization")
    found: dict[int, ImportRow] = {}
    for address in addresses:
        part = max(
            re.findall(r"[\w@.+-]+", address, re.ASCII), key=len, default=""
        )  # JSON may write the rest otherwise
        like = rows.annotate(text=Cast("cells", TextField())).filter(text__icontains=part)
        found |= {row.pk: row for row in like if _say(row.cells, [address])}
    for row in list(found.values()):
        others = rows.filter(part_of=row.part_of_id, key=row.key, cells__email__isnull=True) if row.key else rows.none()
        found |= {other.pk: other for other in others}
    yield from found.values()


def _of_people(organization: Organization | None) -> QuerySet[ImportRow]:
    rows = ImportRow.objects.filter(part_of__kind__in=OF_PEOPLE)
    return rows.filter(part_of__organization=organization) if organization else rows


def _say(cells: dict[str, str], addresses: list[str]) -> bool:
    """Whether one of the addresses is in them: whole, but for capitals, whatever is written around it."""
    words = {word for text in cells.values() for word in re.split(r"[\s,;:<>()\"']+", text.lower())}
    return any(address.strip().lower() in words for address in addresses)

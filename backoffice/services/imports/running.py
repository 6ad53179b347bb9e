"""
From a file to rows, from rows to what they tell of: first checked, then carried out by the worker.

Each thing is made in a transaction of its own, together with what became of its lines: so whoever is killed, and
however many work at once, each is made once.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError
from django.db.models import Model, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organization
from backoffice.models import Import, ImportRow
from backoffice.services.imports.bookings import Bookings
from backoffice.services.imports.customers import Customers
from backoffice.services.imports.events import Events
from backoffice.services.imports.kinds import Kind, digest
from backoffice.services.imports.lines import Wrong
from backoffice.services.imports.reading import Line, Table, read
from backoffice.services.imports.venues import Venues
from core import audit, clock
from core.refusals import Refusal
from core.transactions import Busy, outermost

logger = logging.getLogger(__name__)

CHUNK = 25
"""So many things in one task; then others get their turn."""
LEASE = timedelta(minutes=5)
"""No file takes as long to check: who took it was killed."""
KEPT = timedelta(days=30)

KINDS: dict[str, type[Kind]] = {
    Import.Kind.VENUES: Venues,
    Import.Kind.EVENTS: Events,
    Import.Kind.CUSTOMERS: Customers,
    Import.Kind.BOOKINGS: Bookings,
}

WAITING, FINE, FAILED = ImportRow.Status.WAITING, ImportRow.Status.FINE, ImportRow.Status.FAILED
DONE, SKIPPED = ImportRow.Status.DONE, ImportRow.Status.SKIPPED


class StillOpen(Refusal):
    """Of each kind, one file at a time."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("Another import of this kind is open. Carry it out or put it away first."))


class NotNow(Refusal):
    """It is at another point than whoever asked thinks."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says of a line; `found` is what it brought in before."""

    number: int
    key: str
    status: str
    text: str = ""
    found: Model | None = None


# --- Checking ----------------------------------------------------------------------------------------


def verdicts(kind: Kind, lines: Sequence[Line]) -> Iterator[Verdict]:
    """Say of each line whether it can be brought in, and write nothing."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(digest(kind.key(line)) or f"line {line.number}", []).append(line)
    for key, group in groups.items():
        key = "" if key.startswith("line ") else key
        judged = group if kind.grouped else group[:1]
        yield from _verdicts(kind, judged, key)
        for line in group[len(judged) :]:
            text = _("Line %(line)s is about the same already.") % {"line": group[0].number}
            yield Verdict(line.number, key, FAILED, text)


def _verdicts(kind: Kind, group: list[Line], key: str) -> list[Verdict]:
    try:
        found = kind.check(group)
    except Wrong as wrong:
        return [Verdict(line.number, key, FAILED, text) for line, text in _told(wrong, group)]
    if found:
        return [Verdict(line.number, key, SKIPPED, kind.known(found), found) for line in group]
    return [Verdict(line.number, key, FINE) for line in group]


def _told(wrong: Wrong, group: Sequence[Line]) -> Iterator[tuple[Line, str]]:
    """Say of each line what is wrong with it, or which other one keeps it."""
    for line in group:
        own = [problem.text for problem in wrong.problems if problem.line == line.number]
        others = _("Line %(line)s, which belongs to it, is wrong.") % {"line": wrong.problems[0].line}
        yield line, "\n".join(dict.fromkeys(own)) or others


def kind_of(found: Import) -> Kind:
    """Begin a pass over an import."""
    kind = KINDS[found.kind]
    return kind(found.organization, sends_tickets=found.sends_tickets, language=found.language)


# --- What people do ------------------------------------------------------------------------------------


def upload(
    *, organization: Organization, kind: str, name: str, data: bytes, sends_tickets: bool = False, by: Any = None
) -> Import:
    """Read a file, and let the worker check it. Raises Unreadable, StillOpen."""
    table = read(data, KINDS[kind].columns)
    try:
        return _upload(organization=organization, kind=kind, name=name, table=table, sends_tickets=sends_tickets, by=by)
    except IntegrityError as error:
        raise StillOpen from error


@outermost
def _upload(*, organization: Organization, kind: str, name: str, table: Table, sends_tickets: bool, by: Any) -> Import:
    now = clock.now()
    if Import.objects.filter(organization=organization, kind=kind, finished_at=None).exists():
        raise StillOpen
    made = Import.objects.create(
        organization=organization,
        kind=kind,
        file_name=name[:200],
        columns=table.columns,
        passed_over=table.passed_over,
        sends_tickets=sends_tickets,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        by=by,
        created_at=now,
    )
    rows = (ImportRow(part_of=made, number=line.number, cells=line.cells) for line in table.lines)
    ImportRow.objects.bulk_create(rows, batch_size=1_000)
    audit.record("import.uploaded", made, at=now, by=by, kind=kind, lines=len(table.lines))
    _enqueue(made.pk)
    return made


@outermost
def confirm(*, import_id: int, by: Any = None) -> int:
    """Carry out what is fine of a checked import; return how many lines. Harmless when repeated. Raises NotNow."""
    found = _locked(import_id)
    fine = ImportRow.objects.filter(part_of=found, status=FINE).count()
    if found.started_at:
        return fine
    if found.phase != Import.Phase.CHECKED or not fine:
        raise NotNow(_("There is nothing that could be imported."))
    found.started_at = clock.now()
    found.save(update_fields=["started_at"])
    audit.record("import.started", found, at=found.started_at, by=by, kind=found.kind, lines=fine)
    _enqueue(found.pk)
    return fine


@outermost
def cancel(*, import_id: int, by: Any = None) -> None:
    """Put away an import that hasn't begun, with all that its file said. Harmless when repeated. Raises NotNow."""
    found = _locked(import_id)
    if found.started_at:
        raise NotNow(_("It has begun, and can't be stopped any more."))
    if found.finished_at:
        return
    now = clock.now()
    ImportRow.objects.filter(part_of=found).delete()
    found.finished_at = found.erased_at = now
    found.save(update_fields=["finished_at", "erased_at"])
    audit.record("import.cancelled", found, at=now, by=by, kind=found.kind)


def _locked(import_id: int) -> Import:
    return Import.objects.select_for_update(no_key=True).get(pk=import_id)


def _enqueue(import_id: int) -> None:
    from backoffice.tasks import carry_on  # noqa: PLC0415 - the task calls back into this module

    carry_on.enqueue(import_id)


# --- What the worker does ------------------------------------------------------------------------------


def work(*, import_id: int, most: int = CHUNK) -> int:
    """Check an import, or go on with one that was confirmed; return how many lines had their turn."""
    found = Import.objects.select_related("organization", "by").get(pk=import_id)
    with translation.override(found.language):
        if found.phase == Import.Phase.CHECKING:
            return _check(found)
        return _carry_out(found, most) if found.phase == Import.Phase.RUNNING else 0


def work_due() -> int:
    """Go on with every import that waits for the worker; what a lost task left is found here."""
    waiting = Import.objects.filter(finished_at=None)
    due = waiting.filter(checked_at=None) | waiting.filter(started_at__isnull=False)
    return sum(work(import_id=pk) for pk in due.order_by("pk").values_list("pk", flat=True))


def _check(found: Import) -> int:
    """Nothing is locked while it is checked: what changes meanwhile is seen when it is carried out."""
    if not _lease(import_id=found.pk):
        return 0
    rows = ImportRow.objects.filter(part_of=found).order_by("number")
    lines = [Line(number, cells) for number, cells in rows.values_list("number", "cells").iterator(chunk_size=2_000)]
    return _note_verdicts(import_id=found.pk, told=list(verdicts(kind_of(found), lines)))


@outermost
def _lease(*, import_id: int) -> bool:
    found, now = _locked(import_id), clock.now()
    if found.phase != Import.Phase.CHECKING or (found.leased_until and found.leased_until > now):
        return False
    found.leased_until = now + LEASE
    found.save(update_fields=["leased_until"])
    return True


@outermost
def _note_verdicts(*, import_id: int, told: list[Verdict]) -> int:
    """Write down what a check said, unless the import was put away meanwhile, or somebody's lines were erased."""
    found = _locked(import_id)
    if found.phase != Import.Phase.CHECKING:
        return 0
    rows = {row.number: row for row in ImportRow.objects.filter(part_of=found, status=WAITING)}
    for verdict in told:
        row = rows.get(verdict.number)
        if row is None:
            continue
        row.status, row.key, row.result = verdict.status, verdict.key, verdict.text
        if verdict.found:
            _became(row, verdict.found)
    fields = ["status", "key", "result", "cells", "became_type", "became_id"]
    ImportRow.objects.bulk_update(rows.values(), fields, batch_size=500)
    found.checked_at = clock.now()
    found.save(update_fields=["checked_at"])
    return len(told)


def _became(row: ImportRow, what: Model) -> None:
    """What it said isn't needed any more."""
    row.became_type, row.became_id, row.cells = what._meta.label_lower, what.pk, {}


def _carry_out(found: Import, most: int) -> int:
    """
    Bring in some of what is fine, or end the import. What can't be brought in any more doesn't keep the others.
    """
    waiting = ImportRow.objects.filter(part_of=found, status=FINE).order_by("number")
    done, made = 0, []
    for pk in waiting.values_list("pk", flat=True)[:most]:
        try:
            count, what = _deal_calmly(found, pk)
        except Busy:
            return done  # `tick` goes on
        done += count
        made += [what.pk] if what else []
    kind_of(found).afterwards(made)
    if not waiting.exists():
        _end(found)
    return done


def _deal_calmly(found: Import, row_id: int) -> tuple[int, Model | None]:
    try:
        return _deal_patiently(found, row_id)
    except (Busy, OperationalError):
        raise
    except Wrong as wrong:
        told = {problem.line: problem.text for problem in reversed(wrong.problems)}
    except Refusal as refusal:
        told = {0: str(refusal)}
    except Exception as error:  # whatever is wrong with this one, the others have to be brought in
        logger.exception("Row %s of an import could not be dealt with.", row_id)
        told = {0: type(error).__name__}
    return _note_failure(row_id=row_id, told=told), None


def _deal_patiently(found: Import, row_id: int) -> tuple[int, Model | None]:
    kind = kind_of(found)
    rows = _group(ImportRow.objects.get(pk=row_id))
    lines = _lines(rows)
    if not lines or rows[0].pk != row_id:
        return 0, None  # its group was dealt with before, or is about to be

    def act() -> tuple[int, Model | None]:
        return _deal(row_id=row_id)

    if kind.check(lines):
        return act()
    try:
        return kind.patiently(lines, act)
    except IntegrityError:
        return act()  # another import brought in the same at the same moment: now it is there


def _group(row: ImportRow) -> list[ImportRow]:
    """Return the lines about the same thing as this one that wait to be brought in."""
    rows = ImportRow.objects.filter(part_of=row.part_of_id, status=FINE).order_by("number")
    return list(rows.filter(key=row.key) if row.key else rows.filter(pk=row.pk))


def _lines(rows: Iterable[ImportRow]) -> list[Line]:
    return [Line(row.number, row.cells) for row in rows]


@outermost
def _deal(*, row_id: int) -> tuple[int, Model | None]:
    """Bring in what lines tell of, unless somebody else is at it or has been; with it is written what it became."""
    rows = ImportRow.objects.filter(pk=row_id, status=FINE).select_related("part_of__organization", "part_of__by")
    first = rows.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    if first is None:
        return 0, None
    others = ImportRow.objects.filter(part_of=first.part_of_id, key=first.key, status=FINE).exclude(pk=first.pk)
    locked = others.order_by("number").select_for_update(no_key=True) if first.key else others.none()
    group = [first, *locked]
    kind = kind_of(first.part_of)
    if known := kind.check(_lines(group)):
        return _note(group, SKIPPED, kind.known(known), known), None
    made = kind.bring_in(_lines(group), by=first.part_of.by, at=clock.now())
    return _note(group, DONE, kind.said(made), made), made


def _note(rows: list[ImportRow], status: str, text: str, what: Model) -> int:
    for row in rows:
        row.status, row.result = status, text
        _became(row, what)
        row.save()
    return len(rows)


@outermost
def _note_failure(*, row_id: int, told: dict[int, str]) -> int:
    """Those that somebody else brought in meanwhile stay what they became."""
    group = [row.pk for row in _group(ImportRow.objects.get(pk=row_id))]
    locked = ImportRow.objects.filter(pk__in=group).order_by("number").select_for_update(no_key=True)
    rows = [row for row in locked if row.status == FINE]
    for row in rows:
        row.status, row.result = FAILED, told.get(row.number) or next(iter(told.values()))
        row.save(update_fields=["status", "result"])
    return len(rows)


def _end(found: Import) -> None:
    """All that was made is looked at once more: a worker may have been killed before it had."""
    made = _rows(found, DONE).values_list("became_id", flat=True).distinct()
    kind_of(found).afterwards([pk for pk in made if pk])
    _finish(import_id=found.pk)


def _rows(found: Import, status: str) -> QuerySet[ImportRow]:
    return ImportRow.objects.filter(part_of=found, status=status).order_by()


@outermost
def _finish(*, import_id: int) -> None:
    found = _locked(import_id)
    if found.finished_at or _rows(found, FINE).exists():
        return
    found.finished_at = clock.now()
    found.save(update_fields=["finished_at"])
    counts = Counter(_rows(found, DONE).values_list("status", flat=True)) | Counter(
        _rows(found, FAILED).values_list("status", flat=True)
    )
    audit.record("import.finished", found, at=found.finished_at, by=found.by, kind=found.kind, **dict(counts))


# --- Forgetting ----------------------------------------------------------------------------------------


def erase_due() -> int:
    """Forget what lines of files said that are older than a month; return of how many imports."""
    old = Import.objects.filter(created_at__lt=clock.now() - KEPT, erased_at=None).order_by("pk")
    return sum(_erase(import_id=pk) for pk in old.values_list("pk", flat=True))


@outermost
def _erase(*, import_id: int) -> bool:
    """An import that nobody carried out is put away; one that is being carried out has its turn later."""
    found, now = _locked(import_id), clock.now()
    if found.erased_at or found.phase == Import.Phase.RUNNING:
        return False
    ImportRow.objects.filter(part_of=found).update(cells={}, result="", key="")
    found.finished_at = found.finished_at or now
    found.erased_at = now
    found.save(update_fields=["finished_at", "erased_at"])
    audit.record("import.forgotten", found, at=now, kind=found.kind)
    return True

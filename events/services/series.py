"""
Several dates of the same: made at once, published together, and changed for one, for it and all that follow, or all.

Only what was changed at the one date in hand is changed at others, so what differs from date to date stays different.
Times are changed by the clocks: doors half an hour earlier are so on every date, also across a change to summer time.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit, clock, idempotency
from core.refusals import Refusal
from core.transactions import outermost
from events import recurring
from events.models import Event, EventSeries, PriceLevel, TicketType
from events.services import copying, levels, publishing

PLAIN = (
    "title",
    "category",
    "type",
    "summary",
    "description",
    "minimum_age",
    "entry_rules",
    "refund_rules",
    "max_per_booking",
    "max_per_customer",
)
TIMES = ("doors_at", "ends_at", "sales_start", "sales_end")
"""What can be changed at many dates: as it is, and by the clocks."""
MOST = 60
CHUNK = 10
"""So many dates are made at once, so that no transaction is long."""

type Prices = Mapping[tuple[str, int], int | None]
"""By the name of a price level and the key of a ticket type, since each date has levels of its own."""


class Reach(TextChoices):
    """Which dates a change is for."""

    ONLY = "only", gettext_lazy("only this date")
    FOLLOWING = "following", gettext_lazy("this date and all that follow")
    ALL = "all", gettext_lazy("all dates")


class NoSeries(Refusal):
    """The event is in no series, or can't be in this one."""


class Meanwhile(Refusal):
    """What was looked at isn't how it is any more."""

    def __init__(self) -> None:
        super().__init__(_("Somebody changed these dates meanwhile. Nothing was changed: please look once more."))


@dataclass(frozen=True, slots=True)
class Change:
    """New values as they are at the one date in hand, by field, and new prices."""

    fields: Mapping[str, Any]
    prices: Prices


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one date: old and new values, by field and by price; or `why` nothing does."""

    event: Event
    fields: dict[str, tuple[Any, Any]]
    prices: dict[tuple[str, int], tuple[int | None, int | None]]
    why: str = ""

    @property
    def is_change(self) -> bool:
        """Whether anything is going to be another way."""
        return not self.why and bool(self.fields or self.prices)


# --- Making and joining ----------------------------------------------------------------------------


def add_dates(
    *,
    event_id: int,
    starts: Sequence[datetime],
    name: str,
    key: str,
    with_holds: bool = False,
    with_pictures: bool = False,
    by: Any = None,
) -> EventSeries:
    """
    Make drafts like an event at these starts, in its series, or with it in a new one of this name.

    Ten in each transaction; the same key makes none twice, and goes on after what was interrupted.
    """
    if not 0 < len(starts) <= MOST:
        raise NoSeries(_("Please choose between 1 and %(most)s dates.") % {"most": MOST})
    body = [event_id, name, with_holds, [start.isoformat() for start in starts]]
    for number, chunk in enumerate(batched(starts, CHUNK)):
        made = _add(event_id, chunk, name, f"{key}-{number}", body, with_holds=with_holds, by=by)
        for event in made if with_pictures else []:
            copying.copy_pictures(event_id=event_id, to=event, by=by)
    house = Event.objects.values_list("organization").get(pk=event_id)[0]
    return Event.objects.get(pk=event_id).series or EventSeries.objects.get(organization=house, name=name)


@outermost
def _add(
    event_id: int, starts: Sequence[datetime], name: str, key: str, body: Any, *, with_holds: bool, by: Any
) -> list[Event]:
    if idempotency.remember("series-dates", key, body, result=str(event_id)) is not None:
        return []
    event = Event.objects.locked().select_related("venue", "organization", "series").get(pk=event_id)
    series = event.series or EventSeries.objects.get_or_create(organization=event.organization, name=name)[0]
    if event.series is None and not event.is_template:
        _put_in(event, series, by)
    return [
        copying.made_like(event, event.title, start, with_holds=with_holds, series=series, by=by) for start in starts
    ]


@outermost
def join(*, event_id: int, series_id: int, by: Any = None) -> Event:
    """Take an event into a series of its organization. Harmless when repeated. Raises NoSeries."""
    event = Event.objects.locked().select_related("series").get(pk=event_id)
    series = EventSeries.objects.filter(pk=series_id, organization=event.organization_id).first()
    if event.series == series and series is not None:
        return event
    if series is None or event.is_template or event.series is not None:
        raise NoSeries(_("“%(event)s” can't be in this series: it is a template, or in another.") % {"event": event})
    _put_in(event, series, by)
    return event


@outermost
def leave(*, event_id: int, by: Any = None) -> None:
    """Take an event out of its series; a series without dates is gone. Harmless when repeated."""
    event = Event.objects.locked().select_related("series").get(pk=event_id)
    series = event.series
    if series is None:
        return
    event.series = None
    event.save(update_fields=["series", "changed_at"])
    audit.record("event.left_series", event, at=clock.now(), by=by, series=series.name)
    if not series.events.exists():
        series.delete()


def publish_complete(*, series_id: int, by: Any = None) -> tuple[list[Event], dict[Event, str]]:
    """Publish the drafts of a series, each on its own; return those, and why others stay drafts."""
    published, refused = [], {}
    for event in Event.objects.filter(series=series_id, status=Event.Status.DRAFT).order_by("starts_at", "pk"):
        try:
            published.append(publishing.publish(event_id=event.pk, by=by))
        except Refusal as refusal:
            refused[event] = str(refusal)
    return published, refused


def _put_in(event: Event, series: EventSeries, by: Any) -> None:
    event.series = series
    event.save(update_fields=["series", "changed_at"])
    audit.record("event.joined_series", event, at=clock.now(), by=by, series=series.name)


# --- Changing --------------------------------------------------------------------------------------


def preview(*, event_id: int, reach: str, change: Change) -> list[Effect]:
    """Return what a change would do, without doing it. Raises NoSeries."""
    return _effects(_dates(event_id), event_id, reach, change)


@outermost
def edit(*, event_id: int, reach: str, change: Change, seen: str, by: Any = None) -> list[Effect]:
    """
    Change an event of a series, and others with it, if that does what was `seen`; return what was done.

    Dates that are over or cancelled stay as they are. Tickets keep their price. Raises NoSeries, Meanwhile.
    """
    effects = _effects(_dates(event_id).locked(), event_id, reach, change)
    if digest(effects) != seen:
        raise Meanwhile
    for effect in effects:
        if effect.is_change:
            _apply(effect, by)
    return effects


def digest(effects: Iterable[Effect]) -> str:
    """Return a word for what a change does: the same for the same alone."""
    plain = [
        [effect.event.pk, effect.why, *(sorted(map(str, pairs.items())) for pairs in (effect.fields, effect.prices))]
        for effect in effects
    ]
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def _dates(event_id: int) -> Any:
    series = Event.objects.values_list("series").get(pk=event_id)[0]
    if series is None:
        raise NoSeries(_("This event is in no series any more."))
    return Event.objects.filter(series=series).select_related("venue", "category")


def _effects(rows: QuerySet[Event], event_id: int, reach: str, change: Change) -> list[Effect]:
    dates = {event.pk: event for event in rows}  # in the order of locks, where they are locked
    if event_id not in dates:
        raise NoSeries(_("This event is in no series any more."))
    this, now = dates[event_id], clock.now()
    prices = _prices(dates)
    starts = [(event.starts_at, pk) for pk, event in dates.items()]
    match reach:
        case Reach.ONLY:
            reached = [this.pk]
        case Reach.FOLLOWING:
            reached = recurring.from_here_on(starts, (this.starts_at, this.pk))
        case _:
            reached = [pk for _start, pk in sorted(starts)]
    return [_effect(dates[pk], this, change, prices.get(pk, {}), now) for pk in reached]


def _prices(dates: Iterable[int]) -> dict[int, dict[str, dict[int, int]]]:
    """Return the amounts of each date by level and ticket type; a level without prices is there too."""
    found: dict[int, dict[str, dict[int, int]]] = {}
    rows = PriceLevel.objects.filter(event__in=list(dates)).order_by("pk")
    for event, level, ticket_type, amount in rows.values_list("event", "name", "prices__ticket_type", "prices__amount"):
        amounts = found.setdefault(event, {}).setdefault(level, {})
        if ticket_type is not None:
            amounts[ticket_type] = amount
    return found


def _effect(
    event: Event, this: Event, change: Change, prices: Mapping[str, Mapping[int, int]], now: datetime
) -> Effect:
    if event.status == Event.Status.CANCELLED:
        return Effect(event, {}, {}, _("It was cancelled."))
    if event.ends_at <= now:
        return Effect(event, {}, {}, _("It is over already."))
    wanted = {name: _at(event, this, name, value) for name, value in change.fields.items()}
    fields = {name: (getattr(event, name), new) for name, new in wanted.items() if getattr(event, name) != new}
    if why := _wrong({name: wanted.get(name, getattr(event, name)) for name in ("starts_at", *TIMES)}):
        return Effect(event, {}, {}, why)
    if unknown := sorted({level for level, _type in change.prices if level not in prices}):
        return Effect(event, {}, {}, _("It has no price level “%(level)s”.") % {"level": unknown[0]})
    pairs = {
        (level, type_id): (prices[level].get(type_id), new)
        for (level, type_id), new in change.prices.items()
        if prices[level].get(type_id) != new
    }
    return Effect(event, fields, pairs)


def _at(event: Event, this: Event, name: str, value: Any) -> Any:
    """Return what a value of the date in hand is at another: moments are as far from its start, by the clocks."""
    if name not in TIMES or value is None or event.pk == this.pk:
        return value
    return copying.moment_moved(this, value, event.starts_at)


def _wrong(times: Mapping[str, datetime | None]) -> str:
    """Say what can't be so; nothing if all can."""
    starts, doors, ends, sales_start, sales_end = (times[name] for name in ("starts_at", *TIMES))
    assert starts is not None and ends is not None  # noqa: S101, PT018 - for the type checker: the columns hold no NULL
    if ends <= starts:
        return _("It would end before its start.")
    if doors and doors > starts:
        return _("Doors would open after the start.")
    if sales_start and sales_end and sales_end <= sales_start:
        return _("Sales would end before they start.")
    return ""


def _apply(effect: Effect, by: Any) -> None:
    event = effect.event
    if effect.fields:
        for name, (_old, new) in effect.fields.items():
            setattr(event, name, new)
        event.save(update_fields=[*effect.fields, "changed_at"])
        changed = {name: [_plain(old), _plain(new)] for name, (old, new) in effect.fields.items()}
        facts = {"called": str(event), "changed": changed, "series": event.series_id}
        audit.record("event.changed", event, at=clock.now(), by=by, **facts)
    amounts: dict[str, dict[int, int | None]] = {}
    for (level, type_id), (_before, amount) in effect.prices.items():
        amounts.setdefault(level, {})[type_id] = amount
    for its in event.price_levels.filter(name__in=amounts):
        levels.change(level=its, name=its.name, order=its.order, amounts=amounts[its.name], by=by)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, int | str) else str(value)


def type_names(type_ids: Iterable[int]) -> dict[int, str]:
    """Return what ticket types are called."""
    return {each.pk: str(each) for each in TicketType.objects.filter(pk__in=list(type_ids))}

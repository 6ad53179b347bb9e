"""Places kept back by the house: for whom, why, until when, and how they come back."""

import logging
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError
from django.utils.translation import gettext_lazy as _

from core import audit, clock
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Event, EventSeat, Hold
from events.queries import acts
from events.queries.acts import Report, Staying
from events.services import inventory
from events.services.seats import NoSuchLevel, done, locked

logger = logging.getLogger(__name__)


class NothingHeld(Refusal):
    """None of the chosen places is available, so there is nothing to hold."""

    def __init__(self, staying: Collection[Staying]) -> None:
        why = "; ".join(f"{group.why}: {', '.join(group.names)}" for group in staying)
        super().__init__(_("None of these places can be held (%(why)s).") % {"why": why})


class BadHold(Refusal):
    """A hold can't be like this: it would be over before it began, or is for nobody we know."""

    status = 422


class HoldOver(Refusal):
    """The hold was released."""

    def __init__(self) -> None:
        super().__init__(_("This hold was released already."))


@dataclass(frozen=True, slots=True)
class Made:
    """A new hold, and what became of the chosen places."""

    hold: Hold
    report: Report


@outermost
def create(
    *,
    event_id: int,
    place_ids: Collection[int],
    kind: str,
    reason: str = "",
    until: datetime | None = None,
    by: Any = None,
) -> Made:
    """
    Keep back those of these places that are available. Raises NoSuchPlace, BadHold, NothingHeld.

    Without `until` they are kept until somebody releases them.
    """
    event = locked(event_id, place_ids)
    hold = _new(event, kind, reason, until, by)
    held = inventory.hold(place_ids=place_ids, hold=hold)
    report = done(event, "held", acts.HOLDING, place_ids, held, by=by, **_told(hold))
    if not held:
        raise NothingHeld(report.staying)
    return Made(hold, report)


@outermost
def create_standing(
    *,
    event_id: int,
    level_id: int,
    quantity: int,
    kind: str,
    reason: str = "",
    until: datetime | None = None,
    by: Any = None,
) -> Hold:
    """Keep back so many free standing places of a level, all or nothing. Raises NoSuchLevel, BadHold, NotEnough."""
    event = Event.objects.locked().get(pk=event_id)
    level = event.price_levels.filter(pk=level_id, numbered=False).first()
    if level is None:
        raise NoSuchLevel
    if quantity < 1:
        raise BadHold(_("Please choose at least one place."))
    hold = _new(event, kind, reason, until, by)
    held = inventory.hold_any(level=level, quantity=quantity, hold=hold)
    done(event, "held", acts.HOLDING, held, held, by=by, **_told(hold))
    return hold


@outermost
def release(*, hold_id: int, place_ids: Collection[int] | None = None, by: Any = None) -> Report:
    """
    Make places of a hold available again, all of them or those of these.

    The hold is over with its last place. Harmless when repeated. Raises NoSuchPlace.
    """
    event, hold = _locked_hold(hold_id)
    if place_ids is not None:
        acts.facts_of(event, place_ids)
    released = inventory.release_hold(hold=hold, place_ids=place_ids)
    chosen = released if place_ids is None else place_ids
    if not chosen:
        return Report([])
    return done(event, "released", acts.RELEASING, chosen, released, by=by, **_told(hold))


@outermost
def release_places(*, event_id: int, place_ids: Collection[int], by: Any = None) -> Report:
    """Make held places available again, whichever hold keeps them. Raises NoSuchPlace."""
    event = locked(event_id, place_ids)
    holds = Hold.objects.filter(event=event, pk__in={place.hold for place in acts.facts_of(event, place_ids)})
    released: list[int] = []
    words: list[str] = []
    for hold in holds.order_by("pk"):
        released += inventory.release_hold(hold=hold, place_ids=place_ids)
        words.append(str(hold))
    return done(event, "released", acts.RELEASING, place_ids, released, by=by, hold="; ".join(words))


@outermost
def change(*, hold_id: int, until: datetime | None, reason: str, by: Any = None) -> Hold:
    """Keep places longer or shorter, or for another reason. Raises HoldOver, BadHold."""
    event, hold = _locked_hold(hold_id)
    if hold.released_at:
        raise HoldOver
    now = clock.now()
    _check_until(until, now)
    moments = [moment and moment.isoformat() for moment in (hold.until, until)]
    asked: dict[str, list[Any]] = {"until": moments, "reason": [hold.reason, reason]}
    changed = {name: values for name, values in asked.items() if values[0] != values[1]}
    if changed:
        hold.until, hold.reason = until, reason
        hold.save(update_fields=["until", "reason"])
        audit.record("event.hold_changed", event, at=now, by=by, hold=str(hold), changed=changed)
    return hold


def copy_all(*, source: Event, target: Event, until: Callable[[datetime], datetime], by: Any = None) -> None:
    """
    In the caller's transaction, with both locked: keep back at a copy what is kept back at its source.

    Seats are the same by the plan; standing places are as many of each section and level. `until` says when an end
    is there; one that would be over already is none.
    """
    now = clock.now()
    levels = {level.name: level.pk for level in target.price_levels.all()}
    free = {seat: pk for pk, seat in EventSeat.objects.free().filter(event=target).values_list("pk", "seat") if seat}
    for hold in Hold.objects.filter(event=source, released_at=None).order_by("pk"):
        end = until(hold.until) if hold.until else None
        kept = hold.places.order_by("pk").values_list("seat", "section", "price_level__name")
        chosen = [free[seat] for seat, _section, _level in kept if seat in free]
        for (section, level), count in Counter((sec, lev) for seat, sec, lev in kept if seat is None).items():
            standing = EventSeat.objects.free().standing().filter(event=target, section=section)
            alike = standing.filter(price_level=levels[level]).order_by("pk")
            chosen += alike.values_list("pk", flat=True)[:count]
        if chosen:
            made = _new(target, hold.kind, hold.reason, end if end and end > now else None, by)
            done(
                target, "held", acts.HOLDING, chosen, inventory.hold(place_ids=chosen, hold=made), by=by, **_told(made)
            )


def release_due(limit: int = 1_000) -> int:
    """Release the holds whose time is over, each in a transaction of its own; return how many."""
    due = Hold.objects.filter(released_at=None, until__lte=clock.now()).order_by("until")
    return sum(_end_calmly(pk) for pk in due.values_list("pk", flat=True)[:limit])


def _end_calmly(hold_id: int) -> bool:
    """One hold that can't be ended is loud in the log, and doesn't keep the others."""
    try:
        return _end(hold_id=hold_id)
    except OperationalError:
        raise
    except Exception:  # whatever is wrong with this one, the places of the others are waiting to be sold
        logger.exception("The time of hold %s is over, and it could not be released.", hold_id)
        return False


@outermost
def _end(*, hold_id: int) -> bool:
    event, hold = _locked_hold(hold_id)
    if hold.released_at or hold.until is None or hold.until > clock.now():
        return False  # released or changed since we looked
    released = inventory.release_hold(hold=hold)
    if released:
        done(event, "released", acts.RELEASING, released, released, by=None, **_told(hold), over=True)
    else:  # it keeps nothing, so that there was no last place to leave it
        Hold.objects.filter(pk=hold.pk).update(released_at=clock.now())
    return True


def _locked_hold(hold_id: int) -> tuple[Event, Hold]:
    """Lock the event of a hold, then read the hold as it is now."""
    event = Event.objects.locked().get(pk=Hold.objects.values_list("event").get(pk=hold_id)[0])
    return event, Hold.objects.select_for_update(no_key=True).get(pk=hold_id)


def _new(event: Event, kind: str, reason: str, until: datetime | None, by: Any) -> Hold:
    now = clock.now()
    _check_until(until, now)
    if kind not in Hold.Kind.values:
        raise BadHold(_("Please say for whom the places are kept."))
    return Hold.objects.create(event=event, kind=kind, reason=reason, until=until, by=by, created_at=now)


def _check_until(until: datetime | None, now: datetime) -> None:
    if until is not None and until <= now:
        raise BadHold(_("A hold ends in the future, or when somebody releases it."))


def _told(hold: Hold) -> dict[str, Any]:
    """Return what the audit trail says of a hold."""
    until = {"until": hold.until.isoformat()} if hold.until else {}
    return {"hold": str(hold), **until}

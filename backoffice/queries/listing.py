"""A page of bookings as staff see it: each with what can be done with it, and with what looks like the same again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from backoffice.acts import ACTS, Act
from bookings.models import Booking
from core import clock

APART = timedelta(minutes=30)
"""Who books the same event again so soon may not have meant to."""

TWINS = 500
"""So many others are looked through for a page: an agency may book all day with one address."""

OFFERED = ("paid", "extend", "resend", "cancel")
"""What is offered beside a booking; the rest is on its page."""

_HELD = (Booking.Status.PENDING, Booking.Status.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Row:
    """One booking of a list."""

    booking: Booking
    acts: list[Act]
    twins: list[Booking]


def rows(ids: Iterable[int], user: object) -> list[Row]:
    """Return these bookings in their order, in two questions however many they are."""
    numbers = list(ids)
    found = Booking.objects.select_related("event__venue", "organization").in_bulk(numbers)
    bookings = [found[pk] for pk in numbers if pk in found]
    same, now = twins(bookings), clock.now()
    return [Row(each, offered(each, user, now), same.get(each.pk, [])) for each in bookings]


def offered(booking: Booking, user: object, now: datetime) -> list[Act]:
    """Return the acts that make sense as far as the row says; the preview knows more."""
    allowed = [ACTS[name] for name in OFFERED if user.has_perm(ACTS[name].power.permission)]  # type: ignore[attr-defined]
    return [act for act in allowed if not _is_out_of_question(act, booking, now)]


def _is_out_of_question(act: Act, booking: Booking, now: datetime) -> bool:
    if act.name == "paid":  # what is to be paid isn't asked for each row
        return booking.status not in (Booking.Status.PENDING, Booking.Status.EXPIRED) or not booking.has_details
    return bool(act.why_not(booking, now))


def twins(bookings: Iterable[Booking]) -> dict[int, list[Booking]]:
    """
    Return the possible duplicates of each booking that has some: held like itself, by the same address, at the same
    event, reserved within APART. In one question for all.
    """
    asked = [each for each in bookings if each.status in _HELD and each.email_key]
    if not asked:
        return {}
    times = [each.reserved_at for each in asked]
    others = (
        Booking.objects.held()
        .filter(
            organization__in={each.organization_id for each in asked},
            email_key__in={each.email_key for each in asked},
            event__in={each.event_id for each in asked},
            reserved_at__range=(min(times) - APART, max(times) + APART),
        )
        .exclude(email_key="")
    )
    same: dict[tuple[str, int], list[Booking]] = defaultdict(list)
    for other in others.only("code", "email_key", "event", "reserved_at").order_by("-pk")[:TWINS]:
        same[other.email_key, other.event_id].append(other)
    found = {each.pk: _near(each, same[each.email_key, each.event_id]) for each in asked}
    return {pk: near for pk, near in found.items() if near}


def _near(booking: Booking, others: Iterable[Booking]) -> list[Booking]:
    return [each for each in others if each.pk != booking.pk and abs(each.reserved_at - booking.reserved_at) <= APART]

"""
Which bookings somebody means by a few words: the surest meaning first, and each meaning in one question.

Texts are compared with what `Booking.search_text` keeps folded, which has an index of its own on PostgreSQL. No
question counts: the first MOST are fetched by their numbers, and of the rest is said only that there are more.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_

from django.db.models import Q, QuerySet

from accounts.models import Organization
from bookings.models import Booking, Ticket, normalised_email
from core.codes import ALPHABET
from core.search import folded, words
from events.models import Event

MOST = 1_000
"""So many are shown, the newest ones: whoever gets more says more."""

EVENTS = 500
"""So many events are meant by words of a title, the latest ones."""

ORDER = ("-reserved_at", "-pk")

_CODE = rf"BK-\d{{8}}-[{ALPHABET}]{{6}}"
_WHOLE = re.compile(_CODE)
_TICKET = re.compile(rf"({_CODE})-(\d{{1,3}})")
_TAIL = re.compile(rf"-?([{ALPHABET}]{{6}})")
"""The last part of a code, as people read it aloud."""

_ROW = r"(?:row|reihe|fila)"
_SEAT = r"(?:seat|platz|sitz|asiento|butaca)"
_SPOT = re.compile(
    rf"(?:(?P<section>\S.*?)[\s,]+)??(?:{_ROW}[\s,]+)?(?P<row>[^\s,]{{1,8}})[\s,]+(?:{_SEAT}[\s,]+)?(?P<number>[^\s,]{{1,8}})",
    re.IGNORECASE,
)
_HAS_WORD = re.compile(rf"\b(?:{_ROW}|{_SEAT})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """
    What was found: `ids` are the newest MOST of `bookings`, in their order.

    `is_sure` says that a whole code or ticket number was asked for.
    """

    bookings: QuerySet[Booking]
    ids: list[int]
    is_more: bool
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """A seat as people say it: "Stalls, row F, seat 12", or without the section."""

    section: str
    row: str
    number: str


def find(bookings: QuerySet[Booking], term: str, organization: Organization) -> Found:
    """Return those of the bookings, which are the organization's, that the words mean: by the first that any is."""
    found = None
    for meaning, is_sure in _meanings(_plain(term), organization):
        found = _look(bookings.filter(meaning), is_sure=is_sure)
        if found.ids:
            return found
    return found or _look(bookings)


def _plain(term: str) -> str:
    return " ".join(term.replace("\x00", " ").split())[:150]


def _look(bookings: QuerySet[Booking], *, is_sure: bool = False) -> Found:
    bookings = bookings.order_by(*ORDER)
    ids = list(bookings.values_list("pk", flat=True)[: MOST + 1])
    return Found(bookings, ids[:MOST], len(ids) > MOST, is_sure)


def _meanings(term: str, organization: Organization) -> Iterator[tuple[Q, bool]]:
    """Yield what the words may mean, the surest first, with whether they name one booking."""
    if not term:
        return
    if ticket := ticket_number(term):
        yield Q(code=ticket[0], tickets__number=ticket[1]), True
    if _WHOLE.fullmatch(term.upper()):
        yield Q(code=term.upper()), True
    if " " not in term:
        yield Q(external_code=term) & ~Q(external_code=""), False  # as the index says it
    if _TAIL.fullmatch(term.upper()):
        yield by_code(term), False
    if "@" in term:
        yield Q(email_key=normalised_email(term)) & ~Q(email_key=""), False
    digits = re.sub(r"[\s()/.-]", "", term)
    if len(digits) > 3 and digits.lstrip("+").isdecimal():
        yield Q(search_text__contains=digits) | Q(search_text__contains=folded(term)), False
    if (spot := spot_in(term)) and _is_surely(spot, term):
        yield by_spot(spot, organization), False
    yield by_text(term), False
    if events := titled(words(term), organization):
        yield Q(event__in=events), False
    if len(words(term)) > 1:
        yield _by_both(words(term), organization), False
    if spot:
        yield by_spot(spot, organization), False


# --- What filters ask too ---------------------------------------------------------------------------


def ticket_number(text: str) -> tuple[str, int] | None:
    """Return the code and the number that a ticket's number has: BK-20261121-7QK2MZ-03."""
    match = _TICKET.fullmatch(text.strip().upper())
    return (match[1], int(match[2])) if match else None


def by_code(text: str) -> Q:
    """A whole code, its beginning or its end."""
    code = text.strip().upper()
    return Q(search_text__contains=folded(code)) & (Q(code__startswith=code) | Q(code__endswith=code))


def by_email(text: str) -> Q:
    """A whole address, or its beginning."""
    return Q(search_text__contains=folded(text)) & Q(email_key__startswith=normalised_email(text))


def by_text(text: str) -> Q:
    """All the words are in what is known of the customer, or in the code."""
    return reduce(and_, map(_has, words(text)), Q())


def _has(word: str) -> Q:
    """A word of one or two letters, which no index knows in the middle of others, is meant as a beginning."""
    return Q(search_text__contains=word if len(word) > 2 else f" {word}")


def titled(words: Iterable[str], organization: Organization) -> list[int]:
    """Return the latest events with all these words in their titles."""
    wanted = list(words)
    found = Event.objects.filter(organization=organization)
    for word in wanted:
        found = found.filter(search_text__contains=word)
    titles = found.order_by("-starts_at", "-pk").values_list("pk", "title")
    return [pk for pk, title in titles if _all_in(wanted, title)][:EVENTS]


def _all_in(words: Iterable[str], title: str) -> bool:
    said = folded(title)
    return all(word in said for word in words)


def _by_both(words: list[str], organization: Organization) -> Q:
    """Each word is the customer's or the event's: "ada tosca"."""
    return reduce(and_, (_has(word) | Q(event__in=titled([word], organization)) for word in words))


def spot_in(text: str) -> Spot | None:
    """Return the seat that is said; the words for row and seat may be left out."""
    match = _SPOT.fullmatch(text.strip())
    if match is None or not any(sign.isdigit() for sign in match["number"]):
        return None
    return Spot((match["section"] or "").strip(" ,"), match["row"], match["number"])


def _is_surely(spot: Spot, term: str) -> bool:
    """Whether it is hardly anything else: it says row or seat, or looks like "F 12"."""
    return bool(_HAS_WORD.search(term)) or (len(spot.row) < 3 and len(spot.number) < 4)


def by_spot(spot: Spot, organization: Organization) -> Q:
    """Who has or had that seat, at any event."""
    seats = {"event_seat__seat__row__iexact": spot.row, "event_seat__seat__number__iexact": spot.number}
    if spot.section:
        seats["event_seat__section__name__iexact"] = spot.section
    tickets = Ticket.objects.filter(event_seat__event__organization=organization, **seats)
    return Q(pk__in=tickets.values("booking"))

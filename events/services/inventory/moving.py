"""From one version of a plan to the next, with all that was sold meanwhile."""

from collections import Counter
from collections.abc import Collection, Mapping

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models import Event, EventSeat, EventSeatQuerySet, PriceLevel
from events.services.inventory.making import BATCH, count_places, insert_places
from events.services.inventory.refusals import SeatsInUse, TooManyPlaces
from venues.models import SeatingPlan, Section

_SAME_SEAT = (
    " FROM venues_seat old JOIN venues_section old_section ON old_section.id = old.section_id,"
    " venues_seat new JOIN venues_section new_section ON new_section.id = new.section_id"
    " WHERE new_section.plan_id = %s AND new_section.name = old_section.name"
    " AND new.row = old.row AND new.number = old.number"
)


def reseat(*, event: Event, plan: SeatingPlan) -> None:
    """
    Move a locked event to another version of its plan: each seat is found again by section, row and number.

    A new seat is made at the price level that most of its section has, else at the event's first with seats. One
    that is gone is removed; if somebody has or had it on a ticket, or it is held, raises SeatsInUse, which names
    them (R23). Standing sections grow, shrink and end by free places. Raises TooManyPlaces.
    """
    places = EventSeat.objects.filter(event=event)
    list(places.locked().values_list("pk", flat=True))
    levels = _levels_by_section(event)
    _refuse_lost(event, plan)
    _remove_lost(event, plan)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_eventseat SET seat_id = new.id, section_id = new.section_id"  # noqa: S608 - no input in it
            + _SAME_SEAT
            + " AND events_eventseat.seat_id = old.id AND events_eventseat.event_id = %s",
            [plan.pk, event.pk],
        )
    sections = plan.sections.all()
    standing = {section.name for section in sections if section.kind == Section.Kind.STANDING}
    _end_standing(event, besides=standing)
    for section in sections:
        _fill(event, section, _level_of(event, section, levels))
    event.plan = plan
    event.save(update_fields=["plan", "changed_at"])
    for level in event.price_levels.all():
        count_places(level)
    _check_capacity(event)


def _levels_by_section(event: Event) -> dict[str, PriceLevel]:
    """The level that most places of each section have, by the section's name."""
    counted: dict[str, Counter[int]] = {}
    rows = EventSeat.objects.filter(event=event).values_list("section__name", "price_level_id")
    for name, level in rows.iterator():
        counted.setdefault(name, Counter())[level] += 1
    levels = {level.pk: level for level in event.price_levels.all()}
    return {name: levels[counts.most_common(1)[0][0]] for name, counts in counted.items()}


def _level_of(event: Event, section: Section, levels: Mapping[str, PriceLevel]) -> PriceLevel:
    level = levels.get(section.name)
    if level and level.numbered == (section.kind == Section.Kind.SEATED):
        return level
    return _first_level(event, section)


def _first_level(event: Event, section: Section) -> PriceLevel:
    numbered = section.kind == Section.Kind.SEATED
    level = event.price_levels.filter(numbered=numbered).exclude(places=0).order_by("order", "pk").first()
    return level or _add_level(event, section, numbered=numbered)


def _add_level(event: Event, section: Section, *, numbered: bool) -> PriceLevel:
    name, last = section.name, event.price_levels.count()
    if event.price_levels.filter(name=name).exists():  # of the other kind
        name = _("%(section)s, %(kind)s") % {"section": name, "kind": section.get_kind_display()}
    return PriceLevel.objects.create(
        event=event, name=name, order=last, numbered=numbered, places=0, colour=last % len(PriceLevel.Colour)
    )


def _lost(event: Event, plan: SeatingPlan) -> list[EventSeat]:
    """The places whose seat the new version doesn't have."""
    kept = set(plan.sections.values_list("name", "seats__row", "seats__number"))
    places = EventSeat.objects.filter(event=event, seat__isnull=False).named().order_by("pk")
    return [
        each
        for each in places.iterator(chunk_size=BATCH)
        if each.seat and each.section and (each.section.name, each.seat.row, each.seat.number) not in kept
    ]


def _refuse_lost(event: Event, plan: SeatingPlan) -> None:
    in_use = [str(place.name) for place in _lost(event, plan) if place.was_claimed or place.hold_id]
    if in_use:
        raise SeatsInUse(in_use)


def _remove_lost(event: Event, plan: SeatingPlan) -> None:
    lost = [place.pk for place in _lost(event, plan)]
    EventSeat.objects.filter(pk__in=lost)._raw_delete(connection.alias)


def _fill(event: Event, section: Section, level: PriceLevel) -> None:
    """Make what a section of the new version has more."""
    if section.kind == Section.Kind.SEATED:
        insert_places(
            "SELECT %s, %s, section_id, id, 'available', 'owned', %s FROM venues_seat WHERE section_id = %s"
            " AND NOT EXISTS (SELECT 1 FROM events_eventseat made WHERE made.event_id = %s"
            " AND made.seat_id = venues_seat.id) ORDER BY row_order, position",
            [event.pk, level.pk, False, section.pk, event.pk],
        )
        return
    standing = EventSeat.objects.filter(event=event, seat=None, section__name=section.name)
    standing.update(section=section)
    made = standing.count()
    if made > section.capacity:
        _remove_standing(standing, section.name, made - section.capacity)
    more = range(section.capacity - made)
    EventSeat.objects.bulk_create(
        (EventSeat(event=event, price_level=level, section=section) for _number in more), batch_size=BATCH
    )


def _end_standing(event: Event, *, besides: Collection[str]) -> None:
    """Remove the places of standing sections that the new version doesn't have."""
    lost = EventSeat.objects.filter(event=event, seat=None).exclude(section__name__in=besides)
    in_use = lost.filter(Q(was_claimed=True) | Q(hold__isnull=False))
    if names := sorted(set(in_use.values_list("section__name", flat=True))):
        raise SeatsInUse([_standing(name) for name in names])
    EventSeat.objects.filter(pk__in=list(lost.values_list("pk", flat=True)))._raw_delete(connection.alias)


def _remove_standing(places: EventSeatQuerySet, name: str, count: int) -> None:
    free = places.free().filter(was_claimed=False).order_by("-pk")
    found = list(free.values_list("pk", flat=True)[:count])
    if len(found) < count:
        raise SeatsInUse([_standing(name)])
    EventSeat.objects.filter(pk__in=found)._raw_delete(connection.alias)


def _standing(section: str) -> str:
    return str(_("%(section)s (standing)") % {"section": section})


def _check_capacity(event: Event) -> None:
    places = EventSeat.objects.filter(event=event).count()
    if places > event.venue.capacity:
        facts = {"venue": event.venue.name, "capacity": event.venue.capacity, "places": places}
        raise TooManyPlaces(_("%(venue)s holds %(capacity)s people, and the new plan has %(places)s places.") % facts)

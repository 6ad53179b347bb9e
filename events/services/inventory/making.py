"""Making, moving and removing the places of an event."""

from collections import Counter
from collections.abc import Collection, Mapping

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from events.models import Event, EventSeat, Hold, PriceLevel
from events.services.inventory.refusals import Mixed, TooManyPlaces
from venues.models import Seat, SeatingPlan, Section

BATCH = 5_000


def make_places(*, level: PriceLevel, quantity: int) -> None:
    """Add so many free places to a price level. Raises TooManyPlaces past the venue's capacity."""
    event = Event.objects.locked().select_related("venue").get(pk=level.event_id)
    existing = EventSeat.objects.filter(event=event).count()
    if existing + quantity > event.venue.capacity:
        raise TooManyPlaces(
            _("%(venue)s holds %(capacity)s people, and %(existing)s places are made already.")
            % {"venue": event.venue.name, "capacity": event.venue.capacity, "existing": existing}
        )
    places = (EventSeat(event_id=event.pk, price_level_id=level.pk) for _number in range(quantity))
    EventSeat.objects.bulk_create(places, batch_size=BATCH)
    count_places(level)


def remove_places(*, level: PriceLevel, quantity: int) -> None:
    """
    Delete so many places that are free and never were on a ticket, the newest first.

    Raises TooManyPlaces, having removed none, when there are fewer: a sold place can't vanish.
    """
    Event.objects.locked().get(pk=level.event_id)
    removable = EventSeat.objects.free().filter(price_level=level.pk, was_claimed=False)
    newest = removable.order_by("-pk").values_list("pk", flat=True)[:quantity]
    locked = list(EventSeat.objects.filter(pk__in=list(newest)).free().locked().values_list("pk", flat=True))
    if len(locked) < quantity:
        raise TooManyPlaces(
            _("Only %(count)s places of %(level)s can be removed: the others are or were on a ticket.")
            % {"count": len(locked), "level": level.name}
        )
    EventSeat.objects.filter(pk__in=locked).delete()
    count_places(level)


def bring_to(*, level: PriceLevel, places: int) -> None:
    """Make or remove as many places as it takes. Raises TooManyPlaces."""
    Event.objects.locked().get(pk=level.event_id)
    made = EventSeat.objects.filter(event=level.event_id, price_level=level.pk).count()
    if places > made:
        make_places(level=level, quantity=places - made)
    elif places < made:
        remove_places(level=level, quantity=made - places)


def seat(*, event: Event, plan: SeatingPlan, levels: Mapping[Section, PriceLevel]) -> None:
    """
    Make a place for each seat and standing place of a plan, each section at its price level; then the event has a plan.

    The event is locked, is a draft and has no places yet. Raises TooManyPlaces past the venue's capacity.
    """
    capacity = sum(section.capacity for section in levels) + Seat.objects.filter(section__plan=plan).count()
    if capacity > event.venue.capacity:
        facts = {"venue": event.venue.name, "capacity": event.venue.capacity, "plan": plan.name, "places": capacity}
        raise TooManyPlaces(
            _("%(venue)s holds %(capacity)s people, and the plan %(plan)s has %(places)s places.") % facts
        )
    for section, level in levels.items():
        _make_section(event, section, level)
    event.plan = plan
    event.save(update_fields=["plan", "changed_at"])
    for level in set(levels.values()):
        level.numbered = any(s.kind == Section.Kind.SEATED for s, its in levels.items() if its == level)
        level.save(update_fields=["numbered"])
        count_places(level)


def _make_section(event: Event, section: Section, level: PriceLevel) -> None:
    if section.kind == Section.Kind.STANDING:
        standing = {"event_id": event.pk, "price_level_id": level.pk, "section_id": section.pk}
        places = (EventSeat(**standing) for _number in range(section.capacity))
        EventSeat.objects.bulk_create(places, batch_size=BATCH)
        return
    insert_places(
        "SELECT %s, %s, section_id, id, 'available', 'owned', %s"
        " FROM venues_seat WHERE section_id = %s ORDER BY row_order, position",
        [event.pk, level.pk, False, section.pk],
    )


def insert_places(select: str, parameters: list[int | bool]) -> None:
    """Make places where the seats are, in the database: objects for 60,000 of them take longer than all the rest."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_eventseat"
            " (event_id, price_level_id, section_id, seat_id, status, ownership, was_claimed) " + select,
            parameters,
        )


def copy_places(*, source: Event, target: Event, levels: Mapping[int, PriceLevel]) -> None:
    """
    Make the places of an event with a plan as they are at another one: level, blocks, ownership and cost.

    What is held or somebody's there is available here. `levels` are the target's, by the key of the source's.
    """
    for source_level, level in levels.items():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO events_eventseat (event_id, price_level_id, section_id, seat_id, status, ownership,"
                " cost, was_claimed) SELECT %s, %s, section_id, seat_id,"
                " CASE WHEN status = 'blocked' THEN 'blocked' ELSE 'available' END, ownership, cost, %s"
                " FROM events_eventseat WHERE event_id = %s AND price_level_id = %s ORDER BY id",
                [target.pk, level.pk, False, source.pk, source_level],
            )


def unseat(*, event: Event) -> None:
    """
    Take the plan away from a locked draft, with its places and holds. Raises TooManyPlaces if one was on a ticket.
    """
    places = EventSeat.objects.filter(event=event)
    if places.filter(was_claimed=True).exists():
        raise TooManyPlaces(_("Places of this event are or were on tickets, so its plan has to stay."))
    places._raw_delete(connection.alias)
    Hold.objects.filter(event=event).delete()
    event.plan = None
    event.save(update_fields=["plan", "changed_at"])
    event.price_levels.update(places=0, numbered=False)


def paint(*, level: PriceLevel, place_ids: Collection[int]) -> list[int]:
    """
    Move those of these places that nobody has into a price level of their event; return which.

    Raises Mixed when seats and standing places would share the level.
    """
    return divide(event=Event.objects.locked().get(pk=level.event_id), places={level: place_ids})


def divide(*, event: Event, places: Mapping[PriceLevel, Collection[int]]) -> list[int]:
    """
    Move those of these places that nobody has into the price levels under which they stand here; return which.

    The event is locked. Raises Mixed when seats and standing places would share a level.
    """
    target = {pk: level.pk for level, place_ids in places.items() for pk in place_ids}
    idle = [EventSeat.Status.AVAILABLE, EventSeat.Status.HELD, EventSeat.Status.BLOCKED]
    chosen = EventSeat.objects.filter(pk__in=target, event=event, status__in=idle)
    found = list(chosen.locked().values_list("pk", "price_level_id", "seat_id"))
    moved = [(pk, left, seat is not None) for pk, left, seat in found if target[pk] != left]
    counts = _counts(event, {*(left for _pk, left, _seat in moved), *(target[pk] for pk, _left, _seat in moved)})
    for pk, left, is_seat in moved:
        counts[left, is_seat] -= 1
        counts[target[pk], is_seat] += 1
    levels = {level.pk: level for level in PriceLevel.objects.filter(pk__in={level for level, _seat in counts})}
    for level in levels.values():
        if counts[level.pk, True] and counts[level.pk, False]:
            raise Mixed(level)
    for level in places:
        its = [pk for pk, _left, _seat in moved if target[pk] == level.pk]
        EventSeat.objects.filter(pk__in=its).update(price_level=level)
    for level in levels.values():
        level.numbered, level.places = counts[level.pk, True] > 0, counts[level.pk, True] + counts[level.pk, False]
        level.save(update_fields=["numbered", "places"])
    return [pk for pk, _left, _seat in moved]


def _counts(event: Event, level_ids: Collection[int]) -> Counter[tuple[int, bool]]:
    """How many seats and how many standing places each of these levels has; who paints has locked the event."""
    places = EventSeat.objects.filter(event=event, price_level__in=level_ids).order_by()
    counts: Counter[tuple[int, bool]] = Counter()
    for level, seats, everything in places.values_list("price_level").annotate(Count("seat"), Count("pk")):
        counts[level, True], counts[level, False] = seats, everything - seats
    return counts


def count_places(level: PriceLevel) -> None:
    """Write down how many places a level has."""
    level.places = EventSeat.objects.filter(event=level.event_id, price_level=level.pk).count()
    level.save(update_fields=["places"])

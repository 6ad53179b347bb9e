"""What staff mean when they choose parts of a house: places, whole rows, whole sections."""

from collections.abc import Collection

from django.db.models import Q

from events.models import Event, EventSeat


def chosen(
    event: Event,
    *,
    places: Collection[int] = (),
    rows: Collection[tuple[int, int]] = (),
    sections: Collection[int] = (),
) -> list[int]:
    """
    Return the places of the event that are meant, each once; a row is its section's key and its order from the front.

    Places come back as they were given: whether they are of this event, whoever changes them looks.
    """
    wanted = Q(section__in=sections)
    for section, row_order in rows:
        wanted |= Q(section=section, seat__row_order=row_order)
    more = EventSeat.objects.filter(wanted, event=event).values_list("pk", flat=True) if rows or sections else ()
    return sorted({*places, *more})

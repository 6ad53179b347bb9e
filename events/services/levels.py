"""
Price levels and what is asked for at them. Steps of a larger change, such as a form's: they run inside the
caller's transaction, and a step that raises leaves its undoing to the caller's rollback.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from core import audit, clock
from core.refusals import Refusal
from events.models import Event, EventSeat, Price, PriceLevel
from events.services import inventory

type Amounts = Mapping[int, int | None]
"""By the keys of ticket types; None where a type isn't sold."""


class InUse(Refusal):
    """A price level that can't go: places of it are or were on tickets, or it is the last one."""


def add(*, event: Event, name: str, order: int | None, places: int, amounts: Amounts, by: Any = None) -> PriceLevel:
    """
    Add a price level, after the others unless `order` says where; on sale at once where the event is published.

    Raises TooManyPlaces.
    """
    event = Event.objects.locked().get(pk=event.pk)
    if order is None:
        last = event.price_levels.aggregate(last=Max("order"))["last"]
        order = 0 if last is None else last + 1
    made_later = 0 if event.plan_id or event.status == Event.Status.PUBLISHED else places
    colour = order % len(PriceLevel.Colour)
    level = PriceLevel.objects.create(event=event, name=name, order=order, places=made_later, colour=colour)
    _set_places(event, level, places)
    prices = _set_amounts(level, amounts)
    facts = {"level": name, "places": places, "prices": {called: new for called, (_old, new) in prices.items()}}
    audit.record("event.level_added", event, at=clock.now(), by=by, **facts)
    return level


def change(*, level: PriceLevel, name: str, order: int, places: int, amounts: Amounts, by: Any = None) -> None:
    """
    Change what a level is called, how large it is and what it costs from now on; tickets keep their price.

    Raises TooManyPlaces past the venue's capacity, or for fewer places than are or were on tickets.
    """
    event = Event.objects.locked().get(pk=level.event_id)
    before = PriceLevel.objects.get(pk=level.pk)
    changed = _changed(before, name=name, order=order, places=places)
    if "name" in changed or "order" in changed:
        before.name, before.order = name, order
        before.save(update_fields=["name", "order"])
    if "places" in changed:
        _set_places(event, before, places)
    prices = _set_amounts(before, amounts)
    if changed or prices:
        facts = {"level": name, **changed, **({"prices": prices} if prices else {})}
        audit.record("event.level_changed", event, at=clock.now(), by=by, **facts)


def remove(*, level: PriceLevel, by: Any = None) -> None:
    """Delete a level with its prices and places, none of which ever was on a ticket. Raises InUse, TooManyPlaces."""
    event = Event.objects.locked().get(pk=level.event_id)
    level = PriceLevel.objects.get(pk=level.pk)
    if EventSeat.objects.filter(event=event, price_level=level, was_claimed=True).exists():
        raise InUse(
            _("Places of %(level)s are or were on tickets, so it can't be removed. Take away its prices instead.")
            % {"level": level.name}
        )
    if event.status == Event.Status.PUBLISHED and event.price_levels.count() == 1:
        raise InUse(_("%(level)s is the last price level of an event on sale.") % {"level": level.name})
    facts = {"level": level.name, "places": level.places}
    inventory.bring_to(level=level, places=0)
    level.delete()
    audit.record("event.level_removed", event, at=clock.now(), by=by, **facts)


def _changed(level: PriceLevel, **values: Any) -> dict[str, list[Any]]:
    """Return old and new value of what differs."""
    return {field: [getattr(level, field), new] for field, new in values.items() if getattr(level, field) != new}


def _set_places(event: Event, level: PriceLevel, places: int) -> None:
    """Make the places of an event on sale at once; those of a draft are a plan. Seats are painted, not counted."""
    if event.plan_id:
        return
    if event.status == Event.Status.PUBLISHED:
        inventory.bring_to(level=level, places=places)
    else:
        level.places = places
        level.save(update_fields=["places"])


def _set_amounts(level: PriceLevel, amounts: Amounts) -> dict[str, list[int | None]]:
    """Write the amounts that differ, row by row for their history; return old and new by the types' names."""
    prices = {price.ticket_type_id: price for price in level.prices.select_related("ticket_type")}
    changed: dict[str, list[int | None]] = {}
    for type_id, amount in amounts.items():
        price = prices.get(type_id) or Price(price_level=level, ticket_type_id=type_id)
        old = price.amount if price.pk else None
        if amount == old:
            continue
        changed[str(price.ticket_type)] = [old, amount]
        if amount is None:
            price.delete()
        else:
            price.amount = amount
            price.save()
    return changed

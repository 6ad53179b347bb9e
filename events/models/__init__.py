"""What is on, what can be bought there, for how much, and every single place."""

from events.models.catalogue import Category, TicketType
from events.models.event import Event, EventPicture, EventSeries, NotOnSale
from events.models.places import LAPSE_GRACE, Allocation, EventSeat, EventSeatQuerySet, Hold
from events.models.prices import Price, PriceLevel

__all__ = [
    "LAPSE_GRACE",
    "Allocation",
    "Category",
    "Event",
    "EventPicture",
    "EventSeat",
    "EventSeatQuerySet",
    "EventSeries",
    "Hold",
    "NotOnSale",
    "Price",
    "PriceLevel",
    "TicketType",
]

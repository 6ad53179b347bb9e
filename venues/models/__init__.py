"""Where events take place, and how the places there are laid out."""

from venues.models.plan import PlanQuerySet, Seat, SeatingPlan, Section
from venues.models.venue import Amenity, Venue, VenuePicture, validate_amenities, validate_country

__all__ = [
    "Amenity",
    "PlanQuerySet",
    "Seat",
    "SeatingPlan",
    "Section",
    "Venue",
    "VenuePicture",
    "validate_amenities",
    "validate_country",
]

"""What the inventory answers when it can't do what was asked, in words for who asked."""

from collections.abc import Collection

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.refusals import Refusal
from events.models import EventSeat, PriceLevel
from venues.models import Section


class TooManyPlaces(Refusal):
    """More places than the venue holds, or fewer than can be taken away."""


class Mixed(Refusal):
    """Numbered seats and places to stand can't be of one price level: what is any place of it couldn't be said."""

    status = 422

    def __init__(self, level: PriceLevel) -> None:
        super().__init__(
            _("Seats and standing places can't share a price level: %(level)s has the other kind.")
            % {"level": level.name}
        )


class SeatsInUse(Refusal):
    """Seats that the new version of a plan doesn't have, and that can't vanish: sold, reserved, or held (R23)."""

    def __init__(self, names: list[str]) -> None:
        first = ", ".join(names[:10])
        super().__init__(
            ngettext(
                "The new plan lacks a seat that is held, or is or was on a ticket: %(names)s.",
                "The new plan lacks %(count)s seats that are held, or are or were on tickets: %(names)s.",
                len(names),
            )
            % {"names": first if len(names) <= 10 else f"{first} …", "count": len(names)}
        )


class NotEnough(Refusal):
    """Fewer places are left at a price level than were asked for, or of it in the one section that was asked for."""

    def __init__(self, level: PriceLevel, left: int, section: Section | None = None) -> None:
        facts = {"left": left, "level": level.name, "section": section and section.name}
        super().__init__((_few_in_section(left) if section else _few_at_level(left)) % facts)
        self.level = level
        self.left = left


def _few_at_level(left: int) -> str:
    if not left:
        return gettext("%(level)s is sold out.")
    return ngettext("Only %(left)s place is left at %(level)s.", "Only %(left)s places are left at %(level)s.", left)


def _few_in_section(left: int) -> str:
    """What is sold out is only this level: others may have places there."""
    if not left:
        return gettext("Nothing at %(level)s is left in %(section)s.")
    return ngettext(
        "Only %(left)s place is left in %(section)s.", "Only %(left)s places are left in %(section)s.", left
    )


class Contended(Exception):
    """Others hold some of the last places right now: roll back, then claim again and wait for them."""

    def __init__(self, place_ids: Collection[int] = ()) -> None:
        super().__init__(f"contended places: {sorted(place_ids)}")
        self.place_ids = place_ids
        """Which seats, as far as it matters."""


class Lapsed(Exception):
    """
    Places are left that a claim can't take as they are: roll back, end the lapsed bookings that hold
    these (none, if others did so meanwhile), then claim again.
    """

    def __init__(self, place_ids: list[int]) -> None:
        super().__init__(f"lapsed places: {place_ids}")
        self.place_ids = place_ids


class NoSuchSeat(Refusal):
    """A chosen seat isn't one of this event, or isn't sold at the price that was asked for."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("One of the chosen seats isn't sold at this price any more. Please choose again."))


class SeatsTaken(Refusal):
    """Chosen seats that somebody else has, or that aren't for sale: named, so that the others can be kept."""

    def __init__(self, taken: list[EventSeat], kept: list[int]) -> None:
        names = ", ".join(str(place.name) for place in taken)
        super().__init__(
            ngettext(
                "This seat isn't free any more: %(names)s. Your other seats are still chosen.",
                "These seats aren't free any more: %(names)s. Your other seats are still chosen.",
                len(taken),
            )
            % {"names": names}
            if kept
            else ngettext(
                "This seat isn't free any more: %(names)s.", "These seats aren't free any more: %(names)s.", len(taken)
            )
            % {"names": names}
        )
        self.place_ids = [place.pk for place in taken]


class NotTogether(Refusal):
    """There are enough seats at a price level, or in the one section, but not as near to each other as asked for."""

    def __init__(self, level: PriceLevel, count: int, section: Section | None = None) -> None:
        if section:
            text = _(
                "%(count)s seats in %(section)s can't be had so near to each other any more. Allow them to be apart."
            )
        else:
            text = _(
                "%(count)s seats at %(level)s can't be had so near to each other any more. Allow them to be apart."
            )
        super().__init__(text % {"count": count, "level": level.name, "section": section and section.name})
        self.level = level


class NoneAccessible(Refusal):
    """No wheelchair place is left at a price level, with enough seats near it for who comes along."""

    def __init__(self, level: PriceLevel) -> None:
        super().__init__(
            _("No wheelchair place with enough seats beside it is left at %(level)s.") % {"level": level.name}
        )
        self.level = level


class CompanionAlone(Refusal):
    """A companion's seat was chosen without the wheelchair place that it belongs to (U17)."""

    status = 422

    def __init__(self, companion: str, wheelchair: str) -> None:
        super().__init__(
            _("%(companion)s is for who accompanies a person in a wheelchair: it's sold together with %(wheelchair)s.")
            % {"companion": companion, "wheelchair": wheelchair}
        )


class SingleGap(Refusal):
    """A choice would leave a seat alone between others although there is another way to sit in that row (U16)."""

    status = 422

    def __init__(self, alone: str, instead: str, place_ids: list[int]) -> None:
        super().__init__(
            _("%(alone)s would be left alone between others. Please take %(instead)s instead, or that seat too.")
            % {"alone": alone, "instead": instead}
        )
        self.instead = place_ids
        """Places that seat the same people in that row without leaving one alone."""

"""How far an event is set up: its steps, what each has, and what it lacks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core import dates, money
from core.templatetags.stagedoor import number
from events.models import Event, Hold, PriceLevel
from events.queries import clashes
from events.services import publishing
from events.services.changing import times_of
from events.services.publishing import Gap, Part

TITLES: dict[Part, str | Promise] = {
    Part.WHAT: gettext_lazy("What and where"),
    Part.DATES: gettext_lazy("Dates"),
    Part.LEVELS: gettext_lazy("Plan, levels and prices"),
    Part.PICTURES: gettext_lazy("Pictures"),
    Part.SALES: gettext_lazy("Sales and rules"),
    Part.HOLDS: gettext_lazy("Holds"),
}
CHECK = pgettext_lazy("step", "Check and publish")


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the event on its way: what it has is `said`, one line each; what isn't needed may stay as it is."""

    part: Part
    title: str | Promise
    url: str
    said: list[str]
    missing: list[str]
    advisable: list[str]
    warnings: list[str]
    is_done: bool

    @property
    def state(self) -> str:
        """Missing, done or open: a word for the eye and one for the stylesheet."""
        return "missing" if self.missing else "done" if self.is_done else "open"


def steps(event: Event, now: datetime) -> list[Step]:
    """Return the steps of a draft in their order."""
    gaps, advice = publishing.gaps(event, now), publishing.advice(event)
    levels = list(event.price_levels.prefetch_related("prices__ticket_type"))
    pictures, holds = event.pictures.count(), _holds(event)
    has: dict[Part, tuple[list[str], bool]] = {
        Part.WHAT: (_what(event), True),
        Part.DATES: (_dates(event), True),
        Part.LEVELS: (_levels(event, levels), bool(levels)),
        Part.PICTURES: (_pictures(pictures), pictures > 0),
        Part.SALES: (_sales(event), True),
        Part.HOLDS: (holds or [_no_holds(event)], bool(holds)),
    }
    return [
        Step(
            part=part,
            title=TITLES[part],
            url=address(event, part),
            said=said,
            missing=_of(part, gaps),
            advisable=_of(part, advice),
            warnings=met(event) if part == Part.DATES else [],
            is_done=is_done,
        )
        for part, (said, is_done) in has.items()
    ]


def address(event: Event, part: Part) -> str:
    """Return the page of a step: one of ours, or the page that every event has for it."""
    match part:
        case Part.PICTURES:
            return reverse("admin:pictures", args=["event", event.pk])
        case Part.HOLDS:
            return reverse("admin:holds", args=[event.pk])
    return reverse("admin:set-up-step", args=[event.pk, part.value])


def following(event: Event, part: Part) -> str:
    """Return where one goes on after a step."""
    parts = list(Part)
    rest = parts[parts.index(part) + 1 :]
    return address(event, rest[0]) if rest else reverse("admin:event-set-up", args=[event.pk])


def met(event: Event) -> list[str]:
    """Return, for each event that this one would meet at its venue, a sentence."""
    return clashes.met(event, times_of(event), most=5)


def _of(part: Part, gaps: Iterable[Gap]) -> list[str]:
    return [gap.sentence for gap in gaps if gap.part == part]


def _what(event: Event) -> list[str]:
    shelf = [str(event.get_type_display()).capitalize(), *([str(event.category)] if event.category else [])]
    return [event.title, " · ".join(dict.fromkeys(shelf)), str(event.venue), *filter(None, [event.summary])]


def _dates(event: Event) -> list[str]:
    moments = {_("Doors open"): event.doors_at, _("Starts"): event.starts_at, _("Ends"): event.ends_at}
    zone = event.venue.time_zone
    return [f"{word}: {dates.in_zone(moment, zone)}" for word, moment in moments.items() if moment]


def _levels(event: Event, levels: list[PriceLevel]) -> list[str]:
    if not levels:
        capacity = number(event.venue.capacity)
        return [_("One level, General admission, with %(places)s places at default prices.") % {"places": capacity}]
    plan = [_("Seating plan: %(plan)s") % {"plan": event.plan}] if event.plan else []
    return plan + [_level(event, level) for level in levels]


def _level(event: Event, level: PriceLevel) -> str:
    words = ngettext("%(name)s: %(places)s place", "%(name)s: %(places)s places", level.places)
    prices = [f"{price.ticket_type} {money.formatted(price.amount, event.currency)}" for price in level.prices.all()]
    return " · ".join([words % {"name": level.name, "places": number(level.places)}, *prices])


def _pictures(count: int) -> list[str]:
    if not count:
        return [_("None: a drawn poster stands for it.")]
    return [ngettext("%(count)s picture", "%(count)s pictures", count) % {"count": count}]


def _sales(event: Event) -> list[str]:
    zone = event.venue.time_zone
    start = (
        _("Sales start %(when)s.") % {"when": dates.in_zone(event.sales_start, zone)}
        if event.sales_start
        else _("Sales start as soon as it is published.")
    )
    end = (
        _("They end %(when)s.") % {"when": dates.in_zone(event.sales_end, zone)}
        if event.sales_end
        else _("They end when the event starts.")
    )
    most = ngettext(
        "At most %(count)s ticket per booking.", "At most %(count)s tickets per booking.", event.max_per_booking
    )
    return [start, end, most % {"count": event.max_per_booking}]


def _holds(event: Event) -> list[str]:
    found = Hold.objects.filter(event=event, released_at=None).annotate(kept=Count("places"))
    words = [ngettext("%(hold)s: %(count)s place", "%(hold)s: %(count)s places", hold.kept) for hold in found]
    return [word % {"hold": hold, "count": number(hold.kept)} for word, hold in zip(words, found, strict=True)]


def _no_holds(event: Event) -> str:
    if event.plan_id:
        return _("None: all seats go on sale.")
    return _("None. Places without numbers exist once the event is published; then some can be kept back.")

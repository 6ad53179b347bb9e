"""
Events: drafts, made by the form of the event's page; price levels and seats by the services that make them there.

What has started comes published, since nobody could publish it any more, and bookings are brought in for what is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Power
from backoffice.services.imports.kinds import Kind, Lines, form_problems, natural, refuse
from backoffice.services.imports.lines import Problem, Says, moment_meant
from backoffice.services.imports.reading import Column, Line
from core import audit, clock
from core.search import folded
from events.models import Category, Event, PriceLevel, TicketType
from events.services import levels, plans, publishing
from events.services.copying import free_slug
from venues.models import SeatingPlan, Venue

STARTS = Column(
    "starts_at",
    gettext_lazy("Starts"),
    gettext_lazy(
        "Day and time by the clocks of the venue. What has started already comes published, with its places, so that "
        "its bookings can be imported; all else comes as a draft."
    ),
    "2027-03-05 20:00",
    called=("start", "starts", "date", "Beginn", "Datum", "Inicio", "Fecha", "comienzo"),
)
VENUE = Column(
    "venue",
    gettext_lazy("Venue"),
    gettext_lazy("Its name."),
    "Old Mill",
    called=("Ort", "Haus", "Spielstätte", "Recinto", "Lugar"),
)
COLUMNS = (
    Column(
        "title",
        gettext_lazy("Title"),
        example="Songs at Night",
        needed=True,
        called=("event", "Titel", "Veranstaltung", "Título", "Evento"),
    ),
    Column("venue", VENUE.label, VENUE.help, VENUE.example, needed=True, called=VENUE.called),
    Column("starts_at", STARTS.label, STARTS.help, STARTS.example, needed=True, called=STARTS.called),
    Column(
        "ends_at",
        gettext_lazy("Ends"),
        example="2027-03-05 22:30",
        needed=True,
        called=("end", "ends", "Ende", "Fin", "Final"),
    ),
    Column("doors_at", gettext_lazy("Doors open"), example="2027-03-05 19:00", called=("doors", "Einlass", "Apertura")),
    Column(
        "sales_start",
        gettext_lazy("Sales start"),
        gettext_lazy("Empty: at once."),
        called=("Verkaufsstart", "Inicio de venta"),
    ),
    Column(
        "sales_end",
        gettext_lazy("Sales end"),
        gettext_lazy("Empty: when the event starts."),
        called=("Verkaufsende", "Fin de venta"),
    ),
    Column(
        "category",
        gettext_lazy("Category"),
        gettext_lazy("The name of one that you have."),
        called=("Kategorie", "Categoría"),
    ),
    Column("type", gettext_lazy("Type"), gettext_lazy("Concert, theatre, opera …"), "concert", called=("Art", "Tipo")),
    Column(
        "summary",
        gettext_lazy("Summary"),
        gettext_lazy("One line."),
        "A voice and a piano.",
        called=("Zusammenfassung", "Resumen"),
    ),
    Column("description", gettext_lazy("Description"), called=("Beschreibung", "Descripción")),
    Column("minimum_age", gettext_lazy("Minimum age"), called=("age", "Mindestalter", "Edad mínima")),
    Column(
        "currency",
        gettext_lazy("Currency"),
        gettext_lazy("Empty: that of the organization."),
        "EUR",
        called=("Währung", "Moneda", "Divisa"),
    ),
    Column("max_per_booking", gettext_lazy("Tickets per booking, at most"), gettext_lazy("Empty: 10.")),
    Column("max_per_customer", gettext_lazy("Tickets per customer, at most"), gettext_lazy("Empty: no limit.")),
    Column(
        "plan",
        gettext_lazy("Seating plan"),
        gettext_lazy(
            "The name of a published plan of the venue. Its levels get default prices where no line says others."
        ),
        called=("plan", "Saalplan", "Sitzplan", "Plano", "Plano de asientos"),
    ),
    Column(
        "level",
        gettext_lazy("Price level"),
        gettext_lazy(
            "Several lines with the same title, venue and start are one event, each with a level or a ticket type more."
        ),
        "Standing",
        called=("Preisstufe", "Nivel de precio", "Zona"),
    ),
    Column(
        "places",
        gettext_lazy("Places"),
        gettext_lazy("How many the price level has. A plan says that itself."),
        "200",
        called=("Plätze", "Plazas"),
    ),
    Column(
        "ticket_type",
        gettext_lazy("Ticket type"),
        gettext_lazy("The name of one that you have."),
        "Standard",
        called=("Ticketart", "Tipo de entrada"),
    ),
    Column(
        "price",
        gettext_lazy("Price"),
        gettext_lazy("Of one ticket, without fees."),
        "25.00",
        called=("Preis", "Precio"),
    ),
)
TIMES = ("starts_at", "ends_at", "doors_at", "sales_start", "sales_end")
TEXTS = ("title", "summary", "description", "minimum_age", "max_per_booking", "max_per_customer")
OF_LEVELS = ("level", "places", "ticket_type", "price")


@dataclass(slots=True)
class Level:
    """A price level as its lines tell of it."""

    name: str
    places: int
    amounts: dict[int, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What lines tell of an event besides what is asked on its form."""

    plan: SeatingPlan | None
    levels: list[Level]


class Events(Kind):
    """Known by title, venue and start."""

    columns = COLUMNS
    power = Power.MANAGE_EVENTS
    grouped = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plans: dict[tuple[int, str], tuple[SeatingPlan | None, dict[str, int]]] = {}

    def key(self, line: Line) -> list[str]:
        title, venue = (line.cells.get(name, "") for name in ("title", "venue"))
        return natural(title, venue, start_as_key(line))

    def check(self, lines: Lines) -> Event | None:
        return self._form(lines, clock.now())[2]

    def bring_in(self, lines: Lines, *, by: Any, at: datetime) -> Model:
        form, told, known = self._form(lines, at)
        if known:
            return known
        event = form.save()
        audit.record("event.created", event, at=at, by=by, called=str(event), imported=True)
        for level in told.levels:
            places = 0 if told.plan else level.places
            levels.add(event=event, name=level.name, order=None, places=places, amounts=level.amounts, by=by)
        if told.plan:
            plans.give(event_id=event.pk, plan_id=told.plan.pk, by=by)
        if event.starts_at <= at:
            publishing.publish_past(event=event, by=by)
        return event

    def known(self, found: Model) -> str:
        return _("There is an event of this title at this venue and time already.")

    # --- What the pass looks up once ------------------------------------------------------------------

    @cached_property
    def venues(self) -> dict[str, Venue]:
        return {folded(each.name): each for each in Venue.objects.filter(organization=self.organization)}

    @cached_property
    def categories(self) -> dict[str, Category]:
        return {folded(each.name): each for each in Category.objects.filter(organization=self.organization)}

    @cached_property
    def ticket_types(self) -> dict[str, TicketType]:
        return {folded(each.name): each for each in TicketType.objects.filter(organization=self.organization)}

    # --- Reading --------------------------------------------------------------------------------------

    def _form(self, lines: Lines, now: datetime) -> tuple[Any, Told, Event | None]:
        """Return a form that can be saved, what else is told, and the event if it is here already. Raises Wrong."""
        first, *_others = says = [self.reader(line) for line in lines]
        first.needed()
        venue = self._venue(first)
        refuse([problem for each in says for problem in each.problems])
        data = self._data(first, venue)
        first.refuse()
        if found := _found(venue, data):
            return None, Told(None, []), found
        told = self._told(says, venue, data["currency"])
        form = self._bound(data)
        if form.is_valid() and form.instance.starts_at <= now:
            _past(first, form.instance, told, now)
        problems = [problem for each in says for problem in each.problems]
        refuse([*problems, *form_problems(first.line, form, COLUMNS), *_others_agree(says)])
        return form, told, None

    def _venue(self, says: Says) -> Venue:
        name = says.text("venue", 120)
        venue = self.venues.get(folded(name))
        if name and venue is None:
            says.wrong("venue", _("There is no venue called “%(name)s”.") % {"name": name})
        elif venue and not venue.active:
            says.wrong("venue", _("%(venue)s is no longer in use.") % {"venue": venue.name})
        return cast("Venue", venue)  # without one the line is refused

    def _data(self, says: Says, venue: Venue) -> dict[str, Any]:
        cells = says.line.cells
        category = self.categories.get(folded(cells.get("category", "")))
        if "category" in cells and category is None:
            says.wrong("category", _("There is no category called “%(name)s”.") % {"name": cells["category"][:80]})
        texts = {name: cells[name] for name in TEXTS if name in cells}
        return {
            "max_per_booking": "10",
            **texts,
            **{name: says.moment(name, venue.zone) for name in TIMES},
            "slug": free_slug(cells["title"]),
            "venue": venue.pk,
            "category": category and category.pk,
            "type": says.choice("type", Event.Type.choices) or Event.Type.OTHER,
            "currency": cells.get("currency", self.organization.currency).upper(),
        }

    def _bound(self, data: dict[str, Any]) -> Any:
        from backoffice.admin.events import EventForm  # noqa: PLC0415 - the admin is there once all apps are

        form = forms.modelform_factory(Event, EventForm, fields=list(data))
        return form(data, instance=Event(organization=self.organization))

    def _told(self, says: list[Says], venue: Venue, currency: str) -> Told:
        plan, sizes = self._plan(says[0], venue)
        found = {folded(name): Level(name, places) for name, places in sizes.items()}
        for each in says:
            if set(OF_LEVELS) & set(each.line.cells):
                self._level(each, found, currency, plan)
            elif each is not says[0]:
                each.wrong("", _("Line %(line)s is about the same already.") % {"line": says[0].line.number})
        if (sum(sizes.values()) or sum(level.places for level in found.values())) > venue.capacity:
            facts = {"venue": venue.name, "capacity": venue.capacity}
            sentence = _("%(venue)s holds %(capacity)s people, and these are more.") % facts
            says[0].wrong("plan" if plan else "places", sentence)
        return Told(plan, [level for level in found.values() if level.amounts])

    def _plan(self, says: Says, venue: Venue) -> tuple[SeatingPlan | None, dict[str, int]]:
        """Find the newest version of a plan, and how many places each of its levels has."""
        name = says.text("plan", SeatingPlan._meta.get_field("name").max_length or 0)
        if not name:
            return None, {}
        if (venue.pk, name) not in self._plans:
            published = SeatingPlan.objects.published().filter(venue=venue).order_by("-version")
            plan = next((each for each in published if folded(each.name) == folded(name)), None)
            self._plans[venue.pk, name] = plan, plans.level_sizes(plan) if plan else {}
        plan, sizes = self._plans[venue.pk, name]
        if plan is None:
            facts = {"venue": venue.name, "name": name}
            says.wrong("plan", _("%(venue)s has no published plan called “%(name)s”.") % facts)
        return plan, sizes

    def _level(self, says: Says, found: dict[str, Level], currency: str, plan: SeatingPlan | None) -> None:
        for name in OF_LEVELS:
            if name not in says.line.cells and not (
                name == "places" and folded(says.line.cells.get("level", "")) in found
            ):
                says.wrong(name, _("This is needed."))
        name = says.text("level", PriceLevel._meta.get_field("name").max_length or 0)
        places = says.whole("places", least=1, most=1_000_000)
        ticket_type = self.ticket_type(says)
        amount = says.amount("price", currency) if len(currency) == 3 else None
        if plan and name and folded(name) not in found:
            facts = {"plan": plan.name, "known": ", ".join(level.name for level in found.values())}
            says.wrong("level", _("The plan %(plan)s has none of this name, but these: %(known)s.") % facts)
            return
        level = found.setdefault(folded(name), Level(name, places or 0))
        if places is not None and places != level.places:
            sentence = _("The plan has %(count)s.") if plan else _("This is another number than on a line before.")
            says.wrong("places", sentence % {"count": level.places})
        if ticket_type is None or amount is None:
            return
        if amount == 0 and not ticket_type.is_free:
            says.wrong("price", _("Only a free ticket type costs nothing."))
        if ticket_type.pk in level.amounts:
            says.wrong("ticket_type", _("This price is told on a line before."))
        level.amounts[ticket_type.pk] = amount

    def ticket_type(self, says: Says) -> TicketType | None:
        name = says.text("ticket_type", 60)
        found = self.ticket_types.get(folded(name))
        if name and found is None:
            says.wrong("ticket_type", _("There is no ticket type called “%(name)s”.") % {"name": name})
        return found


def _past(says: Says, event: Event, told: Told, now: datetime) -> None:
    """Note what keeps an event that has started from being published."""
    for gap in publishing.past_gaps(event, now, has_levels=bool(told.plan or told.levels)):
        says.wrong("sales_end" if gap.part == publishing.Part.SALES else "level", gap.sentence)


def start_as_key(line: Line) -> str:
    """Return when it starts, however that is written."""
    try:
        return moment_meant(line.cells.get("starts_at", ""), UTC).isoformat()  # type: ignore[arg-type]
    except ValidationError:
        return ""


def _found(venue: Venue, data: dict[str, Any]) -> Event | None:
    same = Event.objects.filter(venue=venue, starts_at=data["starts_at"], is_template=False).order_by("pk")
    return next((event for event in same if folded(event.title) == folded(data["title"])), None)


def _others_agree(says: list[Says]) -> Iterator[Problem]:
    """What further lines of an event say of the event is what the first one says, or nothing."""
    first, *others = says
    for each in others:
        for name, text in each.line.cells.items():
            if name not in (*OF_LEVELS, "title", "venue", "starts_at") and text != first.line.cells.get(name):
                sentence = _("This is another than on line %(line)s, which is of the same event.")
                yield from _one(each.line, name, sentence % {"line": first.line.number})


def _one(line: Line, column: str, sentence: str) -> list[Problem]:
    says = Says(line, COLUMNS)
    says.wrong(column, sentence)
    return says.problems

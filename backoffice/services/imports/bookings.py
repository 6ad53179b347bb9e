"""Bookings of another system: sold before, at given places, and paid there."""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db.models import Min, Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Power
from backoffice.services.imports.customers import language, person
from backoffice.services.imports.events import STARTS, VENUE
from backoffice.services.imports.kinds import Kind, Lines, refuse
from backoffice.services.imports.lines import Says, moment_meant
from backoffice.services.imports.reading import Column, Line
from bookings.models import Booking, Payment
from bookings.services import imports
from bookings.services.box_office import Customer
from bookings.services.customers import OverLimit
from bookings.services.imports import Lot, NotBroughtIn, Sale, Taken
from core import clock
from core.refusals import Refusal
from core.search import folded
from events.models import Event, EventSeat, Price, PriceLevel, TicketType
from events.services.inventory import NotEnough, SeatsTaken
from reports.services import closing

MOST = 1_000_000_00
"""Of one ticket, in the currency's smallest unit."""
CODE = Booking._meta.get_field("external_code").max_length or 0

COLUMNS = (
    Column(
        "code",
        gettext_lazy("Booking code"),
        gettext_lazy("As the other system calls it. Lines with the same code are one booking."),
        "A-1001",
        needed=True,
        called=(
            "booking",
            "order",
            "external code",
            "Buchung",
            "Buchungscode",
            "Bestellnummer",
            "Reserva",
            "Código",
            "pedido",
        ),
    ),
    Column(
        "event",
        gettext_lazy("Event"),
        gettext_lazy("Its title. It must be published; it may be over."),
        "Songs at Night",
        needed=True,
        called=("title", "Veranstaltung", "Titel", "Evento", "Título"),
    ),
    Column(
        "venue", VENUE.label, gettext_lazy("Where several events have the title."), VENUE.example, called=VENUE.called
    ),
    Column(
        "starts_at",
        STARTS.label,
        gettext_lazy("Where several events have the title."),
        STARTS.example,
        called=STARTS.called,
    ),
    Column(
        "level",
        gettext_lazy("Price level"),
        gettext_lazy("Or the section where the seats are."),
        "Standing",
        needed=True,
        called=("section", "area", "Preisstufe", "Bereich", "Block", "Nivel de precio", "Zona", "Sección"),
    ),
    Column("row", gettext_lazy("Row"), gettext_lazy("For numbered seats."), called=("Reihe", "Fila")),
    Column(
        "seats",
        gettext_lazy("Seats"),
        gettext_lazy("Their numbers in that row, with commas between them."),
        called=("seat", "Platz", "Sitz", "Sitze", "Sitzplatz", "Asiento", "Asientos", "butaca"),
    ),
    Column(
        "quantity",
        gettext_lazy("Quantity"),
        gettext_lazy("How many standing places."),
        "2",
        called=("tickets", "places", "Anzahl", "Menge", "Cantidad", "Entradas"),
    ),
    Column(
        "ticket_type",
        gettext_lazy("Ticket type"),
        gettext_lazy("The name of one that you have."),
        "Standard",
        needed=True,
        called=("type", "Ticketart", "Tipo de entrada"),
    ),
    Column(
        "price",
        gettext_lazy("Price"),
        gettext_lazy("The whole price of one ticket. Empty: that of your catalogue, without fees."),
        "25.00",
        called=("Preis", "Precio"),
    ),
    Column(
        "currency",
        gettext_lazy("Currency"),
        gettext_lazy("It must be the event's."),
        "EUR",
        called=("Währung", "Moneda", "Divisa"),
    ),
    Column(
        "paid_by",
        gettext_lazy("Paid by"),
        gettext_lazy("Cash, card, transfer or complimentary."),
        "cash",
        needed=True,
        called=("payment", "Zahlart", "Bezahlt mit", "Forma de pago", "Pago"),
    ),
    Column(
        "sold_at",
        gettext_lazy("Sold at"),
        gettext_lazy("Day and time by the clocks of the organization."),
        "2026-01-15 14:30",
        needed=True,
        called=("sold", "date of sale", "Verkauft am", "Verkaufsdatum", "Vendido", "Fecha de venta"),
    ),
    Column(
        "name",
        gettext_lazy("Name"),
        gettext_lazy("Needed where there is an e-mail."),
        "Ada Example",
        called=("customer", "Kunde", "Nombre", "Cliente"),
    ),
    Column(
        "email",
        gettext_lazy("E-mail"),
        gettext_lazy("Empty: nobody knows whose it was, as when it was sold at the counter."),
        "ada@example.com",
        called=("mail", "e-mail", "Correo", "correo electrónico"),
    ),
    Column("phone", gettext_lazy("Phone"), called=("Telefon", "Teléfono")),
    Column(
        "language",
        gettext_lazy("Language"),
        gettext_lazy("Of the mails: en, de or es. Empty: yours."),
        called=("Sprache", "Idioma"),
    ),
)
SHARED = ("event", "venue", "starts_at", "paid_by", "sold_at", "name", "email", "phone", "language")
"""What several lines of one booking say alike."""


class Bookings(Kind):
    """Known by the code of the other system."""

    columns = COLUMNS
    power = Power.MANAGE_BOOKINGS
    grouped = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken = Taken()
        self._events: dict[tuple[str, str, str], list[Event]] = {}
        types = TicketType.objects.filter(organization=self.organization)
        self.ticket_types = {folded(each.name): each for each in types}

    def key(self, line: Line) -> list[str]:
        code = line.cells.get("code", "")
        return [code] if code else []

    def check(self, lines: Lines) -> Booking | None:
        if before := self._before(lines):
            return before
        sale = self._sale(lines)
        with self._told(lines, sale):
            imports.check(sale, self.taken)
        self.taken.add(sale)
        return None

    def bring_in(self, lines: Lines, *, by: Any, at: datetime) -> Model:
        sale = self._sale(lines)
        with self._told(lines, sale):
            return imports.bring_in(sale, by=by)

    def patiently[T](self, lines: Lines, act: Callable[[], T]) -> T:
        return imports.patiently(self._sale(lines), act)

    def afterwards(self, made: Collection[int]) -> None:
        """They were sold on days that were added up already."""
        first = Booking.objects.filter(pk__in=made).aggregate(first=Min("confirmed_at"))["first"]
        if first:
            since = first.astimezone(ZoneInfo(self.organization.time_zone)).date()
            closing.reopen(organization_id=self.organization.pk, since=since)

    def known(self, found: Model) -> str:
        return _("It was imported already, as %(code)s.") % {"code": found}

    def _before(self, lines: Lines) -> Booking | None:
        return imports.brought_before(self.organization.pk, lines[0].cells.get("code", ""))

    @contextmanager
    def _told(self, lines: Lines, sale: Sale) -> Iterator[None]:
        """Say a refusal of the services, whose words are for who buys, at the line and column that it is about."""
        try:
            yield
        except Refusal as refusal:
            about, sentence, lot = _refused(refusal, sale)
            says = self.reader(lines[lot])
            says.wrong(about, sentence)
            says.refuse()

    # --- Reading --------------------------------------------------------------------------------------

    def _sale(self, lines: Lines) -> Sale:
        """Return what lines with one code tell of. Raises Wrong."""
        says = [self.reader(line) for line in lines]
        for each in says:
            each.needed()
            if "email" in each.line.cells and "name" not in each.line.cells:
                each.wrong("name", _("This is needed where there is an e-mail."))
        first = says[0]
        event = self._event(first)
        if event and (reason := imports.why_not(event, clock.now())):
            first.wrong("event", reason)
        code = first.text("code", CODE)
        refuse([problem for each in says for problem in each.problems])
        _others_agree(says)
        facts = {
            "how": first.choice("paid_by", Payment.ByHand.choices),
            "sold_at": first.moment("sold_at", ZoneInfo(self.organization.time_zone)),
            "customer": Customer(**person(first)),
            "language": language(first, self.language),
        }
        lots = [self._lot(each, cast("Event", event)) for each in says]
        refuse([problem for each in says for problem in each.problems])
        sold = [lot for lot in lots if lot]
        return Sale(cast("Event", event), code, sold, **facts, sends_tickets=self.sends_tickets)  # type: ignore[arg-type]

    def _event(self, says: Says) -> Event | None:
        title, venue, starts = (says.line.cells.get(name, "") for name in ("event", "venue", "starts_at"))
        asked = (title, venue, starts)
        if not title:
            return None
        if asked not in self._events:
            self._events[asked] = self._found(title, venue)
        found = self._events[asked]
        if starts:
            found = [event for event in found if _starts_then(event, starts)]
        if len(found) == 1:
            return found[0]
        facts = {"title": title[:160]}
        if found:
            says.wrong("event", _("Several events are called “%(title)s”: say venue and start.") % facts)
        else:
            says.wrong("event", _("There is no event called “%(title)s” there and then.") % facts)
        return None

    def _found(self, title: str, venue: str) -> list[Event]:
        named = Event.objects.filter(
            organization=self.organization, is_template=False, search_text__startswith=folded(title)
        )
        events = named.select_related("venue", "organization").order_by("pk")
        return [
            event
            for event in events
            if folded(event.title) == folded(title) and folded(venue) in ("", folded(event.venue.name))
        ]

    def _lot(self, says: Says, event: Event) -> Lot | None:
        ticket_type = self.ticket_types.get(folded(says.text("ticket_type", 60)))
        if ticket_type is None:
            name = says.line.cells.get("ticket_type", "")
            says.wrong("ticket_type", _("There is no ticket type called “%(name)s”.") % {"name": name[:60]})
        if says.text("currency", 3).upper() not in ("", event.currency):
            says.wrong("currency", _("The event sells in %(currency)s.") % {"currency": event.currency})
        is_seated = "row" in says.line.cells or "seats" in says.line.cells
        level, seats = _seats(says, event) if is_seated else (_standing(says, event), [])
        said = says.whole("quantity", least=1, most=1_000)
        quantity = len(seats) if is_seated else said
        if is_seated and not says.problems and said not in (None, quantity):
            says.wrong("quantity", _("The line names another number of seats."))
        if "quantity" not in says.line.cells and not is_seated:
            says.wrong("quantity", _("This is needed, or row and seats."))
        amount = says.amount("price", event.currency, MOST)
        if level and ticket_type and "price" not in says.line.cells:
            amount = _catalogue(says, level, ticket_type)
        if says.problems or level is None or ticket_type is None or amount is None or not quantity:
            return None
        return Lot(level, ticket_type, amount, quantity, seats)


def _refused(refusal: Refusal, sale: Sale) -> tuple[str, str, int]:
    """Return which column it is about, what to say of it, and in which lot."""
    match refusal:
        case NotBroughtIn():
            return refusal.about, str(refusal), 0
        case OverLimit():
            most = sale.event.max_per_customer
            return "email", _("One person can have at most %(most)s tickets for this event.") % {"most": most}, 0
        case SeatsTaken():
            places = EventSeat.objects.filter(pk__in=refusal.place_ids).named().order_by("pk")
            names = ", ".join(str(place.name) for place in places)
            lot = next(at for at, lot in enumerate(sale.lots) if set(refusal.place_ids) & set(lot.seats))
            return "seats", _("Not free: %(names)s.") % {"names": names}, lot
        case NotEnough():
            lot = next(at for at, lot in enumerate(sale.lots) if lot.level == refusal.level)
            return "quantity", str(refusal), lot
    return "", str(refusal), 0


def _starts_then(event: Event, written: str) -> bool:
    try:
        return moment_meant(written, event.venue.zone) == event.starts_at
    except ValidationError:
        return False


def _standing(says: Says, event: Event) -> PriceLevel | None:
    wanted = folded(says.line.cells.get("level", ""))
    level = next((each for each in event.price_levels.all() if folded(each.name) == wanted), None)
    if level is None:
        says.wrong("level", _("The event has no such price level."))
    elif level.numbered:
        says.wrong("level", _("%(level)s has numbered seats: say row and seats.") % {"level": level.name})
        return None
    return level


def _seats(says: Says, event: Event) -> tuple[PriceLevel | None, list[int]]:
    """Find seats by the section or the price level in which they are, by row and number."""
    where = folded(says.line.cells.get("level", ""))
    row, numbers = (
        says.text("row", 20),
        [part.strip() for part in re.split("[,;]", says.text("seats", 500)) if part.strip()],
    )
    places = EventSeat.objects.filter(event=event, seat__row__iexact=row, seat__number__in=numbers).named()
    found: dict[str, list[EventSeat]] = {}
    for place in places.order_by("pk"):
        if place.seat and place.section and where in (folded(place.section.name), folded(place.price_level.name)):
            found.setdefault(place.seat.number, []).append(place)
    for number in numbers:
        if len(found.get(number, [])) != 1:
            facts = {"level": says.line.cells.get("level", "")[:60], "row": row, "number": number[:20]}
            says.wrong("seats", _("There is no seat %(number)s in row %(row)s of %(level)s.") % facts)
    if not numbers:
        says.wrong("seats", _("This is needed."))
    one_each = [found[number][0] for number in numbers if number in found]
    if len({place.price_level_id for place in one_each}) > 1:
        says.wrong("seats", _("They are of several price levels: take a line for each."))
    return (one_each[0].price_level if one_each else None), [place.pk for place in one_each]


def _catalogue(says: Says, level: PriceLevel, ticket_type: TicketType) -> int | None:
    price = Price.objects.filter(price_level=level, ticket_type=ticket_type).first()
    if price is None:
        facts = {"ticket_type": ticket_type.name, "level": level.name}
        says.wrong("price", _("%(ticket_type)s isn't sold at %(level)s here: say the price.") % facts)
        return None
    return price.amount


def _others_agree(says: list[Says]) -> None:
    first, *others = says
    for each in others:
        for name in SHARED:
            if each.line.cells.get(name, "") != first.line.cells.get(name, ""):
                sentence = _("This is another than on line %(line)s, which is of the same booking.")
                each.wrong(name, sentence % {"line": first.line.number})

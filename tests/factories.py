"""Test data: a house, a venue, an event on sale, a booking at any step."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import factory
from allauth.account.models import EmailAddress
from PIL import Image

from accounts.models import Membership, Organization, User
from bookings.gateways import News, Outcome
from bookings.models import Booking, Payment
from bookings.services import customers, payments, reservations
from core import clock, codes, pictures
from events.models import Category, Event, EventPicture, EventSeat, Price, PriceLevel, TicketType
from events.services import plans, publishing
from venues.models import Seat, SeatingPlan, Section, Venue, VenuePicture


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = "Test Person"


class OrganizationFactory(factory.django.DjangoModelFactory[Organization]):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"House {n}")
    slug = factory.Sequence(lambda n: f"house-{n}")
    currency = "EUR"
    time_zone = "Europe/Berlin"
    fee_basis_points = 500
    fee_per_ticket = 50
    tax_basis_points = 1900


def member(role: str = "admin", organization: Organization | None = None, **person: Any) -> User:
    """Return somebody who works for an organization, with a verified address and without a password."""
    user = customer(**person)
    Membership.objects.create(user=user, organization=organization or OrganizationFactory(), role=role)
    return user


def customer(**person: Any) -> User:
    """Return somebody who can sign in."""
    user = UserFactory(**person)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


class VenueFactory(factory.django.DjangoModelFactory[Venue]):
    class Meta:
        model = Venue

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Venue {n}")
    slug = factory.Sequence(lambda n: f"venue-{n}")
    address = "1 Test Street"
    city = "Berlin"
    country = "DE"
    time_zone = "Europe/Berlin"
    capacity = 1000


class CategoryFactory(factory.django.DjangoModelFactory[Category]):
    class Meta:
        model = Category

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Category {n}")
    slug = factory.Sequence(lambda n: f"category-{n}")


class TicketTypeFactory(factory.django.DjangoModelFactory[TicketType]):
    class Meta:
        model = TicketType

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Type {n}")
    default_price = 2_000


class EventFactory(factory.django.DjangoModelFactory[Event]):
    """A draft in a month."""

    class Meta:
        model = Event

    venue = factory.SubFactory(VenueFactory)
    organization = factory.SelfAttribute("venue.organization")
    title = factory.Sequence(lambda n: f"Event {n}")
    slug = factory.Sequence(lambda n: f"event-{n}")
    starts_at = factory.LazyFunction(lambda: clock.now() + timedelta(days=30))
    ends_at = factory.LazyAttribute(lambda event: event.starts_at + timedelta(hours=3))
    currency = "EUR"
    max_per_booking = 10


def photo(size: tuple[int, int] = (640, 400), *, format: str = "JPEG", **how: Any) -> BytesIO:
    """Return a file as people upload it: red on the left, blue on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    file = BytesIO()
    image.save(file, format, **how)
    file.seek(0)
    return file


def event_picture(event: Event | None = None, **fields: Any) -> EventPicture:
    """Return a picture of an event, with its files."""
    picture = EventPicture(event=event or EventFactory(), alt=fields.pop("alt", "Red and blue"), **fields)
    return pictures.add(picture=picture, upload=photo())


def venue_picture(venue: Venue | None = None, **fields: Any) -> VenuePicture:
    """Return a picture of a venue, with its files."""
    picture = VenuePicture(venue=venue or VenueFactory(), alt=fields.pop("alt", "Red and blue"), **fields)
    return pictures.add(picture=picture, upload=photo())


def event_on_sale(
    *, levels: dict[str, int] | None = None, amounts: dict[str, int] | None = None, **fields: Any
) -> Event:
    """Return a published event: `levels` name → places, each sold at every one of `amounts` (type → cents)."""
    event = EventFactory(**fields)
    for order, (name, places) in enumerate((levels or {"Standing": 10}).items()):
        level = PriceLevel.objects.create(event=event, name=name, order=order, places=places)
        for type_name, amount in (amounts or {"Standard": 2_000}).items():
            ticket_type, _created = TicketType.objects.get_or_create(
                organization=event.organization,
                name=type_name,
                defaults={"default_price": amount, "is_free": amount == 0},
            )
            Price.objects.create(price_level=level, ticket_type=ticket_type, amount=amount)
    return publishing.publish(event_id=event.pk)


KINDS = {"s": "standard", "v": "vip", "w": "wheelchair", "c": "companion", "r": "restricted"}


def plan_of(
    venue: Venue, sections: dict[str, str], standing: dict[str, int] | None = None, *, name: str = "Main"
) -> SeatingPlan:
    """
    Return a published plan: `sections` name → rows from the front, such as "ssss_ss wc".

    A letter is a seat (see KINDS), an underscore an aisle; rows are called A, B, C and seats 1, 2, 3. A companion
    belongs to the wheelchair place before it. The better seats are in front and in the middle.
    """
    version = SeatingPlan.objects.filter(venue=venue, name=name).count() + 1
    plan = SeatingPlan.objects.create(venue=venue, name=name, version=version, status="published", focal_x=1_000)
    for order, (called, rows) in enumerate(sections.items()):
        area = _area(order * 2_000, 300)
        section = Section.objects.create(plan=plan, name=called, tier=called, order=order, shape=area)
        for row_order, kinds in enumerate(rows.split()):
            _plan_row(section, row_order, kinds)
    for order, (called, capacity) in enumerate((standing or {}).items(), start=len(sections)):
        area = _area(order * 2_000, 300)
        Section.objects.create(plan=plan, name=called, order=order, kind="standing", shape=area, capacity=capacity)
    return plan


def _area(x: int, y: int) -> list[list[int]]:
    return [[x, y], [x + 1_900, y], [x + 1_900, y + 2_500], [x, y + 2_500]]


def _plan_row(section: Section, row_order: int, kinds: str) -> None:
    number, wheelchair = 0, None
    for position, kind in enumerate(kinds, start=1):
        if kind == "_":
            continue
        number += 1
        seat = Seat.objects.create(
            section=section,
            row=chr(ord("A") + row_order),
            number=str(number),
            row_order=row_order,
            position=position,
            x=section.order * 2_000 + 50 * position,
            y=400 + 90 * row_order,
            type=KINDS[kind],
            quality=900 - 50 * row_order - 5 * abs(2 * position - len(kinds) - 1),
            companion_of=wheelchair if kind == "c" else None,
        )
        wheelchair = seat if kind == "w" else wheelchair


def seated_event(
    sections: dict[str, str] | None = None,
    standing: dict[str, int] | None = None,
    *,
    amounts: dict[str, int] | None = None,
    **fields: Any,
) -> Event:
    """Return a published event with seats: a price level for each section, each sold at every one of `amounts`."""
    event = EventFactory(**fields)
    for type_name, amount in (amounts or {"Standard": 2_000}).items():
        TicketType.objects.get_or_create(
            organization=event.organization,
            name=type_name,
            defaults={"default_price": amount, "is_free": amount == 0},
        )
    plan = plan_of(event.venue, sections or {"Stalls": "ssssss ssssss ssssss"}, standing)
    plans.use(event_id=event.pk, plan_id=plan.pk)
    return publishing.publish(event_id=event.pk)


def place_at(event: Event, name: str) -> EventSeat:
    """Return a place by what is called for short: "Stalls A 3"."""
    section, row, number = name.rsplit(" ", 2)
    places = EventSeat.objects.filter(event=event, section__name=section, seat__row=row, seat__number=number)
    return places.named().get()


def reserve_seats(event: Event, *names: str, key: str | None = None, price: Price | None = None, **how: Any) -> Booking:
    """Reserve these seats, each at its level's first price."""
    places = [place_at(event, name) for name in names]
    prices = {place.pk: (price or Price.objects.filter(price_level=place.price_level).first()).pk for place in places}
    return reservations.reserve(event=event, quantities={}, seats=prices, key=key or codes.secret(), **how)


def price_of(event: Event, level: str = "Standing", ticket_type: str = "Standard") -> Price:
    """Return one of an event's prices."""
    return Price.objects.get(price_level__event=event, price_level__name=level, ticket_type__name=ticket_type)


def reserve(event: Event, quantity: int = 2, *, key: str | None = None, price: Price | None = None) -> Booking:
    """Reserve so many places at an event's only price, or at the given one."""
    price = price or Price.objects.get(price_level__event=event)
    return reservations.reserve(event=event, quantities={price.pk: quantity}, key=key or codes.secret())


def with_details(booking: Booking, email: str = "ada@example.com") -> Booking:
    """Say whose booking it is."""
    return customers.give_details(booking_id=booking.pk, name="Ada Example", email=email)


def handed_over(booking: Booking) -> Payment:
    """Give details if there are none, and open the sandbox's page."""
    if not booking.email:
        booking = with_details(booking)
    payments.hand_over(booking_id=booking.pk, provider="sandbox")
    return booking.payments.latest("pk")


def news_of(payment: Payment, outcome: Outcome = Outcome.SUCCEEDED, *, reference: str | None = None) -> News:
    """What the provider would say of a payment."""
    taken = (reference or f"charge-{payment.pk}") if outcome is Outcome.SUCCEEDED else ""
    return News(payment.checkout_reference or "", outcome, payment.amount, payment.currency, taken)


def settle(payment: Payment, outcome: Outcome = Outcome.SUCCEEDED, *, reference: str | None = None) -> Booking:
    """Let the provider say so; return the booking as it is then."""
    payments.settle(provider=payment.provider, news=news_of(payment, outcome, reference=reference))
    return Booking.objects.get(pk=payment.booking_id)


def paid(event: Event, quantity: int = 2) -> Booking:
    """Return a confirmed booking."""
    return settle(handed_over(reserve(event, quantity)))

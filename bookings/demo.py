"""
A season to try things out with: plainly a demonstration, and the same each time but for its secrets.

Everything is done through the services, with the clock set to when it would have happened.
"""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils.text import slugify
from django_tasks_db.models import DBTaskResult

from accounts.models import Organization
from bookings import demo_art, demo_changes, demo_people, demo_sales, demo_seats
from bookings.models import CancellationPolicy
from bookings.services import cancellations, customers, refunds, reservations
from core import clock, pictures
from core.pictures import Picture
from events.models import Category, Event, EventPicture, EventSeries, Price, PriceLevel, TicketType
from events.services import publishing
from notifications.models import Message
from venues.models import Venue, VenuePicture

VENUES = [
    # name, type, address, city, country, zone, capacity
    ("Lantern Theatre", "theatre", "1 Demo Square", "Berlin", "DE", "Europe/Berlin", 1_250),
    ("Harbour Hall", "concert_hall", "7 Sample Quay", "Hamburg", "DE", "Europe/Berlin", 1_800),
    ("The Brick Cellar", "club", "22 Example Lane", "London", "GB", "Europe/London", 240),
    ("Teatro del Ensayo", "theatre", "Calle de la Prueba 5", "Madrid", "ES", "Europe/Madrid", 600),
    ("Foundry Arena", "arena", "400 Test Street", "New York", "US", "America/New_York", 12_500),
    ("Cedar Playhouse", "theatre", "15 Specimen Avenue", "Toronto", "CA", "America/Toronto", 350),
    ("Paper Lantern Hall", "concert_hall", "2-3-4 Mihon", "Tokyo", "JP", "Asia/Tokyo", 500),
    ("Meadow Stage", "open_air", "Placeholder Park", "Lisbon", "PT", "Europe/Lisbon", 2_500),
]

VENUE_FACTS: dict[str, dict[str, Any]] = {
    "Lantern Theatre": {
        "latitude": 52.5219,
        "longitude": 13.4132,
        "amenities": "cloakroom bar step_free wheelchair accessible_toilet lift hearing_loop".split(),
        "description": "A playhouse of the demonstration season, lit by **four hundred paper lanterns**.",
        "directions": "Tram to *Demo Square*, then two minutes on foot. Bicycle stands in front of the house.",
        "access": "Step-free from the street to every row. Hearing loop in the stalls; ask for it at the cloakroom.",
    },
    "Harbour Hall": {
        "latitude": 53.5413,
        "longitude": 9.9841,
        "amenities": "cloakroom bar restaurant parking charging step_free wheelchair lift wifi".split(),
        "description": "A concert hall on the water that exists only here.",
        "directions": "Ferry to *Sample Quay* or the underground line to *Harbour*, exit B.",
        "access": "Lifts to all levels, wheelchair places in front and at the back, accessible toilets on each floor.",
    },
    "The Brick Cellar": {
        "latitude": 51.5226,
        "longitude": -0.0719,
        "amenities": ["bar", "air_conditioning"],
        "description": "Comedy below street level. Drinks may be taken to your place.",
        "directions": "Four minutes from the station. Look for the green door.",
        "access": "Fourteen steps lead down, and there is no lift. Please write to us, and we find a way.",
    },
    "Teatro del Ensayo": {
        "latitude": 40.4146,
        "longitude": -3.6997,
        "amenities": "cloakroom bar air_conditioning step_free wheelchair".split(),
        "directions": "Metro *Prueba*, line 1.",
    },
    "Foundry Arena": {
        "latitude": 40.7448,
        "longitude": -73.9485,
        "amenities": "cloakroom bar restaurant parking step_free wheelchair accessible_toilet lift wifi".split(),
    },
    "Cedar Playhouse": {"latitude": 43.6596, "longitude": -79.3907, "amenities": ["cloakroom", "step_free"]},
    "Paper Lantern Hall": {"latitude": 35.6895, "longitude": 139.7004, "amenities": ["step_free", "lift", "wifi"]},
    "Meadow Stage": {
        "latitude": 38.7138,
        "longitude": -9.1394,
        "amenities": "bar bicycles parking accessible_toilet baby_changing".split(),
        "directions": "Shuttle from *Placeholder Station* every ten minutes from two hours before the start.",
        "access": "A path of firm boards leads to a raised area for wheelchairs with a clear view.",
    },
}

ENOUGH = 20
"""A level with fewer places sells by itself, without our help."""

CURRENCIES = {"GB": "GBP", "US": "USD", "CA": "CAD", "JP": "JPY"}
FEES = {"GBP": 100, "USD": 150, "CAD": 150, "JPY": 150}

TICKET_TYPES = [
    # name, description, default price in cents, free, order
    ("VIP", "Best places, a drink and the programme", 9_500, False, 1),
    ("Standard", "", 5_500, False, 2),
    ("Economy", "Further from the stage", 3_200, False, 3),
    ("Concession", "For students and people with a disability card", 2_200, False, 4),
]

EVENTS = [
    # title, type, category, venue, days from today, hour, kind
    ("The Clockmaker's Daughter", "theatre", "Theatre", 0, -75, 20, "plain"),
    ("Winter Strings", "concert", "Concerts", 1, -48, 19, "plain"),
    ("Laughing Matters", "comedy", "Comedy", 2, -30, 21, "plain"),
    ("Noche de Coplas", "concert", "Concerts", 3, -21, 21, "plain"),
    ("City Derby Screening", "film", "Film and talks", 5, -9, 18, "plain"),
    ("Brass at Noon", "concert", "Concerts", 1, -3, 12, "plain"),
    ("The Clockmaker's Daughter, again", "theatre", "Theatre", 0, 2, 20, "seated"),
    ("Open Mic Night", "comedy", "Comedy", 2, 4, 20, "few"),
    ("An Evening of Small Operas", "opera", "Opera and dance", 0, 6, 19, "sold out"),
    ("Harbour Philharmonic: Tides", "concert", "Concerts", 1, 9, 20, "plain"),
    ("Steel and Velvet", "concert", "Concerts", 4, 12, 19, "seated"),
    ("La vida es ensayo", "theatre", "Theatre", 3, 15, 20, "plain"),
    ("Maple Leaves, Falling", "dance", "Opera and dance", 5, 18, 19, "plain"),
    ("Koto and Rain", "concert", "Concerts", 6, 23, 18, "plain"),
    ("Family Matinee: The Moon Thief", "theatre", "Theatre", 0, 33, 14, "general"),
    ("How Maps Lie", "talk", "Film and talks", 5, 27, 18, "free"),
    ("Midnight Film Club", "film", "Film and talks", 2, 41, 23, "moved"),
    ("Spring Festival at the Meadow", "festival", "Festivals", 7, 120, 15, "not yet"),
    ("Tango in the Round", "dance", "Opera and dance", 3, 52, 20, "cancelled"),
    ("Autumn Gala", "concert", "Concerts", 1, 90, 19, "draft"),
    ("Open Mic Night", "comedy", "Comedy", 2, 11, 20, "few"),
    ("Open Mic Night", "comedy", "Comedy", 2, 18, 20, "plain"),
]

SERIES = ["The Clockmaker's Daughter", "Open Mic Night"]
"""What is on again and again: their dates are offered on each of their pages."""

SUMMARIES = {
    "The Clockmaker's Daughter, again": "She winds every clock in town but one. A play about time, in two acts.",
    "Open Mic Night": "Seven minutes each, ten brave people, one microphone.",
    "An Evening of Small Operas": "Four operas, none longer than a bus ride.",
    "Harbour Philharmonic: Tides": "Music for a large orchestra and the sound of water.",
    "Steel and Velvet": "The loud and the soft of one evening.",
    "La vida es ensayo": "Una comedia que empieza antes de empezar.",
    "Maple Leaves, Falling": "Twelve dancers and a great deal of paper.",
    "Koto and Rain": "Thirteen strings, and the roof as the drum.",
    "Family Matinee: The Moon Thief": "For everybody who has ever looked for the moon behind a cloud.",
    "How Maps Lie": "A talk with slides, string, and one very wrong globe.",
    "Midnight Film Club": "A film that we don't name before the doors are closed.",
    "Spring Festival at the Meadow": "One field, two stages, three days' worth of music in one.",
    "Tango in the Round": "A dance evening with the audience around the floor.",
}
FEATURED = {"Harbour Philharmonic: Tides", "The Clockmaker's Daughter, again", "Spring Festival at the Meadow"}
MINIMUM_AGES = {"Open Mic Night": 16, "Midnight Film Club": 18}

ENTRY_RULES = """- Doors open an hour before the start. Who comes late is let in at the first pause.
- Bags larger than a sheet of A3 stay at the cloakroom.
- Please have your booking code ready, on paper or on your phone.
"""
REFUND_RULES = """Tickets of the demonstration season can be given back until **48 hours** before the start: write
to the address on your booking. If an event is cancelled, the whole price goes back the way it came.
"""

WITHOUT_PICTURE = {
    "Laughing Matters",
    "Brass at Noon",
    "Open Mic Night",
    "Koto and Rain",
    "Midnight Film Club",
    "Noche de Coplas",
    "Autumn Gala",
}
WITH_GALLERY = {"Harbour Philharmonic: Tides", "Maple Leaves, Falling"}
PICTURED_VENUES = ["Lantern Theatre", "Harbour Hall", "Foundry Arena"]

NAMES = ["Demo Customer One", "Demo Customer Two", "Demo Customer Three", "Demo Customer Four", "Demo Customer Five"]

DESCRIPTION = """An evening that exists only in the demonstration season of **Stagedoor**.

- Sung, played or spoken, with one interval
- Please be in your place when it begins
"""

TOUR_VENUE = ("Barge Theatre", "theatre", "Mooring 3, Sample Canal", "Amsterdam", "NL", "Europe/Amsterdam", 180)
STADIUM = ("Specimen Stadium", "stadium", "1 Sample Ring", "Berlin", "DE", "Europe/Berlin", 62_000)

TOUR_EVENTS = [
    # title, type, category, days from today, hour, kind
    ("The Lighthouse Keepers' Ball", "theatre", "Theatre", 20, 20, "plain"),
    ("Salt and Paper", "dance", "Opera and dance", 64, 19, "draft"),
]
"""Of another organization, so that the switch between two can be tried."""


def make_season(now: datetime) -> None:
    """Fill an empty box office with venues, events and bookings in every state."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        posters = [(wish, pool.submit(demo_art.poster, *wish)) for wish in _wishes()]  # drawn while places are sold
        _fill(now)
        for (title, kind, _number), poster in posters:
            _hang(title, kind, *poster.result())


def _fill(now: datetime) -> None:
    chance = random.Random(20_261_121)  # noqa: S311 - the same season each time
    house, tour = _house(), _tour()
    demo_people.make_people(house, tour)
    venues = [_venue(house, *row) for row in VENUES]
    for each in venues:
        demo_seats.lay_out(each)
    ticket_types = [_ticket_type(house, *row) for row in TICKET_TYPES]
    for title, kind_of_event, category, venue, days, hour, kind in EVENTS:
        event = _event(house, venues[venue], title, kind_of_event, category, now, days, hour, kind)
        _open(event, ticket_types, kind, now, chance)
    _join_dates(house)
    _fill_tour(tour, now)
    demo_sales.buy_as(demo_people.customer(), now)
    demo_sales.sell_as(demo_people.seller(), now)
    demo_sales.give_one_back(house, now)
    _settle_mail()


def _join_dates(house: Organization) -> None:
    for title in SERIES:
        made = EventSeries.objects.create(organization=house, name=title)
        Event.objects.filter(organization=house, title__startswith=title).update(series=made)


def _fill_tour(tour: Organization, now: datetime) -> None:
    chance = random.Random(20_261_122)  # noqa: S311 - its own, so that the house's season doesn't depend on it
    venue = _venue(tour, *TOUR_VENUE)
    ticket_types = [_ticket_type(tour, *row) for row in TICKET_TYPES]
    for title, kind_of_event, category, days, hour, kind in TOUR_EVENTS:
        event = _event(tour, venue, title, kind_of_event, category, now, days, hour, kind)
        _open(event, ticket_types, kind, now, chance)


def _open(event: Event, ticket_types: list[TicketType], kind: str, now: datetime, chance: random.Random) -> None:
    """Put it on sale, if it is to be, and sell some of it."""
    if kind == "draft":
        return
    if kind == "seated":
        demo_seats.seat(event, ticket_types)
    elif kind != "general":
        _levels(event, ticket_types, kind)
    with clock.at(min(now, event.starts_at) - timedelta(days=60)):
        event = publishing.publish(event_id=event.pk)
        if kind == "seated":
            demo_seats.keep_back(event, by=demo_people.organizer())
    _sell(event, kind, now, chance)
    if kind in ("cancelled", "moved"):
        demo_changes.change(event, kind, now, by=demo_people.organizer())


def _tour() -> Organization:
    return Organization.objects.create(
        name="Sample Touring Company",
        slug="sample-touring-company",
        support_email="tour@stagedoor.example",
        entry_rules=ENTRY_RULES,
        refund_rules=REFUND_RULES,
        currency="EUR",
        time_zone="Europe/Amsterdam",
        fee_per_ticket=150,
        tax_basis_points=900,
    )


def _house() -> Organization:
    house = Organization.objects.create(
        name="Demonstration House",
        slug="demonstration-house",
        support_email="help@stagedoor.example",
        support_phone="+49 30 5550 0100",
        postal_address="Demonstration House\n1 Demo Square\n10115 Berlin",
        tax_number="DE 000 000 000",
        entry_rules=ENTRY_RULES,
        currency="EUR",
        time_zone="Europe/Berlin",
        fee_basis_points=250,
        fee_per_ticket=100,
        tax_basis_points=700,
    )
    policy = CancellationPolicy.objects.create(organization=house, cancel_until_hours=24)
    for hours, share in ((7 * 24, 10_000), (24, 5_000)):
        policy.tiers.create(hours_before=hours, basis_points=share)
    return house


def _venue(
    house: Organization, name: str, kind: str, address: str, city: str, country: str, zone: str, capacity: int
) -> Venue:
    return Venue.objects.create(
        organization=house,
        name=name,
        slug=slugify(name),
        type=kind,
        address=address,
        city=city,
        country=country,
        time_zone=zone,
        capacity=capacity,
        email=f"{slugify(name)}@stagedoor.example",
        **VENUE_FACTS.get(name, {}),
    )


def _ticket_type(house: Organization, name: str, description: str, price: int, free: bool, order: int) -> TicketType:
    return TicketType.objects.create(
        organization=house, name=name, description=description, default_price=price, is_free=free, order=order
    )


def _event(
    house: Organization,
    venue: Venue,
    title: str,
    kind_of_event: str,
    category: str,
    now: datetime,
    days: int,
    hour: int,
    kind: str,
) -> Event:
    day: date = now.astimezone(venue.zone).date() + timedelta(days=days)
    starts_at = datetime.combine(day, time(hour), ZoneInfo(venue.time_zone)).astimezone(UTC)
    currency = CURRENCIES.get(venue.country, "EUR")
    shelf, _created = Category.objects.get_or_create(
        organization=house, slug=slugify(category), defaults={"name": category}
    )
    return Event.objects.create(
        organization=house,
        venue=venue,
        category=shelf,
        title=title,
        slug=f"{slugify(title)}-{day:%Y-%m-%d}",
        summary=SUMMARIES.get(title, ""),
        description=DESCRIPTION,
        featured=title in FEATURED,
        minimum_age=MINIMUM_AGES.get(title),
        type=kind_of_event,
        doors_at=starts_at - timedelta(hours=1),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2, minutes=30),
        sales_start=_sales_start(venue, now) if kind == "not yet" else None,
        currency=currency,
        fee_per_ticket=FEES.get(currency),
        max_per_booking=8,
        max_per_customer=12 if kind == "few" else None,
    )


def _sales_start(venue: Venue, now: datetime) -> datetime:
    """Ten days from now, at ten in the morning there."""
    day = now.astimezone(venue.zone).date() + timedelta(days=10)
    return datetime.combine(day, time(10), venue.zone).astimezone(UTC)


def _levels(event: Event, ticket_types: list[TicketType], kind: str) -> None:
    """Two levels that share the house, or one small one where little is to be left."""
    capacity = event.venue.capacity
    if kind == "free":
        entry = _ticket_type(event.organization, "Free entry", "One person", 0, True, 5)
        level = PriceLevel.objects.create(event=event, name="Standing", places=capacity)
        Price.objects.create(price_level=level, ticket_type=entry, amount=0)
        return
    sizes = {"sold out": [("Standing", 24)], "few": [("Standing", 60)]}
    layout = sizes.get(kind) or [("Front standing", capacity // 4), ("Standing", capacity - capacity // 4)]
    units = 2 if event.currency == "JPY" else 1  # twice as many yen as cents: a ticket at ¥11,000
    for order, (name, places) in enumerate(layout):
        level = PriceLevel.objects.create(event=event, name=name, order=order, places=places)
        for ticket_type in ticket_types:
            amount = ticket_type.default_price * units
            if order == 1:
                amount = amount * 3 // 4
            Price.objects.create(price_level=level, ticket_type=ticket_type, amount=amount)


def _sell(event: Event, kind: str, now: datetime, chance: random.Random) -> None:
    if kind == "not yet":
        return
    prices = list(
        Price.objects.filter(price_level__event=event, price_level__places__gte=ENOUGH)
        .select_related("price_level")
        .order_by("pk")
    )
    until = min(now - timedelta(minutes=5), event.starts_at - timedelta(hours=2))
    seats = sum(price.price_level.places for price in prices)
    rounds = {"sold out": 3, "few": 6, "seated": min(48, seats // 100)}
    for number in range(rounds.get(kind, 4)):
        moment = until - timedelta(days=chance.randint(1, 40), minutes=chance.randint(0, 1_400))
        size = 8 if kind in ("sold out", "few") else chance.randint(1, 4)
        ending = "paid" if kind in ("sold out", "few") else ("paid", "paid", "expired", "cancelled")[number % 4]
        _book(event, chance.choice(prices), size, moment, ending, chance)
    if event.starts_at > now and kind in ("plain", "seated"):
        _book(event, chance.choice(prices), 2, now, "pending", chance)


def _book(event: Event, price: Price, size: int, moment: datetime, ending: str, chance: random.Random) -> None:
    with clock.at(moment):
        booking = reservations.reserve(
            event=event, quantities={price.pk: size}, key=f"season-{event.pk}-{price.pk}-{moment:%s}"
        )
        person = chance.randrange(len(NAMES))
        email = f"customer{person + 1}.{booking.pk}@stagedoor.example"
        customers.give_details(booking_id=booking.pk, name=NAMES[person], email=email)
        if ending in ("paid", "cancelled"):
            clock.advance(timedelta(minutes=chance.randint(2, 8)))
            demo_sales.pay(booking)
        if ending == "expired":
            clock.advance(timedelta(minutes=20))
            reservations.expire(booking_id=booking.pk)
        if ending == "cancelled":
            clock.advance(timedelta(hours=5))
            cancellations.cancel(booking_id=booking.pk, reason="asked for by the customer")
            refunds.send_due()


def add_stadium(now: datetime) -> None:
    """A match in a stadium of 60,000 seats, for the season's house: to see how the map does where there is much."""
    house = Organization.objects.get(slug="demonstration-house")
    venue = _venue(house, *STADIUM)
    demo_seats.lay_out(venue)
    event = _event(house, venue, "Nobody United against Nowhere City", "sport", "Sport", now, 45, 18, "seated")
    types = TicketType.objects.filter(organization=house, name__in=[row[0] for row in TICKET_TYPES]).order_by("order")
    _open(event, list(types), "seated", now, random.Random(20_261_123))  # noqa: S311 - the same each time
    _settle_mail()


def _wishes() -> Iterator[tuple[str, str, int]]:
    """Name each poster: two thirds of the events have one, some have more, and others show how it looks without."""
    for title, kind, *_row in EVENTS:
        if title not in WITHOUT_PICTURE:
            yield from ((title, kind, number) for number in range(3 if title in WITH_GALLERY else 1))
    for venue in PICTURED_VENUES:
        yield venue, "venue", 0


def _hang(title: str, kind: str, poster: IO[bytes], alt: str) -> None:
    picture: Picture
    if kind == "venue":
        picture = VenuePicture(venue=Venue.objects.get(name=title), alt=alt)
    else:
        picture = EventPicture(event=Event.objects.get(title=title), alt=alt)
    pictures.add(picture=picture, upload=poster)


def _settle_mail() -> None:
    """These messages were sent long ago; nobody is to be written to now."""
    Message.objects.update(status=Message.Status.SENT, sent_at=F("created_at"))
    DBTaskResult.objects.all().delete()

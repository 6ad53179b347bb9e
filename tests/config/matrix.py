"""
Who gets what at each address: the table, written by hand, and the world in which it is asked (S8).

An answer is a status; SIGN_IN is the way to the door. `data` may be left out: then a form is sent empty.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.urls.resolvers import URLResolver

from accounts.models import Organization, User
from accounts.roles import Role
from accounts.services import team
from backoffice.models import Import
from bookings.models import Batch, Booking, Payment, StatementLine, Ticket
from bookings.services import documents, transfers
from core import clock
from events.models import Allocation, Event, EventSeries, Hold
from events.services import allocations, holds
from notifications.models import Message
from tests.backoffice.shelves import ADMIN, ALL, BOX_OFFICE, HOUSE, REVENUE, SHELVES, Shelf, houses, registered
from tests.bookings.passing_on import offer, passed_on, secret_in_mail
from tests.factories import (
    VenueFactory,
    customer,
    event_on_sale,
    event_picture,
    handed_over,
    member,
    paid,
    place_at,
    reserve,
    seated_event,
    with_details,
)
from venues.models import SeatingPlan
from venues.services import plans

type Answer = int | str
type Answers = dict[str, Answer]

SIGN_IN = "sign in"
ANONYMOUS, A, B, ROOT = "anonymous", "customer A", "customer B", "site administrator"
STAFF = {
    "organizer X": "organizer",
    "entry manager X": "entry_manager",
    "support X": "support",
    "analyst X": "analyst",
    "admin X": "admin",
    "admin Y": "admin",
    ROOT: "admin",
}
"""Who works here, and whose rights that person has: a site administrator works for X now and may what its admin may."""
WHO = (ANONYMOUS, A, B, *STAFF)


@dataclass(slots=True)
class World:
    """Two houses with staff and rows of each kind; customer A has bookings at X."""

    x: Organization
    y: Organization
    event: Event
    seated: Event
    pending: Booking
    payment: Payment
    confirmed: Booking
    picture: Any
    plan: SeatingPlan
    hold: Hold
    allocation: Allocation
    batch: Batch
    series: EventSeries
    rows: dict[str, Any]
    invited: str
    received: Ticket
    offered: str
    answered: str
    brought: Import
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    cookies: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)

    def ask(self, who: str, method: str, address: str, data: Any = None, **headers: str) -> HttpResponse:
        """Send one request, as a browser with nothing but that person's session."""
        self.client.cookies.clear()
        for name, value in self.cookies.items():
            self.client.cookies[name] = value
        if who != ANONYMOUS:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        return getattr(self.client, method.lower())(address, data or {}, headers=headers)


def build() -> World:
    """Make it, and sign everybody in."""
    x, y = houses()
    a = customer(email="a@example.com")
    event = event_on_sale(venue=VenueFactory(organization=x), levels={"Standing": 100})
    payment = handed_over(with_details(reserve(event)))
    confirmed = paid(event_on_sale(venue=event.venue))
    documents.credit(confirmed, [documents.Line("A ticket", 1, 0)], at=confirmed.confirmed_at)
    Booking.objects.update(user=a)
    people = {A: a, B: customer(email="b@example.com"), ROOT: customer(email="root@example.com", is_superuser=True)}
    people |= {who: member(role, y if who.endswith("Y") else x) for who, role in STAFF.items() if who != ROOT}
    rows = {label: SHELVES[label].make(x) for label in registered() if label in SHELVES}
    team.invite(organization_id=x.pk, email="invited@example.com", role=Role.SUPPORT, by=people["admin X"])
    invited = re.findall(r"/account/invitations/([^/]+)/", Message.objects.latest("pk").text)[0]
    picture = event_picture(event)
    plan = plans.create(venue_id=event.venue_id, name="Concert")
    seated = seated_event(venue=event.venue)
    hold = holds.create(event_id=seated.pk, place_ids=[place_at(seated, "Stalls C 1").pk], kind="press").hold
    allocation = allocations.save(event_id=seated.pk, name="As it is")
    StatementLine.objects.create(
        organization=x, fingerprint="1", booked_on=clock.now(), amount=1, currency="EUR", imported_at=clock.now()
    )
    bookings = (payment.booking, payment, confirmed)
    begun = {"created_at": clock.now(), "finished_at": clock.now()}
    batch = Batch.objects.create(organization=x, event=event, kind="move_event", **begun)
    series = EventSeries.objects.create(organization=x, name="Season")
    Event.objects.filter(pk=seated.pk).update(series=series)
    made = (picture, plan, hold, allocation, batch, series)
    handed = _handed(paid(event_on_sale(venue=event.venue), 3))
    brought = Import.objects.create(organization=x, kind="customers", file_name="old.csv", created_at=clock.now())
    world = World(x, y, event, seated, *bookings, *made, rows, invited, *handed, brought, people=people)
    for who, person in people.items():
        client = Client()
        client.force_login(person)
        world.sessions[who] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return world


def _handed(booking: Booking) -> tuple[Ticket, str, str]:
    """A ticket that was passed on, the secret of an offer that is open, and of one that was taken back."""
    first, second, third = booking.live_tickets()
    received, _offer = passed_on(first), offer(second, "cy@example.com")
    offered = secret_in_mail("cy@example.com")
    transfers.withdraw(transfer_id=offer(third, "di@example.com").pk)
    return received, offered, secret_in_mail("di@example.com")


def answer(response: HttpResponse) -> Answer:
    """Return the status, or that it leads to the door."""
    doors = (reverse("account_login"), reverse("admin:login"))
    return SIGN_IN if response.status_code == 302 and response["Location"].startswith(doors) else response.status_code


# --- Profiles: what everybody gets -------------------------------------------------------------------


def everybody(status: Answer, **but: Answer) -> Answers:
    """One answer for all; exceptions by name, with _ for a space."""
    return dict.fromkeys(WHO, status) | {who.replace("_", " "): other for who, other in but.items()}


def members(status: Answer) -> Answers:
    """Whoever is signed in; others go to the door."""
    return everybody(status, anonymous=SIGN_IN)


def guests(status: Answer) -> Answers:
    """For who isn't signed in; others are led on."""
    return everybody(302, anonymous=status)


def only(who: Iterable[str], status: Answer, *, others: Answer = 404) -> Answers:
    """What belongs to somebody; to others it isn't there, and strangers go to the door."""
    return members(others) | dict.fromkeys(who, status)


def staff(roles: Iterable[str], status: Answer = 200, *, theirs: Answer | None = None) -> Answers:
    """A staff page for these roles; `theirs` is the answer of the other house, for what is an object of X."""
    found = members(403) | {who: status for who in STAFF if is_one(who, roles)}
    if theirs is not None and is_one("admin Y", roles):
        found["admin Y"] = theirs
    return found


def is_one(who: str, roles: Iterable[str]) -> bool:
    """Whether somebody here has one of these roles; a site administrator is an admin, and more."""
    return STAFF.get(who) in roles or (who == ROOT and "root" in roles)


NOT_HERE = everybody(405)
STAFF_NOT_HERE = staff(ALL, 405)


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One address, by its pattern's name and what fills it.

    `writes` says that GET may write, and why; `htmx` what GET says to HTMX, where that isn't the same;
    `lost` what POST says where nothing is, where that isn't what `nothing` makes of it.
    """

    name: str
    get: Answers
    post: Answers
    fill: Callable[[World], dict[str, Any]] | None = None
    data: Callable[[World], dict[str, Any]] | None = None
    address_of: Callable[[World], str] | None = None
    writes: str = ""
    htmx: Answers | None = None
    lost: Answers | None = None

    def address(self, world: World) -> str:
        """Return where it is in this world."""
        if self.address_of:
            return self.address_of(world)
        return reverse(self.name, kwargs=self.fill(world) if self.fill else None)

    def nowhere(self, world: World) -> str | None:
        """Return an address like it at which nothing is; None where there is but one."""
        if self.fill is None or self.address_of:
            return None
        return reverse(self.name, kwargs={name: unknown(value) for name, value in self.fill(world).items()})


def unknown(value: Any) -> Any:
    """Return a value of this shape that nothing has; the file of a picture is a choice of few and stays."""
    match value:
        case int():
            return 987_654_321
        case str() if len(value) == 32:
            return "x" * 32
        case str() if "." in value:
            return value
    return "no-such-thing"


def nothing(expected: Answers) -> Answers:
    """What an address says at which nothing is: refusals stay as they are, all else is a 404 (S9)."""
    return {who: said if said in (SIGN_IN, 403, 405) else 404 for who, said in expected.items()}


def section_of_plan(world: World) -> dict[str, Any]:
    """A section with seats, and its plan."""
    plan = world.seated.plan
    return {"plan_id": plan.pk, "section_id": plan.sections.get().pk}


def credit_note(world: World) -> dict[str, Any]:
    """A credit note of the confirmed booking."""
    return {"secret": world.confirmed.secret, "pk": world.confirmed.documents.get().pk}


def no_wallet(world: World) -> dict[str, Any]:
    """A pass for a telephone."""
    return {"link": world.confirmed.tickets.first().link, "wallet": "apple"}


# --- The table ---------------------------------------------------------------------------------------


def at(name: str) -> dict[str, Any]:
    """A calendar of a month."""
    return {"address_of": lambda world: reverse(name, args=["2026-12"])}


SLUG = {"fill": lambda world: {"slug": world.event.slug}}
SEATED = {"fill": lambda world: {"slug": world.seated.slug}}
VENUE = {"fill": lambda world: {"slug": world.event.venue.slug}}
PENDING = {"fill": lambda world: {"secret": world.pending.secret}}
DRAFT = {"fill": lambda world: {"pk": world.rows["events.event"].pk}}
DRAFT_STEP = {"fill": lambda world: {"pk": world.rows["events.event"].pk, "name": "what"}}
SEATS = {"fill": lambda world: {"pk": world.seated.pk}}
BATCH = {"fill": lambda world: {"pk": world.batch.pk}}
SALE = {"fill": lambda world: {"code": world.confirmed.code}}
MEMBERSHIP = {"fill": lambda world: {"pk": world.rows["accounts.membership"].pk}}
INVITATION_ROW = {"fill": lambda world: {"pk": world.x.invitations.get().pk}}
PLAN = {"fill": lambda world: {"pk": world.plan.pk}}
PLANS = {"fill": lambda world: {"pk": world.plan.venue_id}}
STATEMENT_LINE = {"fill": lambda world: {"pk": world.x.statement_lines.get().pk}}
CONFIRMED = {"fill": lambda world: {"secret": world.confirmed.secret}}
IMPORT = {"fill": lambda world: {"pk": world.brought.pk}}
CONFIRMED_ROW = {"fill": lambda world: {"pk": world.confirmed.pk}}
TICKET = {"fill": lambda world: {"link": world.confirmed.tickets.first().link}}
FIRST_KEY = "the key that signs tickets is made when the first is shown"

OWN_TICKET = {"fill": lambda world: {"secret": world.confirmed.secret, "number": 2}}
RECEIVED = {"fill": lambda world: {"link": world.received.link}}
OFFERED = {"fill": lambda world: {"secret": world.offered}}
ANSWERED = {"fill": lambda world: {"secret": world.answered}}
LINK = {"fill": lambda world: {"secret": Booking.objects.get(pk=world.confirmed.pk).secret}}

PUBLIC = [
    Entry("home", everybody(200), NOT_HERE),
    Entry("live", everybody(200), NOT_HERE),
    Entry("ready", everybody(200), NOT_HERE, writes="an UPDATE of no row proves that the database takes writes"),
    Entry("language", everybody(200), everybody(400)),
    Entry("sitemap", everybody(200), NOT_HERE),
    Entry("sitemap-file", everybody(200), NOT_HERE, lambda world: {"number": 1}),
    Entry("robots", everybody(200), NOT_HERE),
    Entry("manifest", everybody(200), NOT_HERE),
    Entry("service-worker", everybody(200), NOT_HERE),
    Entry("picture", everybody(200), NOT_HERE, lambda world: {"key": world.picture.key, "file": "card.webp"}),
    Entry("events:list", everybody(200), NOT_HERE),
    Entry("events:feed", everybody(200), NOT_HERE),
    Entry("events:detail", everybody(200), NOT_HERE, **SLUG),
    Entry("events:availability", everybody(200), NOT_HERE, **SLUG),
    Entry("events:seats", everybody(200), NOT_HERE, **SEATED),
    Entry("events:seat-states", everybody(200), NOT_HERE, **SEATED),
    Entry("plans:seats", everybody(200), NOT_HERE, lambda world: {"plan_id": world.seated.plan_id}),
    Entry("plans:section", everybody(200), NOT_HERE, section_of_plan),
    Entry("events:calendar", everybody(200), NOT_HERE, **SLUG),
    Entry("events:sales-reminder", everybody(404), NOT_HERE, **SLUG),  # on sale already
    Entry("events:this-month", everybody(200), NOT_HERE),
    Entry("events:period", everybody(200), NOT_HERE, **at("events:period")),
    Entry(
        "events:month-list",
        everybody(200),
        NOT_HERE,
        **at("events:month-list"),
    ),
    Entry("events:season-calendar", everybody(200), NOT_HERE),
    Entry("events:venue-calendar", everybody(200), NOT_HERE, **VENUE),
    Entry("events:styleguide", everybody(200), NOT_HERE),
    Entry("events:venues", everybody(200), NOT_HERE),
    Entry("events:venue", everybody(200), NOT_HERE, **VENUE),
    Entry("bookings:reserve", NOT_HERE, everybody(422), **SLUG),
    Entry("bookings:rules", everybody(200), NOT_HERE, **SLUG),
    Entry("bookings:find", everybody(200), everybody(422)),
    Entry("bookings:find-sent", everybody(200), NOT_HERE),
]

BY_SECRET_LINK = [
    Entry("bookings:booking", everybody(302), NOT_HERE, **PENDING),
    Entry("bookings:details", everybody(200), everybody(422), **PENDING),
    Entry("bookings:again", NOT_HERE, everybody(422), **PENDING),
    Entry("bookings:review", everybody(200), NOT_HERE, **PENDING),
    Entry("bookings:extend", NOT_HERE, everybody(303), **PENDING),
    Entry("bookings:give-up", NOT_HERE, everybody(303), **PENDING),
    Entry("bookings:pay", NOT_HERE, everybody(303), **PENDING, data=lambda world: {"provider": "sandbox"}),
    Entry("bookings:payment", everybody(200), NOT_HERE, **PENDING, htmx=everybody(204)),  # no news: nothing to swap
    Entry("bookings:calendar", everybody(200), NOT_HERE, **CONFIRMED),
    Entry("bookings:tickets-pdf", everybody(200), NOT_HERE, **CONFIRMED, writes=FIRST_KEY),
    Entry("bookings:receipt", everybody(200), NOT_HERE, **CONFIRMED, writes="a receipt is made when it is asked for"),
    Entry("bookings:credit-note", everybody(200), NOT_HERE, credit_note, writes="a paper's number can't wait here"),
    Entry("bookings:send-again", NOT_HERE, everybody(303), **CONFIRMED),
    Entry("bookings:ticket-pdf", everybody(200), NOT_HERE, **TICKET, writes=FIRST_KEY),
    Entry("bookings:ticket-calendar", everybody(200), NOT_HERE, **TICKET),
    Entry("bookings:ticket-wallet", everybody(404), NOT_HERE, no_wallet),  # without certificates none is offered
    Entry("bookings:contact", everybody(200), everybody(422), **CONFIRMED),
    Entry("bookings:exchange", everybody(200), everybody(422), **CONFIRMED),  # nothing can be, which it says
    Entry("bookings:keep", NOT_HERE, everybody(303), **CONFIRMED),
    Entry("bookings:new-link", everybody(200), everybody(303), **LINK),
    Entry("bookings:pass-on", everybody(200), everybody(422), **OWN_TICKET),
    Entry("bookings:take-back", NOT_HERE, everybody(409), **OWN_TICKET),
    Entry("bookings:holder", everybody(200), everybody(422), **OWN_TICKET),
    Entry("bookings:ticket", everybody(200), NOT_HERE, **RECEIVED, writes=FIRST_KEY),
    Entry("bookings:pass-on-again", everybody(200), everybody(422), **RECEIVED),
    Entry("bookings:take-back-again", NOT_HERE, everybody(409), **RECEIVED),
    Entry("bookings:own-name", everybody(200), everybody(422), **RECEIVED),
    Entry("bookings:transfer", everybody(200), everybody(422), **OFFERED),
    Entry("bookings:decline", NOT_HERE, everybody(410), **ANSWERED),
    Entry("bookings:give-back", everybody(200), everybody(409), **CONFIRMED),
    Entry("bookings:ask-refund", everybody(200), everybody(422), **CONFIRMED),
    Entry("bookings:withdraw-request", NOT_HERE, everybody(303), **CONFIRMED),
    Entry("bookings:returned", everybody(302), NOT_HERE, lambda world: {"key": world.payment.key}),
    Entry(
        "bookings:bank-transfer",  # once the money is there, or is asked for in another way, it leads to the booking
        everybody(404),
        NOT_HERE,
        lambda world: {"key": world.payment.key},
    ),
    Entry("bookings:webhook", NOT_HERE, everybody(400), lambda world: {"provider": "sandbox"}),  # unsigned
    Entry(
        "bookings:sandbox",
        everybody(200),
        everybody(400),
        lambda world: {"reference": world.payment.checkout_reference},
    ),
]

INVITATION = {"fill": lambda world: {"secret": world.invited}}
INVITED = everybody(403) | {ANONYMOUS: SIGN_IN}  # it went to none of these addresses

# No session here has proved anything lately, so what gives an account away asks for that first: 302.
ACCOUNT = [
    Entry("account", members(200), NOT_HERE),
    Entry("second-factor", members(200), NOT_HERE),
    Entry("profile", members(200), members(422)),
    Entry("invitation", everybody(200), INVITED, **INVITATION, lost=everybody(404)),
    Entry("my-bookings", members(200), NOT_HERE),
    Entry("my-payments", members(200), NOT_HERE),
    Entry("export", members(302), NOT_HERE),
    Entry("delete-account", members(302), members(303)),
    Entry("account-deleted", everybody(200), NOT_HERE),
    Entry("account_login", guests(200), guests(200)),
    Entry("signed-out", everybody(302, anonymous=200), NOT_HERE),
    Entry("account_logout", everybody(200, anonymous=302), everybody(302)),
    Entry("account_inactive", everybody(200), NOT_HERE),
    Entry("account_signup", guests(200), guests(200)),
    Entry("account_reauthenticate", members(200), members(200)),
    Entry("account_email", members(200), members(302)),
    Entry("account_email_verification_sent", members(302), members(302)),
    Entry("account_change_password", members(200), members(200)),
    Entry("account_set_password", members(302), members(302)),
    Entry("account_reset_password", everybody(200), everybody(200)),
    Entry("account_reset_password_done", everybody(200), NOT_HERE),
    Entry(
        "account_reset_password_from_key",
        everybody(200),
        everybody(200),
        address_of=lambda world: reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "x-y"}),
    ),
    Entry("account_reset_password_from_key_done", everybody(200), NOT_HERE),
    Entry("account_request_login_code", guests(200), guests(200)),
    Entry("account_confirm_login_code", guests(SIGN_IN), guests(SIGN_IN)),
    Entry("mfa_index", members(200), members(405)),
    Entry("mfa_authenticate", guests(SIGN_IN), guests(SIGN_IN)),
    Entry("mfa_reauthenticate", members(302), members(302)),
    Entry("mfa_activate_totp", members(302), members(302)),
    Entry("mfa_deactivate_totp", members(404), members(404)),
    Entry("mfa_view_recovery_codes", members(404), members(405)),
    Entry("mfa_generate_recovery_codes", members(302), members(302)),
    Entry("mfa_download_recovery_codes", members(404), members(404)),
    Entry("mfa_list_webauthn", members(200), members(405)),
    Entry("mfa_add_webauthn", members(302), members(302)),
    Entry("mfa_reauthenticate_webauthn", members(302), members(302)),
    Entry(
        "mfa_remove_webauthn",
        members(302),
        members(302),
        address_of=lambda world: reverse("mfa_remove_webauthn", args=[1]),
    ),
    Entry(
        "mfa_edit_webauthn", members(302), members(302), address_of=lambda world: reverse("mfa_edit_webauthn", args=[1])
    ),
    Entry("mfa_login_webauthn", guests(SIGN_IN), guests(SIGN_IN)),
    Entry("usersessions_list", members(200), members(302)),
]

STAFF_PAGES = [
    Entry("admin:index", staff(ALL), staff(ALL)),
    Entry("admin:switch", STAFF_NOT_HERE, staff(ALL, 400)),
    Entry("admin:login", everybody(SIGN_IN), everybody(SIGN_IN)),
    Entry("admin:logout", staff(ALL) | {ANONYMOUS: 302}, staff(ALL, 302) | {ANONYMOUS: 302}),
    Entry("admin:autocomplete", members(403), staff(ALL, 405)),  # what it finds has tests of its own
    Entry("admin:jsi18n", staff(ALL), STAFF_NOT_HERE),
    Entry(
        "admin:app_list",
        staff(ALL),
        staff(ALL),
        address_of=lambda world: reverse("admin:app_list", kwargs={"app_label": "events"}),
    ),
    Entry("admin:find", staff(BOX_OFFICE), STAFF_NOT_HERE),
    Entry("admin:find-export", staff(BOX_OFFICE), STAFF_NOT_HERE),
    Entry("admin:dashboard", staff(ALL), STAFF_NOT_HERE),
    Entry("admin:calendar", staff(ALL), STAFF_NOT_HERE),
    Entry(
        "admin:calendar-period",
        staff(ALL),
        STAFF_NOT_HERE,
        **at("admin:calendar-period"),
    ),
    Entry("admin:calendar-list", staff(ALL), STAFF_NOT_HERE, **at("admin:calendar-list")),
    Entry("admin:imports", staff(BOX_OFFICE), staff(BOX_OFFICE, 422)),
    Entry("admin:import-columns", staff(BOX_OFFICE), STAFF_NOT_HERE, lambda world: {"kind": "customers"}),
    Entry("admin:import", staff(BOX_OFFICE, theirs=404), staff(BOX_OFFICE, 303, theirs=404), **IMPORT),
    Entry("admin:import-problems", staff(BOX_OFFICE, theirs=404), STAFF_NOT_HERE, **IMPORT),
    Entry("admin:report-revenue", staff(REVENUE), STAFF_NOT_HERE),
    Entry("admin:report-occupancy", staff(REVENUE), STAFF_NOT_HERE),
    Entry("admin:report-money", staff(REVENUE), STAFF_NOT_HERE),
    Entry("admin:report-customers", staff(BOX_OFFICE), STAFF_NOT_HERE),
    Entry("admin:report-customer", staff(BOX_OFFICE, theirs=404), STAFF_NOT_HERE, **CONFIRMED_ROW),
    Entry("admin:sell", staff(BOX_OFFICE), staff(BOX_OFFICE, 404)),
    Entry("admin:sale-total", staff(BOX_OFFICE, 404), STAFF_NOT_HERE),  # no event is named
    Entry("admin:sale", staff(BOX_OFFICE, theirs=404), STAFF_NOT_HERE, **SALE),
    Entry("admin:sale-mail", STAFF_NOT_HERE, staff(BOX_OFFICE, 303, theirs=404), **SALE),
    Entry("admin:sale-tickets", staff(BOX_OFFICE, theirs=404), STAFF_NOT_HERE, **SALE),
    Entry(
        "admin:act",
        STAFF_NOT_HERE,
        staff(BOX_OFFICE, theirs=404),
        lambda world: {"name": "resend"},
        data=lambda world: {"booking": [world.confirmed.pk]},
        lost=staff(ALL, 404),
    ),
    Entry("admin:take-back", staff(BOX_OFFICE, theirs=404), staff(BOX_OFFICE, 422, theirs=404), **CONFIRMED_ROW),
    Entry("admin:goodwill", staff(BOX_OFFICE, theirs=404), staff(BOX_OFFICE, 422, theirs=404), **CONFIRMED_ROW),
    Entry(
        "admin:refund-request",
        staff(BOX_OFFICE, theirs=404),
        staff(BOX_OFFICE, 422, theirs=404),
        lambda world: {"pk": world.rows["bookings.refundrequest"].pk},
    ),
    Entry("admin:event-policy", staff(ALL, 302, theirs=404), STAFF_NOT_HERE, **SEATS),
    Entry("admin:set-up", staff(HOUSE), staff(HOUSE, 422)),
    Entry("admin:event-set-up", staff(HOUSE, theirs=404), STAFF_NOT_HERE, **DRAFT),
    Entry("admin:set-up-step", staff(HOUSE, theirs=404), staff(HOUSE, 422, theirs=404), **DRAFT_STEP),
    Entry("admin:more-dates", staff(HOUSE, theirs=404), staff(HOUSE, 422, theirs=404), **DRAFT),
    Entry("admin:all-series", staff(ALL), STAFF_NOT_HERE),
    Entry(
        "admin:new-series",
        staff(HOUSE, 302, theirs=404),
        STAFF_NOT_HERE,
        address_of=lambda world: f"{reverse('admin:new-series')}?event={world.event.pk}",
    ),
    Entry("admin:series", staff(ALL, theirs=404), staff(HOUSE, 303, theirs=404), lambda world: {"pk": world.series.pk}),
    Entry("admin:series-edit", staff(HOUSE, theirs=404), staff(HOUSE, 422, theirs=404), **SEATS),
    Entry("admin:publish", staff(HOUSE, theirs=404), staff(HOUSE, 303, theirs=404), **DRAFT),
    Entry("admin:copy", staff(HOUSE, theirs=404), staff(HOUSE, 422, theirs=404), **DRAFT),
    Entry("admin:cancel-event", staff(HOUSE, theirs=404), staff(HOUSE, 422, theirs=404), **SEATS),
    Entry("admin:move-event", staff(HOUSE, theirs=404), staff(HOUSE, 422, theirs=404), **SEATS),
    Entry("admin:batch", staff(HOUSE, theirs=404), STAFF_NOT_HERE, **BATCH),
    Entry("admin:batch-again", STAFF_NOT_HERE, staff(HOUSE, 303, theirs=404), **BATCH),
    Entry("admin:event-figures", staff(REVENUE, theirs=404), STAFF_NOT_HERE, **SEATS),
    Entry("admin:seating", staff(ALL, theirs=404), staff(HOUSE, 303, theirs=404), **SEATS),
    Entry("admin:seat-map", staff(ALL, theirs=404), STAFF_NOT_HERE, **SEATS),
    Entry("admin:seat-states", staff(ALL, theirs=404), STAFF_NOT_HERE, **SEATS),
    Entry("admin:seats", staff(ALL, theirs=404), STAFF_NOT_HERE, **SEATS),
    Entry("admin:seat-act", STAFF_NOT_HERE, staff(ALL, 422, theirs=404), **SEATS),
    Entry(
        "admin:seat-life",
        staff(ALL, theirs=404),
        STAFF_NOT_HERE,
        lambda world: {"pk": world.seated.pk, "place_pk": world.hold.places.get().pk},
    ),
    Entry("admin:holds", staff(ALL, theirs=404), staff(HOUSE, 422, theirs=404), **SEATS),
    Entry(
        "admin:hold",
        staff(ALL, theirs=404),
        staff(HOUSE, 303, theirs=404),
        lambda world: {"pk": world.seated.pk, "hold_pk": world.hold.pk},
    ),
    Entry("admin:ownership", staff(ALL, theirs=404), staff(HOUSE, 422, theirs=404), **SEATS),
    Entry("admin:allocations", staff(ALL, theirs=404), staff(HOUSE, 422, theirs=404), **SEATS),
    Entry(
        "admin:allocation",
        staff(ALL, theirs=404),
        staff(HOUSE, 303, theirs=404),
        lambda world: {"pk": world.seated.pk, "allocation_pk": world.allocation.pk},
    ),
    Entry(
        "admin:pictures",
        *[staff(HOUSE, theirs=404)] * 2,
        lambda world: {"kind": "event", "pk": world.event.pk},
    ),
    Entry(
        "admin:change-picture",
        STAFF_NOT_HERE,
        staff(HOUSE, 303, theirs=404),
        lambda world: {"kind": "event", "pk": world.event.pk, "picture_pk": world.picture.pk},
        data=lambda world: {"act": "later"},
    ),
    Entry("admin:plans", staff(HOUSE, theirs=404), staff(HOUSE, 422, theirs=404), **PLANS),
    Entry("admin:plans-import", staff(HOUSE, theirs=404), staff(HOUSE, 422, theirs=404), **PLANS),
    Entry("admin:plan", staff(HOUSE, theirs=404), STAFF_NOT_HERE, **PLAN),
    Entry("admin:plan-edit", staff(HOUSE, theirs=404), STAFF_NOT_HERE, **PLAN),
    Entry("admin:plan-save", STAFF_NOT_HERE, staff(HOUSE, 422, theirs=404), **PLAN),  # a form is no document
    Entry("admin:plan-check", STAFF_NOT_HERE, staff(HOUSE, 422, theirs=404), **PLAN),
    Entry("admin:plan-generate", STAFF_NOT_HERE, staff(HOUSE, 422, theirs=404), **PLAN),
    Entry("admin:plan-publish", staff(HOUSE, theirs=404), staff(HOUSE, 303, theirs=404), **PLAN),
    Entry("admin:plan-version", STAFF_NOT_HERE, staff(HOUSE, 303, theirs=404), **PLAN),
    Entry("admin:plan-retire", staff(HOUSE, theirs=404), staff(HOUSE, 303, theirs=404), **PLAN),
    Entry("admin:plan-delete", staff(HOUSE, theirs=404), staff(HOUSE, 303, theirs=404), **PLAN),
    Entry("admin:plan-import", staff(HOUSE, theirs=404), staff(HOUSE, 422, theirs=404), **PLAN),
    Entry(
        "admin:plan-export",
        staff(HOUSE, theirs=404),
        STAFF_NOT_HERE,
        lambda world: {"pk": world.plan.pk, "kind": "csv"},
    ),
    Entry("admin:person", staff(ADMIN), staff(ADMIN, 422)),
    Entry("admin:person-export", staff(ADMIN, 405), staff(ADMIN, 422)),
    Entry("admin:person-erase", staff(ADMIN, 405), staff(ADMIN, 422)),
    Entry("admin:ways-to-pay", staff(ADMIN), staff(ADMIN, 303)),
    Entry("admin:statements", staff(BOX_OFFICE), STAFF_NOT_HERE),
    Entry("admin:statement-import", staff(BOX_OFFICE), staff(BOX_OFFICE, 422)),
    Entry("admin:statement-match", STAFF_NOT_HERE, staff(BOX_OFFICE, 422, theirs=404), **STATEMENT_LINE),
    Entry("admin:statement-set-aside", STAFF_NOT_HERE, staff(BOX_OFFICE, 303, theirs=404), **STATEMENT_LINE),
    Entry("admin:team", staff(ADMIN), staff(ADMIN, 405)),
    Entry("admin:team-invite", staff(ADMIN, 405), staff(ADMIN, 422)),
    Entry("admin:team-invite-again", staff(ADMIN, 405), staff(ADMIN, 303, theirs=404), **INVITATION_ROW),
    Entry("admin:team-withdraw", staff(ADMIN, 405), staff(ADMIN, 303, theirs=404), **INVITATION_ROW),
    Entry("admin:team-member", staff(ADMIN, theirs=404), staff(ADMIN, 405), **MEMBERSHIP),
    Entry(
        "admin:team-role",
        staff(ADMIN, 405),
        staff(ADMIN, 303, theirs=404),
        **MEMBERSHIP,
        data=lambda world: {"role": "analyst"},
    ),
    Entry("admin:team-remove", staff(ADMIN, theirs=404), staff(ADMIN, 303, theirs=404), **MEMBERSHIP),
    Entry("admin:(?P<url>.*)$", staff(ALL, 404), staff(ALL, 404), address_of=lambda world: "/admin/nothing/"),
]


def shelf_pages(label: str, shelf: Shelf) -> Iterator[Entry]:
    """Return the admin's pages of a model."""
    base = f"admin:{label.replace('.', '_')}"
    one = {"fill": lambda world: {"object_id": str(world.rows[label].pk)}}
    seen = staff(shelf.see)
    leads = {act: 302 if act in shelf.leads_on else 200 for act in ("see", "change", "add")}
    changed = _of(staff(shelf.change, leads["change"], theirs=404), shelf.change)
    deleted = staff(shelf.delete, 302, theirs=404)

    yield Entry(f"{base}_changelist", *[staff(shelf.see, leads["see"])] * 2)
    yield Entry(f"{base}_add", *[staff(shelf.add, leads["add"])] * 2)
    yield Entry(
        f"{base}_change",
        staff(shelf.see, theirs=404) | changed,
        staff(shelf.see, 403, theirs=404) | changed,
        **one,
        lost=nothing(seen),
    )
    yield Entry(
        f"{base}_delete",
        deleted if "delete" in shelf.leads_on else staff(shelf.delete, theirs=404),
        deleted,
        **one,
        data=lambda world: {"post": "yes"},
    )
    yield Entry(f"{base}_history", *[staff(shelf.see, theirs=404)] * 2, **one)
    yield Entry(
        f"admin:{label.replace('.', '/')}/<path:object_id>/",  # Django's old address leads to the new one
        *[staff(ALL, 302)] * 2,
        address_of=lambda world: f"/admin/{label.replace('.', '/')}/{world.rows[label].pk}/",
    )


def _of(answers: Answers, roles: Iterable[str]) -> Answers:
    return {who: said for who, said in answers.items() if is_one(who, roles)}


def table() -> list[Entry]:
    """Return all entries."""
    entries = [*PUBLIC, *BY_SECRET_LINK, *ACCOUNT, *STAFF_PAGES]
    for label in registered():
        if label in SHELVES:
            entries += shelf_pages(label, SHELVES[label])
    return entries


def patterns(resolver: URLResolver | None = None, before: str = "", route: str = "") -> Iterator[str]:
    """Return the names of all URL patterns of the project; one without a name is called by its route."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLPattern):
            yield before + (each.name or route + str(each.pattern))
        else:
            inner = f"{before}{each.namespace}:" if each.namespace else before
            yield from patterns(each, inner, "" if each.namespace else route + str(each.pattern))

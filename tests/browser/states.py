"""Every page in every state that a visitor can meet, and the way there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import override_settings
from playwright.sync_api import Page

from accounts.models import Membership, Organization, User
from bookings.models import Booking
from bookings.services import cancellations, reservations
from core import clock
from events.models import Category, Event, EventSeries, Price, TicketType
from tests.accounts.people import PASSWORD, code_of_app, somebody
from tests.browser.acts import choose, follow, give_details, open_booking, open_event, press, sign_in
from tests.factories import (
    CategoryFactory,
    OrganizationFactory,
    VenueFactory,
    customer,
    event_on_sale,
    event_picture,
    member,
    paid,
    place_at,
    reserve,
    reserve_seats,
    seated_event,
    venue_picture,
    with_details,
)
from venues.models import Amenity, Venue

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsfest"


@dataclass(frozen=True, slots=True)
class Words:
    """What people wrote: plain, or as awkward as their keyboards allow."""

    title: str
    name: str
    email: str
    level: str
    ticket: str
    venue: str
    text: str


PLAIN = Words(
    title="An Evening of Sample Songs",
    name="Ada Example",
    email="ada@example.com",
    level="Standing",
    ticket="Standard",
    venue="Lantern Theatre",
    text="Songs **to try things out with**.\n\n## What you hear\n\n- Old ones\n- New ones\n\nMore [here](https://example.com).",
)
AWKWARD = Words(
    title=f"{LONG} 🎭🎶 أمسية موسيقية",
    name=f"{LONG} نور الهدى 👩‍👩‍👧‍👦",
    email=f"{'ada.' * 14}example@{'long-' * 11}mail.example",
    level=f"Stehplatz {LONG}"[:60],
    ticket=f"{LONG}"[:60],
    venue=f"{LONG} قاعة",
    text=f"# {LONG}\n\n`{LONG}{LONG}`\n\n    {LONG}{LONG}\n\n| {LONG} | b | c |\n|---|---|---|\n| 1 | {LONG} | 3 |\n",
)

State = Callable[[Page, Words], None]
STATES: dict[str, State] = {}


def state(reach: State) -> State:
    """Register the way to a state under the function's name."""
    STATES[reach.__name__.replace("_", " ")] = reach
    return reach


def tonight() -> datetime:
    """People write no seconds."""
    return clock.now().replace(minute=0, second=0, microsecond=0)


def an_event(words: Words, places: int = 100, amount: int = 2_000, **fields: Any) -> Event:
    """Return an event on sale that is described in these words."""
    starts_at = fields.pop("starts_at", tonight() + timedelta(days=30))
    house = {} if "venue" in fields else {"venue__name": words.venue}
    event = event_on_sale(
        levels={words.level: places},
        amounts={words.ticket: amount},
        title=words.title,
        description=words.text,
        doors_at=starts_at - timedelta(hours=1),
        starts_at=starts_at,
        **house | fields,
    )
    TicketType.objects.update(description=words.venue)
    return event


def a_venue_with_everything(words: Words) -> Venue:
    """Return a house that says all that a house can say, in these words."""
    venue = VenueFactory(
        name=words.venue,
        address=words.venue,
        city=words.venue[:80],
        type=Venue.Type.CONCERT_HALL,
        description=words.text,
        access=words.text,
        directions=words.text,
        amenities=Amenity.values,
        phone="+49 30 555 0100",
        email="house@example.com",
        website=f"https://example.com/{LONG}",
        latitude=52.5,
        longitude=13.4,
    )
    for _number in range(2):
        venue_picture(venue, alt=words.title)
    support(venue.organization, words)
    return venue


def an_event_with_everything(words: Words, **fields: Any) -> Event:
    """Return an event on sale that says all that an event can say, with pictures."""
    event = an_event(
        words,
        venue=a_venue_with_everything(words),
        category=a_category(words),
        summary=words.title,
        minimum_age=16,
        entry_rules=words.text,
        refund_rules=words.text,
        max_per_customer=4,
        **fields,
    )
    for _number in range(3):
        event_picture(event, alt=words.title)
    return event


def a_category(words: Words) -> Category:
    return CategoryFactory(name=words.level)


def support(organization: Organization, words: Words) -> None:
    """Say whom to ask."""
    Organization.objects.filter(pk=organization.pk).update(
        name=words.venue, support_email=words.email, support_phone="+49 30 555 0199"
    )


def cancel(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(status=Event.Status.CANCELLED)


def end_sales(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(sales_end=clock.now())


def a_booking(words: Words, **fields: object) -> Booking:
    """Return two places, reserved just now."""
    return reserve(an_event(words, **fields))


def a_named_booking(words: Words, **fields: object) -> Booking:
    """Return two places whose customer has said who it is."""
    booking = with_details(a_booking(words, **fields), email=words.email)
    Booking.objects.filter(pk=booking.pk).update(customer_name=words.name)
    return booking


@state
def home(page: Page, words: Words) -> None:
    an_event_with_everything(words, featured=True)
    an_event(words, featured=True, category=a_category(words))  # a poster, as it has no picture
    an_event(words, starts_at=tonight() + timedelta(days=3))
    an_event(words)
    page.goto("/")


@state
def home_when_nothing_is_on(page: Page, words: Words) -> None:
    page.goto("/")


@state
def events_of_every_kind(page: Page, words: Words) -> None:
    an_event_with_everything(words)
    an_event(words)
    an_event(words, places=5)
    reserve(an_event(words, places=2))
    an_event(words, amount=0)
    an_event(words, sales_start=clock.now() + timedelta(days=1))
    end_sales(an_event(words))
    cancel(an_event(words))
    page.goto("/events/")


@state
def no_events(page: Page, words: Words) -> None:
    page.goto("/events/")


def a_full_day(words: Words) -> str:
    """More than a day has room for, of every kind; return the month."""
    day = (tonight() + timedelta(days=30)).replace(hour=12)
    an_event(words, starts_at=day)
    reserve(an_event(words, starts_at=day, places=2))
    an_event(words, starts_at=day, ends_at=day + timedelta(days=3), sales_start=clock.now() + timedelta(days=1))
    for _number in range(2):
        cancel(an_event(words, starts_at=day, venue=VenueFactory(name=words.venue, time_zone="Asia/Tokyo")))
    return f"{day:%Y-%m}"


@state
def the_calendar(page: Page, words: Words) -> None:
    page.goto(f"/calendar/{a_full_day(words)}/?q={words.title[:20]}")


@state
def the_calendar_as_a_list(page: Page, words: Words) -> None:
    page.goto(f"/calendar/list/{a_full_day(words)}/")


@state
def a_calendar_of_nothing(page: Page, words: Words) -> None:
    an_event(words)
    page.goto("/calendar/2031-01/")


@state
def an_event_with_other_dates(page: Page, words: Words) -> None:
    event = an_event(words)
    series = EventSeries.objects.create(organization=event.organization, name=words.title)
    an_event(words, venue=event.venue, starts_at=tonight() + timedelta(days=31))
    Event.objects.update(series=series)
    page.goto(event.get_absolute_url())


@state
def events_on_a_second_page(page: Page, words: Words) -> None:
    for _number in range(25):
        an_event(words, places=1)
    page.goto("/events/?page=2")


@state
def a_list_with_filters(page: Page, words: Words) -> None:
    an_event(words, venue=a_venue_with_everything(words), category=a_category(words))
    an_event(words, venue__city="Tokyo", currency="JPY", fee_per_ticket=50)
    page.goto(f"/events/?q={words.title[:20]}&city={words.venue[:80]}&most=100&currency=EUR&available=on&sort=price")
    page.get_by_role("link", name="Clear all").wait_for()


@state
def a_list_in_which_nothing_is_found(page: Page, words: Words) -> None:
    an_event(words)
    page.goto(f"/events/?q=nothing {words.title[:80]}&when=weekend")


@state
def a_list_with_faults(page: Page, words: Words) -> None:
    an_event(words)
    page.goto("/events/?first=2026-12-02&last=2026-12-01&most=-1&when=never")


@state
def venues(page: Page, words: Words) -> None:
    an_event(words, venue=a_venue_with_everything(words))
    an_event(words)
    VenueFactory(name=words.venue)
    page.goto("/venues/")


@state
def no_venues(page: Page, words: Words) -> None:
    page.goto("/venues/")


@state
def a_venue(page: Page, words: Words) -> None:
    page.goto(f"/venues/{an_event_with_everything(words).venue.slug}/")


@state
def a_venue_of_few_words(page: Page, words: Words) -> None:
    page.goto(f"/venues/{VenueFactory(name=words.venue).slug}/")


@state
def the_language(page: Page, words: Words) -> None:
    page.goto("/language/")


@state
def the_style_guide(page: Page, words: Words) -> None:
    page.goto("/styleguide/")


@state
def an_event_on_sale(page: Page, words: Words) -> None:
    open_event(page, an_event(words, max_per_customer=4))


@state
def an_event_that_says_much(page: Page, words: Words) -> None:
    event = an_event_with_everything(words)
    an_event(words, organization=event.organization, venue=event.venue)
    open_event(page, event)


@state
def an_event_with_a_choice_in_its_address(page: Page, words: Words) -> None:
    event = an_event(words)
    page.goto(f"{event.get_absolute_url()}?price_{event.price_levels.get().prices.get().pk}=3")


@state
def an_event_with_places_of_ones_own(page: Page, words: Words) -> None:
    event = an_event(words, places=2)
    open_event(page, event)
    choose(page, words.ticket, 2, level=words.level)
    press(page, "Reserve")
    open_event(page, event)


@state
def an_event_sold_out(page: Page, words: Words) -> None:
    event = an_event(words, places=2)
    reserve(event)
    open_event(page, event)


@state
def an_event_that_sells_out_before_one_chooses(page: Page, words: Words) -> None:
    event = an_event(words, places=2)
    open_event(page, event)
    choose(page, words.ticket, 2, level=words.level)
    reserve(event)
    press(page, "Reserve")


@state
def an_event_not_yet_on_sale(page: Page, words: Words) -> None:
    open_event(page, an_event(words, sales_start=clock.now() + timedelta(days=1)))


@state
def an_event_whose_sales_are_over(page: Page, words: Words) -> None:
    event = an_event(words)
    end_sales(event)
    open_event(page, event)


@state
def a_cancelled_event(page: Page, words: Words) -> None:
    event = an_event(words)
    cancel(event)
    open_event(page, event)


@state
def an_empty_choice(page: Page, words: Words) -> None:
    open_event(page, an_event(words))
    press(page, "Reserve")


@state
def a_choice_that_is_no_number(page: Page, words: Words) -> None:
    open_event(page, an_event(words))
    choose(page, words.ticket, -1, level=words.level)
    press(page, "Reserve")


def stalls(words: Words) -> str:
    """What a section is called."""
    return words.level[:40]


def circle(words: Words) -> str:
    return f"Circle {words.venue}"[:40]


def a_seated_event(words: Words, **fields: Any) -> Event:
    """Return an event in a house of all kinds of seats, with people standing in front, in these words."""
    house = {stalls(words): "ssss_ssvv wcssss_ss rrssss", circle(words): "ssss ssss"}
    return seated_event(
        house,
        {f"Floor {words.ticket}"[:40]: 50},
        amounts={words.ticket: 2_000, "Child": 1_000},
        title=words.title,
        venue__name=words.venue,
        starts_at=tonight() + timedelta(days=30),
        **fields,
    )


def seats_of(event: Event, query: str = "") -> str:
    return f"{event.get_absolute_url()}seats/{query}"


def chosen_seats(event: Event, *names: str) -> str:
    """Return a choice as it stands in addresses: each seat at its level's first price."""
    places = [place_at(event, name) for name in names]
    prices = [Price.objects.filter(price_level=place.price_level).first() for place in places]
    return "&".join(f"seat_{place.pk}={price.pk}" for place, price in zip(places, prices, strict=True) if price)


@state
def an_event_with_seats(page: Page, words: Words) -> None:
    open_event(page, a_seated_event(words))
    page.get_by_text("Let us choose the best seats").click()


@state
def the_plan_of_a_house(page: Page, words: Words) -> None:
    event = a_seated_event(words)
    reserve_seats(event, f"{stalls(words)} A 1", f"{stalls(words)} A 2")
    page.goto(seats_of(event))


@state
def the_plan_with_a_choice(page: Page, words: Words) -> None:
    event = a_seated_event(words)
    page.goto(seats_of(event, f"?{chosen_seats(event, f'{stalls(words)} A 1', f'{stalls(words)} A 2')}"))


@state
def a_list_of_sections(page: Page, words: Words) -> None:
    page.goto(seats_of(a_seated_event(words), "?view=list"))


@state
def a_row_of_seats(page: Page, words: Words) -> None:
    event = a_seated_event(words)
    reserve_seats(event, f"{stalls(words)} B 1", f"{stalls(words)} B 2")
    section = event.plan.sections.first() if event.plan else None
    page.goto(seats_of(event, f"?view=list&section={section.pk if section else 0}&row=1"))


@state
def the_best_seats(page: Page, words: Words) -> None:
    page.goto(seats_of(a_seated_event(words), "?view=best"))


@state
def a_seat_that_was_taken_meanwhile(page: Page, words: Words) -> None:
    event = a_seated_event(words)
    first, second = f"{stalls(words)} C 3", f"{stalls(words)} C 4"
    page.goto(seats_of(event, f"?{chosen_seats(event, first, second)}"))
    reserve_seats(event, first)
    page.locator("#basket").get_by_role("button", name="Reserve").click()


@state
def seats_that_cannot_be_had_together(page: Page, words: Words) -> None:
    event = a_seated_event(words, avoids_single_gaps=False)
    reserve_seats(event, f"{circle(words)} A 2", f"{circle(words)} A 3", f"{circle(words)} B 2")
    page.goto(seats_of(event, "?view=best"))
    choose(page, words.ticket, 3, level=circle(words))
    page.get_by_label("How near to each other").select_option("row")
    press(page, "Reserve the best seats")


@state
def details_of_seats(page: Page, words: Words) -> None:
    event = a_seated_event(words)
    open_booking(page, reserve_seats(event, f"{stalls(words)} C 3", f"{stalls(words)} C 4"), "details")


@state
def details_to_give(page: Page, words: Words) -> None:
    open_booking(page, a_booking(words), "details")


@state
def details_with_faults(page: Page, words: Words) -> None:
    open_booking(page, a_booking(words), "details")
    page.get_by_label("Phone").fill("call me")
    give_details(page, name="", email="nobody")


@state
def review(page: Page, words: Words) -> None:
    open_booking(page, a_named_booking(words), "review")


@state
def review_when_nothing_is_to_pay(page: Page, words: Words) -> None:
    open_booking(page, a_named_booking(words, amount=0), "review")


@state
def the_sandbox(page: Page, words: Words) -> None:
    review(page, words)
    page.get_by_role("button", name="Pay €").click()
    page.get_by_text("Bad days").click()


@state
def the_sandbox_after_paying(page: Page, words: Words) -> None:
    the_sandbox(page, words)
    press(page, "Pay, and never tell the shop")


@state
def a_declined_payment(page: Page, words: Words) -> None:
    the_sandbox(page, words)
    press(page, "Decline")


@state
def a_payment_under_way(page: Page, words: Words) -> None:
    the_sandbox(page, words)
    press(page, "Pay, but take 20 seconds to know")


@state
def a_confirmed_booking(page: Page, words: Words) -> None:
    the_sandbox(page, words)
    press(page, "Pay")


@state
def a_confirmed_booking_with_all_that_helps(page: Page, words: Words) -> None:
    open_booking(page, paid(an_event_with_everything(words)))


@state
def an_expired_booking(page: Page, words: Words) -> None:
    booking = a_named_booking(words)
    support(booking.organization, words)
    with clock.at(clock.now() + timedelta(minutes=16)):
        reservations.expire_due()
    open_booking(page, booking)


@state
def an_expired_booking_of_nobody(page: Page, words: Words) -> None:
    booking = a_booking(words)
    with clock.at(clock.now() + timedelta(minutes=16)):
        open_booking(page, booking, "details")


@state
def the_same_places_again_in_vain(page: Page, words: Words) -> None:
    booking = a_named_booking(words, places=2)
    with clock.at(clock.now() + timedelta(minutes=16)):
        open_booking(page, booking)
        reserve(booking.event)
        press(page, "Try the same places again")


@state
def details_that_came_too_late(page: Page, words: Words) -> None:
    booking = a_booking(words)
    open_booking(page, booking, "details")
    with clock.at(clock.now() + timedelta(minutes=16)):
        give_details(page, name=words.name, email=words.email)


@state
def a_booking_given_back(page: Page, words: Words) -> None:
    open_booking(page, a_booking(words))
    press(page, "Give the places back")


@state
def a_replaced_booking(page: Page, words: Words) -> None:
    event = an_event(words)
    for count in (1, 2):
        open_event(page, event)
        choose(page, words.ticket, count, level=words.level)
        press(page, "Reserve")
    open_booking(page, Booking.objects.earliest("pk"))


@state
def the_way_to_a_lost_link(page: Page, words: Words) -> None:
    page.goto("/")
    follow(page, "Find my booking")


@state
def a_lost_link_with_faults(page: Page, words: Words) -> None:
    the_way_to_a_lost_link(page, words)
    page.get_by_label("Booking code").fill(words.name)
    press(page, "Send me the link")


@state
def a_lost_link_on_its_way(page: Page, words: Words) -> None:
    booking = paid(an_event(words))
    the_way_to_a_lost_link(page, words)
    page.get_by_label("Booking code").fill(booking.code)
    page.get_by_label("E-mail").fill(booking.email)
    press(page, "Send me the link")


def a_person(words: Words) -> User:
    """Return somebody with an account, whose address is verified."""
    return customer(name=words.name[:150], email=words.email, phone="+49 30 555 0199")


def bookings_of(person: User, words: Words) -> None:
    """Let somebody have every kind of booking."""
    with clock.at(clock.now() - timedelta(days=3)):
        paid(an_event(words, starts_at=tonight() + timedelta(days=1)))
        cancellations.cancel(booking_id=paid(an_event(words)).pk, reason="test")
        a_named_booking(words)
    reservations.expire_due()
    paid(an_event(words))
    cancel(paid(an_event(words)).event)
    a_named_booking(words)
    Booking.objects.update(user=person)


@state
def my_bookings(page: Page, words: Words) -> None:
    person = a_person(words)
    bookings_of(person, words)
    sign_in(page, person)
    page.goto("/account/bookings/")


@state
def my_bookings_that_ended(page: Page, words: Words) -> None:
    my_bookings(page, words)
    page.goto("/account/bookings/?show=ended")


@state
def my_bookings_when_there_are_none(page: Page, words: Words) -> None:
    sign_in(page, a_person(words))
    page.goto("/account/bookings/?show=past")


@state
def my_bookings_on_a_second_page(page: Page, words: Words) -> None:
    person, event = a_person(words), an_event(words)
    for _number in range(21):
        reserve(event, 1)
    Booking.objects.update(user=person)
    sign_in(page, person)
    page.goto("/account/bookings/?page=2")


@state
def an_account(page: Page, words: Words) -> None:
    sign_in(page, a_person(words))
    page.goto("/account/")


@state
def an_account_of_somebody_who_works_here(page: Page, words: Words) -> None:
    sign_in(page, member("admin", OrganizationFactory(name=words.venue), name=words.name[:150]))
    page.goto("/account/")


@state
def a_profile(page: Page, words: Words) -> None:
    sign_in(page, a_person(words))
    page.goto("/account/profile/")


@state
def a_profile_that_was_saved(page: Page, words: Words) -> None:
    a_profile(page, words)
    press(page, "Save")


@state
def a_profile_with_faults(page: Page, words: Words) -> None:
    a_profile(page, words)
    page.get_by_label("Phone").fill("call me")
    press(page, "Save")


@state
def details_to_give_with_an_account(page: Page, words: Words) -> None:
    person = customer(name="", email=words.email)
    sign_in(page, person)
    booking = a_booking(words)
    Booking.objects.update(user=person)
    open_booking(page, booking, "details")


@state
def an_account_to_be_deleted(page: Page, words: Words) -> None:
    sign_in(page, a_person(words))
    page.goto("/account/delete/")


@state
def an_account_to_be_deleted_without_the_tick(page: Page, words: Words) -> None:
    an_account_to_be_deleted(page, words)
    press(page, "Delete my account")


@state
def an_account_that_is_needed(page: Page, words: Words) -> None:
    sign_in(page, member("admin", OrganizationFactory(name=words.venue)))
    page.goto("/account/delete/")


@state
def an_account_that_is_deleted(page: Page, words: Words) -> None:
    an_account_to_be_deleted(page, words)
    page.get_by_label("Yes, delete my account for good").check()
    press(page, "Delete my account")


@state
def a_button_opened_by_itself(page: Page, words: Words) -> None:
    page.goto(f"/events/{an_event(words).slug}/reserve/")


@state
def nothing_at_this_address(page: Page, words: Words) -> None:
    page.goto("/events/nowhere/")


@state
def a_form_from_elsewhere(page: Page, words: Words) -> None:
    open_booking(page, a_booking(words), "details")
    page.context.clear_cookies()
    give_details(page)


def a_fault(page: Page, name: str) -> None:
    """Ask for one of the addresses at which everything goes wrong in its own way."""
    with override_settings(ROOT_URLCONF="tests.core.faulty_urls"):
        page.goto(f"/fault/{name}/")


@state
def a_request_that_cannot_be_read(page: Page, words: Words) -> None:
    a_fault(page, "bad")


@state
def what_is_for_others(page: Page, words: Words) -> None:
    a_fault(page, "forbidden")


@state
def a_refusal(page: Page, words: Words) -> None:
    a_fault(page, "refused")


@state
def too_many_requests(page: Page, words: Words) -> None:
    a_fault(page, "too-often")


@state
def an_error_of_ours(page: Page, words: Words) -> None:
    a_fault(page, "bug")


@state
def a_busy_server(page: Page, words: Words) -> None:
    a_fault(page, "busy")


def signed_in(page: Page, words: Words, address: str = "/account/", **person: Any) -> User:
    """Bring somebody with a long address in, and to one of the account's pages."""
    user = somebody(words.email, name=words.name, **person)
    page.goto(f"/account/login/?next={address}")
    page.get_by_label("E-mail").fill(words.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")
    return user


def shown_again(page: Page, words: Words, address: str, **person: Any) -> User:
    """The same where the password must be shown once more."""
    user = signed_in(page, words, address, **person)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Go on")
    return user


def with_an_app(page: Page, words: Words) -> str:
    """Set up an authenticator app; return its key."""
    shown_again(page, words, "/account/security/totp/activate/")
    secret = page.locator("#key").inner_text()
    page.get_by_label("Code that the app shows").fill(code_of_app(secret))
    press(page, "Use this app")
    return secret


@state
def the_door(page: Page, words: Words) -> None:
    page.goto("/account/login/")


@state
def the_door_after_a_wrong_password(page: Page, words: Words) -> None:
    page.goto("/account/login/")
    page.get_by_label("E-mail").fill(words.email)
    page.get_by_label("Password", exact=True).fill("not this one")
    press(page, "Sign in")


@state
def making_an_account(page: Page, words: Words) -> None:
    page.goto("/account/signup/")
    page.get_by_label("E-mail").fill(words.email)
    page.get_by_label("Password", exact=True).fill("password")
    press(page, "Make an account")


@state
def proving_an_address(page: Page, words: Words) -> None:
    page.goto("/account/signup/")
    page.get_by_label("E-mail").fill(words.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Make an account")


@state
def asking_for_a_code(page: Page, words: Words) -> None:
    page.goto("/account/login/code/")


@state
def a_wrong_code(page: Page, words: Words) -> None:
    page.goto("/account/login/code/")
    page.get_by_label("E-mail").fill(words.email)
    press(page, "Send me the code")
    page.get_by_label("Code", exact=True).fill("BBBB-BBBB")
    press(page, "Go on")


@state
def a_forgotten_password(page: Page, words: Words) -> None:
    page.goto("/account/password/reset/")


@state
def a_link_on_its_way(page: Page, words: Words) -> None:
    page.goto("/account/password/reset/done/")


@state
def a_link_that_works_no_more(page: Page, words: Words) -> None:
    page.goto("/account/password/reset/key/1-abc/")


@state
def security(page: Page, words: Words) -> None:
    signed_in(page, words, "/account/security/")


@state
def security_with_an_app(page: Page, words: Words) -> None:
    with_an_app(page, words)
    page.goto("/account/security/")


@state
def recovery_codes(page: Page, words: Words) -> None:
    with_an_app(page, words)


@state
def new_recovery_codes(page: Page, words: Words) -> None:
    with_an_app(page, words)
    page.goto("/account/security/recovery-codes/generate/")


@state
def setting_up_an_app(page: Page, words: Words) -> None:
    shown_again(page, words, "/account/security/totp/activate/")


@state
def giving_up_an_app(page: Page, words: Words) -> None:
    with_an_app(page, words)
    page.goto("/account/security/totp/deactivate/")


@state
def the_second_step(page: Page, words: Words) -> None:
    with_an_app(page, words)
    page.goto("/account/security/")
    press(page, "Sign out")
    page.goto("/account/login/")
    page.get_by_label("E-mail").fill(words.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")


@state
def showing_the_password_again(page: Page, words: Words) -> None:
    signed_in(page, words, "/account/security/totp/activate/")


@state
def adding_a_passkey(page: Page, words: Words) -> None:
    shown_again(page, words, "/account/security/webauthn/add/")


@state
def passkeys(page: Page, words: Words) -> None:
    user = signed_in(page, words)
    Authenticator.objects.create(user=user, type="webauthn", data={"name": words.name, "credential": {}})
    page.goto("/account/security/webauthn/")


@state
def sessions(page: Page, words: Words) -> None:
    signed_in(page, words)
    UserSession.objects.update(ip="2001:db8:85a3:8d3:1319:8a2e:370:7348", user_agent=LONG)
    page.goto("/account/sessions/")


@state
def another_address(page: Page, words: Words) -> None:
    signed_in(page, words, "/account/email/")


@state
def another_password(page: Page, words: Words) -> None:
    signed_in(page, words, "/account/password/change/")


@state
def the_way_out(page: Page, words: Words) -> None:
    signed_in(page, words, "/account/logout/")


@state
def outside_again(page: Page, words: Words) -> None:
    page.goto("/account/signed-out/")


@state
def a_closed_account(page: Page, words: Words) -> None:
    page.goto("/account/inactive/")


@state
def a_second_factor_is_needed(page: Page, words: Words) -> None:
    user = signed_in(page, words)
    house = OrganizationFactory(name=words.venue[:120], second_factor_required=True)
    Membership.objects.create(user=user, organization=house, role="admin")
    page.goto("/admin/")

"""Every page in every state that a visitor can meet, and the way there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import Page

from bookings.models import Booking
from bookings.services import reservations
from core import clock
from events.models import Event, TicketType
from tests.browser.acts import choose, follow, give_details, open_booking, open_event, press
from tests.factories import event_on_sale, paid, reserve, with_details

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


def an_event(words: Words, places: int = 100, amount: int = 2_000, **fields: object) -> Event:
    """Return an event on sale that is described in these words."""
    tonight = clock.now().replace(minute=0, second=0, microsecond=0)  # people write no seconds
    event = event_on_sale(
        levels={words.level: places},
        amounts={words.ticket: amount},
        title=words.title,
        venue__name=words.venue,
        description=words.text,
        doors_at=tonight + timedelta(days=29),
        **{"starts_at": tonight + timedelta(days=30)} | fields,
    )
    TicketType.objects.update(description=words.venue)
    return event


def cancel(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(status=Event.Status.CANCELLED)


def a_booking(words: Words, **fields: object) -> Booking:
    """Return two places, reserved just now."""
    return reserve(an_event(words, **fields))


def a_named_booking(words: Words, **fields: object) -> Booking:
    """Return two places whose customer has said who it is."""
    booking = with_details(a_booking(words, **fields), email=words.email)
    Booking.objects.filter(pk=booking.pk).update(customer_name=words.name)
    return booking


@state
def events_of_every_kind(page: Page, words: Words) -> None:
    an_event(words)
    an_event(words, places=5)
    reserve(an_event(words, places=2))
    an_event(words, amount=0)
    an_event(words, sales_start=clock.now() + timedelta(days=1))
    cancel(an_event(words))
    page.goto("/events/")


@state
def no_events(page: Page, words: Words) -> None:
    page.goto("/events/")


@state
def events_on_a_second_page(page: Page, words: Words) -> None:
    for _number in range(25):
        an_event(words, places=1)
    page.goto("/events/?page=2")


@state
def an_event_on_sale(page: Page, words: Words) -> None:
    open_event(page, an_event(words, max_per_customer=4))


@state
def an_event_sold_out(page: Page, words: Words) -> None:
    event = an_event(words, places=2)
    reserve(event)
    open_event(page, event)


@state
def an_event_not_yet_on_sale(page: Page, words: Words) -> None:
    open_event(page, an_event(words, sales_start=clock.now() + timedelta(days=1)))


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
def an_expired_booking(page: Page, words: Words) -> None:
    booking = a_named_booking(words)
    with clock.at(clock.now() + timedelta(minutes=16)):
        reservations.expire_due()
    open_booking(page, booking)


@state
def a_booking_given_back(page: Page, words: Words) -> None:
    open_booking(page, a_booking(words))
    press(page, "Give the places back")


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


@state
def nothing_at_this_address(page: Page, words: Words) -> None:
    page.goto("/events/nowhere/")


@state
def a_refusal(page: Page, words: Words) -> None:
    booking = a_booking(words)
    open_booking(page, booking, "details")
    with clock.at(clock.now() + timedelta(minutes=16)):
        give_details(page)


@state
def a_form_from_elsewhere(page: Page, words: Words) -> None:
    open_booking(page, a_booking(words), "details")
    page.context.clear_cookies()
    give_details(page)

"""The page to sell at the box office: every role, every refusal, and nothing that is sent sets a price."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import Organization
from backoffice.views import sale
from bookings.models import Booking, Payment
from bookings.services import box_office, reservations
from core import clock, codes
from events.models import Event
from notifications.models import Message
from tests.factories import EventFactory, event_on_sale, member, paid, price_of, reserve, with_details
from tests.pages import hidden, text_of

pytestmark = pytest.mark.django_db

SELL = "/admin/sell/"


@pytest.fixture
def event() -> Event:
    return event_on_sale(levels={"Standing": 10}, title="Songs at Night")


@pytest.fixture
def seller(client: Client, event: Event) -> Client:
    """Support staff of the event's organization, signed in."""
    client.force_login(member("support", event.organization))
    return client


def form(event: Event, quantity: Any = 2, **said: Any) -> dict[str, Any]:
    """What the page's form sends, for a sale in cash."""
    sent = {"key": codes.secret(), "name": "", "email": "", "phone": "", "language": "en", "how": "cash"}
    return sent | {f"price_{price_of(event).pk}": quantity} | said


def sell(client: Client, event: Event, data: dict[str, Any] | None = None) -> HttpResponse:
    return client.post(f"{SELL}?event={event.pk}", form(event) if data is None else data)


@pytest.mark.parametrize(
    ("role", "status"), [("admin", 200), ("organizer", 200), ("support", 200), ("analyst", 403), ("entry_manager", 403)]
)
def test_who_may_sell_may_and_who_may_not_may_not(role: str, status: int, client: Client, event: Event) -> None:
    """S8"""
    client.force_login(member(role, event.organization))
    done = box_office.sell(
        event=event, quantities={price_of(event).pk: 1}, key=codes.secret(), how="cash", by=member("support")
    )
    for address in (
        SELL,
        f"{SELL}?event={event.pk}",
        f"{SELL}total/?event={event.pk}",
        f"{SELL}{done.code}/",
        f"{SELL}{done.code}/print/",
    ):
        assert client.get(address).status_code == status, address
    assert client.post(f"{SELL}{done.code}/mail/").status_code == (303 if status == 200 else 403)
    assert sell(client, event).status_code == (303 if status == 200 else 403)
    assert Booking.objects.count() == (2 if status == 200 else 1)


def test_strangers_are_sent_to_sign_in(client: Client, event: Event) -> None:
    """S8"""
    assert client.get(SELL).status_code == 302
    assert sell(client, event).status_code == 302
    assert not Booking.objects.exists()


def test_a_sale_for_cash_in_one_form(seller: Client, event: Event) -> None:
    page = seller.get(f"{SELL}?event={event.pk}")
    assert "Standard €21.50" in text_of(page)
    assert "10 left" in text_of(page)
    response = sell(seller, event, form(event, key=hidden(page, "key")))
    booking = Booking.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"{SELL}{booking.code}/")
    assert (booking.status, booking.channel, booking.total) == ("confirmed", "box_office", 4_300)
    assert booking.payments.get().provider == "cash"
    done = text_of(seller.get(response["Location"]))
    for said in ("confirmed", "€43.00", "cash", f"{booking.code}-02", "Print tickets", "Sell more at this event"):
        assert said in done
    assert not Message.objects.exists()


def test_who_buys_by_phone_gets_the_link(seller: Client, event: Event) -> None:
    said = {"name": "Ada Example", "email": "ada@example.com", "phone": "+49 30 555", "how": "later", "language": "de"}
    response = sell(seller, event, form(event, **said))
    booking = Booking.objects.get()
    assert (booking.status, booking.language, booking.phone) == ("pending", "de", "+49 30 555")
    assert Message.objects.get().kind == "booking-to-pay"
    done = text_of(seller.get(response["Location"]))
    assert "the link to pay went to ada@example.com" in done
    assert "Print tickets" not in done
    printed = seller.get(f"{SELL}{booking.code}/print/")
    assert (printed.status_code, f"{booking.code}-01" in text_of(printed)) == (409, False)


def test_ten_presses_are_one_sale(seller: Client, event: Event) -> None:
    """R20"""
    data = form(event)
    answers = {sell(seller, event, data)["Location"] for _press in range(10)}
    assert len(answers) == Booking.objects.count() == Payment.objects.count() == 1


def test_what_is_sent_besides_changes_nothing(seller: Client, event: Event) -> None:
    """S13, S39"""
    other = event_on_sale(organization=event.organization, venue=event.venue)
    extra = {
        "price": "1",
        "total": "1",
        "amount": "1",
        "fee": "0",
        "currency": "JPY",
        "status": "cancelled",
        "channel": "web",
        "event": other.pk,
        "organization": "1",
        "user": "1",
        "is_staff": "1",
    }
    assert sell(seller, event, form(event) | extra).status_code == 303
    booking = Booking.objects.get()
    facts = (booking.event_id, booking.total, booking.currency, booking.status, booking.channel, booking.user)
    assert facts == (event.pk, 4_300, "EUR", "confirmed", "box_office", None)


@pytest.mark.parametrize("address", ["total/?event={event}", "{code}/", "{code}/print/"])
def test_what_only_shows_takes_no_post(address: str, seller: Client, event: Event) -> None:
    """S14"""
    booking = paid(event)
    assert seller.post(SELL + address.format(event=event.pk, code=booking.code)).status_code == 405


def test_a_get_sells_nothing(seller: Client, event: Event) -> None:
    """S14"""
    assert seller.get(SELL, form(event) | {"event": event.pk}).status_code == 200
    assert not Booking.objects.exists()


def test_another_organizations_events_and_bookings_are_not_there(seller: Client, event: Event) -> None:
    """S9"""
    elsewhere = paid(event_on_sale(title="Far away"))
    assert "Far away" not in text_of(seller.get(SELL))
    for chosen in (elsewhere.event_id, 0, "", "x", "9" * 30, "²"):
        assert seller.get(SELL, {"event": chosen}).status_code == 404
        assert seller.get(f"{SELL}total/", {"event": chosen}).status_code == 404
        assert seller.post(f"{SELL}?event={chosen}", form(event)).status_code == 404
    assert seller.post(SELL, form(event)).status_code == 404
    for code in (elsewhere.code, "BK-20261121-ZZZZZZ"):
        for page in ("", "print/"):
            assert seller.get(f"{SELL}{code}/{page}").status_code == 404
        assert seller.post(f"{SELL}{code}/mail/").status_code == 404
    assert Booking.objects.get() == elsewhere


def test_a_price_of_another_organization_is_refused(seller: Client, event: Event) -> None:
    """S41"""
    foreign = price_of(event_on_sale())
    response = sell(seller, event, form(event, 0) | {f"price_{foreign.pk}": 1})
    assert response.status_code == 422
    assert "isn&#x27;t sold for this event" in response.content.decode()
    assert not Booking.objects.exists()


def test_only_what_sells_now_is_offered_soonest_first(seller: Client, event: Event) -> None:
    """S41"""
    at = {"organization": event.organization, "venue": event.venue}
    event_on_sale(title="Sooner", starts_at=clock.now() + timedelta(days=3), **at)
    event_on_sale(title="Not yet", sales_start=clock.now() + timedelta(days=1), **at)
    EventFactory(title="A draft", **at)
    Event.objects.filter(pk=event_on_sale(title="Cancelled", **at).pk).update(status="cancelled")
    page = seller.get(SELL)
    assert [each.title for each in page.context["events"]] == ["Sooner", "Songs at Night"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": "draft"}, "isn't published"),
        ({"status": "cancelled"}, "was cancelled"),
        ({"sales_end": timedelta(0)}, "have ended"),
        ({"sales_start": timedelta(days=1)}, "haven't started yet"),
    ],
)
def test_what_does_not_sell_is_refused_by_its_id_and_says_why(
    change: dict[str, Any], why: str, seller: Client, event: Event
) -> None:
    """S41"""
    moved = {name: clock.now() + to if isinstance(to, timedelta) else to for name, to in change.items()}
    Event.objects.filter(pk=event.pk).update(**moved)
    page = seller.get(f"{SELL}?event={event.pk}")
    assert why in text_of(page).replace("&#x27;", "'")
    assert "quantities" not in page.content.decode()
    response = sell(seller, event)
    assert (response.status_code, why in text_of(response).replace("&#x27;", "'")) == (409, True)
    assert not Booking.objects.exists()


def test_more_than_one_booking_may_have_is_refused(seller: Client, event: Event) -> None:
    """S41"""
    response = sell(seller, event, form(event, 11))
    assert (response.status_code, "At most 10 tickets can be booked" in text_of(response)) == (422, True)
    assert not Booking.objects.exists()


def test_what_is_gone_is_said_beside_its_level_and_everything_is_kept(seller: Client, event: Event) -> None:
    page = seller.get(f"{SELL}?event={event.pk}")
    reserve(event, 9)
    data = form(event, 2, name="Ada Example", phone="+49 30 555", how="card", key=hidden(page, "key"))
    response = sell(seller, event, data)
    shown = response.context["form"]
    assert response.status_code == 409
    assert shown.errors == {f"price_{price_of(event).pk}": ["Only 1 place is left at Standing."]}
    html = response.content.decode()
    assert f'id="id_price_{price_of(event).pk}_error"' in html
    assert '<option value="2" selected>2</option>' in html
    assert 'value="Ada Example"' in html
    assert 'value="card" id="id_how_1" checked' in html.replace("required ", "")
    assert "1 left" in text_of(response)
    assert hidden(response, "key") != hidden(page, "key")
    assert Booking.objects.count() == 1


def test_over_the_limit_of_a_person_is_said_beside_the_address(seller: Client) -> None:
    event = event_on_sale(organization=_house(seller), max_per_customer=3)
    with_details(reserve(event, 2))
    response = sell(seller, event, form(event, 2, name="Ada Example", email="ada@example.com"))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["email"])
    assert not Payment.objects.exists()
    assert Booking.objects.filter(status="cancelled", channel="box_office").count() == 1
    assert sell(seller, event, form(event, 1, name="Ada Example", email="ada@example.com")).status_code == 303


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"how": ""}, ["how"]),
        ({"how": "sandbox"}, ["how"]),
        ({"how": "later"}, ["email"]),
        ({"email": "ada@example.com"}, ["name"]),
        ({"email": "nobody", "name": "Ada"}, ["email"]),
        ({"phone": "call me"}, ["phone"]),
        ({"language": "xx"}, ["language"]),
        ({"key": "short"}, ["key"]),
    ],
)
def test_what_is_missing_is_said_beside_its_field(
    said: dict[str, str], where: list[str], seller: Client, event: Event
) -> None:
    response = sell(seller, event, form(event, **said))
    assert (response.status_code, list(response.context["form"].errors)) == (422, where)
    assert not Booking.objects.exists()


def test_nothing_chosen_is_refused(seller: Client, event: Event) -> None:
    response = sell(seller, event, form(event, 0))
    assert response.status_code == 422
    assert "Please choose at least one ticket" in text_of(response)


def test_the_total_without_javascript_sells_nothing_and_keeps_the_form(seller: Client, event: Event) -> None:
    data = form(event, 3, how="", name="Ada Example", show_total="1")
    response = sell(seller, event, data)
    assert response.status_code == 200
    assert "3 tickets, €64.50" in text_of(response)
    assert "Nothing was sold" not in text_of(response)
    assert hidden(response, "key") == data["key"]
    assert 'value="Ada Example"' in response.content.decode()
    assert not Booking.objects.exists()


def test_the_total_with_javascript_is_the_servers(seller: Client, event: Event) -> None:
    """S39"""
    field = f"price_{price_of(event).pk}"
    for sent, said in (("3", "3 tickets, €64.50"), ("0", "Nothing chosen yet"), ("x²", "Nothing chosen yet")):
        part = seller.get(f"{SELL}total/", {"event": event.pk, field: sent, "total": "1"})
        assert (text_of(part), "<html" in part.content.decode()) == (said, False)


def test_what_costs_nothing_asks_for_no_payment(client: Client) -> None:
    event, seller = event_on_sale(amounts={"Standard": 0}), client
    client.force_login(member("support", event.organization))
    assert "How is it paid" not in text_of(seller.get(f"{SELL}?event={event.pk}"))
    response = sell(seller, event, form(event, how=""))
    booking = Booking.objects.get()
    assert (response.status_code, booking.status, booking.payments.count()) == (303, "confirmed", 0)
    assert seller.get(response["Location"]).status_code == 200


def test_printed_tickets_say_what_the_door_needs(seller: Client) -> None:
    event = event_on_sale(
        organization=_house(seller), venue__time_zone="Asia/Tokyo", entry_rules="Bring **nothing**.", minimum_age=16
    )
    booking = Booking.objects.get(code=sell(seller, event)["Location"].split("/")[-2])
    page = seller.get(f"{SELL}{booking.code}/print/")
    assert page.content.decode().count("<article") == 2
    said = text_of(page)
    for what in (
        f"{booking.code}-01",
        f"{booking.code}-02",
        event.title,
        "(JST)",
        event.venue.name,
        "Standing",
        "Standard",
        "€21.50",
        "Bring nothing .",
        "From 16 years",
    ):
        assert what in said, what
    assert booking.secret not in page.content.decode()


def test_tickets_are_mailed_once_more_to_the_address_on_the_booking(seller: Client, event: Event) -> None:
    done = sell(seller, event, form(event, name="Ada Example", email="ada@example.com"))["Location"]
    assert "Mail tickets once more" in text_of(seller.get(done))
    assert seller.get(f"{done}mail/").status_code == 405
    response = seller.post(f"{done}mail/", {"email": "eve@example.com"})
    assert response["Location"] == done
    assert "on its way to ada@example.com" in text_of(seller.get(done))
    assert set(Message.objects.values_list("to", flat=True)) == {"ada@example.com"}
    assert Message.objects.count() == 2
    seller.post(f"{done}mail/")
    assert "sent a moment ago" in text_of(seller.get(done))
    assert Message.objects.count() == 2


def test_who_has_no_address_gets_no_mail(seller: Client, event: Event) -> None:
    done = sell(seller, event)["Location"]
    assert "Mail tickets once more" not in text_of(seller.get(done))
    seller.post(f"{done}mail/")
    assert "no e-mail address" in text_of(seller.get(done))
    assert not Message.objects.exists()


def test_a_booking_that_ended_says_so(seller: Client, event: Event) -> None:
    booking = reserve(event)
    with clock.at(clock.now() + timedelta(minutes=16)):
        reservations.expire_due()
    assert "nothing was paid" in text_of(seller.get(f"{SELL}{booking.code}/"))


def test_many_events_are_bounded_and_found_by_their_words(
    seller: Client, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = {"organization": event.organization, "venue": event.venue}
    assert "Find an event" not in text_of(seller.get(SELL))
    for number in range(3):
        event_on_sale(title=f"Café {number}", **at)
    monkeypatch.setattr(sale, "EVENTS", 2)
    page = seller.get(SELL)
    assert len(page.context["events"]) == 2
    assert "Not all events are listed" in text_of(page)
    found = seller.get(SELL, {"q": "cafe 2"})
    assert [each.title for each in found.context["events"]] == ["Café 2"]
    assert "has “none” in its title" in text_of(seller.get(SELL, {"q": "none"}))


def test_with_no_event_on_sale_the_page_says_so(client: Client) -> None:
    client.force_login(member("support"))
    assert "No event sells now" in text_of(client.get(SELL))


@pytest.mark.parametrize("many", [False, True])
def test_more_events_and_prices_cost_no_more_questions(
    many: bool, seller: Client, event: Event, django_assert_num_queries: Any
) -> None:
    if many:
        for _number in range(5):
            event = event_on_sale(
                organization=event.organization,
                venue=event.venue,
                levels={"Stalls": 3, "Balcony": 3},
                amounts={"Standard": 2_000, "Child": 1_000},
            )
    seller.get(f"{SELL}?event={event.pk}")
    with clock.at(clock.now()), django_assert_num_queries(7):  # PostgreSQL is asked for the time, SQLite isn't
        assert seller.get(f"{SELL}?event={event.pk}").status_code == 200


def test_pages_are_kept_by_nobody(seller: Client, event: Event) -> None:
    booking = paid(event)
    for address in (SELL, f"{SELL}{booking.code}/", f"{SELL}{booking.code}/print/"):
        assert "no-store" in seller.get(address)["Cache-Control"]


def _house(seller: Client) -> Organization:
    return Organization.objects.get(memberships__user=seller.session["_auth_user_id"])

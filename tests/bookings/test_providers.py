"""Stripe and PayPal, by HTTP, against a stand-in with a ledger of its own."""

import json
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.test import Client
from django_tasks_db.models import DBTaskResult

from bookings import gateways
from bookings.gateways import NotOffered, Outcome, health, paypal, stripe
from bookings.models import Booking, Payment, ProviderEvent, ProviderHealth, Refund
from bookings.queries.promises import violations
from bookings.services import cancellations, payments, provider_events, reconciliation, refunds, reservations
from core import clock
from core.models import AuditEntry
from events.models import Event
from notifications.models import Message
from tests.factories import event_on_sale, reserve, with_details
from tests.pages import text_of
from tests.providers import StandIn, _process, asked, deliver, standin, work

__all__ = ["_process", "standin"]
pytestmark = pytest.mark.django_db

BOTH = pytest.mark.parametrize("provider", ["stripe", "paypal"])
MINUTE = timedelta(minutes=1)


@pytest.fixture
def event() -> Event:
    return event_on_sale(title="Evening", levels={"Standing": 40})


def paid_at(standin: StandIn, provider: str, event: Event, how: str = "pay") -> Payment:
    """The customer pays; nobody has told us yet."""
    payment = asked(event, provider)
    standin("pay", checkout=payment.checkout_reference, how=how)
    return payment


def status(payment: Payment) -> tuple[str, str]:
    payment.refresh_from_db()
    return Booking.objects.get(pk=payment.booking_id).status, payment.status


def in_main_units(standin: StandIn, provider: str) -> tuple[float, float]:
    """What the provider took and gave back, by its own ledger."""
    totals = standin("totals")[provider]
    if provider == "paypal":
        return totals["taken"], totals["back"]
    return totals["taken"].get("eur", 0) / 100, totals["back"].get("eur", 0) / 100


# --- Handing over -----------------------------------------------------------------------------------


@BOTH
def test_a_payment_is_asked_for_on_the_providers_page(standin: StandIn, event: Event, provider: str) -> None:
    payment = asked(event, provider)
    assert payment.checkout_url == f"{standin.address}/pay/{payment.checkout_reference}"
    thing = standin("things")[payment.checkout_reference]
    if provider == "stripe":
        assert (thing["amount_total"], thing["currency"]) == (payment.amount, "eur")
        assert (thing["client_reference_id"], thing["metadata"]["payment_key"]) == (payment.key, payment.key)
        assert thing["expires_at"] == int(payment.expires_at.timestamp())
    else:
        unit = thing["purchase_units"][0]
        assert unit["amount"] == {"currency_code": "EUR", "value": f"{payment.amount / 100:.2f}"}
        assert unit["custom_id"] == payment.key
    assert thing["success_url"].endswith(f"/payments/{payment.key}/")


@BOTH
def test_a_second_click_leads_to_the_same_page(standin: StandIn, event: Event, provider: str) -> None:
    """R22"""
    payment = asked(event, provider)
    again = payments.hand_over(booking_id=payment.booking_id, provider=provider)
    assert again == payment.checkout_url
    Payment.objects.update(checkout_reference=None, checkout_url="")  # we died before writing it down
    assert payments.hand_over(booking_id=payment.booking_id, provider=provider) == again
    assert len([each for each in standin("things") if each.startswith(("cs", "ORDER"))]) == 1


def test_stripes_page_lives_half_an_hour_and_the_places_longer(standin: StandIn, event: Event) -> None:
    payment = asked(event, "stripe")
    assert payment.expires_at - payment.created_at == timedelta(minutes=31)
    booking = Booking.objects.get(pk=payment.booking_id)
    assert booking.reserved_until == payment.expires_at + payments.GRACE
    assert booking.reserved_until - booking.reserved_at <= reservations.LONGEST


def test_where_stripes_half_hour_has_no_room_it_is_not_offered(standin: StandIn, event: Event) -> None:
    booking = with_details(reserve(event))
    assert [way.name for way in payments.offered_for(booking)] == ["sandbox", "stripe", "paypal"]
    Booking.objects.update(reserved_at=clock.now() - timedelta(minutes=28))
    booking.refresh_from_db()
    assert [way.name for way in payments.offered_for(booking)] == ["sandbox", "paypal"]
    with pytest.raises(reservations.TooLate, match="not enough time left"):
        payments.hand_over(booking_id=booking.pk, provider="stripe")


def test_a_session_older_than_stripes_memory_is_looked_for_before_another_is_opened(
    standin: StandIn, event: Event
) -> None:
    payment = asked(event, "stripe")
    standin("forget-keys")
    way, how = gateways.gateway("stripe"), {"title": "Evening", "return_url": "https://shop.example/"}
    with clock.at(payment.created_at + timedelta(days=1)):
        assert way.open_checkout(payment, **how).reference == payment.checkout_reference
    other = asked(event, "stripe")
    assert other.checkout_reference != payment.checkout_reference


@BOTH
def test_a_page_at_another_address_is_not_where_we_lead_people(
    standin: StandIn, event: Event, settings: Any, provider: str
) -> None:
    settings.STRIPE_PAGES = settings.PAYPAL_PAGES = "https://pages.example"
    with pytest.raises(gateways.Unavailable, match="another address"):
        asked(event, provider)


# --- Amounts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "currency", "theirs"),
    [
        (8_400, "EUR", 8_400),
        (500, "JPY", 500),
        (500, "ISK", 50_000),
        (500, "UGX", 50_000),
        (12_340, "KWD", 12_340),
        (1_000, "MGA", 10),
        (8_400, "HUF", 8_400),
    ],
)
def test_stripe_is_asked_in_its_own_units(amount: int, currency: str, theirs: int) -> None:
    assert stripe.to_stripe(amount, currency) == theirs
    assert stripe.from_stripe(theirs, currency) == amount


@pytest.mark.parametrize(
    ("amount", "currency", "why"),
    [
        (49, "EUR", "Below €0.50"),
        (49, "JPY", "Below ¥50"),
        (12_345, "KWD", "third decimal is 0"),
        (1_001, "MGA", "whole amounts only"),
        (1_000, "LYD", "doesn't know the currency LYD"),
        (1_000, "CLF", "doesn't know the currency CLF"),
        (100_000_000, "EUR", "too high"),
    ],
)
def test_stripe_is_not_offered_for_what_it_would_not_take(amount: int, currency: str, why: str) -> None:
    assert why in stripe.amount_refusal(amount, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [(8_400, "EUR", "84.00"), (500, "JPY", "500"), (8_400, "HUF", "84"), (5, "USD", "0.05")],
)
def test_paypal_is_asked_in_main_units(amount: int, currency: str, written: str) -> None:
    assert paypal.to_paypal(amount, currency) == written


@pytest.mark.parametrize(("amount", "currency"), [(1_000, "KWD"), (1_000, "ISK"), (8_401, "HUF")])
def test_paypal_is_not_offered_for_what_it_would_not_take(amount: int, currency: str) -> None:
    assert paypal.amount_refusal(amount, currency)
    with pytest.raises(NotOffered):
        paypal.to_paypal(amount, currency)


def test_who_asks_for_too_little_is_told_and_nothing_is_opened(standin: StandIn) -> None:
    booking = with_details(reserve(event_on_sale(amounts={"Standard": 10}, venue__organization__fee_per_ticket=0), 1))
    assert [way.name for way in payments.offered_for(booking)] == ["sandbox", "paypal"]
    with pytest.raises(NotOffered, match="Below €0.50"):
        payments.hand_over(booking_id=booking.pk, provider="stripe")
    assert not Payment.objects.exists()
    assert standin("asked") == []


# --- News -------------------------------------------------------------------------------------------


@BOTH
def test_a_message_confirms_a_booking_whose_customer_never_came_back(
    standin: StandIn, event: Event, client: Client, provider: str
) -> None:
    """R31: and the message itself is stored before anything is done about it (R11)."""
    payment = paid_at(standin, provider, event)
    message = standin.told()[-1]
    assert deliver(client, message).status_code == 200
    stored = ProviderEvent.objects.get()
    assert (stored.provider, stored.kind, stored.status) == (provider, message["kind"], "waiting")
    assert DBTaskResult.objects.filter(task_path="bookings.tasks.handle_event").count() == 1
    assert status(payment) == ("pending", "pending")
    assert work() == 1
    assert status(payment) == ("confirmed", "succeeded")
    stored.refresh_from_db()
    assert (stored.status, stored.payment) == ("handled", payment)
    assert list(violations()) == []


@BOTH
def test_the_return_page_confirms_when_no_message_came(
    standin: StandIn, event: Event, client: Client, provider: str
) -> None:
    """R31"""
    payment = paid_at(standin, provider, event)
    response = client.get(f"/payments/{payment.key}/", follow=True)
    assert "You have your tickets" in text_of(response)
    assert status(payment) == ("confirmed", "succeeded")
    assert in_main_units(standin, provider) == (payment.amount / 100, 0)


@BOTH
def test_the_same_message_a_hundred_times_has_one_effect(
    standin: StandIn, event: Event, client: Client, provider: str
) -> None:
    """R26"""
    payment = paid_at(standin, provider, event)
    message = standin.told()[-1]
    answers = [deliver(client, message).status_code for _time in range(100)]
    assert answers == [200] * 100
    assert (ProviderEvent.objects.count(), work(), work()) == (1, 1, 0)
    assert status(payment) == ("confirmed", "succeeded")
    assert Message.objects.filter(kind="booking-confirmed").count() == 1
    assert DBTaskResult.objects.filter(task_path="bookings.tasks.handle_event").count() == 1


def told_of_everything(standin: StandIn, provider: str, event: Event) -> Payment:
    """A card is declined, another is taken, and the money goes back: each leads to a message."""
    payment = asked(event, provider)
    standin("pay", checkout=payment.checkout_reference, how="decline")
    if provider == "paypal":  # there the order stays, and another instrument is chosen
        standin("pay", checkout=payment.checkout_reference)
        payments.look_up(booking=payment.booking)
    else:
        standin("pay", checkout=payment.checkout_reference)
        payments.look_up(booking=payment.booking)
    cancellations.cancel(booking_id=payment.booking_id, reason="test")
    refunds.send_due()
    standin("end-refund", refund=Refund.objects.get().reference, how="succeeded")
    return payment


@BOTH
def test_in_whatever_order_messages_come_the_providers_truth_holds(
    standin: StandIn, event: Event, client: Client, provider: str
) -> None:
    """R27: declined, paid, refunded, in every order; each time as if we had heard of nothing before."""
    payment = told_of_everything(standin, provider, event)
    messages = standin.told()
    assert len(messages) >= 4
    orders = list(permutations(range(len(messages))))[:: 1 if len(messages) < 5 else 7]
    for order in orders:
        ProviderEvent.objects.all().delete()
        Refund.objects.update(status="sent")
        for number in order:
            assert deliver(client, messages[number]).status_code == 200
            work()
        assert status(payment) == ("cancelled", "succeeded")
        assert list(Refund.objects.values_list("status", "amount")) == [("succeeded", payment.amount)]
    assert set(ProviderEvent.objects.values_list("status", flat=True)) == {"handled"}
    assert in_main_units(standin, provider) == (payment.amount / 100, payment.amount / 100)
    assert list(violations()) == []


@BOTH
def test_a_session_that_expired_and_was_paid_before_is_paid(
    standin: StandIn, event: Event, client: Client, provider: str
) -> None:
    """R27: paid and expired."""
    payment = paid_at(standin, provider, event)
    kind = "checkout.session.expired" if provider == "stripe" else "CHECKOUT.PAYMENT-APPROVAL.REVERSED"
    thing = {"object": "checkout.session", "purchase_units": [{"custom_id": payment.key}]}
    standin("tell", provider=provider, kind=kind, thing={"id": payment.checkout_reference} | thing)
    for message in reversed(standin.told()):
        deliver(client, message)
        work()
    assert status(payment) == ("confirmed", "succeeded")


def test_a_page_that_nobody_paid_on_ends_its_payment(standin: StandIn, event: Event) -> None:
    payment = asked(event, "stripe")
    standin("clock", now=(payment.expires_at + MINUTE).timestamp())
    payments.look_up(booking=payment.booking)
    assert status(payment) == ("pending", "failed")
    assert payment.failure == "The payment page has expired."


@BOTH
def test_what_is_pending_at_the_provider_makes_no_ticket(
    standin: StandIn, event: Event, client: Client, provider: str
) -> None:
    """R35, U32: and no page says that it failed."""
    payment = paid_at(standin, provider, event, how="processing")
    response = client.get(f"/payments/{payment.key}/", follow=True)
    assert "Your payment is being processed" in text_of(response)
    assert status(payment) == ("pending", "pending")
    assert set(payment.booking.tickets.values_list("status", flat=True)) == {"reserved"}


@BOTH
def test_after_a_declined_card_the_page_says_why_and_offers_another_way(
    standin: StandIn, event: Event, client: Client, provider: str
) -> None:
    """U31"""
    payment = paid_at(standin, provider, event, how="decline")
    response = client.get(f"/payments/{payment.key}/?back=1", follow=True)
    text = text_of(response)
    assert ("Your card was declined." if provider == "stripe" else "PayPal declined the payment.") in text
    assert "Your places are still kept" in text
    assert "You can also choose another way to pay." in text
    assert [way.name for way in response.context["providers"]] == ["sandbox", "stripe", "paypal"]
    payments.hand_over(booking_id=payment.booking_id, provider="sandbox")
    assert Booking.objects.get().status == "pending"


@BOTH
def test_money_taken_twice_is_given_back_once(standin: StandIn, event: Event, client: Client, provider: str) -> None:
    """R34"""
    payment = paid_at(standin, provider, event)
    payments.look_up(booking=payment.booking)
    standin("pay", checkout=payment.checkout_reference, how="twice")
    for message in standin.told():
        deliver(client, message)
    work()
    assert status(payment) == ("confirmed", "succeeded")
    refund = Refund.objects.get()
    assert (refund.reason, refund.status, refund.amount) == ("duplicate", "queued", payment.amount)
    assert refunds.send_due() == 1
    assert in_main_units(standin, provider) == (2 * payment.amount / 100, payment.amount / 100)
    assert list(violations()) == []


@BOTH
def test_another_amount_makes_no_ticket_and_is_kept_aside(standin: StandIn, event: Event, provider: str) -> None:
    """R29"""
    payment = asked(event, provider)
    standin("pay", checkout=payment.checkout_reference, amount=1_00 if provider == "stripe" else "1.00")
    for _time in range(2):
        payments.look_up(booking=payment.booking)
    assert status(payment) == ("pending", "pending")
    kept = Payment.objects.get(kept_aside=True)
    assert (kept.amount, kept.currency, kept.status, kept.booking) == (100, "EUR", "succeeded", payment.booking)
    assert [refund.amount for refund in refunds.return_kept(booking_id=payment.booking_id, by=None)] == [100]
    assert refunds.return_kept(booking_id=payment.booking_id, by=None) == []
    assert refunds.send_due() == 1
    assert in_main_units(standin, provider) == (1, 1)
    assert list(violations()) == []


# --- Messages that aren't the provider's -----------------------------------------------------------------


def forgeries(message: dict[str, Any], old: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """One message in the hands of somebody else."""
    headers = message["headers"]
    name = "Stripe-Signature" if "Stripe-Signature" in headers else "Paypal-Transmission-Sig"
    return {
        "unsigned": {"headers": {}},
        "another signature": {"headers": headers | {name: headers[name][:-4] + "abcd"}},
        "old": {"headers": old["headers"]},
        "altered": {"body": message["body"].replace('"id"', '"id" ', 1)},
        "nonsense": {"headers": headers | {name: "\u00e9,=t"}},
        "no message": {"body": "[]"},
        "empty": {"body": ""},
    }


@BOTH
def test_what_the_provider_did_not_sign_now_has_no_effect(
    standin: StandIn, event: Event, client: Client, provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    """R28: forged, older than 300 seconds, altered."""
    payment = paid_at(standin, provider, event)
    message, old = standin.told()[-1], standin.told(age=301)[-1]
    for name, changed in forgeries(message, old).items():
        caplog.clear()
        assert deliver(client, message, **changed).status_code == 400, name
        assert f"A message for {provider} was refused" in caplog.text, name
        assert "whsec" not in caplog.text
        assert message["headers"].get("Stripe-Signature", "-") not in caplog.text
    assert not ProviderEvent.objects.exists()
    assert status(payment) == ("pending", "pending")
    assert deliver(client, standin.told(age=290)[-1]).status_code == 200


def test_nothing_of_a_message_is_fetched(standin: StandIn, event: Event, client: Client, monkeypatch: Any) -> None:
    """S36: PayPal's certificate is at an address that the message names; we ask PayPal instead."""
    asked_for = []
    send = paypal.requests.request
    monkeypatch.setattr(
        paypal.requests, "request", lambda method, url, **more: asked_for.append(url) or send(method, url, **more)
    )
    paid_at(standin, "paypal", event)
    deliver(client, standin.told()[-1])
    work()
    assert asked_for
    assert all(url.startswith(f"{standin.address}/") for url in asked_for)


def test_a_redirect_of_the_provider_is_not_followed(standin: StandIn, event: Event) -> None:
    """S36"""
    with pytest.raises(gateways.Unavailable):
        paypal._ask("GET", "/pay/" + asked(event, "paypal").checkout_reference)


@pytest.mark.parametrize("length", [256 * 1024 + 1, 10_000_000])
def test_a_message_that_is_too_long_is_not_read(standin: StandIn, client: Client, length: int) -> None:
    """R50"""
    answer = client.post("/webhooks/stripe/", data=b"x" * length, content_type="application/json")
    assert answer.status_code == 413


def test_who_is_not_set_up_has_no_address(client: Client, settings: Any) -> None:
    for provider in ("stripe", "paypal", "nobody"):
        assert client.post(f"/webhooks/{provider}/", data=b"{}", content_type="application/json").status_code == 404
    assert client.get("/webhooks/stripe/").status_code == 405


def test_when_paypal_cannot_say_whether_it_was_it_it_is_asked_to_tell_us_again(
    standin: StandIn, event: Event, client: Client
) -> None:
    paid_at(standin, "paypal", event)
    standin("fault", path="/v1/notifications", how="error")
    message = standin.told()[-1]
    assert deliver(client, message).status_code == 503
    assert not ProviderEvent.objects.exists()
    assert deliver(client, message).status_code == 200


@BOTH
def test_a_message_nobody_knows_what_to_do_with_is_kept(
    standin: StandIn, event: Event, client: Client, provider: str
) -> None:
    """R27: without personal data, and tried again when somebody asks for it."""
    payment = asked(event, provider)
    mine = {"object": "customer", "id": "cus_1", "email": "ada@example.com"}
    standin("tell", provider=provider, kind="something.new", thing=mine)
    about = {"metadata": {"payment_key": payment.key}, "custom_id": payment.key, "id": "x", "object": "charge"}
    standin("tell", provider=provider, kind="something.else", thing=about)
    for message in standin.told():
        assert deliver(client, message).status_code == 200
    assert work() == 2
    unknown, ignored = ProviderEvent.objects.order_by("pk")
    assert (unknown.status, ignored.status, ignored.payment) == ("unknown", "ignored", payment)
    assert "ada@example.com" not in json.dumps(unknown.payload)
    assert provider_events.retry(event_id=unknown.pk)
    assert not provider_events.retry(event_id=ignored.pk)
    assert work() == 1


@BOTH
def test_a_message_that_could_not_be_acted_on_is_tried_again(
    standin: StandIn, event: Event, client: Client, provider: str
) -> None:
    """R31"""
    payment = paid_at(standin, provider, event)
    deliver(client, standin.told()[-1])
    standin("fault", path="/v1/checkout" if provider == "stripe" else "/v2/checkout", how="error")
    with clock.at(clock.now()):
        assert work() == 0
        stored = ProviderEvent.objects.get()
        assert (stored.status, stored.attempts, stored.failure[:11]) == ("waiting", 1, "Unavailable")
        clock.advance(MINUTE)
        assert provider_events.handle_due() == 1
    assert status(payment) == ("confirmed", "succeeded")


# --- Silence ------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("how", ["drop", "hang"])
def test_a_provider_that_takes_the_money_and_then_times_out(
    standin: StandIn, event: Event, client: Client, provider: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R33: "processing"; another look uses the same key, and nothing is taken twice."""
    monkeypatch.setattr(paypal, "TIMEOUT", 0.3)
    monkeypatch.setattr(stripe, "TIMEOUT", 0.3)
    payment = paid_at(standin, provider, event)
    capturing = f"/v2/checkout/orders/{payment.checkout_reference}/capture"
    standin("fault", path="/v1/checkout/sessions/" if provider == "stripe" else capturing, how=how)
    response = client.get(f"/payments/{payment.key}/", follow=True)
    assert "Your payment is being processed" in text_of(response)
    assert status(payment) == ("pending", "pending")
    client.get(f"/payments/{payment.key}/", follow=True)
    assert status(payment) == ("confirmed", "succeeded")
    assert in_main_units(standin, provider) == (payment.amount / 100, 0)
    assert list(violations()) == []


@BOTH
def test_a_page_that_was_opened_without_an_answer_is_found_by_the_next_click(
    standin: StandIn, event: Event, client: Client, provider: str
) -> None:
    """R33, R20"""
    booking = with_details(reserve(event))
    standin("fault", path="/v1/checkout" if provider == "stripe" else "/v2/checkout", how="drop")
    address = f"/bookings/{booking.secret}/pay/"
    response = client.post(address, {"provider": provider})
    assert response.status_code == 503
    assert "doesn't answer right now. Nothing was paid, and your places are still kept." in text_of(response)
    assert 'value="sandbox" checked' in response.content.decode()
    assert client.post(address, {"provider": provider}).status_code == 303
    assert len([each for each in standin("things") if each.startswith(("cs", "ORDER"))]) == 1
    assert Payment.objects.count() == 1


@BOTH
def test_a_refund_without_an_answer_is_given_once(standin: StandIn, event: Event, provider: str) -> None:
    """R37, R33: also when the provider has forgotten the key meanwhile, where it forgets."""
    payment = paid_at(standin, provider, event)
    payments.look_up(booking=payment.booking)
    cancellations.cancel(booking_id=payment.booking_id, reason="test")
    standin("fault", path="/v1/refunds" if provider == "stripe" else "/v2/payments", how="drop")
    with clock.at(clock.now()):
        assert refunds.send_due() == 0
        clock.advance(timedelta(days=2))
        if provider == "stripe":
            standin("forget-keys")
        assert refunds.send_due() == 1
    assert in_main_units(standin, provider) == (payment.amount / 100, payment.amount / 100)
    assert Refund.objects.get().status == "sent"


@BOTH
def test_a_part_is_given_back_to_the_cent(standin: StandIn, event: Event, provider: str) -> None:
    """R8, S44"""
    payment = paid_at(standin, provider, event)
    payments.look_up(booking=payment.booking)
    payment.refresh_from_db()
    for amount in (101, 7):
        refunds.queue(payment, amount=amount, reason=Refund.Reason.OTHER, at=clock.now())
    assert refunds.send_due() == 2
    assert in_main_units(standin, provider) == (payment.amount / 100, pytest.approx(1.08))


@BOTH
def test_a_refund_that_the_provider_could_not_pay_is_ordered_anew(
    standin: StandIn, event: Event, client: Client, provider: str
) -> None:
    payment = paid_at(standin, provider, event)
    payments.look_up(booking=payment.booking)
    cancellations.cancel(booking_id=payment.booking_id, reason="test")
    refunds.send_due()
    first = Refund.objects.get()
    standin("end-refund", refund=first.reference, how="failed")
    deliver(client, standin.told()[-1])
    work()
    failed = Refund.objects.get()
    assert failed.status == "failed"
    assert failed.failure
    for _time in range(2):
        refunds.retry(refund_id=failed.pk, by=None)
    assert AuditEntry.objects.filter(action="refund.retried").count() == 1
    assert refunds.send_due() == 1
    again = Refund.objects.get()
    assert (again.status, again.reference != first.reference, again.key != first.key) == ("sent", True, True)
    assert in_main_units(standin, provider) == (payment.amount / 100, payment.amount / 100)


def silence(standin: StandIn, event: Event, times: int) -> None:
    """So many calls of Stripe fail."""
    standin("fault", path="/v1/checkout", how="error", times=times)
    for _time in range(times):
        with pytest.raises(gateways.Unavailable):
            asked(event, "stripe")


def test_a_provider_that_does_not_answer_is_left_alone_and_the_others_are_offered(
    standin: StandIn, event: Event, client: Client
) -> None:
    """R33"""
    house = event.organization
    with clock.at(clock.now()):
        silence(standin, event, health.ENOUGH)
        booking, before = with_details(reserve(event)), standin.asked("/v1/checkout/sessions")
        assert [way.name for way in gateways.offered(house)] == ["sandbox", "paypal"]
        assert 'value="stripe"' not in client.get(f"/bookings/{booking.secret}/review/").content.decode()
        for _time in range(2):
            with pytest.raises(gateways.Unavailable):
                payments.hand_over(booking_id=booking.pk, provider="stripe")
        assert standin.asked("/v1/checkout/sessions") == before
        clock.advance(health.PAUSE)
        assert [way.name for way in gateways.offered(house)] == ["sandbox", "stripe", "paypal"]
        assert payments.hand_over(booking_id=booking.pk, provider="stripe")
        assert ProviderHealth.objects.get().failures == 0


def test_after_the_pause_one_call_tries_and_the_others_wait(standin: StandIn, event: Event) -> None:
    with clock.at(clock.now()):
        silence(standin, event, health.ENOUGH)
        clock.advance(health.PAUSE)
        standin("fault", path="/v1/checkout", how="error")
        before = standin.asked("/v1/checkout/sessions")
        with health.watched("stripe"), pytest.raises(health.LeftAlone), health.watched("stripe"):
            pytest.fail("two tried")
        silence(standin, event, 1)
        silence(standin, event, health.ENOUGH - 1)
        assert standin.asked("/v1/checkout/sessions") == before
        assert "stripe" in health.left_alone()


def test_a_refund_waits_while_its_provider_is_left_alone(standin: StandIn, event: Event) -> None:
    payment = paid_at(standin, "stripe", event)
    payments.look_up(booking=payment.booking)
    cancellations.cancel(booking_id=payment.booking_id, reason="test")
    with clock.at(clock.now()):
        silence(standin, event, health.ENOUGH)
        assert refunds.send_due() == 0
        assert Refund.objects.get().attempts == 0
        clock.advance(health.PAUSE)
        assert refunds.send_due() == 1


# --- Reconciliation -----------------------------------------------------------------------------------


@BOTH
def test_what_a_lost_message_left_behind_is_repaired_and_said(standin: StandIn, event: Event, provider: str) -> None:
    """R31"""
    payment = paid_at(standin, provider, event)
    compared = reconciliation.reconcile()
    assert status(payment) == ("confirmed", "succeeded")
    code = payment.booking.code
    assert compared.repaired == [
        f"{code}: pending -> confirmed",
        f"{code} payment {payment.pk} ({payment.amount / 100:.2f} EUR): pending -> succeeded",
    ]
    assert reconciliation.reconcile().repaired == []
    cancellations.cancel(booking_id=payment.booking_id, reason="test")
    refund = Refund.objects.get()
    amount = f"{code} refund {refund.pk} ({payment.amount / 100:.2f} EUR)"
    assert reconciliation.reconcile().repaired == [f"{amount}: queued -> sent"]
    standin("end-refund", refund=Refund.objects.get().reference, how="succeeded")
    assert reconciliation.reconcile().repaired == [f"{amount}: sent -> succeeded"]
    assert reconciliation.reconcile().repaired == []
    assert list(violations()) == []


def test_a_silent_provider_keeps_no_other_from_being_asked(standin: StandIn, event: Event) -> None:
    lost = [paid_at(standin, "stripe", event) for _payment in range(2)]
    other = paid_at(standin, "paypal", event)
    standin("fault", path="/v1/checkout", how="error")
    compared = reconciliation.reconcile()
    assert (compared.silent, status(other)) == (["stripe"], ("confirmed", "succeeded"))
    assert [status(payment) for payment in lost] == [("pending", "pending")] * 2
    assert reconciliation.reconcile().silent == []
    assert [status(payment) for payment in lost] == [("confirmed", "succeeded")] * 2


@BOTH
def test_a_payment_that_its_provider_does_not_know_keeps_no_other_from_being_asked_about(
    standin: StandIn, event: Event, provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As after a change of accounts: it is an answer, so the provider isn't left alone for it."""
    paid, strangers = paid_at(standin, provider, event), [asked(event, provider) for _payment in range(4)]
    for number, stranger in enumerate(strangers):
        Payment.objects.filter(pk=stranger.pk).update(checkout_reference=f"unknown-{number}")
    compared = reconciliation.reconcile()
    assert (compared.looked_at, compared.silent, status(paid)) == (5, [], ("confirmed", "succeeded"))
    assert caplog.text.count(f"of {provider} could not be compared") == 4
    assert health.left_alone() == set()


def test_what_leads_to_a_booking_is_in_no_log(
    standin: StandIn, event: Event, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """S19: Stripe's package notes the addresses that it asks, and one holds the payment's key."""
    payment = paid_at(standin, "stripe", event)
    with caplog.at_level("INFO", logger=""):
        payments.look_up(booking=payment.booking)
    assert payment.key not in caplog.text
    assert "sk_standin" not in caplog.text


def test_the_news_of_one_provider_is_asked_for_though_another_is_silent(standin: StandIn, event: Event) -> None:
    payment = asked(event, "stripe")
    payments.hand_over(booking_id=payment.booking_id, provider="paypal")
    second = payment.booking.payments.latest("pk")
    standin("pay", checkout=second.checkout_reference)
    standin("fault", path="/v1/checkout", how="error")
    with pytest.raises(gateways.Unavailable):
        payments.look_up(booking=payment.booking)
    assert status(second) == ("confirmed", "succeeded")


def test_what_is_looked_up_of_a_refund_is_written_down_once(standin: StandIn, event: Event) -> None:
    payment = paid_at(standin, "stripe", event)
    payments.look_up(booking=payment.booking)
    cancellations.cancel(booking_id=payment.booking_id, reason="test")
    refunds.send_due()
    refund = Refund.objects.get()
    for outcome in (Outcome.PENDING, Outcome.SUCCEEDED, Outcome.SUCCEEDED, Outcome.PENDING):
        refunds.settle(refund_id=refund.pk, news=gateways.RefundNews(outcome))
    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert AuditEntry.objects.filter(action="refund.succeeded").count() == 1

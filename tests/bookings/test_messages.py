"""What customers are told by mail."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import translation

from bookings.models import Booking
from bookings.services import cancellations, messages, reservations
from core import clock
from notifications import outbox
from notifications.models import Message
from tests.factories import VenueFactory, event_on_sale, handed_over, paid, reserve, settle, with_details

pytestmark = pytest.mark.django_db

HOSTILE = '<script>alert("x")</script> & Söhne'


def test_the_confirmation_says_what_was_bought(noon: datetime) -> None:
    """U33, U34, U3, U27"""
    event = event_on_sale(
        title="Tides",
        starts_at=datetime(2026, 11, 28, 19, tzinfo=UTC),
        venue=VenueFactory(name="Hall", address="7 Quay", city="Hamburg"),
    )
    booking = paid(event, 2)
    message = Message.objects.get()
    assert message.subject == "Your tickets for Tides"
    for body in (message.text, message.html):
        for fact in (
            "Ada Example",
            booking.code,
            f"{booking.code}-01",
            f"{booking.code}-02",
            "Standing, Standard",
            "Sat, 28 Nov 2026, 20:00 (CET)",
            "€21.50",
            "€43.00",
            "€3.00",
            "€6.86",
            f"http://localhost:8000{booking.get_absolute_url()}",
        ):
            assert fact in body
    assert "Hall, 7 Quay, Hamburg" in message.text


def test_a_hostile_host_changes_no_link(noon: datetime, settings: object) -> None:
    """S5: links begin with the address that the house gave itself."""
    settings.SITE_URL = "https://tickets.example"  # type: ignore[attr-defined]
    paid(event_on_sale())
    message = Message.objects.get()
    assert "https://tickets.example/bookings/" in message.text
    assert message.message_id.endswith("@tickets.example>")


def test_markup_in_names_is_text_in_every_mail(noon: datetime) -> None:
    """S29, S32"""
    event = event_on_sale(
        title=HOSTILE, venue=VenueFactory(name=HOSTILE, city=HOSTILE), levels={HOSTILE: 9}, amounts={HOSTILE: 2_000}
    )
    event.organization.name = HOSTILE
    event.organization.save()
    booking = with_details(reserve(event))
    Booking.objects.update(customer_name=HOSTILE + " {{ settings.SECRET_KEY }}")
    booking = settle(handed_over(booking))
    cancellations.cancel(booking_id=booking.pk, reason="test")
    assert Message.objects.count() == 2
    for message in Message.objects.all():
        assert "<script" not in message.html
        assert "&lt;script&gt;" in message.html
        assert HOSTILE in message.text
        assert HOSTILE in message.subject
        assert "{{ settings.SECRET_KEY }}" in message.text


def test_a_line_break_in_a_title_ends_no_header(noon: datetime) -> None:
    """S34"""
    paid(event_on_sale(title="Gala\r\nBcc: all@example.com\x0b\u2028now"))
    assert outbox.deliver_due() == 1
    (sent,) = mail.outbox
    assert sent.subject == "Your tickets for Gala Bcc: all@example.com now"
    assert sent.recipients() == ["ada@example.com"]
    assert "\nBcc" not in str(sent.message()["Subject"])


def test_the_longest_title_fits(noon: datetime) -> None:
    with_details(reserve(event_on_sale(title="W" * 160)))
    clock.advance(timedelta(minutes=16))
    reservations.expire_due()
    assert Message.objects.get().subject == f"Your reservation for {'W' * 160} has ended"


def test_mails_are_in_the_language_of_the_booking(noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the one who cancels speaks."""
    booking = paid(event_on_sale())
    Booking.objects.update(language="de")
    spoken: list[str | None] = []
    render = messages.render_to_string

    def noted(template: str, context: dict) -> str:
        spoken.append(translation.get_language())
        return render(template, context)

    monkeypatch.setattr(messages, "render_to_string", noted)
    with translation.override("fr"):
        cancellations.cancel(booking_id=booking.pk, reason="test")
        assert translation.get_language() == "fr"
    assert spoken == ["de", "de"]


def test_who_left_no_address_gets_no_mail(noon: datetime) -> None:
    booking = reserve(event_on_sale())
    clock.advance(timedelta(minutes=16))
    assert reservations.expire(booking_id=booking.pk).status == "expired"
    assert not Message.objects.exists()


def test_a_reservation_that_ran_out_is_told_to_its_customer(noon: datetime) -> None:
    booking = with_details(reserve(event_on_sale(title="Tides")))
    clock.advance(timedelta(minutes=16))
    for _again in range(2):
        reservations.expire(booking_id=booking.pk)
    message = Message.objects.get()
    assert (message.kind, message.subject) == ("booking-expired", "Your reservation for Tides has ended")
    assert "Nothing is owed" in message.text

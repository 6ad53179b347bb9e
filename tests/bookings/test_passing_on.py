"""The pages on which tickets change hands, and on which who has a booking is put right."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, Ticket, Transfer
from bookings.services import changes, transfers
from core import clock, codes
from notifications.models import Message
from tests.bookings.passing_on import a_ticket, offer, passed_on, secret_in_mail
from tests.factories import event_on_sale, paid, reserve, with_details
from tests.pages import DETAILS, page, text_of

pytestmark = pytest.mark.django_db

BOB = {"name": "Bob Example", "email": "bob@example.com"}


@pytest.fixture
def ticket(noon: datetime) -> Ticket:
    return a_ticket()


def of_ticket(name: str, ticket: Ticket) -> str:
    return reverse(f"bookings:{name}", args=[ticket.booking.secret, ticket.number])


def of_transfer(name: str = "transfer") -> str:
    return reverse(f"bookings:{name}", args=[secret_in_mail()])


# --- Who gives ---------------------------------------------------------------------------------------


def test_a_ticket_is_offered_taken_back_and_offered_again(client: Client, ticket: Ticket) -> None:
    """U37"""
    assert "Pass on" in text_of(client.get(ticket.booking.get_absolute_url()))
    response = client.post(of_ticket("pass-on", ticket), BOB)
    assert (response.status_code, response["Location"]) == (303, ticket.booking.get_absolute_url())
    assert "Offered to Bob Example until" in text_of(client.get(ticket.booking.get_absolute_url()))
    assert "Take that offer back" in text_of(client.get(of_ticket("pass-on", ticket)))
    assert client.post(of_ticket("pass-on", ticket), BOB).status_code == 409
    assert client.post(of_ticket("take-back", ticket)).status_code == 303
    assert client.post(of_ticket("take-back", ticket)).status_code == 409
    assert client.get(of_transfer()).status_code == 410
    assert client.post(of_ticket("pass-on", ticket), BOB).status_code == 303
    assert Transfer.objects.count() == 2


def test_a_form_with_gaps_says_so_and_mails_nobody(client: Client, ticket: Ticket) -> None:
    response = client.post(of_ticket("pass-on", ticket), {"name": "Bob", "email": "bob"})
    assert response.status_code == 422
    assert 'value="Bob"' in response.content.decode()
    assert not Transfer.objects.exists()


def test_what_was_passed_on_is_out_of_the_payers_hands(client: Client, ticket: Ticket) -> None:
    """S25, U37: the payer sees who has it, and neither passes it on nor names it, nor sees where it is found"""
    new = passed_on(ticket)
    response = client.get(ticket.booking.get_absolute_url())
    assert "Passed on to Bob Example" in text_of(response)
    for secret in (new.secret, new.link):
        assert secret not in response.content.decode()
    for name in ("pass-on", "holder"):
        for number in (ticket.number, new.number):
            address = reverse(f"bookings:{name}", args=[ticket.booking.secret, number])
            assert [client.get(address).status_code, client.post(address, BOB).status_code] == [404, 404]
    assert not Transfer.objects.filter(ticket=new).exists()


def test_a_page_says_why_a_ticket_cannot_be_passed_on(client: Client, ticket: Ticket) -> None:
    clock.advance(timedelta(days=30))
    assert "too late" in text_of(client.get(of_ticket("pass-on", ticket)))
    assert "Pass on" not in text_of(client.get(ticket.booking.get_absolute_url()))


def test_nobodys_mailbox_is_filled_by_strangers(client: Client, ticket: Ticket) -> None:
    """S2"""
    answers = []
    for _again in range(11):
        answers.append(client.post(of_ticket("pass-on", ticket), BOB).status_code)
        client.post(of_ticket("take-back", ticket))
    assert answers == [303] * 10 + [429]
    assert Message.objects.filter(kind="ticket-offered").count() == 10


# --- Who gets ----------------------------------------------------------------------------------------


def test_the_link_tells_what_is_offered_by_whom_and_no_more(client: Client, ticket: Ticket) -> None:
    """U37, S18"""
    offer(ticket)
    response = client.get(of_transfer())
    text = text_of(response)
    event = ticket.booking.event
    for said in ("Ada Example wants to give you", event.title, str(event.venue), "General admission"):
        assert said in text or said == "General admission"
    for secret in ("ada@example.com", ticket.booking.code, ticket.booking.secret, ticket.secret, ticket.link):
        assert secret not in response.content.decode()
    assert response["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_who_opens_the_link_changes_nothing_and_who_accepts_has_a_ticket(client: Client, ticket: Ticket) -> None:
    """U37, S25"""
    offer(ticket)
    link = of_transfer()
    for _look in range(2):
        client.get(link)
        client.head(link)
    ticket.refresh_from_db()
    assert ticket.status == "valid"
    response = client.post(link, {"name": "Bobby"})
    new = Ticket.objects.get(follows=ticket)
    assert (response.status_code, response["Location"]) == (303, f"/tickets/{new.link}/")
    assert client.get(response["Location"]).status_code == 200
    assert [client.get(link).status_code, client.post(link, {"name": "Eve"}).status_code] == [410, 410]


def test_a_ticket_is_accepted_with_a_name(client: Client, ticket: Ticket) -> None:
    offer(ticket)
    assert client.post(of_transfer(), {"name": " "}).status_code == 422
    assert not Ticket.objects.filter(follows=ticket).exists()


def test_a_ticket_is_declined(client: Client, ticket: Ticket) -> None:
    offer(ticket)
    link, no = of_transfer(), of_transfer("decline")
    assert "You have declined" in text_of(client.post(no))
    assert [client.post(no).status_code, client.get(link).status_code] == [410, 410]


def test_links_that_never_were_look_like_links_that_are_over(client: Client, ticket: Ticket) -> None:
    """S20"""
    transfers.withdraw(transfer_id=offer(ticket).pk)
    over, unknown = client.get(of_transfer()), client.get(reverse("bookings:transfer", args=[codes.secret()]))
    assert (over.status_code, unknown.status_code) == (410, 404)
    assert text_of(over) == text_of(unknown)


def test_guessing_links_is_stopped(client: Client, ticket: Ticket) -> None:
    """S20, S2"""
    asked = [client.get(reverse("bookings:transfer", args=[codes.secret()])).status_code for _guess in range(61)]
    assert asked == [404] * 60 + [429]
    guessed = [client.get(reverse("bookings:pass-on-again", args=[codes.secret()])).status_code for _guess in range(21)]
    assert guessed == [404] * 20 + [429]


def test_who_got_a_ticket_passes_it_on_from_its_own_page(client: Client, ticket: Ticket) -> None:
    new = passed_on(ticket)
    address = reverse("bookings:pass-on-again", args=[new.link])
    assert client.get(address).status_code == 200
    assert client.post(address, {"name": "Cy", "email": "cy@example.com"})["Location"] == f"/tickets/{new.link}/"
    assert client.post(reverse("bookings:take-back-again", args=[new.link])).status_code == 303
    assert client.post(reverse("bookings:own-name", args=[new.link]), {"name": "Robert"}).status_code == 303
    new.refresh_from_db()
    assert new.holder == "Robert"


def test_the_link_of_a_ticket_that_was_never_passed_on_gives_nothing_away(client: Client, ticket: Ticket) -> None:
    """S25: it may have been printed"""
    for name in ("pass-on-again", "own-name"):
        assert client.post(reverse(f"bookings:{name}", args=[ticket.link]), BOB).status_code == 404
    dead = passed_on(ticket)
    passed_on(dead, "cy@example.com")
    assert client.get(reverse("bookings:pass-on-again", args=[dead.link])).status_code == 404


# --- Put right ---------------------------------------------------------------------------------------


def test_a_name_is_put_on_a_ticket(client: Client, ticket: Ticket) -> None:
    address = of_ticket("holder", ticket)
    assert 'value="Ada Example"' in client.get(address).content.decode()
    assert client.post(address, {"name": ""}).status_code == 422
    assert client.post(address, {"name": "Grace"}).status_code == 303
    assert "In the name of Grace" in text_of(client.get(ticket.booking.get_absolute_url()))
    clock.advance(timedelta(days=40))
    assert client.post(address, {"name": "Eve"}).status_code == 409


def test_another_address_leads_to_the_new_link_and_the_old_one_is_dead(client: Client, ticket: Ticket) -> None:
    """S19"""
    booking = ticket.booking
    assert 'value="ada@example.com"' in client.get(page(booking, "contact")).content.decode()
    response = client.post(page(booking, "contact"), DETAILS | {"email": "new@example.com"})
    changed = Booking.objects.get(pk=booking.pk)
    assert (response.status_code, response["Location"]) == (303, changed.get_absolute_url())
    assert client.get(booking.get_absolute_url()).status_code == 404


def test_what_is_wrong_with_new_details_is_said_beside_them(client: Client, noon: datetime) -> None:
    """R9"""
    booking = paid(event_on_sale(max_per_customer=2))
    with_details(reserve(booking.event, 1), "new@example.com")
    response = client.post(page(booking, "contact"), DETAILS | {"email": "new@example.com"})
    assert response.status_code == 422
    assert "you have 1 already" in text_of(response)
    assert client.post(page(booking, "contact"), DETAILS | {"email": "new"}).status_code == 422
    clock.advance(timedelta(days=40))
    assert client.post(page(booking, "contact"), DETAILS | {"name": "Eve"}).status_code == changes.NotNow.status


def test_a_booking_that_isnt_confirmed_has_its_details_elsewhere(client: Client, noon: datetime) -> None:
    booking = with_details(reserve(event_on_sale()))
    assert client.get(page(booking, "contact"))["Location"] == booking.get_absolute_url()


def test_a_new_link_is_made_by_a_button_and_not_by_looking(client: Client, ticket: Ticket) -> None:
    """S19, S41"""
    booking = ticket.booking
    assert "old one is void at once" in text_of(client.get(page(booking, "new-link")))
    assert Booking.objects.get(pk=booking.pk).secret == booking.secret
    response = client.post(page(booking, "new-link"))
    renewed = Booking.objects.get(pk=booking.pk)
    assert response["Location"] == renewed.get_absolute_url()
    assert client.get(page(booking, "new-link")).status_code == 404
    assert Message.objects.filter(kind="booking-link").count() == 1

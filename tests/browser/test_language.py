"""German and Spanish: asked for by the browser or chosen, on every page and in the mail."""

import pytest
from playwright.sync_api import Page, expect

from bookings.models import Booking
from notifications.models import Message
from tests.browser.acts import follow, open_event, press, quantity, see_heading, with_and_without_javascript
from tests.factories import event_on_sale

pytestmark = pytest.mark.browser

german = pytest.mark.browser_context_args(locale="de-DE")
spanish = pytest.mark.browser_context_args(locale="es-ES")


def see_language(page: Page, code: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", code)


@pytest.mark.parametrize(
    ("code", "heading"),
    [
        pytest.param("de", "Veranstaltungen", marks=german),
        pytest.param("es", "Eventos", marks=spanish),
        pytest.param("en", "Events", marks=pytest.mark.browser_context_args(locale="fr-FR")),
    ],
)
def test_the_browser_says_which_language(page: Page, code: str, heading: str) -> None:
    page.goto("/events/")
    see_heading(page, heading)
    see_language(page, code)


@with_and_without_javascript
def test_a_chosen_language_stays_and_leads_back_to_where_one_was(page: Page, javascript: str) -> None:
    event = event_on_sale()
    open_event(page, event)
    follow(page, "Language: English")
    press(page, "Español")
    expect(page).to_have_url(event.get_absolute_url())
    see_language(page, "es")
    follow(page, "Todos los eventos")
    see_heading(page, "Eventos")
    see_language(page, "es")
    follow(page, "Idioma: Español")
    press(page, "English")
    see_heading(page, "Events")


@german
def test_the_whole_purchase_in_german_and_the_mail_too(page: Page) -> None:
    """U34"""
    open_event(page, event_on_sale(title="Ein Abend"))
    quantity(page).fill("2")
    press(page, "Reservieren")
    see_heading(page, "Ihre Angaben")
    page.get_by_label("Name").fill("Ada Beispiel")
    page.get_by_label("E-Mail").fill("ada@example.com")
    press(page, "Weiter zum Prüfen und Bezahlen")
    see_heading(page, "Prüfen und bezahlen")
    press(page, "Zahlungspflichtig buchen: 43,00 €")
    see_heading(page, "Testzahlung")
    press(page, "Bezahlen")
    see_heading(page, "Sie haben Ihre Tickets")
    see_language(page, "de")
    booking = Booking.objects.get()
    assert (booking.status, booking.language) == ("confirmed", "de")
    mail = Message.objects.get()
    assert mail.subject == "Ihre Tickets für „Ein Abend“"
    assert '<html lang="de"' in mail.html


@spanish
def test_a_mistake_is_told_in_spanish(page: Page) -> None:
    open_event(page, event_on_sale())
    press(page, "Reservar")
    expect(page.get_by_role("main").get_by_role("alert")).to_be_focused()
    see_language(page, "es")

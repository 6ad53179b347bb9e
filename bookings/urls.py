"""Addresses of the purchase and of bookings."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from bookings.views import (
    calendars,
    checkout,
    choosing,
    exchanging,
    find,
    papers,
    passing_on,
    putting_right,
    returns,
    sandbox,
    tickets,
    webhooks,
)


class SecretConverter(StringConverter):
    """What `core.codes.secret` makes."""

    regex = "[A-Za-z0-9_-]{32}"


register_converter(SecretConverter, "secret")

app_name = "bookings"
urlpatterns = [
    path("events/<slug:slug>/reserve/", choosing.reserve, name="reserve"),
    path("bookings/find/", find.find, name="find"),
    path("bookings/find/sent/", find.sent, name="find-sent"),
    path("bookings/<secret:secret>/", checkout.booking, name="booking"),
    path("bookings/<secret:secret>/details/", checkout.details, name="details"),
    path("bookings/<secret:secret>/again/", choosing.again, name="again"),
    path("bookings/<secret:secret>/review/", checkout.review, name="review"),
    path("bookings/<secret:secret>/extend/", checkout.extend, name="extend"),
    path("bookings/<secret:secret>/give-up/", checkout.give_up, name="give-up"),
    path("bookings/<secret:secret>/pay/", checkout.pay, name="pay"),
    path("bookings/<secret:secret>/payment/", checkout.payment, name="payment"),
    path("bookings/<secret:secret>/calendar.ics", calendars.booking_calendar, name="calendar"),
    path("bookings/<secret:secret>/tickets.pdf", papers.tickets, name="tickets-pdf"),
    path("bookings/<secret:secret>/receipt.pdf", papers.receipt, name="receipt"),
    path("bookings/<secret:secret>/credit-notes/<int:pk>.pdf", papers.credit_note, name="credit-note"),
    path("bookings/<secret:secret>/send-again/", papers.send_again, name="send-again"),
    path("tickets/<secret:link>/", tickets.ticket, name="ticket"),
    path("tickets/<secret:link>/ticket.pdf", tickets.ticket_pdf, name="ticket-pdf"),
    path("tickets/<secret:link>/calendar.ics", tickets.ticket_calendar, name="ticket-calendar"),
    path("bookings/<secret:secret>/contact/", putting_right.contact, name="contact"),
    path("bookings/<secret:secret>/exchange/", exchanging.exchange, name="exchange"),
    path("bookings/<secret:secret>/exchange/keep/", exchanging.keep, name="keep"),
    path("bookings/<secret:secret>/new-link/", putting_right.new_link, name="new-link"),
    path("bookings/<secret:secret>/tickets/<int:number>/pass-on/", passing_on.pass_on, name="pass-on"),
    path("bookings/<secret:secret>/tickets/<int:number>/take-back/", passing_on.take_back, name="take-back"),
    path("bookings/<secret:secret>/tickets/<int:number>/holder/", passing_on.holder, name="holder"),
    path("tickets/<secret:link>/pass-on/", passing_on.pass_on_again, name="pass-on-again"),
    path("tickets/<secret:link>/take-back/", passing_on.take_back_again, name="take-back-again"),
    path("tickets/<secret:link>/holder/", passing_on.own_name, name="own-name"),
    path("transfers/<secret:secret>/", passing_on.transfer, name="transfer"),
    path("transfers/<secret:secret>/decline/", passing_on.decline, name="decline"),
    path("bookings/<secret:secret>/give-back/", returns.give_back, name="give-back"),
    path("bookings/<secret:secret>/ask-refund/", returns.ask_refund, name="ask-refund"),
    path("bookings/<secret:secret>/withdraw-request/", returns.withdraw_request, name="withdraw-request"),
    path("events/<slug:slug>/giving-back/", returns.rules, name="rules"),
    path("tickets/<secret:link>/wallets/<slug:wallet>/", tickets.ticket_wallet, name="ticket-wallet"),
    path("payments/<secret:key>/", checkout.returned, name="returned"),
    path("payments/<secret:key>/transfer/", checkout.transfer, name="bank-transfer"),
    path("webhooks/<slug:provider>/", webhooks.webhook, name="webhook"),
    path("sandbox/<secret:reference>/", sandbox.hosted_page, name="sandbox"),
]

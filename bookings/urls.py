"""Addresses of the purchase and of bookings."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from bookings.views import calendars, checkout, choosing, find, returns, sandbox


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
    path("bookings/<secret:secret>/give-back/", returns.give_back, name="give-back"),
    path("bookings/<secret:secret>/ask-refund/", returns.ask_refund, name="ask-refund"),
    path("bookings/<secret:secret>/withdraw-request/", returns.withdraw_request, name="withdraw-request"),
    path("events/<slug:slug>/giving-back/", returns.rules, name="rules"),
    path("payments/<secret:key>/", checkout.returned, name="returned"),
    path("sandbox/<secret:reference>/", sandbox.hosted_page, name="sandbox"),
]

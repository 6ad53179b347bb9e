"""Our own staff pages. They stand inside the admin, under its guard and in its look, as `admin:<name>`."""

from django.urls import path

from backoffice.views import switch

pages = [
    path("switch/", switch.switch, name="switch"),
]

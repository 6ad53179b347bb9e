"""Our own staff pages. They stand inside the admin, under its guard and in its look, as `admin:<name>`."""

from django.urls import path

from backoffice.views import sale, switch

pages = [
    path("sell/", sale.sell, name="sell"),
    path("sell/total/", sale.total, name="sale-total"),
    path("sell/<slug:code>/", sale.sale, name="sale"),
    path("sell/<slug:code>/print/", sale.tickets, name="sale-tickets"),
    path("switch/", switch.switch, name="switch"),
]

"""Addresses of the season."""

from django.urls import path

from events.views import detail, listing

app_name = "events"
urlpatterns = [
    path("", listing.event_list, name="list"),
    path("<slug:slug>/", detail.event_detail, name="detail"),
    path("<slug:slug>/availability/", detail.event_availability, name="availability"),
]

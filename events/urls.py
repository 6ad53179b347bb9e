"""Addresses of the season."""

from django.urls import path

from events.views import detail, listing, venues

app_name = "events"
urlpatterns = [
    path("events/", listing.event_list, name="list"),
    path("events/<slug:slug>/", detail.event_detail, name="detail"),
    path("events/<slug:slug>/availability/", detail.event_availability, name="availability"),
    path("events/feed.atom", listing.home, name="feed"),
    path("events/<slug:slug>/calendar.ics", detail.event_detail, name="calendar"),
    path("events/<slug:slug>/sales-reminder.ics", detail.event_detail, name="sales-reminder"),
    path("venues/", venues.venue_list, name="venues"),
    path("venues/<slug:slug>/", venues.venue, name="venue"),
]

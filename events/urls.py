"""Addresses of the season."""

from django.urls import path

from events import feeds
from events.views import calendars, detail, listing

app_name = "events"
urlpatterns = [
    path("", listing.event_list, name="list"),
    path("feed.atom", feeds.feed, name="feed"),
    path("<slug:slug>/calendar.ics", calendars.event_calendar, name="calendar"),
    path("<slug:slug>/sales-reminder.ics", calendars.sales_reminder, name="sales-reminder"),
    path("<slug:slug>/", detail.event_detail, name="detail"),
    path("<slug:slug>/availability/", detail.event_availability, name="availability"),
]

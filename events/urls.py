"""Addresses of the season and its venues."""

from django.urls import path, register_converter

from core import periods
from events import feeds
from events.views import calendars, detail, listing, season, seats, styleguide, venues

register_converter(periods.PeriodConverter, "period")
register_converter(periods.MonthConverter, "month")

app_name = "events"
urlpatterns = [
    path("events/", listing.event_list, name="list"),
    path("events/feed.atom", feeds.feed, name="feed"),
    path("events/<slug:slug>/", detail.event_detail, name="detail"),
    path("events/<slug:slug>/availability/", detail.event_availability, name="availability"),
    path("events/<slug:slug>/seats/", seats.event_seats, name="seats"),
    path("events/<slug:slug>/seats/states/", seats.seat_states, name="seat-states"),
    path("events/<slug:slug>/calendar.ics", calendars.event_calendar, name="calendar"),
    path("events/<slug:slug>/sales-reminder.ics", calendars.sales_reminder, name="sales-reminder"),
    path("calendar/", season.this_month, name="this-month"),
    path("calendar/<period:period>/", season.period, name="period"),
    path("calendar/list/<month:period>/", season.month_list, name="month-list"),
    path("calendar.ics", calendars.season_calendar, name="season-calendar"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("venues/", venues.venue_list, name="venues"),
    path("venues/<slug:slug>/", venues.venue, name="venue"),
    path("venues/<slug:slug>/calendar.ics", calendars.venue_calendar, name="venue-calendar"),
]

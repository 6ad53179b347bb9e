"""All addresses."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView

from core import pictures, views

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="events:list"), name="home"),
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
    re_path(rf"^media/{pictures.ADDRESS}\Z", views.picture, name="picture"),
    path("events/", include("events.urls")),
    path("", include("bookings.urls")),
]

handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error

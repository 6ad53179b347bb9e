"""All addresses."""

from django.urls import include, path

from core import views
from events.views import listing

urlpatterns = [
    path("", listing.home, name="home"),
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
    path("language/", views.language, name="language"),
    path("", include("events.urls")),
    path("", include("bookings.urls")),
]

handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error

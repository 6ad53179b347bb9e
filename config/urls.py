"""All addresses."""

from django.urls import include, path
from django.views.generic import RedirectView

from core import views
from events import sitemaps

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="events:list"), name="home"),
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", sitemaps.sitemap_file, name="sitemap-file"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("events/", include("events.urls")),
    path("", include("bookings.urls")),
]

handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error

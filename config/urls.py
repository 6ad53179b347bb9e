"""All addresses."""

from django.contrib import admin
from django.urls import include, path, re_path

from accounts.views import language
from bookings.views import account, offline
from core import pictures, views
from events import sitemaps
from events.views import listing

urlpatterns = [
    path("", listing.home, name="home"),
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
    path("language/", language.language, name="language"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", sitemaps.sitemap_file, name="sitemap-file"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
    path("service-worker.js", offline.service_worker, name="service-worker"),
    re_path(rf"^media/{pictures.ADDRESS}\Z", views.picture, name="picture"),
    path("", include("events.urls")),
    path("plans/", include("venues.urls")),
    path("", include("bookings.urls")),
    path("account/bookings/", account.mine, name="my-bookings"),
    path("account/payments/", account.payments, name="my-payments"),
    path("account/export/", account.export, name="export"),
    path("account/delete/", account.delete, name="delete-account"),
    path("account/deleted/", account.deleted, name="account-deleted"),
    path("account/", include("accounts.urls")),
    path("admin/", admin.site.urls),
]

handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error

"""Our own staff pages. They stand inside the admin, under its guard and in its look, as `admin:<name>`."""

from django.urls import path

from backoffice.views import copying, pictures, publishing, switch

pages = [
    path("switch/", switch.switch, name="switch"),
    path("events/event/<int:pk>/publish/", publishing.publish, name="publish"),
    path("events/event/<int:pk>/copy/", copying.copy, name="copy"),
    path("pictures/<slug:kind>/<int:pk>/", pictures.gallery, name="pictures"),
    path("pictures/<slug:kind>/<int:pk>/<int:picture_pk>/", pictures.change_picture, name="change-picture"),
]

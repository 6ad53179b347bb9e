"""Our own staff pages. They stand inside the admin, under its guard and in its look, as `admin:<name>`."""

from django.urls import path

from backoffice.views import (
    acts,
    copying,
    pictures,
    publishing,
    sale,
    switch,
    team,
)

pages = [
    path("bookings/act/<slug:name>/", acts.act, name="act"),
    path("sell/", sale.sell, name="sell"),
    path("sell/total/", sale.total, name="sale-total"),
    path("sell/<slug:code>/", sale.sale, name="sale"),
    path("sell/<slug:code>/print/", sale.tickets, name="sale-tickets"),
    path("sell/<slug:code>/mail/", sale.mail, name="sale-mail"),
    path("switch/", switch.switch, name="switch"),
    path("team/", team.overview, name="team"),
    path("team/invitations/", team.invite, name="team-invite"),
    path("team/invitations/<int:pk>/again/", team.invite_again, name="team-invite-again"),
    path("team/invitations/<int:pk>/withdraw/", team.withdraw, name="team-withdraw"),
    path("team/<int:pk>/", team.member, name="team-member"),
    path("team/<int:pk>/role/", team.role, name="team-role"),
    path("team/<int:pk>/remove/", team.remove, name="team-remove"),
    path("events/event/<int:pk>/publish/", publishing.publish, name="publish"),
    path("events/event/<int:pk>/copy/", copying.copy, name="copy"),
    path("pictures/<slug:kind>/<int:pk>/", pictures.gallery, name="pictures"),
    path("pictures/<slug:kind>/<int:pk>/<int:picture_pk>/", pictures.change_picture, name="change-picture"),
]

"""Addresses of accounts: the sign-in library's, whose names have no prefix, and ours beside them."""

from allauth.account.decorators import reauthentication_required
from allauth.account.views import password_set
from django.contrib.auth.decorators import login_required
from django.urls import include, path

from accounts.views import (
    invitations,
    overview,
    profile,
    security,
)

urlpatterns = [
    path("", overview.account, name="account"),
    path("profile/", profile.profile, name="profile"),
    path("second-factor/", security.second_factor, name="second-factor"),
    path("invitations/<str:secret>/", invitations.invitation, name="invitation"),
    path("signed-out/", security.signed_out, name="signed-out"),
    path("logout/", security.sign_out, name="account_logout"),
    # The library lets anybody at an open session choose a first password, and with it do all the rest.
    path("password/set/", login_required(reauthentication_required(password_set)), name="account_set_password"),
    path("", include("allauth.account.urls")),
    path("security/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in

if TYPE_CHECKING:
    from accounts.models import User


class BookingsConfig(AppConfig):
    name = "bookings"

    def ready(self) -> None:
        """Who signs in has the bookings of their guest days from then on."""
        user_logged_in.connect(_claim, dispatch_uid="bookings are claimed")


def _claim(sender: object, user: "User", **_more: Any) -> None:
    from bookings.services import customers  # noqa: PLC0415 - models are loaded after this module

    customers.claim_calmly(user)

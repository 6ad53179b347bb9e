"""The back office as an app: what it does to bookings is there for the worker too."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "backoffice"

    def ready(self) -> None:
        """The worker, which stands below, does to many bookings what staff do to one."""
        from backoffice.act_batches import deal  # noqa: PLC0415 - models are loaded after this module
        from bookings.models import Batch  # noqa: PLC0415
        from bookings.services import batches  # noqa: PLC0415

        batches.DOING[Batch.Kind.ACT] = deal

"""The back office as an app: what it does to bookings is there for the worker too."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "backoffice"

    def ready(self) -> None:
        """For what stands below: what is done to many bookings, and what lines of imports say of people."""
        from backoffice.act_batches import deal  # noqa: PLC0415 - models are loaded after this module
        from backoffice.services.imports import persons as lines  # noqa: PLC0415
        from bookings.models import Batch  # noqa: PLC0415
        from bookings.queries import persons  # noqa: PLC0415
        from bookings.services import batches  # noqa: PLC0415

        batches.DOING[Batch.Kind.ACT] = deal
        persons.ELSEWHERE[lines.NAME] = persons.Elsewhere(lines.told, lines.erase)

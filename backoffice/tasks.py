"""Work of the worker."""

from django.tasks import task

from backoffice.services.imports import running


@task()
def carry_on(import_id: int) -> None:
    """Check an import or go on with it; the rest is another task, so that others get their turn."""
    if running.work(import_id=import_id):
        carry_on.enqueue(import_id)

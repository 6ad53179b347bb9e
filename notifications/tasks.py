"""Work of the worker."""

from django.tasks import task

from notifications import outbox


@task()
def deliver_message(message_id: int) -> None:
    """Send a message as soon as its cause is committed; `tick` sends what this missed."""
    outbox.deliver(message_id)

"""Tasks of the worker in the admin."""

import pytest
from django.test import Client
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from tests.backoffice.desk import at_work
from tests.factories import event_on_sale, paid
from tests.pages import text_of

pytestmark = pytest.mark.django_db

LIST = "/admin/django_tasks_database/dbtaskresult/"


def test_tasks_are_for_site_administrators(noon: object) -> None:
    """S8"""
    booking = paid(event_on_sale())
    task = DBTaskResult.objects.latest("enqueued_at")
    DBTaskResult.objects.filter(pk=task.pk).update(
        status="FAILED", traceback="Traceback: <b>boom</b>", worker_ids=["a", "b"]
    )
    change = f"{LIST}{task.pk}/change/"
    for role in ("admin", "organizer"):
        client, _user = at_work(role, booking.organization)
        assert (client.get(LIST).status_code, client.get(change).status_code) == (403, 403)
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com"))
    assert "notifications.tasks.deliver_message" in text_of(client.get(LIST))
    page = client.get(f"{LIST}{task.pk}/change/")
    assert "Traceback: &lt;b&gt;boom&lt;/b&gt;" in page.content.decode()
    assert client.post(f"{LIST}{task.pk}/change/", {"status": "READY"}).status_code == 403
    assert client.post(f"{LIST}{task.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(LIST, {"args_kwargs__contains": "1"}).status_code in (302, 400)

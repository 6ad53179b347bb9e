"""What the database refuses, whoever asks."""

from datetime import datetime

import pytest

from core.models import IdempotentCall, ThrottleWindow
from tests.constraints import refused_by

pytestmark = pytest.mark.django_db


def test_a_call_happens_once(noon: datetime) -> None:
    """R6"""
    call = {"scope": "reserve", "key": "k" * 20, "fingerprint": "f", "created_at": noon}
    IdempotentCall.objects.create(**call, result="first")
    with refused_by("a_call_happens_once", "scope", "key"):
        IdempotentCall.objects.create(**call, result="second")


def test_a_call_leads_somewhere(noon: datetime) -> None:
    with refused_by("a_call_leads_somewhere"):
        IdempotentCall.objects.create(scope="reserve", key="k" * 20, fingerprint="f", created_at=noon, result="")


def test_a_throttle_window_has_one_row(noon: datetime) -> None:
    window = {"scope": "find", "who": "w", "starts_at": noon}
    ThrottleWindow.objects.create(**window, count=1)
    with refused_by("one_row_per_throttle_window", "scope", "who", "starts_at"):
        ThrottleWindow.objects.create(**window, count=1)

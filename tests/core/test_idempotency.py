"""Calls that must not happen twice."""

import pytest
from django.db import transaction

from core import idempotency
from core.models import IdempotentCall

pytestmark = pytest.mark.django_db


def test_the_first_call_goes_ahead_and_the_next_gets_its_result() -> None:
    """R20"""
    assert idempotency.remember("reserve", "a" * 20, {"places": 2}, result="first") is None
    for _again in range(9):
        assert idempotency.remember("reserve", "a" * 20, {"places": 2}, result="another") == "first"
    assert list(IdempotentCall.objects.values_list("scope", "key", "result")) == [("reserve", "a" * 20, "first")]


def test_the_same_key_with_another_body_is_refused() -> None:
    """R21"""
    idempotency.remember("reserve", "a" * 20, {"places": 2}, result="first")
    with pytest.raises(idempotency.KeyReused):
        idempotency.remember("reserve", "a" * 20, {"places": 3}, result="second")
    assert IdempotentCall.objects.get().result == "first"


def test_the_order_of_a_bodys_fields_makes_no_other_body() -> None:
    idempotency.remember("reserve", "a" * 20, {"1": 2, "3": 4}, result="first")
    assert idempotency.remember("reserve", "a" * 20, {"3": 4, "1": 2}, result="second") == "first"


def test_another_scope_or_key_is_another_call() -> None:
    assert idempotency.remember("reserve", "a" * 20, 1, result="first") is None
    assert idempotency.remember("pay", "a" * 20, 1, result="second") is None
    assert idempotency.remember("reserve", "b" * 20, 1, result="third") is None


def test_a_call_that_was_rolled_back_is_forgotten() -> None:
    """Only effects are remembered."""
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        idempotency.remember("reserve", "a" * 20, 1, result="first")
        raise ZeroDivisionError
    assert idempotency.remember("reserve", "a" * 20, 2, result="second") is None


def test_what_a_call_came_to_can_be_said_at_its_end() -> None:
    assert idempotency.remember("set-up", "a" * 20, 1, result="nothing yet") is None
    idempotency.remember("set-up", "b" * 20, 1, result="nothing yet")
    idempotency.conclude("set-up", "a" * 20, result="7")
    assert idempotency.remember("set-up", "a" * 20, 1, result="nothing yet") == "7"
    assert idempotency.remember("set-up", "b" * 20, 1, result="8") == "nothing yet"

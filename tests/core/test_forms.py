"""Fields for amounts and moments."""

from typing import Any

import pytest
from django import forms

from core.forms import AmountField, PercentField


def form_of(currency: str, data: dict[str, str], initial: int | None = None, **how: Any) -> forms.Form:
    class AForm(forms.Form):
        amount = AmountField(currency=currency, **how)

    return AForm(data, initial={"amount": initial})


@pytest.mark.parametrize(
    ("currency", "typed", "amount"),
    [("EUR", "84", 8400), ("EUR", "84.5", 8450), ("JPY", "500", 500), ("JPY", "500.00", 500), ("KWD", "1.234", 1234)],
)
def test_what_is_typed_becomes_the_smallest_unit(currency: str, typed: str, amount: int) -> None:
    form = form_of(currency, {"amount": typed})
    assert form.is_valid()
    assert form.cleaned_data == {"amount": amount}


@pytest.mark.parametrize(
    ("currency", "typed", "sentence"),
    [
        ("EUR", "84.005", "EUR has 2 decimals."),
        ("JPY", "1.5", "JPY has 0 decimals."),
        ("EUR", "-1", "Ensure this value is greater than or equal to 0.00."),
        ("EUR", "99999999999", "Ensure this value is less than or equal to 21474836.47."),
        ("EUR", "1e999", "Ensure this value is less than or equal to 21474836.47."),
        ("EUR", "NaN", "Enter a number."),
        ("EUR", "a lot", "Enter a number."),
    ],
)
def test_what_is_no_amount_is_an_error_beside_the_field(currency: str, typed: str, sentence: str) -> None:
    assert form_of(currency, {"amount": typed}).errors == {"amount": [sentence]}


def test_the_least_may_be_more_than_nothing() -> None:
    assert not form_of("EUR", {"amount": "0"}, smallest=1).is_valid()
    assert form_of("EUR", {"amount": "0.01"}, smallest=1).is_valid()


def test_an_amount_is_shown_in_the_main_unit_with_steps_of_the_smallest() -> None:
    class AForm(forms.Form):
        amount = AmountField(currency="EUR", initial=8400)

    shown = str(AForm()["amount"])
    assert 'value="84.00"' in shown
    assert 'step="0.01"' in shown


@pytest.mark.parametrize(("typed", "changed"), [("84", False), ("84.00", False), ("85", True), ("", True), ("x", True)])
def test_the_same_amount_typed_otherwise_is_no_change(typed: str, changed: bool) -> None:
    assert form_of("EUR", {"amount": typed}, 8400, required=False).has_changed() is changed
    assert form_of("EUR", {"amount": ""}, None, required=False).has_changed() is False


@pytest.mark.parametrize(
    ("typed", "kept"), [("2.5", 250), ("19", 1900), ("0", 0), ("100", 10_000), ("0.01", 1), ("33.33", 3333), ("", None)]
)
def test_a_percentage_becomes_hundredths_of_a_percent(typed: str, kept: int | None) -> None:
    assert PercentField(required=False).clean(typed) == kept


@pytest.mark.parametrize("typed", ["-0.01", "100.01", "2.555", "NaN", "2,5 %", ""])
def test_what_is_no_percentage_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        PercentField().clean(typed)


def test_a_percentage_is_shown_as_it_is_written_and_changes_only_with_its_value() -> None:
    field = PercentField()
    assert [str(field.prepare_value(each)) for each in (250, 1900, 0, "2.555", None)] == [
        "2.5",
        "19",
        "0",
        "2.555",
        "None",
    ]
    assert not field.has_changed(250, "2.50")
    assert field.has_changed(250, "2.51")
    assert field.has_changed(250, "")

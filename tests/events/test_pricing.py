"""The whole price of a ticket."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.pricing import Fare, alone, booking_fee, fare
from events.queries.offers import offers
from tests.conftest import NOON
from tests.factories import EventFactory, OrganizationFactory, VenueFactory, event_on_sale, price_of, reserve


@pytest.mark.parametrize(
    ("price", "own_fee", "expected"),
    [
        (2_000, None, Fare(2_000, 150, 343)),  # 5 % and 50, and 19 % tax in 2150
        (2_000, 0, Fare(2_000, 100, 335)),
        (2_000, 300, Fare(2_000, 400, 383)),
        (10, None, Fare(10, 51, 10)),  # half a cent goes away from zero
        (0, None, Fare(0, 0, 0)),
        (0, 300, Fare(0, 0, 0)),
    ],
)
def test_a_fare_is_price_and_fee_with_the_tax_in_both(price: int, own_fee: int | None, expected: Fare) -> None:
    """A free ticket has no fee; an event's own fee stands instead of the house's."""
    event = EventFactory.build(
        organization=OrganizationFactory.build(), venue=VenueFactory.build(), starts_at=NOON, fee_per_ticket=own_fee
    )
    assert fare(event, price) == expected
    assert fare(event, price).total == expected.price + expected.fee


@given(st.integers(0, 10**8), st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_tax_is_always_contained_and_only_what_is_free_is_free(price: int, share: int, fixed: int, tax: int) -> None:
    house = OrganizationFactory.build(fee_basis_points=share, fee_per_ticket=fixed, tax_basis_points=tax)
    event = EventFactory.build(organization=house, venue=VenueFactory.build(), starts_at=NOON, fee_per_ticket=None)
    each = fare(event, price)
    assert 0 <= each.tax <= each.total
    assert (each.total == 0) == (price == 0)


@pytest.mark.django_db
def test_a_booking_costs_the_sum_of_what_was_shown(noon: datetime) -> None:
    """R10, U27: three times a rounded fee, not a rounded fee of the sum."""
    event = event_on_sale(amounts={"Odd": 10, "Free": 0})
    shown = {offer.price.ticket_type.name: offer.fare for level in offers(event) for offer in level.prices}
    booking = reserve(event, 3, price=price_of(event, ticket_type="Odd"))
    assert shown == {"Odd": Fare(10, 51, 10), "Free": Fare(0, 0, 0)}
    assert (booking.subtotal, booking.fee, booking.tax, booking.total) == (30, 153, 30, 183)


@pytest.mark.parametrize(
    ("price", "own_fee", "fee", "one"),
    [
        (2_000, None, Fare(0, 200, 32), Fare(2_000, 350, 375)),  # 19 % in 2.00, and in 21.50
        (2_000, 0, Fare(0, 0, 0), Fare(2_000, 150, 343)),
        (2_000, 350, Fare(0, 350, 56), Fare(2_000, 500, 399)),
        (0, 350, Fare(0, 0, 0), Fare(0, 0, 0)),
    ],
)
def test_a_ticket_bought_alone_costs_the_fee_of_its_booking_too(
    price: int, own_fee: int | None, fee: Fare, one: Fare
) -> None:
    """U27: an event's own fee stands instead of the house's, and what is free has none."""
    house = OrganizationFactory.build(fee_per_booking=200)
    event = EventFactory.build(
        organization=house, venue=VenueFactory.build(), starts_at=NOON, fee_per_ticket=None, fee_per_booking=own_fee
    )
    assert (booking_fee(event, price), alone(event, price)) == (fee, one)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("currency", "expected"),
    [("JPY", (3_000, 450, 200, 584)), ("EUR", (3_000, 450, 200, 584)), ("KWD", (3_000, 450, 200, 584))],
)
def test_fees_are_right_to_the_smallest_unit_of_any_currency(
    noon: datetime, currency: str, expected: tuple[int, ...]
) -> None:
    """R10: ¥3650, €36.50 and 3.650 dinars: nothing of it knows how many decimals are written."""
    house = OrganizationFactory(currency=currency, fee_basis_points=0, fee_per_ticket=150, fee_per_booking=200)
    event = event_on_sale(currency=currency, venue__organization=house, amounts={"Standard": 1_000})
    booking = reserve(event, 3)
    assert (booking.subtotal, booking.ticket_fee, booking.booking_fee, booking.tax) == expected
    assert booking.total == sum(expected[:3])


@pytest.mark.django_db
def test_offers_are_the_levels_in_order_each_with_its_prices(noon: datetime) -> None:
    event = event_on_sale(levels={"Front": 2, "Back": 2}, amounts={"Adult": 2_000, "Child": 1_000})
    event_on_sale()
    found = [
        (each.level.name, [(offer.price.ticket_type.name, offer.field) for offer in each.prices])
        for each in offers(event)
    ]
    assert found == [
        (level, [(kind, f"price_{price_of(event, level, kind).pk}") for kind in ("Adult", "Child")])
        for level in ("Front", "Back")
    ]

"""What goes back for tickets, to the smallest unit (R8, S44, U38)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings import policies
from bookings.models import Booking, Ticket
from bookings.policies import Moment, Offer, Terms

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SEVEN_DAYS, A_DAY = 168, 24
TIERS = ((SEVEN_DAYS, 10_000), (A_DAY, 5_000))


def booking(booking_fee: int = 0) -> Booking:
    return Booking(currency="EUR", booking_fee=booking_fee, booking_fee_tax=booking_fee // 6)


def ticket(price: int = 4_000, fee: int = 200, number: int = 1) -> Ticket:
    return Ticket(number=number, price=price, fee=fee, tax=(price + fee) // 7)


def asked(hours: float, *, returnable_until: datetime | None = None) -> Moment:
    return Moment(NOON, NOON + timedelta(hours=hours), returnable_until, "Europe/Berlin")


def offered(terms: Terms, hours: float, *tickets: Ticket, booking_fee: int = 0, last: bool = False) -> Offer:
    chosen = tickets or (ticket(),)
    return policies.offer(terms, asked(hours), booking(booking_fee), chosen, last=last, left=10**9)


@pytest.mark.parametrize(
    ("hours", "amount"),
    [(1_000, 4_000), (168, 4_000), (167.99, 2_000), (24, 2_000), (23.99, 0), (12, 0), (11.9, 0), (0, 0), (-1, 0)],
)
def test_the_highest_tier_that_is_reached_counts(hours: float, amount: int) -> None:
    assert offered(Terms(12, TIERS), hours).amount == amount


@pytest.mark.parametrize(
    ("terms", "hours", "why_not"),
    [
        (Terms(12, TIERS), 12, ""),
        (Terms(12, TIERS), 11.9, "Tickets could be given back until 12 hours before the start."),
        (Terms(48), 47, "Tickets could be given back until 2 days before the start."),
        (Terms(), 1_000, "For this event tickets can't be given back without asking."),
        (Terms(0), 0.1, ""),
        (Terms(0), 0, "The event has begun."),
        (Terms(0), -1, "The event has begun."),
    ],
)
def test_it_says_why_tickets_cannot_be_given_back(terms: Terms, hours: float, why_not: str) -> None:
    """U38"""
    assert offered(terms, hours).why_not == why_not


def test_without_tiers_the_whole_price_goes_back() -> None:
    assert offered(Terms(0), 1).amount == 4_000


def test_service_fees_go_back_where_they_are_not_kept() -> None:
    assert offered(Terms(0, keeps_service_fee=False), 1).amount == 4_200
    half = offered(Terms(0, TIERS, keeps_service_fee=False), 30, booking_fee=300, last=True)
    assert [(row.amount, row.tax) for row in half.rows] == [(2_100, 300)]
    assert (half.booking_fee, half.booking_fee_tax, half.amount) == (150, 25, 2_250)


@pytest.mark.parametrize(
    ("last", "keeps", "fee"), [(True, False, 300), (False, False, 0), (True, True, 0), (False, True, 0)]
)
def test_the_booking_fee_goes_back_with_the_last_ticket(last: bool, keeps: bool, fee: int) -> None:
    given = offered(Terms(0, keeps_service_fee=keeps), 1, booking_fee=300, last=last)
    assert given.booking_fee == fee


def test_a_fee_for_giving_back_is_never_more_than_what_would_go_back() -> None:
    """S44"""
    cheap, dear = ticket(price=150, number=1), ticket(price=4_000, number=2)
    given = offered(Terms(0, fee_per_ticket=200), 1, cheap, dear)
    assert [row.amount for row in given.rows] == [0, 3_800]


def test_no_more_goes_back_than_is_left() -> None:
    """R8, S44"""
    chosen = [ticket(number=number) for number in (1, 2, 3)]
    given = policies.offer(Terms(0, keeps_service_fee=False), asked(1), booking(500), chosen, last=True, left=9_000)
    assert ([row.amount for row in given.rows], given.booking_fee, given.amount) == ([4_200, 4_200, 600], 0, 9_000)


def test_half_a_cent_is_rounded_up() -> None:
    """S44"""
    assert offered(Terms(0, ((0, 5_000),)), 1, ticket(price=1)).amount == 1


def test_a_move_gives_everything_back_whatever_the_rules_say() -> None:
    """U39"""
    moved = asked(3, returnable_until=NOON + timedelta(hours=2))
    given = policies.offer(Terms(), moved, booking(300), [ticket()], last=True, left=10**9)
    assert (given.amount, given.why_not) == (4_500, "")
    assert given.rule == "The event was moved, so everything goes back until Mon, 1 Jun 2026, 16:00 (CEST)."
    over = asked(3, returnable_until=NOON - timedelta(seconds=1))
    assert policies.offer(Terms(), over, booking(), [ticket()], last=True, left=10**9).amount == 0
    begun = asked(0, returnable_until=NOON + timedelta(hours=2))
    assert policies.why_not(Terms(), begun) == "The event has begun."


# --- In words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "hours", "rule"),
    [
        (
            Terms(12, TIERS),
            30.5,
            "50 % of the price goes back, since it is 30 hours before the start. Service fees of €2.00 are kept.",
        ),
        (
            Terms(12, TIERS, keeps_service_fee=False, fee_per_ticket=150),
            200,
            "100 % of the price and its fees goes back, since it is 8 days before the start."
            " For each ticket given back €1.50 is kept.",
        ),
        (
            Terms(0, ((0, 1_250),), keeps_service_fee=False),
            0.5,
            "12.5 % of the price and its fees goes back, since it is 30 minutes before the start.",
        ),
    ],
)
def test_the_rule_is_told_in_words(terms: Terms, hours: float, rule: str) -> None:
    """U38"""
    assert offered(terms, hours).rule == rule


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (
            Terms(),
            ["Tickets can't be given back without asking.", "The page of your booking has a form to ask for a refund."],
        ),
        (
            Terms(24, TIERS, single_tickets=False, fee_per_ticket=100),
            [
                "You can give tickets back yourself until 24 hours before the start.",
                "Until 7 days before the start 100 % of the price goes back.",
                "Until 24 hours before the start 50 % of the price goes back.",
                "Only all tickets of a booking can be given back together.",
                "Service fees are kept.",
                "For each ticket given back €1.00 is kept.",
            ],
        ),
        (
            Terms(0, ((48, 10_000),), keeps_service_fee=False),
            [
                "You can give tickets back yourself until the event begins.",
                "Until 2 days before the start 100 % of the price goes back.",
                "After that nothing goes back.",
            ],
        ),
        (
            Terms(36, ((48, 10_000), (24, 5_000), (1, 100)), keeps_service_fee=False),
            [
                "You can give tickets back yourself until 36 hours before the start.",
                "Until 2 days before the start 100 % of the price goes back.",
                "Until 36 hours before the start 50 % of the price goes back.",
            ],
        ),
        (
            Terms(0, keeps_service_fee=False),
            [
                "You can give tickets back yourself until the event begins.",
                "Until the event begins 100 % of the price goes back.",
            ],
        ),
    ],
)
def test_rules_are_told_before_somebody_chooses(terms: Terms, said: list[str]) -> None:
    """U7"""
    assert policies.in_words(terms, "EUR") == said


# --- Whatever the rules and prices are --------------------------------------------------------------

SHARES = st.integers(0, 10_000)
ANY_TERMS = st.builds(
    Terms,
    until_hours=st.none() | st.integers(0, 100),
    tiers=st.dictionaries(st.integers(0, 200), SHARES, max_size=4).map(lambda tiers: tuple(tiers.items())),
    single_tickets=st.booleans(),
    keeps_service_fee=st.booleans(),
    fee_per_ticket=st.integers(0, 500) | st.just(0),
)
HOURS = st.floats(-10, 300)
PRICES = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 900)), min_size=1, max_size=6)


def chosen_of(prices: list[tuple[int, int]]) -> list[Ticket]:
    return [ticket(price, fee, number) for number, (price, fee) in enumerate(prices, start=1)]


@given(ANY_TERMS, HOURS, PRICES, st.integers(0, 500), st.integers(0, 70_000), st.booleans())
def test_never_more_goes_back_than_was_paid(
    terms: Terms, hours: float, prices: list[tuple[int, int]], fee: int, left: int, last: bool
) -> None:
    """R8, S44"""
    chosen = chosen_of(prices)
    given = policies.offer(terms, asked(hours), booking(fee), chosen, last=last, left=left)
    assert all(0 <= row.tax <= row.amount <= row.ticket.total for row in given.rows)
    assert 0 <= given.booking_fee_tax <= given.booking_fee <= fee
    assert 0 <= given.amount <= min(left, sum(each.total for each in chosen) + fee)


@given(ANY_TERMS, HOURS, PRICES, st.integers(0, 500), st.randoms())
def test_one_by_one_is_as_much_as_all_at_once(
    terms: Terms, hours: float, prices: list[tuple[int, int]], fee: int, random: object
) -> None:
    """S44"""
    chosen = chosen_of(prices)
    left = sum(each.total for each in chosen) + fee
    at_once = policies.offer(terms, asked(hours), booking(fee), chosen, last=True, left=left).amount
    random.shuffle(chosen)  # type: ignore[attr-defined]
    singly = 0
    for number, each in enumerate(chosen, start=1):
        last = number == len(chosen)
        singly += policies.offer(terms, asked(hours), booking(fee), [each], last=last, left=left - singly).amount
    assert singly == at_once


@given(
    st.lists(SHARES, min_size=1, max_size=4).map(sorted),
    st.booleans(),
    st.integers(0, 500),
    PRICES,
    st.tuples(HOURS, HOURS).map(sorted),
)
def test_who_is_earlier_gets_no_less(
    shares: list[int], keeps: bool, fee: int, prices: list[tuple[int, int]], times: list[float]
) -> None:
    """Where more goes back the earlier it is, it does so for every price, whatever is kept."""
    terms = Terms(0, tuple((hours * 30, share) for hours, share in enumerate(shares)), True, keeps, fee)
    later, earlier = (offered(terms, hours, *chosen_of(prices), booking_fee=99, last=True).amount for hours in times)
    assert later <= earlier


@given(st.integers(0, 10_000), PRICES)
def test_an_amount_is_spread_to_the_last_unit(amount: int, prices: list[tuple[int, int]]) -> None:
    """S44"""
    rows = policies.split(amount, chosen_of(prices))
    assert sum(row.amount for row in rows) == amount
    assert all(0 <= row.tax <= row.amount for row in rows)

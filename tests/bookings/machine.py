"""
The sale, done twice: by the services, and by a house of plain Python that says what should have come of it.

`Sale` does anything at any moment, in any order, and compares each answer and then every row with
that house. Where the services may choose (which free places, which lapsed bookings make room), any
choice that is allowed will do.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from unittest import mock

from django.db import connection, transaction
from hypothesis import event as note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bookings import models
from bookings.gateways import Outcome, sandbox
from bookings.queries.promises import PROMISES, Promise
from bookings.services import cancellations, customers, payments, refunds, reservations, returns
from core import clock, codes, idempotency
from core.refusals import Refusal
from core.transactions import outermost
from events.models import EventSeat, NotOnSale, Price, PriceLevel
from events.services import inventory
from notifications import outbox
from notifications.models import Message
from tests.bookings import house as plain
from tests.bookings.house import AMOUNTS, LEVELS, Checkout, Expected, House, Kind, Place, Taken, places_by_level
from tests.factories import OrganizationFactory, VenueFactory, event_on_sale, news_of

REACHED: Counter[str] = Counter()
"""How often the runs came to what they are there for."""

Act = tuple[str, dict[str, Any]]
Statement = tuple[str, Any]


def act(name: str, **drawn: st.SearchStrategy) -> st.SearchStrategy[Act]:
    """Something that can be done, by the name of its method."""
    return st.tuples(st.just(name), st.fixed_dictionaries(drawn))


KINDS = st.sampled_from([(level, kind) for level in LEVELS for kind in AMOUNTS])
SOUND_CHOICES = st.dictionaries(KINDS, st.sampled_from([2, 1]), min_size=1, max_size=2)
ANY_CHOICES = st.dictionaries(KINDS, st.sampled_from([4, 1, 3, 0, 7]), min_size=1, max_size=2)
EMAILS = st.sampled_from(["ada@example.com", "Ada@Example.COM", "bob@example.com"])
PAST_DEADLINE = st.sampled_from([timedelta(seconds=seconds) for seconds in (6, 0, 1, 5, 300)])
NEWS = st.lists(st.sampled_from(["failed", "succeeded", "pending", "other amount"]), min_size=2, max_size=5)
WITH_MONEY = ("succeeded", "other amount")

A_BOOKING = A_CHECKOUT = st.sampled_from([0, 1, 0, 2, 3, 5])
A_NEW_ONE = st.sampled_from([0, 0, 1])

MANY = st.sampled_from([1, 1, 2, 4])

# One rule with all acts, which are then equally likely: of many rules, each run would leave most out.
ACTS = st.one_of(
    act("expire_due"),
    act("come_to_pay", choice=SOUND_CHOICES, email=EMAILS),
    act("pass_a_deadline", booking=A_BOOKING, past=PAST_DEADLINE),
    act("pass_by", minutes=st.sampled_from([1, 2, 4, 8, 300])),
    act("reserve", choice=ANY_CHOICES),
    act("choose_anew", booking=A_BOOKING, choice=SOUND_CHOICES),
    act("choose_in_two_tabs", booking=A_BOOKING, choices=st.tuples(SOUND_CHOICES, ANY_CHOICES)),
    act("keep_choosing", booking=A_BOOKING, choice=SOUND_CHOICES),
    act("send_the_form_again", booking=A_BOOKING, more=st.booleans()),
    act("extend", booking=A_BOOKING),
    act("give_details", booking=A_BOOKING, email=EMAILS),
    act("hand_over", booking=A_BOOKING),
    act("give_up", booking=A_BOOKING),
    act("take_free_tickets", booking=A_BOOKING),
    act("pay", checkout=A_NEW_ONE),
    act("pay_late", checkout=A_NEW_ONE, past=PAST_DEADLINE | st.just(timedelta(hours=8))),
    act("pay_after_others_came", checkout=A_NEW_ONE, past=PAST_DEADLINE),
    act("pay_after_booking_anew", checkout=A_NEW_ONE),
    act("pay_twice", checkout=A_CHECKOUT),
    act("hear_in_disorder", checkout=A_CHECKOUT, news=NEWS),
    act("ask_how_it_stands", checkout=A_CHECKOUT, charged=st.booleans()),
    act("cancel", booking=A_BOOKING),
    act("give_tickets_back", confirmed=A_BOOKING, many=MANY, twice=st.booleans()),
    act("give_tickets_back", confirmed=st.just(0), many=st.just(1), twice=st.booleans()),
    act("give_back_what_was_shown_before", confirmed=A_BOOKING, many=MANY),
    act("take_tickets_back", confirmed=A_BOOKING, many=MANY, percent=st.sampled_from([50, 0, 100, 101])),
    act("give_goodwill", confirmed=A_BOOKING, percent=st.sampled_from([10, 100, 0, 101]), twice=st.booleans()),
    act("change_prices", level=st.sampled_from([*LEVELS]), amount=st.sampled_from([990, 1_111, 3_005])),
    act("make_places", level=st.sampled_from([*LEVELS]), quantity=st.integers(1, 3)),
    act("remove_places", level=st.sampled_from([*LEVELS]), quantity=st.integers(1, 3)),
    act("expire_one", booking=A_BOOKING),
    act("send_what_is_due", works=st.booleans()),
    act("send_what_is_due", works=st.just(True)),
)


class Sale(RuleBasedStateMachine):
    """One event, from its first reservation to its end; customers, providers and staff do as they like."""

    def __init__(self) -> None:
        super().__init__()
        self.outside_is_up = True
        self.mailed: Counter[int] = Counter()
        self.given_back: Counter[str] = Counter()
        with ExitStack() as stack:
            stack.enter_context(undone())
            stack.enter_context(clock.at(plain.NOON))
            stack.enter_context(mock.patch.object(outbox, "_send", self._mail))
            stack.enter_context(mock.patch.object(sandbox.SandboxGateway, "refund", self._refund))
            self._open_the_house()
            self.until_teardown = stack.pop_all()

    def teardown(self) -> None:
        """Leave no trace in the database."""
        self.until_teardown.close()

    def _open_the_house(self) -> None:
        organization = OrganizationFactory(
            fee_basis_points=plain.FEE_BASIS_POINTS,
            fee_per_ticket=plain.FEE_PER_TICKET,
            tax_basis_points=plain.TAX_BASIS_POINTS,
        )
        self.event = event_on_sale(
            levels=LEVELS,
            amounts=AMOUNTS,
            venue=VenueFactory(organization=organization, capacity=plain.CAPACITY),
            starts_at=plain.STARTS,
            ends_at=plain.ENDS,
            max_per_booking=plain.MOST_PER_BOOKING,
            max_per_customer=plain.MOST_PER_PERSON,
        )
        self.levels = {level.name: level for level in PriceLevel.objects.filter(event=self.event)}
        prices = Price.objects.filter(price_level__event=self.event).select_related("price_level", "ticket_type")
        self.price_ids = {(price.price_level.name, price.ticket_type.name): price.pk for price in prices}
        self.house = House({pk: Place(level) for pk, level in self._place_rows().items()})
        rules = models.CancellationPolicy.objects.create(
            organization=organization,
            cancel_until_hours=plain.RETURNED_UNTIL // timedelta(hours=1),
            fee_per_ticket=plain.KEPT_FOR_EACH,
        )
        for before, share in plain.GOES_BACK:
            rules.tiers.create(hours_before=before // timedelta(hours=1), basis_points=share)
        not_ours = min(self.house.places)
        EventSeat.objects.filter(pk=not_ours).update(ownership=EventSeat.Ownership.NOT_OWNED)
        self.house.places[not_ours].ours = False

    # The world outside

    def _mail(self, message: Message) -> None:
        if not self.outside_is_up:
            raise ConnectionError("no mail today")
        self.mailed[message.pk] += 1

    def _refund(self, refund: models.Refund) -> str:
        if not self.outside_is_up:
            raise ConnectionError("no refunds today")  # who is silent is left alone: that has tests of its own
        self.given_back[refund.payment.reference] += refund.amount
        return f"refund-{refund.pk}"

    # What can happen

    @initialize(customers=st.lists(st.tuples(SOUND_CHOICES, EMAILS), min_size=2, max_size=3))
    def customers_come(self, customers: list[tuple[dict[Kind, int], str]]) -> None:
        """So that there is something to do from the start."""
        for choice, email in customers:
            self.come_to_pay(choice, email)

    @rule(act=ACTS)
    def somebody_acts(self, act: Act) -> None:
        """Bookings and checkouts are drawn as numbers: which one that is depends on what happened before."""
        name, given = act
        if "booking" in given:
            given = {**given, "booking": self._booking(given["booking"])}
        if "confirmed" in given:
            by_status = sorted(self.house.bookings, key=lambda booking: booking.status == "confirmed")
            given = {**given, "confirmed": nth(by_status, given["confirmed"])}
        if "checkout" in given:
            if not self.house.checkouts():
                return
            given = {**given, "checkout": self._checkout(given["checkout"])}
        getattr(self, name)(**given)

    def _booking(self, which: int) -> Expected:
        """Mostly the newest that is pending."""
        return nth(sorted(self.house.bookings, key=lambda booking: booking.status == "pending"), which)

    def _checkout(self, which: int) -> Checkout:
        """Mostly the newest that nobody paid on."""
        unpaid = self.house.unpaid()
        return nth(sorted(self.house.checkouts(), key=lambda checkout: checkout in unpaid), which)

    # Time

    def pass_by(self, minutes: int) -> None:
        self._pass_to(self.house.now + timedelta(minutes=minutes))

    def pass_a_deadline(self, booking: Expected, past: timedelta) -> None:
        self._pass_to(booking.until + past)

    def _pass_to(self, moment: datetime) -> None:
        if moment > self.house.now:
            clock.advance(moment - self.house.now)
            self.house.now = moment

    # Customers

    def come_to_pay(self, choice: dict[Kind, int], email: str) -> None:
        """Reserve, say who it is, and go to the provider."""
        if booking := self.reserve(choice):
            self.give_details(booking, email)
            self.hand_over(booking)

    def reserve(self, choice: dict[Kind, int], replacing: Expected | None = None) -> Expected | None:
        key = codes.secret()
        needed = places_by_level(choice)
        earlier = replacing and replacing.newest
        gives_way = earlier if earlier and earlier.status == "pending" else None
        with self.house.given_way(gives_way):
            refusal = self._refusal_of(choice, earlier)
            sold_out, short = self.house.sold_out(needed), self.house.short(needed)
            left = [self.house.to_be_had(level) for level in sold_out]
        form = self._form(choice, key) | ({"replacing": replacing.pk} if replacing else {})
        answer = self._ask(refusal, reservations.reserve, event=self.event, **form)
        asked = refusal not in (reservations.BadChoice, reservations.TooLate)
        self._find_expired(short=bool(short) and asked, besides=gives_way if not refusal else None)
        if isinstance(answer, inventory.NotEnough):
            reached("sold out")
            same((answer.level.name, answer.left), (sold_out[0], left[0]))
        if refusal:
            return None
        if short:
            reached("a lapsed booking made room")
        return self._reserved(answer, key, choice, earlier)

    def choose_anew(self, booking: Expected, choice: dict[Kind, int]) -> None:
        """Of a customer who has, or had, a reservation."""
        if self.reserve(choice, replacing=booking) and booking is not booking.newest:
            reached("another tab's choice was followed" if booking.newest.replaces is not booking else "chose anew")

    def choose_in_two_tabs(self, booking: Expected, choices: tuple[dict[Kind, int], dict[Kind, int]]) -> None:
        """Both of which know the same earlier choice."""
        for choice in choices:
            self.choose_anew(booking, choice)

    def keep_choosing(self, booking: Expected, choice: dict[Kind, int]) -> None:
        """Always at the last moment."""
        for _choice in range(5):
            self._pass_to(booking.newest.until)
            self.choose_anew(booking, choice)

    def _refusal_of(self, choice: dict[Kind, int], earlier: Expected | None) -> type[Refusal] | None:
        if not 1 <= sum(choice.values()) <= min(plain.MOST_PER_BOOKING, plain.MOST_PER_PERSON):
            return reservations.BadChoice
        left = earlier.reserved_at + plain.LONGEST - self.house.now if earlier else plain.LONGEST
        if earlier and self.house.is_open(earlier) and left < plain.SHORTEST:
            reached("too little time left to choose anew")
            return reservations.TooLate
        if self.house.now >= plain.STARTS:
            return NotOnSale
        return inventory.NotEnough if self.house.sold_out(places_by_level(choice)) else None

    def _form(self, choice: Mapping[Kind, int], key: str) -> dict[str, Any]:
        return {"quantities": {self.price_ids[kind]: quantity for kind, quantity in choice.items()}, "key": key}

    def _reserved(
        self, row: models.Booking, key: str, choice: dict[Kind, int], earlier: Expected | None = None
    ) -> Expected:
        fares = [
            plain.fare(self.house.prices[kind]) for kind, quantity in choice.items() for _ordinal in range(quantity)
        ]
        booking = Expected(
            pk=row.pk,
            key=key,
            first_secret=row.secret,
            secret=row.secret,
            wanted=+Counter(choice),
            subtotal=sum(price for price, _fee, _tax in fares),
            fee=sum(fee for _price, fee, _tax in fares),
            tax=sum(tax for _price, _fee, tax in fares),
            reserved_at=self.house.now,
            until=self.house.now + plain.RESERVED_FOR,
            fares={kind: plain.fare(self.house.prices[kind]) for kind in choice},
        )
        if earlier and earlier.status != "confirmed":
            self._give_way(earlier, booking)
        self.house.bookings.append(booking)
        self._adopt(booking)
        return booking

    def _give_way(self, earlier: Expected, booking: Expected) -> None:
        """End the earlier choice for a new one, which lasts no longer than both may; nothing is told by mail."""
        if self.house.is_open(earlier):
            reached("an open choice was replaced")
            self.house.end(earlier, "cancelled")
            booking.reserved_at, booking.extensions = earlier.reserved_at, earlier.extensions
            booking.until = min(booking.until, earlier.reserved_at + plain.LONGEST)
        elif earlier.status == "pending":
            reached("a lapsed choice was replaced")
            self.house.end(earlier, "expired")
        elif earlier.status == "cancelled" and not earlier.was_given_up:
            return
        booking.replaces, earlier.replaced_by = earlier, booking

    def send_the_form_again(self, booking: Expected, more: bool) -> None:
        """The same form leads to the same booking, while its link is the one that the form led to."""
        choice = Counter(booking.wanted)
        if more:
            choice[next(iter(choice))] += 1
        refusal = idempotency.KeyReused if more or booking.secret != booking.first_secret else None
        form = self._form(choice, booking.key) | {"replacing": booking.pk}
        answer = self._ask(refusal, reservations.reserve, event=self.event, **form)
        assert refusal or answer.pk == booking.pk

    def extend(self, booking: Expected) -> None:
        until = min(booking.until + plain.EXTENSION, booking.reserved_at + plain.LONGEST)
        possible = booking.extensions < plain.EXTENSIONS and until > booking.until
        refusal = None if self.house.is_open(booking) and possible else reservations.TooLate
        self._ask(refusal, reservations.extend, booking_id=booking.pk)
        if not refusal:
            reached("extended")
            booking.until, booking.extensions = until, booking.extensions + 1

    def give_details(self, booking: Expected, email: str) -> None:
        refusal: type[Refusal] | None = None
        if not self.house.is_open(booking):
            refusal = reservations.TooLate
        elif self.house.is_over_limit(booking, email):
            reached("over the limit")
            refusal = customers.OverLimit
        details = {"name": "Test Person", "email": email}
        answer = self._ask(refusal, customers.give_details, booking_id=booking.pk, **details)
        self._find_expired(person=email)
        if not refusal:
            is_new = bool(booking.email) and booking.email.lower() != email.lower()
            same(answer.secret != booking.secret, is_new)
            booking.email, booking.secret = email, answer.secret

    def hand_over(self, booking: Expected) -> None:
        """Press the button that pays, as it is for what this booking costs."""
        if not booking.total:
            self.take_free_tickets(booking)
            return
        now = self.house.now
        opened = [each for each in booking.checkouts if each.status == "pending" and each.expires_at > now]
        expires_at = min(now + plain.CHECKOUT_FOR, booking.reserved_at + plain.LONGEST - plain.CHECKOUT_GRACE)
        refusal: type[Refusal] | None = None
        if not self.house.is_open(booking):
            refusal = reservations.TooLate
        elif not booking.email:
            refusal = payments.DetailsMissing
        elif not opened and expires_at - now < plain.CHECKOUT_LEAST:
            reached("too little time left to pay")
            refusal = reservations.TooLate
        self._ask(refusal, payments.hand_over, booking_id=booking.pk, provider="sandbox")
        if not refusal and not opened:
            payment = models.Payment.objects.filter(booking=booking.pk).latest("pk")
            same(payment.expires_at, expires_at)
            booking.until = max(booking.until, expires_at + plain.CHECKOUT_GRACE)
            booking.checkouts.append(Checkout(booking, payment.pk, expires_at))

    def give_up(self, booking: Expected) -> None:
        refusal = None if self.house.is_open(booking) else reservations.TooLate
        self._ask(refusal, reservations.give_up, booking_id=booking.pk)
        if not refusal:
            self.house.end(booking, "cancelled")
            booking.was_given_up = True

    def take_free_tickets(self, booking: Expected) -> None:
        refusal: type[Refusal] | None = None
        if booking.status == "confirmed":
            pass
        elif not self.house.is_open(booking):
            refusal = reservations.TooLate
        elif not booking.email:
            refusal = payments.DetailsMissing
        elif booking.total:
            refusal = payments.NotFree
        self._ask(refusal, payments.confirm_free, booking_id=booking.pk)
        if not refusal and booking.status == "pending":
            reached("free tickets")
            self.house.confirm(booking)

    # Money

    def pay(self, checkout: Checkout) -> None:
        """Or hear of the same payment once more."""
        self._hear(checkout, "succeeded", self._charged(checkout))

    def pay_late(self, checkout: Checkout, past: timedelta) -> None:
        self.pass_a_deadline(checkout.booking, past)
        self.pay(checkout)

    def pay_after_others_came(self, checkout: Checkout, past: timedelta) -> None:
        """And took all that they could have of the same price levels."""
        self.pass_a_deadline(checkout.booking, past)
        self._sell_out(checkout.booking.by_level)
        self.pay(checkout)

    def pay_after_booking_anew(self, checkout: Checkout) -> None:
        """The same person, who then has as many places as one may."""
        self.pass_a_deadline(checkout.booking, timedelta(minutes=1))
        for level in LEVELS:
            left = plain.MOST_PER_PERSON - self.house.held_by(checkout.booking.email)
            quantity = min(left, plain.MOST_PER_BOOKING, self.house.to_be_had(level))
            self.come_to_pay({(level, "Standard"): quantity}, checkout.booking.email)
        self.pay(checkout)

    def _sell_out(self, levels: Iterable[str]) -> None:
        """Let others reserve all that can be had."""
        for level in levels:
            while self.house.now < plain.STARTS and (left := self.house.to_be_had(level)):
                self.reserve({(level, "Guest"): min(left, plain.MOST_PER_BOOKING)})

    def pay_twice(self, checkout: Checkout) -> None:
        """The provider takes the money again, and says so."""
        self.pay(checkout)
        self._hear(checkout, "succeeded", self._charged_again(checkout))

    def hear_in_disorder(self, checkout: Checkout, news: list[str]) -> None:
        """Of one payment, as often and in whatever order."""
        for outcome in news:
            self._hear(checkout, outcome, self._charged(checkout) if outcome == "succeeded" else "")

    def ask_how_it_stands(self, checkout: Checkout, charged: bool) -> None:
        """Nobody told us of the money; the customer comes back, and we ask."""
        if charged:
            self._charged(checkout)
        untold = [each for each in checkout.booking.checkouts if not each.taken]
        arrivals = [(each, reference) for each in untold for reference in each.charges]
        row = models.Booking.objects.get(pk=checkout.booking.pk)
        self._money_arrives(checkout.booking, arrivals, lambda: payments.look_up(booking=row))

    def _charged(self, checkout: Checkout) -> str:
        """Return the reference of the provider's charge, made now if there is none."""
        return checkout.charges[0] if checkout.charges else self._charged_again(checkout)

    def _charged_again(self, checkout: Checkout) -> str:
        page = models.SandboxCheckout.objects.get(key=self._payment(checkout).key)
        ordinal = len(checkout.charges) + 1
        charge = models.SandboxCharge.objects.create(checkout=page, ordinal=ordinal, captured_at=self.house.now)
        checkout.charges.append(charge.reference)
        return charge.reference

    def _payment(self, checkout: Checkout) -> models.Payment:
        return models.Payment.objects.get(pk=checkout.payment_id)

    def _hear(self, checkout: Checkout, outcome: str, reference: str) -> None:
        payment = self._payment(checkout)
        if outcome == "other amount":
            payment.amount += 1
            reference = f"other-{payment.pk}"
        news = news_of(payment, Outcome("succeeded" if outcome in WITH_MONEY else outcome), reference=reference)
        if outcome == "failed" and checkout.status == "pending":
            checkout.failed = True
        if outcome == "succeeded" and checkout.failed and not checkout.taken:
            reached("money after it was said to have failed")
        arrivals = [(checkout, reference)] if outcome == "succeeded" else []
        self._money_arrives(checkout.booking, arrivals, lambda: payments.settle(provider="sandbox", news=news))
        if outcome == "other amount" and not checkout.was_told_of(reference):
            checkout.kept.append(reference)

    def _money_arrives(self, booking: Expected, arrivals: list[tuple[Checkout, str]], act: Callable[[], None]) -> None:
        """Let the services hear of money, and the house of that which is new."""
        new = [(checkout, reference) for checkout, reference in arrivals if not checkout.was_told_of(reference)]
        if arrivals and not new:
            reached("the same payment told again")
        short = False
        if new:
            if booking.status == "pending" and not self.house.is_open(booking):
                self.house.end(booking, "expired")
            short = booking.status == "expired" and bool(self.house.short(booking.by_level))
        act()
        self._find_expired(short=short, person=booking.email)
        for checkout, reference in new:
            self._take(booking, checkout, reference)

    def _take(self, booking: Expected, checkout: Checkout, reference: str) -> None:
        taken = Taken(reference, booking.total)
        checkout.taken.append(taken)
        match booking.status:
            case "pending":
                reached("paid in time")
                self.house.confirm(booking)
            case "expired":
                self._take_late(booking, taken)
            case "confirmed":
                reached("paid twice")
                self.house.give_back(booking, taken, "duplicate")
            case "cancelled":
                reached("paid after it was cancelled")
                self.house.give_back(booking, taken, "cancelled")

    def _take_late(self, booking: Expected, taken: Taken) -> None:
        why_not = {
            "late money: the event is over": self.house.now >= plain.ENDS,
            "late money: over the limit": self.house.is_over_limit(booking, booking.email),
            "late money: no places": bool(self.house.sold_out(booking.by_level)),
        }
        if any(why_not.values()):
            reached(next(why for why, so in why_not.items() if so))
            self.house.give_back(booking, taken, "too_late")
            return
        reached("late money: places again")
        self._adopt(booking)
        self.house.confirm(booking)

    # Staff, and the worker

    def cancel(self, booking: Expected) -> None:
        cancellations.cancel(booking_id=booking.pk, reason="as they wish")
        if booking.status in ("pending", "confirmed"):
            reached("cancelled")
            self.house.cancel(booking)

    def _tickets(self, booking: Expected, many: int) -> list[models.Ticket]:
        """Some that hold a place, as it says that they do."""
        tickets = models.Ticket.objects.live().named().filter(booking=booking.pk).order_by("number")
        return list(tickets[:many])

    def give_tickets_back(self, confirmed: Expected, many: int, twice: bool) -> None:
        """As the rules allow; the same form may come twice."""
        self._return(confirmed, self._tickets(confirmed, many), twice=twice)

    def give_back_what_was_shown_before(self, confirmed: Expected, many: int) -> None:
        """A little less, or more, than it is by now."""
        self._return(confirmed, self._tickets(confirmed, many), seen=-1)

    def _return(self, booking: Expected, tickets: list[models.Ticket], *, twice: bool = False, seen: int = 0) -> None:
        amount = self.house.by_the_rules(booking, [_kind(ticket) for ticket in tickets])
        refusal: type[Refusal] | None = None
        if booking.status != "confirmed" or self.house.now > plain.STARTS - plain.RETURNED_UNTIL:
            refusal = returns.NotReturnable
        elif seen:
            refusal = returns.AmountChanged
        ids = [ticket.pk for ticket in tickets]
        asked = {"booking_id": booking.pk, "ticket_ids": ids, "seen": amount + seen}
        self._ask(refusal, returns.return_tickets, **asked)
        if refusal:
            return
        self.house.take_back(booking, [ticket.event_seat_id for ticket in tickets], amount, "customer")
        reached("the last ticket given back" if booking.status == "cancelled" else "some tickets given back")
        if twice:
            reached("given back twice")
            self._ask(None, returns.return_tickets, **asked)

    def take_tickets_back(self, confirmed: Expected, many: int, percent: int) -> None:
        """As staff decide, whatever the rules say."""
        tickets, amount = self._tickets(confirmed, many), _part(confirmed.left, percent)
        refusal: type[Refusal] | None = None
        if confirmed.status != "confirmed":
            refusal = returns.NotReturnable
        elif amount > confirmed.left:
            refusal = refunds.TooMuch
        why: dict[str, Any] = {"why": models.Refund.Reason.OTHER, "reason": "as we decide", "by": None}
        ids = [ticket.pk for ticket in tickets]
        self._ask(refusal, returns.take_back, booking_id=confirmed.pk, ticket_ids=ids, amount=amount, **why)
        if not refusal:
            reached("taken back by staff")
            self.house.take_back(confirmed, [ticket.event_seat_id for ticket in tickets], amount, "other")

    def give_goodwill(self, confirmed: Expected, percent: int, twice: bool) -> None:
        """Money, and the tickets stay."""
        left, amount = confirmed.left, _part(confirmed.left, percent)
        refusal: type[Refusal] | None = None
        if confirmed.status != "confirmed":
            refusal = returns.NotReturnable
        elif not 0 < amount <= left:
            refusal = refunds.TooMuch
        asked: dict[str, Any] = {"booking_id": confirmed.pk, "amount": amount, "left": left, "by": None}
        asked |= {"why": models.Refund.Reason.OTHER, "reason": "loud neighbours"}
        self._ask(refusal, returns.give_goodwill, **asked)
        if refusal:
            return
        reached("goodwill")
        self.house.pay_back(confirmed, amount, "other")
        self.house.tell(confirmed, "money-returned")
        if twice:
            self._ask(returns.BookingChanged, returns.give_goodwill, **asked)

    def change_prices(self, level: str, amount: int) -> None:
        """Of all tickets of a price level but the free ones; what was reserved keeps its price."""
        for kind in self.house.prices:
            if kind[0] == level and self.house.prices[kind]:
                Price.objects.filter(pk=self.price_ids[kind]).update(amount=amount)
                self.house.prices[kind] = amount

    def make_places(self, level: str, quantity: int) -> None:
        refusal = inventory.TooManyPlaces if len(self.house.places) + quantity > plain.CAPACITY else None
        self._ask(refusal, outermost(inventory.make_places), level=self.levels[level], quantity=quantity)
        new = {pk: where for pk, where in self._place_rows().items() if pk not in self.house.places}
        same([*new.values()], [] if refusal else [level] * quantity)
        self.house.places |= {pk: Place(level) for pk in new}

    def remove_places(self, level: str, quantity: int) -> None:
        removable = self.house.removable(level)
        refusal = inventory.TooManyPlaces if len(removable) < quantity else None
        self._ask(refusal, outermost(inventory.remove_places), level=self.levels[level], quantity=quantity)
        if not refusal:
            reached("places removed")
            for pk in removable[-quantity:]:
                del self.house.places[pk]

    def expire_one(self, booking: Expected) -> None:
        reservations.expire(booking_id=booking.pk)
        if self.house.has_lapsed(booking):
            self.house.expire(booking)

    def expire_due(self) -> None:
        lapsed = self.house.lapsed()
        same(reservations.expire_due(), len(lapsed))
        for booking in lapsed:
            self.house.expire(booking)

    def send_what_is_due(self, works: bool) -> None:
        self.outside_is_up = works
        mails = [errand for _pk, _kind, errand in self.house.mails]
        sent = sum(errand.tried(self.house.now, works=works) for errand in mails)
        same(outbox.deliver_due(), sent)
        orders = [back.errand for _taken, back in self.house.refunds()]
        sent = sum(errand.tried(self.house.now, works=works) for errand in orders)
        same(refunds.send_due(), sent)
        if sent:
            reached("refund sent")

    # How they are compared

    def _ask(self, refusal: type[Refusal] | None, service: Callable[..., Any], **arguments: Any) -> Any:
        """Return the service's answer, which has to be this refusal, or none."""
        try:
            answer = service(**arguments)
        except Refusal as refused:
            answer = refused
        given = type(answer) if isinstance(answer, Refusal) else None
        assert given is refusal, f"{service.__name__}: {answer!r} instead of {refusal}"
        return answer

    def _find_expired(self, *, short: bool = False, person: str = "", besides: Expected | None = None) -> None:
        """
        Take over which lapsed bookings were ended on the way, besides one that was ended for another reason.

        Any may be, if places were short, and those of a person, whose places were counted; no other.
        """
        lapsed = {booking.pk: booking for booking in self.house.lapsed() if booking is not besides}
        ended = models.Booking.objects.filter(pk__in=lapsed, status="expired").values_list("pk", flat=True)
        for pk in list(ended) if lapsed else ():
            needed = short or (person and lapsed[pk].email.lower() == person.lower())
            assert needed, "a booking was ended although nobody needed its places"
            self.house.expire(lapsed[pk])

    def _adopt(self, booking: Expected) -> None:
        """Any free places of the right price levels will do: take over which ones were chosen."""
        tickets = models.Ticket.objects.live().filter(booking=booking.pk).order_by("number")
        rows = tickets.values_list("event_seat", "event_seat__price_level__name", "ticket_type__name")
        same(Counter((level, kind) for _pk, level, kind in rows), booking.wanted)
        self.house.keep(booking, [pk for pk, _level, _kind in rows])

    def _place_rows(self) -> dict[int, str]:
        rows = EventSeat.objects.filter(event=self.event).order_by("pk")
        return dict(rows.values_list("pk", "price_level__name"))

    @invariant()
    def every_promise_is_kept(self) -> None:
        same([(each.sentence, row) for each in PROMISES for row in broken(each)], [])

    @invariant()
    def everything_is_as_expected(self) -> None:
        self.the_bookings_are_as_expected()
        self.the_places_are_as_expected()
        self.the_tickets_are_as_expected()
        self.the_money_is_as_expected()
        self.the_papers_are_as_expected()
        self.the_mails_are_as_expected()

    def the_bookings_are_as_expected(self) -> None:
        fields = ("status", "email", "reserved_at", "reserved_until", "extensions", "replaces", "confirmed_at")
        rows = models.Booking.objects.values_list("pk", *fields, "quantity", "subtotal", "fee", "tax", "total")
        found = {row[0]: (*row[1:7], row[7] is not None, *row[8:]) for row in rows}
        same(found, {booking.pk: booking.row() for booking in self.house.bookings})

    def the_places_are_as_expected(self) -> None:
        rows = EventSeat.objects.values_list("pk", "price_level__name", "status", "reserved_until")
        expected = {}
        for pk, place in self.house.places.items():
            holder = place.holder
            status = "available" if holder is None else "reserved" if holder.status == "pending" else "sold"
            expected[pk] = (place.level, status, holder.until if holder and status == "reserved" else None)
        same({pk: (level, status, until) for pk, level, status, until in rows}, expected)

    def the_tickets_are_as_expected(self) -> None:
        rows = models.Ticket.objects.live().values_list("event_seat", "booking", "status")
        expected = {
            (pk, place.holder.pk, "reserved" if place.holder.status == "pending" else "valid")
            for pk, place in self.house.places.items()
            if place.holder
        }
        same(sorted(rows), sorted(expected))

    def the_money_is_as_expected(self) -> None:
        rows = models.Payment.objects.values_list(
            "booking", "amount", "status", "reference", "refunds__reason", "refunds__amount", "refunds__status"
        )
        same(Counter(rows), Counter(row for checkout in self.house.checkouts() for row in checkout.rows()))
        sent: Counter[str] = Counter()
        for taken, back in self.house.refunds():
            sent[taken.reference] += back.amount * (back.errand.status == "sent")
        same(+self.given_back, +sent)

    def the_papers_are_as_expected(self) -> None:
        rows = models.Document.objects.filter(kind="credit_note").values_list("booking", "amount")
        notes = [(booking.pk, amount) for booking in self.house.bookings for amount in booking.credited]
        same(Counter(rows), Counter(notes))

    def the_mails_are_as_expected(self) -> None:
        rows = Message.objects.values_list("about_id", "kind", "status")
        same(Counter(rows), Counter((pk, kind, errand.status) for pk, kind, errand in self.house.mails))
        same(self.mailed, Counter(Message.objects.filter(status="sent").values_list("pk", flat=True)))


def broken(promise: Promise) -> list[dict[str, Any]]:
    """The rows that break a promise; where the database finds none at all, the promise need not look at them."""
    asked = question(promise)
    return list(promise.broken()) if asked is None or any(map(answered, asked)) else []


@cache
def question(promise: Promise) -> list[Statement] | None:
    """The SQL of a promise, unless it changes with the time: building it takes ten times as long as asking."""
    with clock.at(plain.NOON):
        asked = overheard(promise)
    with clock.at(plain.STARTS):
        return asked if asked == overheard(promise) else None


def overheard(promise: Promise) -> list[Statement]:
    """What a promise asks the database."""
    asked: list[Statement] = []

    def listen(execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        list(promise.broken())
    return asked


def answered(statement: Statement) -> bool:
    """Whether the database finds any row."""
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return cursor.fetchone() is not None


def same(found: Any, expected: Any) -> None:
    """Say both, as an assertion outside of a test module would not."""
    assert found == expected, f"found {found}, expected {expected}"


def _kind(ticket: models.Ticket) -> Kind:
    return ticket.event_seat.price_level.name, ticket.ticket_type.name


def _part(amount: int, percent: int) -> int:
    """So much of it, or one more where that is more than all."""
    return amount + 1 if percent > 100 else amount * percent // 100


def reached(what: str) -> None:
    """Count it, also in the statistics of a run."""
    REACHED[what] += 1
    note(what)


def nth[T](of: Sequence[T], which: int) -> T:
    """Return one of them, the newest first."""
    return of[-1 - which % len(of)]


@contextmanager
def undone() -> Iterator[None]:
    """Roll back what happens inside, and let durable transactions run in it as they do in a test."""
    atomic = transaction.atomic()
    atomic._from_testcase = True
    with atomic:
        yield
        transaction.set_rollback(True)

"""
The sandbox provider: a hosted payment page without money, that behaves like the real ones do on bad days.

Its books (`SandboxCheckout`, `SandboxCharge`) stand for another company's database: only this module
and the hosted page touch them.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.gateways import Checkout, Gateway, News, Outcome, RefundNews
from bookings.models import Payment, Refund, SandboxCharge, SandboxCheckout, SandboxRefund
from core import clock
from core.refusals import Refusal

LONG = timedelta(seconds=20)
LATE = timedelta(seconds=60)


class SandboxGateway(Gateway):
    """Speaks to the books below as others speak HTTP."""

    name = "sandbox"
    label = _("Sandbox (no real money)")
    lifetime = timedelta(minutes=10)
    least_lifetime = timedelta(minutes=1)

    def open_checkout(self, payment: Payment, *, title: str, return_url: str) -> Checkout:
        """Open the page, or find the one that this payment's key opened before."""
        checkout, _created = SandboxCheckout.objects.get_or_create(
            key=payment.key,
            defaults={
                "amount": payment.amount,
                "currency": payment.currency,
                "return_url": return_url,
                "expires_at": payment.expires_at,
            },
        )
        return Checkout(checkout.reference, reverse("bookings:sandbox", args=[checkout.reference]))

    def look_up(self, payment: Payment) -> Sequence[News]:
        """Return what the books say now."""
        checkout = SandboxCheckout.objects.get(key=payment.key)
        now = clock.now()
        taken = [charge for charge in checkout.charges.order_by("pk") if charge.captured_at <= now]
        if taken:
            return [_news(checkout, Outcome.SUCCEEDED, charge.reference) for charge in taken]
        return [_news(checkout, Outcome.FAILED if checkout.declined else Outcome.PENDING)]

    def refund(self, refund: Refund) -> str:
        """Note in the books that so much went back; once per key."""
        charge = SandboxCharge.objects.get(reference=refund.payment.origin.reference)
        row, _created = SandboxRefund.objects.get_or_create(
            key=refund.key, defaults={"charge": charge, "amount": refund.amount}
        )
        return row.reference

    def look_up_refund(self, refund: Refund) -> RefundNews:
        """What is in the books went back."""
        known = SandboxRefund.objects.filter(key=refund.key).exists()
        return RefundNews(Outcome.SUCCEEDED if known else Outcome.PENDING)


def _news(checkout: SandboxCheckout, outcome: Outcome, reference: str = "") -> News:
    failure = str(_("The sandbox card was declined.")) if outcome is Outcome.FAILED else ""
    return News(checkout.reference, outcome, checkout.amount, checkout.currency, reference, failure)


def _charge(checkout: SandboxCheckout, *, ordinal: int = 1, after: timedelta = timedelta()) -> str:
    """Take the money, once per ordinal however often the button is pressed; return its reference."""
    charge, _created = SandboxCharge.objects.get_or_create(
        checkout=checkout, ordinal=ordinal, defaults={"captured_at": clock.now() + after}
    )
    return charge.reference


def _notify(
    checkout: SandboxCheckout, outcome: Outcome, reference: str = "", *, after: timedelta | None = None
) -> None:
    """Tell the shop, by its worker: what others do with a webhook."""
    from bookings.tasks import sandbox_notification  # noqa: PLC0415 - the task calls payments, which call gateways

    task = sandbox_notification.using(run_after=timezone.now() + after) if after else sandbox_notification
    task.enqueue(asdict(_news(checkout, outcome, reference)))


class CheckoutOver(Refusal):
    """The hosted page was left open too long."""

    def __init__(self) -> None:
        super().__init__(_("This payment page has expired. Nothing was charged."))


def press(checkout: SandboxCheckout, action: str) -> bool:
    """Do what a button of the hosted page says; return whether the customer goes back to the shop at once."""
    if clock.now() >= checkout.expires_at:
        raise CheckoutOver
    return ACTIONS[action](checkout)


# What the buttons of the hosted page do. Each returns whether the customer is sent back to the shop.


def pay(checkout: SandboxCheckout) -> bool:
    """Take the money and say so."""
    _notify(checkout, Outcome.SUCCEEDED, _charge(checkout))
    return True


def decline(checkout: SandboxCheckout) -> bool:
    """Take nothing and say so."""
    SandboxCheckout.objects.filter(pk=checkout.pk).update(declined=True)
    _notify(checkout, Outcome.FAILED)
    return True


def take_long(checkout: SandboxCheckout) -> bool:
    """Send the customer back before it is known whether there is money."""
    _notify(checkout, Outcome.SUCCEEDED, _charge(checkout, after=LONG), after=LONG)
    return True


def pay_twice(checkout: SandboxCheckout) -> bool:
    """Take the money two times."""
    _notify(checkout, Outcome.SUCCEEDED, _charge(checkout))
    _notify(checkout, Outcome.SUCCEEDED, _charge(checkout, ordinal=2))
    return True


def notify_late(checkout: SandboxCheckout) -> bool:
    """Take the money, keep the customer here, and tell the shop a minute later."""
    _notify(checkout, Outcome.SUCCEEDED, _charge(checkout), after=LATE)
    return False


def notify_never(checkout: SandboxCheckout) -> bool:
    """Take the money and tell nobody."""
    _charge(checkout)
    return False


def notify_in_disorder(checkout: SandboxCheckout) -> bool:
    """Take the money and say: it failed; it succeeded; it is pending; it succeeded; it failed."""
    reference = _charge(checkout)
    told = (Outcome.FAILED, Outcome.SUCCEEDED, Outcome.PENDING, Outcome.SUCCEEDED, Outcome.FAILED)
    for outcome in told:
        _notify(checkout, outcome, reference if outcome is Outcome.SUCCEEDED else "")
    return True


ACTIONS: dict[str, Callable[[SandboxCheckout], bool]] = {
    "pay": pay,
    "decline": decline,
    "take_long": take_long,
    "pay_twice": pay_twice,
    "notify_late": notify_late,
    "notify_never": notify_never,
    "notify_in_disorder": notify_in_disorder,
}

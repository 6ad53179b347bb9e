"""The books of the sandbox provider, which stand for another company's database."""

from django.db import models

from core import codes


class SandboxCheckout(models.Model):
    """The sandbox provider's own books: one hosted payment page. Nothing of ours reads it but its gateway."""

    key = models.CharField(max_length=32, unique=True)  # the shop's, to dedupe by
    reference = models.CharField(max_length=32, unique=True, default=codes.secret)
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    return_url = models.CharField(max_length=500)
    expires_at = models.DateTimeField()
    declined = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.reference


class SandboxCharge(models.Model):
    """Money that the sandbox provider took, or will have taken at `captured_at`."""

    checkout = models.ForeignKey(SandboxCheckout, on_delete=models.CASCADE, related_name="charges")
    ordinal = models.PositiveSmallIntegerField(default=1)
    reference = models.CharField(max_length=32, unique=True, default=codes.secret)
    captured_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["checkout", "ordinal"], name="sandbox_takes_money_once_unless_asked_twice")
        ]

    def __str__(self) -> str:
        return self.reference


class SandboxRefund(models.Model):
    """Money that the sandbox provider gave back of a charge."""

    charge = models.ForeignKey(SandboxCharge, on_delete=models.CASCADE, related_name="refunds")
    key = models.CharField(max_length=32, unique=True)  # the shop's, to dedupe by
    amount = models.PositiveBigIntegerField()
    reference = models.CharField(max_length=32, unique=True, default=codes.secret)

    def __str__(self) -> str:
        return self.reference

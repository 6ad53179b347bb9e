"""Where the sign-in library meets our house: mail goes through the outbox, addresses and clients are ours to tell."""

from base64 import urlsafe_b64encode
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts.models import User
from core import clock
from core.http import absolute, client_address
from notifications import outbox


class Account(DefaultAccountAdapter):
    """Accounts by e-mail."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Post to the outbox: mail that is down delays nothing but the mail. What it says is forgotten once sent."""
        about = context.get("user") or User.objects.filter(email=email.lower()).first()
        if about is None:
            return
        context = {"email": email, "site_url": settings.SITE_URL} | context
        with transaction.atomic():
            outbox.post(
                kind=template_prefix.rpartition("/")[2].replace("_", "-"),
                about=about,
                to=email,
                subject=" ".join(render_to_string(f"{template_prefix}_subject.txt", context).split()),
                text=render_to_string(f"{template_prefix}_message.txt", context).strip(),
                html="",
                at=clock.now(),
                once=False,
                confidential=True,
            )

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that limits count by; forwarded ones are believed as everywhere (S48)."""
        return client_address(request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return a link that no Host header changes (S5)."""
        # The library's pattern wants the person's number before the key, and gives us both in one.
        uidb36, _dash, secret = key.partition("-")
        return absolute(reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": secret}))


class SecondFactor(DefaultMFAAdapter):
    """Secrets of authenticator apps are encrypted by our key, so that a copy of the database opens no account."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _fernet() -> Fernet:
    key = salted_hmac("accounts.second-factor", "secrets of authenticator apps", algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(key))

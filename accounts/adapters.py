"""Where the sign-in library meets our house: mail goes through the outbox, addresses and clients are ours to tell."""

from base64 import urlsafe_b64encode
from time import time
from typing import Any
from urllib.parse import urlencode

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core import context as current
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from core.http import absolute, client_address, keep_language
from notifications import outbox


class Account(DefaultAccountAdapter):
    """Accounts by e-mail."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("This address and this password don't belong together."),
        "too_many_login_attempts": _("That was tried too often. Wait a few minutes, or sign in with a code by mail."),
        "incorrect_code": _("That is not the code."),
        "incorrect_password": _("That is not your password."),
        "enter_current_password": _("That is not your password."),
        "rate_limited": _("That was a bit too often. Please wait a moment and try again."),
        "duplicate_email": _("This is your address already."),
        "email_taken": _("There is an account with this address."),
    }

    def new_user(self, request: HttpRequest) -> User:
        """Return somebody new, who reads what the sign-up was read in."""
        code = translation.get_language()
        return User(language=code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """
        Post to the outbox, in the reader's language: mail that is down delays nothing but the mail. What it
        says is forgotten once sent. Who has no account gets none (S1).
        """
        about = context.get("user") or User.objects.filter(email=email.lower()).first()
        if about is None:
            return
        context = {
            "email": email,
            "site_url": settings.SITE_URL,
            "security_url": absolute(reverse("mfa_index")),
        } | context
        with translation.override(about.language), transaction.atomic():
            subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
            text = render_to_string(f"{template_prefix}_message.txt", context).strip()
            outbox.post(
                kind=template_prefix.rpartition("/")[2].replace("_", "-"),
                about=about,
                to=email,
                subject=subject,
                text=text,
                html=render_to_string("account/email/_mail.html", {"subject": subject, "text": text}),
                at=clock.now(),
                once=False,
                confidential=True,
            )

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell somebody what was done to the account, also at an address that is theirs no more."""
        super().send_notification_mail(template_prefix, user, (context or {}) | {"user": user}, email)

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell whoever signs up again that there is an account, by mail alone (S1), with links that no Host changes."""
        self.send_mail(
            "account/email/account_already_exists",
            email,
            {
                "login_url": absolute(reverse("account_login")),
                "password_reset_url": absolute(reverse("account_reset_password")),
            },
        )

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        """Go on in the language that this person reads."""
        response: HttpResponse = super().post_login(request, user, **how)
        keep_language(response, user.language)
        return response

    def is_safe_url(self, url: str) -> bool:
        """Whether somebody may be sent there after signing in: on this host, and nowhere else (S45)."""
        request = current.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that limits count by; forwarded ones are believed as everywhere (S48)."""
        return client_address(request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return a link that no Host header changes (S5)."""
        # The library's pattern wants the person's number before the key, and gives us both in one.
        uidb36, _dash, secret = key.partition("-")
        return absolute(reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": secret}))

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Return the page that says so: home is the same for everybody and says nothing."""
        return reverse("signed-out")

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """
        Whether to prove once more who one is. Who has nothing to prove it by, neither password nor second factor,
        the library would let through: they sign in again, by a code, unless they did a moment ago.
        """
        request, required = current.request, super().is_reauthentication_required(app=app, **more)
        if required and not get_reauthentication_flows(request.user) and not _signed_in_just_now(request):
            way_back = urlencode({"next": request.path})
            context = {"next": f"{reverse('account_request_login_code')}?{way_back}"}
            raise ImmediateHttpResponse(render(request, "account/sign_in_again.html", context, status=403))
        return required

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # The library puts the Host header before it, whose port anybody may choose: each one another five attempts.
        return credentials.get("email", "").strip().lower()


class SecondFactor(DefaultMFAAdapter):
    """Secrets of authenticator apps are encrypted by our key, so that a copy of the database opens no account."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": _("That is not the code.")}

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """Return a name for one more, until its owner has a better one."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return str(_("Passkey %(number)s") % {"number": number})

    def _get_site_name(self) -> str:
        return settings.MFA_TOTP_ISSUER


def forget_password_of_a_stranger(request: HttpRequest, email_address: Any, **signal: Any) -> None:
    """
    Who proves an address by the code to sign in owns it; a password set before that may be somebody else's, who
    signed up with it and waited. One that was typed in this session, as when signing up, stays.
    """
    records = get_authentication_records(request, email_address.user)
    if records and records[-1]["method"] == "code":
        email_address.user.set_unusable_password()
        email_address.user.save(update_fields=["password"])


def _signed_in_just_now(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return any(time() - record["at"] < app_settings.REAUTHENTICATION_TIMEOUT for record in records)


def _fernet() -> Fernet:
    key = salted_hmac("accounts.second-factor", "secrets of authenticator apps", algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(key))

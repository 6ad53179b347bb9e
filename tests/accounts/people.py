"""What tests of signing in share: acts of somebody at the account's pages, and their mail."""

import re
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.models import Message
from tests.factories import customer

PASSWORD = "sixteen brass lanterns"


def somebody(email: str = "ada@example.com", password: str | None = PASSWORD, **fields: Any) -> User:
    """Return a customer with a verified address and a password."""
    user = customer(email=email, **fields)
    user.set_password(password)
    user.save()
    return user


def sign_in(client: Client, email: str = "ada@example.com", password: str = PASSWORD, **extra: Any) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": email, "password": password}, **extra)


def sign_up(client: Client, email: str = "ada@example.com", password: str = PASSWORD, **extra: Any) -> HttpResponse:
    return client.post(reverse("account_signup"), {"email": email, "password1": password} | extra)


def just_signed_in(client: Client, user: User) -> None:
    """Let somebody be signed in by a code of a moment ago."""
    client.force_login(user)
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, user, method="code")
    request.session.save()


def is_in(client: Client) -> bool:
    """Whether this browser may see an account."""
    return client.get(reverse("usersessions_list")).status_code == 200


def last_mail(kind: str = "") -> Message:
    found = Message.objects.filter(kind=kind) if kind else Message.objects.all()
    return found.latest("pk")


def code_in(message: Message) -> str:
    """The code that a mail tells: a line of its own."""
    found = re.search(r"^([0-9A-Z]+(?:-[0-9A-Z]+)*)$", message.text, re.MULTILINE)
    assert found, message.text
    return found[1]


def link_in(message: Message) -> str:
    """The link to a new password."""
    found = re.search(r"^(https?://\S+/key/\S+)$", message.text, re.MULTILINE)
    assert found, message.text
    return found[1]


def code_of_app(secret: str) -> str:
    """What an authenticator app with this key shows now."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))

"""Settings, in processes of their own: safe by default, and a trial only by name."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import django
import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PRODUCTION = {
    "SECRET_KEY": "k9$" + "aZ8-" * 16,
    "SITE_URL": "https://tickets.example",
    "MAIL_URL": "smtp://mail.example",
}
SHOW = """
import json, sys
import django
from django.conf import settings
django.setup()
print(json.dumps({name: getattr(settings, name, None) for name in sys.argv[1:]}, default=str))
"""


def run(tmp_path: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with this environment and nothing else of ours."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "HOME", "LD_LIBRARY_PATH")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=kept | {"DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def shown(tmp_path: Path, *names: str, **environment: str) -> dict:
    done = run(tmp_path, "-c", SHOW, *names, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_we_run_on_the_django_that_we_chose() -> None:
    assert (6, 1, 3) <= django.VERSION[:3] < (6, 2)


@pytest.mark.parametrize("missing", PRODUCTION)
def test_a_production_does_not_start_without(tmp_path: Path, missing: str) -> None:
    """S47"""
    done = run(tmp_path, "-c", SHOW, **{name: value for name, value in PRODUCTION.items() if name != missing})
    assert done.returncode != 0
    assert f"Set {missing}, or DEMO=true" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("trial", [{}, {"DEMO": "false"}, {"DEBUG": "0"}])
def test_the_sandbox_gives_no_tickets_away_in_production(tmp_path: Path, trial: dict[str, str]) -> None:
    """S47"""
    done = run(tmp_path, "-c", SHOW, **PRODUCTION, PAYMENT_PROVIDERS="sandbox", **trial)
    assert done.returncode != 0
    assert "The sandbox provider gives tickets away" in done.stderr


def test_a_production_is_locked(tmp_path: Path) -> None:
    """S7, S46, S47, S48"""
    assert shown(
        tmp_path,
        "DEBUG",
        "PAYMENT_PROVIDERS",
        "ALLOWED_HOSTS",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "CSRF_COOKIE_NAME",
        "CSRF_COOKIE_SECURE",
        "CSRF_COOKIE_HTTPONLY",
        "CSRF_COOKIE_SAMESITE",
        "SESSION_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "SESSION_COOKIE_SAMESITE",
        "PASSWORD_HASHERS",
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN",
        "SECURE_PROXY_SSL_HEADER",
        "USE_X_FORWARDED_HOST",
        **PRODUCTION,
    ) == {
        "DEBUG": False,
        "PAYMENT_PROVIDERS": ["stripe", "paypal", "transfer"],
        "ALLOWED_HOSTS": ["tickets.example"],
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": False,
        "SECURE_PROXY_SSL_HEADER": None,
        "USE_X_FORWARDED_HOST": False,
    }


def test_forms_may_lead_to_the_pages_of_the_providers_that_are_set_up_and_nowhere_else(tmp_path: Path) -> None:
    """S46: browsers take where a payment's button leads for the form's target."""
    keys = {"STRIPE_SECRET_KEY": "sk", "PAYPAL_CLIENT_SECRET": "s", "PAYPAL_PAGES": "https://www.sandbox.paypal.com"}
    assert shown(tmp_path, "PAYMENT_PAGES", **PRODUCTION) == {"PAYMENT_PAGES": []}
    csp = shown(tmp_path, "SECURE_CSP", **PRODUCTION | keys)["SECURE_CSP"]
    assert csp["form-action"] == ["'self'", "https://checkout.stripe.com", "https://www.sandbox.paypal.com"]


def test_djangos_own_checks_have_nothing_to_say(tmp_path: Path) -> None:
    """S47"""
    done = run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_a_password_of_the_mail_server_may_hold_any_sign(tmp_path: Path) -> None:
    """In a URL they are written as %40 and the like."""
    address = {"MAIL_URL": "smtps://box%40office:p%23w%2F%3A@mail.example"}
    options = shown(tmp_path, "MAILERS", **PRODUCTION | address)["MAILERS"]["default"]["OPTIONS"]
    assert options == {
        "host": "mail.example",
        "port": 465,
        "username": "box@office",
        "password": "p#w/:",
        "use_ssl": True,
        "use_tls": False,
        "timeout": 20,
    }


def test_a_demonstration_makes_its_key_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    var = tmp_path / "var"
    first = shown(var, "SECRET_KEY", "PAYMENT_PROVIDERS", DEMO="true")
    second = shown(var, "SECRET_KEY", "PAYMENT_PROVIDERS", DEMO="true")
    assert first == second
    assert first["PAYMENT_PROVIDERS"] == ["sandbox", "stripe", "paypal", "transfer"]
    assert len(first["SECRET_KEY"]) >= 50
    path = var / "secret-key"
    assert path.read_text() == first["SECRET_KEY"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in var.iterdir()] == ["secret-key"]
    assert shown(tmp_path / "other", "SECRET_KEY", DEMO="true") != {"SECRET_KEY": first["SECRET_KEY"]}

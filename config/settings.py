"""
Settings, driven by the environment and safe by default.

Without DEMO or DEBUG this is a production: it refuses to start without SECRET_KEY, SITE_URL and
MAIL_URL, speaks HTTPS only, and has no sandbox payment provider. README.md lists the variables.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
TRIAL = DEBUG or DEMO  # nobody's real money: plain HTTP, mail in files, sandbox payments


def required(name: str, *, trial: Callable[[], str]) -> str:
    """Return the environment's value; only a trial may do without and gets `trial()` instead."""
    value = env(name, default="")
    if value:
        return value
    if TRIAL:
        return trial()
    raise ImproperlyConfigured(f"Set {name}, or DEMO=true to try Stagedoor out.")


def trial_secret_key() -> str:
    """Return the demonstration's key: made once, readable by its owner, in a file that git ignores."""
    path = VAR_DIR / "secret-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written beside and linked, so that of two processes starting at once both read one key.
        draft = path.with_name(f"secret-key.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # the other process was first; its key is the key
        finally:
            draft.unlink()
    return path.read_text()


SECRET_KEY = required("SECRET_KEY", trial=trial_secret_key)
SITE_URL = required("SITE_URL", trial=lambda: f"http://localhost:{env('PORT', default='8000')}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(SITE_URL).hostname])
if TRIAL:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1"]

INSTALLED_APPS = [
    "core",
    "notifications",
    "accounts",
    "venues",
    "events",
    "bookings",
    "reports",
    "backoffice",
    "config.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_filters",
    "django_htmx",
    "simple_history",
    "django_tasks_db",
]

MIDDLEWARE = [
    "core.middleware.Faults",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.Walls",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.Private",
    "accounts.middleware.AtWork",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.NotAllowed",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.site",
            ],
        },
    }
]

# --- Database -----------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'stagedoor.sqlite3'}")}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    _database["OPTIONS"] = {
        # Writers queue at BEGIN; a DEFERRED transaction that turns writer is refused instead.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: NORMAL can lose the last commits at a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    SILENCED_SYSTEM_CHECKS = ["models.W040"]  # its indexes hold their keys alone, which only makes reports slower
else:
    _database["CONN_HEALTH_CHECKS"] = True
    # Compiling a question takes longer than any of ours does.
    _database["OPTIONS"] = {"connect_timeout": 5, "options": "-c jit=off"}
    # At least as many as threads, since a request keeps its connection to the end. 0: no pool.
    if pool_size := env.int("DATABASE_POOL_SIZE", default=8):
        _database["OPTIONS"]["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 5}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Roles"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account"
PASSWORD_RESET_TIMEOUT = 3_600
SESSION_COOKIE_NAME = "session" if TRIAL else "__Host-session"
SESSION_COOKIE_SECURE = not TRIAL
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 1_209_600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # in no cookie of their own

ACCOUNT_ADAPTER = "accounts.adapters.Account"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_CHANGE_EMAIL = True  # one address a person; the old one counts until the new one is verified
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # here; the other sessions end
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before what gives an account away: address, password, second factor
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900  # mail can be slow; three attempts
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # whoever didn't do it must hear that it was done
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,50/h/ip,5/5m/key"}
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignIn",
    "signup": "accounts.forms.SignUp",
    "request_login_code": "accounts.forms.AskForCode",
    "confirm_login_code": "accounts.forms.ConfirmSignInCode",
    "confirm_email_verification_code": "accounts.forms.ConfirmAddress",
    "reset_password": "accounts.forms.AskForNewPassword",
    "reset_password_from_key": "accounts.forms.NewPasswordByLink",
    "change_password": "accounts.forms.ChangePassword",
    "set_password": "accounts.forms.SetPassword",
    "add_email": "accounts.forms.ChangeAddress",
    "reauthenticate": "accounts.forms.Reauthenticate",
}
MFA_ADAPTER = "accounts.adapters.SecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Stagedoor"
MFA_TOTP_TOLERANCE = 1  # a code that just went is still typed in
MFA_FORMS = {
    "authenticate": "accounts.forms.SecondFactorCode",
    "reauthenticate": "accounts.forms.SecondFactorCodeAgain",
    "activate_totp": "accounts.forms.ActivateApp",
    "add_webauthn": "accounts.forms.AddPasskey",
    "edit_webauthn": "accounts.forms.RenamePasskey",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = TRIAL

# The limits of sign-in count here, for all processes together.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"}}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language" if TRIAL else "__Host-language"
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_SECURE = not TRIAL
LANGUAGE_COOKIE_HTTPONLY = True
TIME_ZONE = "UTC"
USE_TZ = True

# --- Work behind the pages, and mail --------------------------------------------------------------

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

MAIL_FROM = env("MAIL_FROM", default="Stagedoor box office <boxoffice@stagedoor.example>")
DEFAULT_FROM_EMAIL = MAIL_FROM
_mail = urlsplit(required("MAIL_URL", trial=lambda: "file:"))  # smtp://user:password@host:587, smtps://…:465
if _mail.scheme == "file":
    MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(VAR_DIR / "mail")},
        }
    }
else:
    MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": _mail.hostname,
                "port": _mail.port or (465 if _mail.scheme == "smtps" else 587),
                "username": unquote(_mail.username or ""),
                "password": unquote(_mail.password or ""),
                "use_ssl": _mail.scheme == "smtps",
                "use_tls": _mail.scheme == "smtp",
                "timeout": 20,
            },
        }
    }

# --- Payments -----------------------------------------------------------------------------------

# Switched on; which of them work depends on the secrets below, and which are offered on each organization.
PAYMENT_PROVIDERS = env.list(
    "PAYMENT_PROVIDERS", default=[*(["sandbox"] if TRIAL else []), "stripe", "paypal", "transfer"]
)
if "sandbox" in PAYMENT_PROVIDERS and not TRIAL:
    raise ImproperlyConfigured("The sandbox provider gives tickets away: it needs DEMO=true or DEBUG=true.")
STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env("STRIPE_WEBHOOK_SECRET", default="")
STRIPE_API = env("STRIPE_API", default="https://api.stripe.com")
STRIPE_PAGES = env("STRIPE_PAGES", default="https://checkout.stripe.com")
PAYPAL_CLIENT_ID = env("PAYPAL_CLIENT_ID", default="")
PAYPAL_CLIENT_SECRET = env("PAYPAL_CLIENT_SECRET", default="")
PAYPAL_WEBHOOK_ID = env("PAYPAL_WEBHOOK_ID", default="")
PAYPAL_API = env("PAYPAL_API", default="https://api-m.paypal.com")
PAYPAL_PAGES = env("PAYPAL_PAGES", default="https://www.paypal.com")
# The button that pays leads to their pages, which browsers take for the form's target.
PAYMENT_PAGES = [
    pages for key, pages in ((STRIPE_SECRET_KEY, STRIPE_PAGES), (PAYPAL_CLIENT_SECRET, PAYPAL_PAGES)) if key
]

# --- Passes for telephones (docs/wallet.md): each kind is offered when all of its settings are there --------

APPLE_PASS_CERTIFICATE = env("APPLE_PASS_CERTIFICATE", default="")  # paths of PEM files
APPLE_PASS_KEY = env("APPLE_PASS_KEY", default="")
APPLE_PASS_KEY_PASSWORD = env("APPLE_PASS_KEY_PASSWORD", default="")
APPLE_PASS_AUTHORITY = env("APPLE_PASS_AUTHORITY", default="")
APPLE_PASS_TYPE = env("APPLE_PASS_TYPE", default="")
APPLE_PASS_TEAM = env("APPLE_PASS_TEAM", default="")
GOOGLE_WALLET_ISSUER = env("GOOGLE_WALLET_ISSUER", default="")
GOOGLE_WALLET_KEY = env("GOOGLE_WALLET_KEY", default="")  # path of the service account's JSON file

# --- Security -----------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],  # the icons inside Pico's stylesheet
    "worker-src": [CSP.SELF],  # keeps tickets for who has no network
    "manifest-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF, *PAYMENT_PAGES],
    "frame-ancestors": [CSP.NONE],
}
# Nobody is asked for any of these; a page that scans tickets will say so itself.
PERMISSIONS_POLICY = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
SECURE_REFERRER_POLICY = "same-origin"  # a booking's link holds its secret
SECURE_SSL_REDIRECT = not TRIAL
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 0 if TRIAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not TRIAL
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    # Only for a proxy that always sets this header itself.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_SECURE = not TRIAL
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "csrftoken" if TRIAL else "__Host-csrftoken"
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# --- Static files, and pictures that were uploaded ------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site needs our fonts and scripts

# --- Logs ---------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_secrets": {"()": "core.logs.HideSecrets"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_secrets"]},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    # Django's own handlers would print the paths, and with them the secrets of bookings, unfiltered.
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "stripe": {
            "handlers": [],
            "level": "WARNING",
        },  # it notes addresses, and with them the keys that lead to bookings
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
    },
}

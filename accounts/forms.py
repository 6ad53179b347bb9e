"""
The sign-in library's forms in our words: what a field is called, how it is filled in, and no placeholders,
which vanish when they would be needed.
"""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.utils.translation import gettext_lazy as _

LABELS = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "oldpassword": _("Current password"),
    "password1": _("Password"),
    "code": _("Code"),
    "name": _("Name"),
}
NEW_PASSWORD = _("At least 8 characters. A few words that nobody would guess are better than one with odd signs.")


class InOurWords:
    """Any of the library's forms: our labels, and keyboards and helpers that suit the field."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in LABELS:
                field.label = LABELS[name]
            if name in ("password", "oldpassword"):
                field.help_text = ""  # the page has the link to a new one itself
        if "code" in self.fields:
            self.fields["code"].widget.attrs |= {"autocapitalize": "characters", "spellcheck": "false"}


class InOurWordsWithNewPassword(InOurWords):
    """The same where a password is chosen: once, since a browser keeps it and a mail replaces it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        self.fields["password1"].help_text = NEW_PASSWORD


class SignIn(InOurWords, account.LoginForm):
    """E-mail and password."""


class SignUp(InOurWordsWithNewPassword, account.SignupForm):
    """E-mail and a new password; whatever else is sent is ignored (S13)."""


class AskForCode(InOurWords, account.RequestLoginCodeForm):
    """Where the code to sign in with goes."""


class ConfirmSignInCode(InOurWords, account.ConfirmLoginCodeForm):
    """The code from that mail."""


class ConfirmAddress(InOurWords, account.ConfirmEmailVerificationCodeForm):
    """The code that proves an address."""


class AskForNewPassword(InOurWords, account.ResetPasswordForm):
    """Where the link to a new password goes."""


class NewPasswordByLink(InOurWordsWithNewPassword, account.ResetPasswordKeyForm):
    """The new password, for who has the link."""


class ChangePassword(InOurWordsWithNewPassword, account.ChangePasswordForm):
    """The old password and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")


class SetPassword(InOurWordsWithNewPassword, account.SetPasswordForm):
    """The first password of somebody who has had none."""


class ChangeAddress(InOurWords, account.AddEmailForm):
    """The new address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail")


class Reauthenticate(InOurWords, account.ReauthenticateForm):
    """The password once more."""


class SecondFactorCode(InOurWords, mfa.AuthenticateForm):
    """A code from the app, or a recovery code, to sign in."""


class SecondFactorCodeAgain(InOurWords, mfa.ReauthenticateForm):
    """The same, before something that gives the account away."""


class ActivateApp(InOurWords, totp.ActivateTOTPForm):
    """The first code of a new app, which proves that it has the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code that the app shows")


class AddPasskey(InOurWords, webauthn.AddWebAuthnForm):
    """A name for a new passkey; what the device answers is hidden."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].max_length = 100
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].label = _("Sign in with this passkey alone")
        self.fields["passwordless"].help_text = _(
            "The device must then ask for your finger, face or PIN. Otherwise it comes after the password."
        )


class RenamePasskey(InOurWords, webauthn.EditWebAuthnForm):
    """Another name for a passkey."""

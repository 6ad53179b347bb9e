from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """Listen to the sign-in library where it has no method to override."""
        from allauth.account.signals import email_confirmed  # noqa: PLC0415 - its models must be loaded first

        from accounts.adapters import forget_password_of_a_stranger  # noqa: PLC0415 - ditto

        email_confirmed.connect(forget_password_of_a_stranger, dispatch_uid="accounts.stranger")

"""Refusals: what a person asked for can't be, and why, in words that can be shown to that person."""

from django.utils.functional import Promise


class Refusal(Exception):
    """A request that is understood and turned down; nothing was changed. Its text is for customers."""

    status = 409
    retry_after: int | None = None
    """In so many seconds it may be asked again, if that is known."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)

"""Pages are tested without collectstatic."""

from tests.pages import plain_static

__all__ = ["plain_static"]

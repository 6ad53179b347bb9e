"""What staff see and change, one module for each shelf. Registered here, since columns need facts of all apps."""

from backoffice.admin import catalogue, people

__all__ = ["catalogue", "people"]

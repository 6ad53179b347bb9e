"""What tests of the database's own promises share."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, transaction


@contextmanager
def refused_by(constraint: str, *columns: str) -> Iterator[None]:
    """The database refuses what happens inside, by this constraint; SQLite names the columns of a unique one."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    text = str(caught.value)
    assert constraint in text or (columns and all(f".{column}" in text for column in columns)), text

"""Answers that pages ask for again and again: each knows whether it is news to who asks."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Snapshot:
    """What was true at one of the database's statements."""

    at: datetime

    @property
    def facts(self) -> object:
        """All that it says, but for when."""
        raise NotImplementedError

    @cached_property
    def version(self) -> str:
        """Time of the snapshot and digest of the answer: equal digests need no second look."""
        microseconds = (self.at - _EPOCH) // timedelta(microseconds=1)
        return f"{microseconds}-{self.digest}"

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(repr(self.facts).encode()).hexdigest()[:16]

    def is_news_to(self, version: str) -> bool:
        """Whether a page that shows `version` has to change: not for the same answer, nor for an older one."""
        seen_at, _dash, digest = version.partition("-")
        if digest == self.digest:
            return False
        return not re.fullmatch("[0-9]{1,20}", seen_at) or int(seen_at) < int(self.version.partition("-")[0])

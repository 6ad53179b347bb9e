"""What our logs never hold."""

import logging
import re

# Also as a part of another address: who is asked to sign in is sent back with ?next=%2F…
_SECRET_PATHS = re.compile(
    r"((?:/|%2F)(?:bookings|tickets|payments|sandbox|invitations|reset(?:/|%2F)key)(?:/|%2F))[A-Za-z0-9_-]{20,}",
    re.IGNORECASE,
)


class HideSecrets(logging.Filter):
    """Takes the secrets of links out of every line (S19), also out of tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _SECRET_PATHS.sub(r"\1…", record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = _SECRET_PATHS.sub(r"\1…", record.exc_text)
        return True

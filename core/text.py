"""Text that people wrote, for formats that don't take every sign."""

import re

# XML and calendars have no way to write these, and readers drop the whole file because of one.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def writable(text: str) -> str:
    """Return the text with spaces for what can't be written: control signs other than tab and line break."""
    return _UNWRITABLE.sub(" ", text)


def one_line(text: str) -> str:
    """Return the text without line breaks, so that a title starts no line of its own (S34)."""
    return " ".join(writable(text).split())

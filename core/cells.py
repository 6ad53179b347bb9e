"""
Cells of tables that people open in a spreadsheet, which takes some of them for formulas (S31).

An apostrophe before them keeps them what they are, and whoever reads the table takes it away again.
"""

import re

_FORMULA = re.compile("'*[=+@\t\r-]")


def neutral(text: str) -> str:
    """Return what to write for a text, so that no spreadsheet computes it."""
    return f"'{text}" if _FORMULA.match(text) else text


def meant(cell: str) -> str:
    """Return the text that `neutral` wrote so."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell

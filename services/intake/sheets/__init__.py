"""Tables as files: read in a process of their own, because a stranger may have made them, and written for people to correct.

Each reader yields (number of the row as a spreadsheet shows it, its cells as text) and leaves blank rows out. Dates come as
`2016-08-01`, whole numbers without a point; a number whose last digits a spreadsheet has lost comes as `4.3E+17`.
"""

from __future__ import annotations

from collections.abc import Iterator

Rows = Iterator[tuple[int, list[str]]]
MOST_COLUMNS = 200
MOST_IN_ROW = 300_000  # characters: thrice the longest petition
# Characters of all rows, and for each byte of the file: one long text may be shared by a million cells.
MOST_IN_ALL, MOST_OF_BYTE = 50_000_000, 30
MOST_HELD = 220 * 2**20  # bytes of all texts that have to be held at once


class Unreadable(Exception):
    """The file cannot be read; `code` says why, and pages have words for it. `row`: where, if that is known, else 0."""

    def __init__(self, code: str, row: int = 0) -> None:
        super().__init__(code)
        self.code, self.row = code, row

"""The filtered list as CSV that spreadsheets open in Chinese and that cannot make them run anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from services.reporting.documents.cells import begins_a_formula

Columns = Sequence[tuple[object, int]]  # (heading, width in characters)


def safe(value: object) -> str:
    """A cell's text. What a spreadsheet would take for a formula is made plain text by an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if begins_a_formula(text) else text


def as_csv(columns: Columns, rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte order mark, lines ended by CR LF (RFC 4180)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([safe(head) for head, _ in columns])
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode()

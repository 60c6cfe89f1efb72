"""Tables that people fill in or correct: the template, and the rows that were not registered."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from services.intake.domain.cells import FORMULA

LONGEST_CELL = 32_767  # of a workbook; a table as text has no such limit
_WIDE = 24


def template(title: str, headings: Sequence[tuple[str, bool]], guide: Sequence[Sequence[str]], guide_title: str) -> bytes:
    """A workbook to be filled in: the headings (and whether a column must be filled), and on a second sheet what goes where.

    Every column is text, so that a spreadsheet leaves numbers and dates as they are typed.
    """
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True})
    text, needed = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "bg_color": "#FDE9D9", "num_format": "@"})
    plain, wrapped = book.add_format({"bold": True, "num_format": "@"}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet, notes = book.add_worksheet(title), book.add_worksheet(guide_title)
    sheet.freeze_panes(1, 1)
    for at, (heading, must) in enumerate(headings):
        sheet.set_column(at, at, 14, text)
        sheet.write_string(0, at, heading, needed if must else plain)
    notes.set_column(0, 0, 18, wrapped)
    notes.set_column(1, 3, 44, wrapped)
    for number, row in enumerate(guide):
        for at, words in enumerate(row):
            notes.write_string(number, at, words, plain if number == 0 else wrapped)
    book.close()
    return out.getvalue()


def workbook(title: str, rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as a workbook, the first one its headings; every cell is text, and none is a formula."""
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True})
    sheet: Worksheet = book.add_worksheet(title)
    text = book.add_format({"num_format": "@"})
    sheet.set_column(0, 60, _WIDE, text)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows):
        for at, cell in enumerate(row):
            if cell:
                sheet.write_string(number, at, harmless(cell)[:LONGEST_CELL], text)
    book.close()
    return out.getvalue()


def lines(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Rows as comma-divided text that spreadsheets take for UTF-8."""
    yield b"\xef\xbb\xbf"
    for row in rows:
        out = io.StringIO()
        csv.writer(out).writerow([harmless(cell) for cell in row])
        yield out.getvalue().encode()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; `domain.cells.as_written` takes the mark off again."""
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA) else cell

"""Lists as workbooks: those behind a report, all of each where the document shows the beginning, and any other."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from xlsxwriter import Workbook

from services.reporting.documents.cells import begins_a_formula, writable
from services.reporting.documents.official import Document, Paragraph
from services.reporting.documents.writing import Data, columns

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEETS = {"accepted": "受理", "in_hand": "在办", "concluded": "办结", "overdue": "超期"}
LONGEST_CELL = 32_767  # characters; more is no workbook any more


def as_xlsx(data: Data, document: Document) -> bytes:
    """The workbook of a report."""
    with _book() as (out, book):
        cover = book.add_worksheet("说明")
        cover.set_column(0, 0, 90, book.add_format({"text_wrap": True, "valign": "top"}))
        said = [block.text for block in document.blocks if isinstance(block, Paragraph)]
        for n, line in enumerate((document.number or document.draft, document.title, *said)):
            cover.write_string(n, 0, writable(line))
        for name, items in data["lists"].items():
            told = columns(data, name)
            rows = ([cell(item) for _, _, cell in told] for item in items)
            _sheet(book, SHEETS[name], [(head, width) for head, width, _ in told], rows)
    return out.getvalue()


def table(title: str, told: Sequence[tuple[object, int]], rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook of one list; `told` are headings and widths."""
    with _book() as (out, book):
        _sheet(book, title, told, rows)
    return out.getvalue()


@contextmanager
def _book() -> Iterator[tuple[io.BytesIO, Any]]:
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        yield out, book


def _sheet(book: Any, title: str, told: Sequence[tuple[object, int]], rows: Iterable[Sequence[object]]) -> None:
    """A list as a sheet. Every cell is text or a number, so none is a formula; where one looks like it, its text is marked as text, for a
    spreadsheet reads a cell anew when somebody has gone into it."""
    bold, quoted = book.add_format({"bold": True, "bottom": 1}), book.add_format({"quote_prefix": True})
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    for n, (head, width) in enumerate(told):
        sheet.set_column(n, n, width)
        sheet.write_string(0, n, str(head), bold)
    for line, row in enumerate(rows, 1):
        for n, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(line, n, cell)
            elif cell is not None:
                text = writable(str(cell))[:LONGEST_CELL]
                sheet.write_string(line, n, text, quoted if begins_a_formula(text) else None)

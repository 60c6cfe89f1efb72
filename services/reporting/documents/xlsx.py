"""The lists behind a report as a workbook: all of each list, where the document shows the beginning."""

from __future__ import annotations

import io

from xlsxwriter import Workbook

from services.reporting.documents.official import Document, Paragraph
from services.reporting.documents.writing import Data, columns

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEETS = {"accepted": "受理", "in_hand": "在办", "concluded": "办结", "overdue": "超期"}


def as_xlsx(data: Data, document: Document) -> bytes:
    """The workbook. Every cell is text or a number: nothing in it can be taken for a formula."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        bold, wrapped = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
        cover = book.add_worksheet("说明")
        cover.set_column(0, 0, 90, wrapped)
        said = [block.text for block in document.blocks if isinstance(block, Paragraph)]
        for n, line in enumerate((document.number or document.draft, document.title, *said)):
            cover.write_string(n, 0, line)
        for name, items in data["lists"].items():
            sheet, told = book.add_worksheet(SHEETS[name]), columns(data, name)
            sheet.freeze_panes(1, 0)
            for n, (head, width, _) in enumerate(told):
                sheet.set_column(n, n, width)
                sheet.write_string(0, n, head, bold)
            for row, item in enumerate(items, 1):
                for n, (_, _, cell) in enumerate(told):
                    sheet.write_string(row, n, cell(item))
    return out.getvalue()

"""Workbooks of other kinds: xls, xlsb and ods. Their reader takes the whole sheet into memory, which the process limits."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, PasswordError, SheetTypeEnum, SheetVisibleEnum, load_workbook

from services.intake.sheets import MOST_COLUMNS, Rows, Unreadable
from services.intake.sheets.xlsx import number_text


class Workbook:
    """An open workbook. Raises Unreadable when it is damaged or shut by a password."""

    def __init__(self, content: bytes) -> None:
        try:
            self._book = load_workbook(BytesIO(content))
        except PasswordError as fault:
            raise Unreadable("encrypted") from fault
        except (CalamineError, OSError, ValueError) as fault:
            raise Unreadable("broken") from fault

    def sheets(self) -> list[tuple[str, str]]:
        """The names of the sheets that are shown, twice each."""
        shown = [
            sheet.name
            for sheet in self._book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]
        return [(name, name) for name in shown]

    def rows(self, name: str) -> Rows:
        """The rows of a sheet that hold anything."""
        try:
            sheet = self._book.get_sheet_by_name(name)
            first = (sheet.start or (0, 0))[0] + 1
            left = (sheet.start or (0, 0))[1]
            for number, row in enumerate(sheet.iter_rows(), first):
                cells = [""] * left + [_text(value) for value in row]
                if any(cell.strip() for cell in cells):
                    yield number, cells[:MOST_COLUMNS]
        except (CalamineError, ValueError) as fault:
            raise Unreadable("broken") from fault


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return number_text(repr(value), None)

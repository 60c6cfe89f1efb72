"""The cells of one row of an old list, read one by one; what is wrong with them is gathered, not raised. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from services.intake.domain.headings import Column, Headings, plain
from services.intake.domain.submission import CHINA
from shared.errors import Refused

T = TypeVar("T")
LONGEST_WORD = 200
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # how a cell begins that a spreadsheet would run
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]\s*(\d{1,2})[:：](\d{2})(?:[:：](\d{2})(?:\.\d+)?)?)?",
    re.ASCII,
)
_TOGETHER = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)  # days since the end of 1899, as spreadsheets count them: 1927 to 2173
_SHORTENED = re.compile(r"\d(\.\d+)?E\+?\d+", re.ASCII | re.IGNORECASE)
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


@dataclass(kw_only=True, repr=False)
class Row:
    """The cells of one row by column, and by heading where nobody knows the heading.

    `faults` keep the row out, `warnings` do not. `remarks` is what no column of ours holds: nothing of an old list is lost.
    """

    cells: Mapping[Column, str]
    others: Mapping[str, str] = field(default_factory=dict)
    faults: list[Refused] = field(default_factory=list)
    warnings: list[Refused] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)

    def text(self, column: Column, longest: int = LONGEST_WORD) -> str:
        """A cell's text."""
        text = self.cells.get(column, "").strip()
        if not text:
            return ""
        if CONTROL.search(text):
            self.faults.append(Refused(column, "有不可见的控制字符。", "请删去这一格里看不见的字符，或重新输入。"))
            return ""
        if len(text) > longest:
            self.faults.append(Refused(column, "最多 %(max)s 个字。", "请缩短，或分到别的列。", max=longest))
            return ""
        return text

    def needed(self, column: Column, longest: int = LONGEST_WORD) -> str:
        """A cell's text, which must not be missing."""
        if not self.cells.get(column, "").strip():
            self.faults.append(Refused(column, "必填。", "请补填；合并的单元格请先取消合并，每行都填。"))
        return self.text(column, longest)

    def figures(self, column: Column) -> str:
        """A number that is a name, such as a telephone's; refused where a spreadsheet has cut its last digits off."""
        text = self.text(column)
        if text and _SHORTENED.fullmatch(text):
            self.faults.append(
                Refused(column, "数字被表格软件改成了科学记数法，后几位已丢失。", "请从原系统重新导出，把这一列设为文本格式。")
            )
        return text

    def one_of(self, column: Column, known: Mapping[str, T], otherwise: T) -> T:
        """A code by its word. A word that nobody knows is told of and kept as a remark."""
        text = self.text(column)
        if not text:
            return otherwise
        found = known.get(plain(text))
        if found is None:
            self.warn(column, text, Refused(column, "不认识这个说法，按未填处理，原文保留。", "可对照模板的填写说明改正。"))
            return otherwise
        return found

    def warn(self, column: Column, text: str, what: Refused) -> None:
        """Something that keeps nobody out; the text is kept as it was."""
        self.warnings.append(what)
        self.remarks.append((column.value, text))

    def moment(self, column: Column) -> datetime | None:
        """An instant; of a day, its beginning in China."""
        text = self.text(column)
        found = read_moment(text) if text else None
        if text and found is None:
            self.faults.append(Refused(column, "日期写法不对，或没有这一天。", "请写成 2016-08-01、2016/8/1 或 2016年8月1日。"))
        return found

    def count(self, column: Column, most: int) -> int:
        """A number of people, one by default."""
        text = self.text(column).removesuffix("人").removesuffix(".0")
        if not text:
            return 1
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
            self.faults.append(Refused(column, "须是 1 到 %(max)s 的整数。", "请只填数字。", max=most))
            return 1
        return int(text)

    def wrong(self, column: Column) -> bool:
        """Whether something is wrong with a column already."""
        return any(fault.field == column for fault in self.faults)


def row_of(headings: Headings, cells: Sequence[str]) -> Row:
    """The cells by their columns and, where nobody knows the heading, by that; empty ones are left out."""
    width = len(cells)
    return Row(
        cells={column: as_written(cells[at]) for column, at in headings.columns.items() if at < width and cells[at]},
        others={heading: as_written(cells[at]) for heading, at in headings.others.items() if at < width and cells[at].strip()},
    )


def as_written(cell: str) -> str:
    """A cell without the mark that keeps a spreadsheet from running it; what was handed out to be corrected comes back as it was."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell


def read_moment(text: str) -> datetime | None:
    """A date as people and spreadsheets write it, with or without the time of day; None when it is none."""
    try:
        if _SERIAL.fullmatch(text):
            return datetime(1899, 12, 30, tzinfo=CHINA) + timedelta(minutes=round(float(text) * 1440))
        found = _TOGETHER.fullmatch(text) or _DATE.fullmatch(text)
        if found is None:
            return None
        year, month, day, *clock = (int(part or 0) for part in found.groups())
        hour, minute, second = clock or (0, 0, 0)
        return datetime(year, month, day, hour, minute, second, tzinfo=CHINA)
    except ValueError:
        return None

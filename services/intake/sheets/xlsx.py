"""Workbooks of Excel 2007 and later, read as a stream: of a sheet one row is held at a time, whatever it says of its size."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from posixpath import join, normpath
from sys import getsizeof
from typing import Any
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from services.intake.sheets import MOST_COLUMNS, MOST_HELD, Rows, Unreadable

PIECE = 2**18
BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
LAST_DAY = 2_958_465  # 9999-12-31
_ASIDE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')  # of a number format: what is shown as it is
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_COLUMN = re.compile(r"[A-Z]{1,3}")
Start = Callable[[str, dict[str, str]], None]


class Workbook:
    """An open workbook. Raises Unreadable from each method when it is damaged."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._epoch = datetime(1899, 12, 30)  # noqa: DTZ001 - a day on paper
        self._strings: list[str] | None = None
        self._dates: set[int] = set()

    def sheets(self) -> list[tuple[str, str]]:
        """(name, path in the archive) of the sheets that are shown, in their order."""
        found: list[tuple[str, str]] = []

        def start(name: str, given: dict[str, str]) -> None:
            if name == "workbookPr" and given.get("date1904") in ("1", "true"):
                self._epoch = datetime(1904, 1, 1)  # noqa: DTZ001 - the same, as older Macs count
            elif name == "sheet" and given.get("state", "visible") == "visible":
                found.append((given.get("name", ""), next((v for k, v in given.items() if k.rpartition(":")[2] == "id"), "")))

        self._walk("xl/workbook.xml", start)
        targets: dict[str, str] = {}
        self._walk("xl/_rels/workbook.xml.rels", lambda _, given: targets.update({given.get("Id", ""): given.get("Target", "")}))
        paths = [(name, normpath(join("xl", targets.get(key, ""))).lstrip("/")) for name, key in found]
        return [(name, path) for name, path in paths if path in self._archive.namelist()]

    def rows(self, path: str) -> Rows:
        """The rows of a sheet that hold anything."""
        if self._strings is None:
            self._read_dates()
            self._strings = self._read_strings()
        reader = _Sheet(self._strings, self._dates, self._epoch)
        with self._open(path) as (source, parser):
            parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = (
                reader.start,
                reader.end,
                reader.more,
            )
            while piece := source.read(PIECE):
                parser.Parse(piece, False)
                yield from reader.taken()
            parser.Parse(b"", True)
        yield from reader.taken()

    def _read_dates(self) -> None:
        """Which styles of cells are dates."""
        formats: dict[str, bool] = {}
        styles: list[str] = []
        inside = [False]

        def start(name: str, given: dict[str, str]) -> None:
            if name == "numFmt":
                formats[given.get("numFmtId", "")] = bool(
                    re.search("[ymdhsYMDHS年月日]", _ASIDE.sub("", given.get("formatCode", "")))
                )
            elif name == "xf" and inside[0]:
                styles.append(given.get("numFmtId", "0"))
            elif name in ("cellXfs", "cellStyleXfs"):
                inside[0] = name == "cellXfs"

        if "xl/styles.xml" in self._archive.namelist():
            self._walk("xl/styles.xml", start)
        self._dates = {at for at, key in enumerate(styles) if formats.get(key, key.isdigit() and int(key[:9]) in BUILT_IN_DATES)}

    def _read_strings(self) -> list[str]:
        """The texts that cells share. What tells how to pronounce them is left out."""
        found: list[str] = []
        parts: list[str] = []
        state = {"aside": 0, "text": 0, "size": 0}

        def start(name: str, given: dict[str, str]) -> None:
            state["aside"] += name == "rPh"
            state["text"] += name == "t"

        def end(name: str) -> None:
            state["aside"] -= name == "rPh"
            state["text"] -= name == "t"
            if name == "si":
                found.append(unescaped("".join(parts)))
                state["size"] += getsizeof(found[-1])
                parts.clear()
                if state["size"] > MOST_HELD:
                    raise Unreadable("too_large")

        def more(text: str) -> None:
            if state["text"] and not state["aside"]:
                parts.append(text)

        path = next((name for name in self._archive.namelist() if name.lower() == "xl/sharedstrings.xml"), None)
        if path:
            self._walk(path, start, end, more)
        return found

    def _walk(self, path: str, start: Start, end: Any = None, more: Any = None) -> None:
        with self._open(path) as (source, parser):
            parser.StartElementHandler = lambda name, given: start(name.rpartition(":")[2], given)
            parser.EndElementHandler = (lambda name: end(name.rpartition(":")[2])) if end else None
            parser.CharacterDataHandler = more
            while piece := source.read(PIECE):
                parser.Parse(piece, False)
            parser.Parse(b"", True)

    @contextmanager
    def _open(self, path: str) -> Iterator[tuple[Any, Any]]:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            with self._archive.open(path) as source:
                yield source, parser
        except (expat.ExpatError, BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, ValueError) as fault:
            raise Unreadable("broken") from fault


class _Sheet:
    """The handlers of one sheet's parser. They run for every cell, so they do little."""

    def __init__(self, strings: list[str], dates: set[int], epoch: datetime) -> None:
        self._strings, self._dates, self._epoch = strings, dates, epoch
        self._done: list[tuple[int, list[str]]] = []
        self._row, self._at, self._last = 0, 0, 0
        self._cells: dict[int, str] = {}
        self._given: dict[str, str] = {}
        self._parts: list[str] = []
        self._inside = False

    def taken(self) -> list[tuple[int, list[str]]]:
        """The rows that came to their end since it was asked for last."""
        done, self._done = self._done, []
        return done

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins."""
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._given = given
            found = _COLUMN.match(given.get("r", ""))
            self._at = column_of(found[0]) if found else self._last + 1
            self._last = self._at
        elif name in ("v", "t"):
            self._inside = True
        elif name == "row":
            number = given.get("r", "")
            self._row = int(number) if number.isdigit() and len(number) < 9 else self._row + 1
            self._last = -1

    def end(self, name: str) -> None:
        """An element ends."""
        if ":" in name:
            name = name.rpartition(":")[2]
        if name in ("v", "t"):
            self._inside = False
        elif name == "c":
            if self._parts and self._at < MOST_COLUMNS and (text := self._text("".join(self._parts))).strip():
                self._cells[self._at] = text
            self._parts.clear()
        elif name == "row" and self._cells:
            width = max(self._cells) + 1
            self._done.append((self._row, [self._cells.get(at, "") for at in range(width)]))
            self._cells = {}

    def more(self, text: str) -> None:
        """Characters of a value."""
        if self._inside:
            self._parts.append(text)

    def _text(self, value: str) -> str:
        kind = self._given.get("t", "n")
        if kind == "s":
            at = int(value) if value.isdigit() and len(value) < 10 else -1
            return self._strings[at] if 0 <= at < len(self._strings) else ""
        if kind == "n":
            style = self._given.get("s", "")
            return number_text(value, self._epoch if style.isdigit() and int(style[:9]) in self._dates else None)
        if kind == "b":
            return "是" if value == "1" else "否"
        return "" if kind == "e" else unescaped(value)


def number_text(value: str, epoch: datetime | None) -> str:
    """A number as text; with an epoch, the day (and time) that it stands for."""
    if epoch is None and value.isdigit() and len(value) <= 15:
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    if epoch and 0 <= number <= LAST_DAY:
        moment = epoch + timedelta(seconds=round(number * 86_400))
        return f"{moment:%Y-%m-%d}" if number == int(number) else f"{moment:%Y-%m-%d %H:%M:%S}"
    if number == number // 1 and abs(number) < 1e15:
        return str(int(number))
    return repr(number).upper()


@cache
def column_of(letters: str) -> int:
    """A to 0, Z to 25, AA to 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def unescaped(text: str) -> str:
    """A text in which `_x000A_` stands for a line's end; half a character stays as it was written."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: found[0] if 0xD800 <= (code := int(found[1], 16)) < 0xE000 else chr(code), text)


def _refuse_doctype(*_: Any) -> None:
    """No workbook has one: it is there to name files of the server, or to swell."""
    raise Unreadable("doctype")

"""Tables as text: UTF-8 with or without its mark, UTF-16 with it, GB18030; divided by comma, semicolon or tab."""

from __future__ import annotations

import codecs
import csv
from io import TextIOWrapper
from typing import BinaryIO

from services.intake.domain.headings import read_headings
from services.intake.sheets import MOST_COLUMNS, Rows, Unreadable

DELIMITERS = (",", ";", "\t")
LONGEST_CELL = 1_000_000
HEAD_ROWS = 30
_PIECE = 2**20


def encoding_of(file: BinaryIO) -> str:
    """The encoding that fits the whole file. Raises Unreadable."""
    file.seek(0)
    if file.read(2).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        file.seek(0)
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise Unreadable("encoding")


def rows(file: BinaryIO) -> Rows:
    """The rows that hold anything, by the delimiter that makes the most of the headings.

    A quotation mark that is out of place is a fault of the file: read on, it might take a hundred rows into one cell.
    """
    encoding = encoding_of(file)
    csv.field_size_limit(LONGEST_CELL)
    file.seek(0)
    head = file.read(_PIECE).decode(encoding, "replace").splitlines(keepends=True)[:HEAD_ROWS]
    best = max(DELIMITERS, key=lambda delimiter: _known(head, delimiter))
    file.seek(0)
    number = 0
    try:
        for number, cells in enumerate(csv.reader(TextIOWrapper(file, encoding, newline=""), delimiter=best, strict=True), 1):
            if any(cell.strip() for cell in cells):
                yield number, cells[:MOST_COLUMNS]
    except csv.Error as fault:
        raise Unreadable("quote", number + 1) from fault
    except UnicodeDecodeError as fault:
        raise Unreadable("encoding", number + 1) from fault


def _known(head: list[str], delimiter: str) -> int:
    """How many headings are made out with this delimiter."""
    try:
        found = [read_headings(cells) for cells in csv.reader(head, delimiter=delimiter)]
    except csv.Error:
        return 0
    return max((len(headings.columns) for headings in found if headings), default=0)

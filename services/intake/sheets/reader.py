"""A table read in a sandbox of its own, row by row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from subprocess import Popen
from typing import Any

from services.intake.sheets import MOST_IN_ROW, Rows, Unreadable
from shared.confined import Died, Sandbox, heard

SANDBOX = Sandbox(module="services.intake.sheets.child", memory=700 * 2**20, seconds=900, patience=1000)
LONGEST_LINE = 8 * MOST_IN_ROW  # bytes: six for a character that JSON writes by its number, and the signs between


@dataclass(frozen=True, kw_only=True, repr=False)
class Reading:
    """A table that is being read: its row of headings, and the rows after it. Iterating raises Unreadable."""

    sheet: str
    headings: list[str]
    rows: Rows


@contextmanager
def reading(pieces: Iterable[bytes], *, after: int = 0) -> Iterator[Reading]:
    """Read the file that consists of these pieces, from the row after number `after`. Raises Unreadable."""
    with SANDBOX.at_work(pieces, str(after)) as child:
        values = _values(child)
        head = next(values)
        yield Reading(sheet=head["sheet"], headings=head["headings"], rows=_rows(values))


def _values(child: Popen[bytes]) -> Iterator[Any]:
    """What the child tells; a child that ends without its last word was killed by its limits, or by the file."""
    for line in _lines(child):
        value = json.loads(line)
        if isinstance(value, dict) and "fault" in value:
            raise Unreadable(value["fault"], value["row"])
        yield value
        if isinstance(value, dict) and "end" in value:
            return
    raise Unreadable("too_large" if child.wait() < 0 else "crashed")


def _lines(child: Popen[bytes]) -> Iterator[bytes]:
    """Its lines. A child that says nothing any more, or one line without an end, is no reader of tables any more."""
    rest = b""
    try:
        while piece := heard(child, SANDBOX.patience):
            *whole, rest = (rest + piece).split(b"\n")
            yield from whole
            if len(rest) > LONGEST_LINE:
                raise Unreadable("crashed")
    except Died as fault:
        raise Unreadable("too_large") from fault


def _rows(values: Iterator[Any]) -> Rows:
    for value in values:
        if isinstance(value, list):
            yield value[0], value[1]

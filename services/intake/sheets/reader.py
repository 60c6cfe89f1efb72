"""A file read by a process of its own. The file lies in memory only: what a petitioner wrote never touches the disk in the clear."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

from services.intake.sheets import Rows, Unreadable

CHILD = "services.intake.sheets.child"


@dataclass(frozen=True, kw_only=True, repr=False)
class Reading:
    """A table that is being read: its row of headings, and the rows after it. Iterating raises Unreadable."""

    sheet: str
    headings: list[str]
    rows: Rows


@contextmanager
def reading(pieces: Iterable[bytes], *, after: int = 0) -> Iterator[Reading]:
    """Read the file that consists of these pieces, from the row after number `after`. Raises Unreadable."""
    descriptor = os.memfd_create("import")
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.writelines(pieces)
            file.seek(0)
        child = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", CHILD, str(descriptor), str(after)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=(descriptor,),
            env={name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "LANG")} | {"PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
    finally:
        os.close(descriptor)
    try:
        assert child.stdout is not None  # noqa: S101 - asked for above
        values = _values(child, child.stdout)
        head = next(values)
        yield Reading(sheet=head["sheet"], headings=head["headings"], rows=_rows(values))
    finally:
        child.kill()
        with suppress(OSError):
            child.communicate()


def _values(child: subprocess.Popen[bytes], output: IO[bytes]) -> Iterator[Any]:
    """What the child tells; a child that dies without its last word was killed by its limits, or by the file."""
    for line in output:
        value = json.loads(line)
        if isinstance(value, dict) and "fault" in value:
            raise Unreadable(value["fault"], value["row"])
        yield value
        if isinstance(value, dict) and "end" in value:
            return
    raise Unreadable("too_large" if child.wait() < 0 else "crashed")


def _rows(values: Iterator[Any]) -> Rows:
    for value in values:
        if isinstance(value, list):
            yield value[0], value[1]

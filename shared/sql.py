"""SQL statements with names, read from .sql files.

A statement begins with `-- name: list_open_cases` and a sentence on what it answers, and runs to the next name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from psycopg2.extensions import cursor as Cursor

_HEAD = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


def load(path: Path) -> dict[str, str]:
    """The statements of a file, or of a folder's files, by name. Raises ValueError on a name given twice."""
    files = sorted(path.glob("*.sql")) if path.is_dir() else [path]
    parts = [part for file in files for part in _HEAD.split(file.read_text(encoding="utf-8"))[1:]]
    names = parts[::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{path} gives a name twice")
    return dict(zip(names, (text.strip() for text in parts[1::2]), strict=True))


def filled(cursor: Cursor, statement: str, rows: Sequence[Sequence[Any]]) -> bytes:
    """A statement of the form `... VALUES %s ...` with a set of rows, at least one, in its place."""
    before, after = statement.split("VALUES %s", 1)
    row = f"({', '.join(['%s'] * len(rows[0]))})"
    sets = b", ".join(cursor.mogrify(row, values) for values in rows)
    return b"".join((before.encode(), b"VALUES ", sets, after.encode()))

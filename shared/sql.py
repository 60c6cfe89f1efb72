"""SQL statements with names, read from .sql files.

A statement begins with `-- name: list_open_cases` and a sentence on what it answers, and runs to the next name.
"""

from __future__ import annotations

import re
from pathlib import Path

_HEAD = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


def load(path: Path) -> dict[str, str]:
    """The statements of a file by name. Raises ValueError on a name given twice."""
    parts = _HEAD.split(path.read_text(encoding="utf-8"))[1:]
    names = parts[::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{path} gives a name twice")
    return dict(zip(names, (text.strip() for text in parts[1::2]), strict=True))

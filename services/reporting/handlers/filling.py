"""Rows by the hundred thousand: gathered and copied into their tables, in no transaction of their own."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

from psycopg2 import sql

from shared.connection import Connection
from shared.rows import Table

AT_ONCE = 5000  # rows held before they are written
_ESCAPED = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_ODD = re.compile(r"[\\\n\r\t]")  # looking is cheaper than translating, and few texts have any


def _text(value: Any) -> str:
    """A value as COPY's text format has it."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    text = _array(value) if isinstance(value, list) else str(value)
    return text.translate(_ESCAPED) if _ODD.search(text) else text


def _array(items: list[str]) -> str:
    plain = '","'.join(items)
    if "\\" in plain or plain.count('"') != 2 * max(0, len(items) - 1):
        plain = '","'.join(item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return f'{{"{plain}"}}' if items else "{}"


class Filling:
    """What is put in is copied into the tables of these names, in the order of `tables`, as soon as it is much."""

    def __init__(self, connection: Connection, tables: Iterable[Table[Any]]) -> None:
        self._connection = connection
        self._rows: dict[Table[Any], list[Any]] = {table: [] for table in tables}

    def put(self, table: Table[Any], entities: Iterable[Any]) -> None:
        """Write these when there are enough of them, or at the end."""
        waiting = self._rows[table]
        waiting.extend(entities)
        if len(waiting) >= AT_ONCE:
            self._copy(table)

    def flush(self) -> None:
        """Write what is left."""
        for table in self._rows:
            self._copy(table)

    def _copy(self, table: Table[Any]) -> None:
        rows = self._rows[table]
        if not rows:
            return
        lines = io.StringIO("".join("\t".join(map(_text, table.to_row(row))) + "\n" for row in rows))
        into = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(
            table=sql.Identifier(table.name), columns=sql.SQL(", ").join(map(sql.Identifier, table.codecs))
        )
        with self._connection.cursor() as cursor:
            cursor.copy_expert(into, lines)
        rows.clear()

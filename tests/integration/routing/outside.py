"""A look from outside into an instance's database, on one connection: the machine's own, which the code never uses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg2

from shared.contract import Event, decode, seal_suffix
from shared.contract.envelope import CONTENT_TYPE

# What stands in none of these is the directory's, and stays.
_OF_CASES = """
SELECT string_agg(format('DELETE FROM %I.%I', table_schema, table_name), ';') FROM (
    SELECT DISTINCT c.table_schema, c.table_name FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE t.table_type = 'BASE TABLE' AND c.table_schema IN ('routing', 'reporting') AND (
        c.column_name IN ('case_id', 'assignment_id', 'reply_id', 'delegation_id')
        OR c.table_name IN ('case_record', 'delegation', 'signing_key', 'sealed_key')
    )
) AS of_cases
"""


class Outside:
    """Reads and empties; each statement commits by itself."""

    def __init__(self, owner: str) -> None:
        self._connection = psycopg2.connect(owner)
        self._connection.autocommit = True
        self._cursor = self._connection.cursor()
        self._empty: str = self.ask(_OF_CASES)[0][0]

    def ask(self, statement: str, *params: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement."""
        self._cursor.execute(statement, params or None)
        return self._cursor.fetchall()

    def log_after(self, last: int) -> tuple[int, list[Event]]:
        """What the instance's routing told since, and how far its log goes."""
        rows = self.ask("SELECT id, addressee, draft FROM routing.event_log WHERE id > %s ORDER BY id", last)
        events = [
            decode(bytes(text) + seal_suffix(key), content_type=CONTENT_TYPE, stream_key=addressee)
            for key, addressee, text in rows
        ]
        return (rows[-1][0] if rows else last), events

    def set_clock(self, now: datetime) -> datetime:
        """Move the instance's time forward to this instant, or leave it where it is further on. Gives what it is."""
        found: datetime = self.ask("UPDATE platform.simulated_clock SET instant = greatest(instant, %s) RETURNING instant", now)[
            0
        ][0]
        return found

    def empty(self) -> None:
        """Remove every case, past the triggers that keep records as they are."""
        self._cursor.execute(f"SET session_replication_role = replica; {self._empty}; SET session_replication_role = origin")

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

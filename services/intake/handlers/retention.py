"""Wrapping data keys anew under another master key, and destroying those whose time is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.intake.domain.retention import Retention, years_before
from services.intake.store import SQL
from services.intake.vault.crypto import Vault
from shared.database import UnitOfWork

# Every table that holds wrapped data keys, and the column that names what each was made for.
KEYED = {
    "sealed": "case_id",
    "unread_bytes": "mail_id",
    "draft": "id",
    "call_sealed": "call_id",
    "board_item": "id",
    "visit_sealed": "visit_id",
    "shingle_counts": "id",
    "import_file": "job_id",
}
_OTHERS = (
    "SELECT {id}, data_key FROM {table} WHERE data_key <> '' AND NOT starts_with(encode(data_key, 'escape'), %(head)s)"
    " ORDER BY {id} LIMIT %(limit)s FOR UPDATE SKIP LOCKED"
)
_WRAP = "UPDATE {table} AS t SET data_key = v.data_key::bytea FROM (VALUES %s) AS v (id, data_key) WHERE t.{id} = v.id::uuid"
_COUNT = (
    "SELECT split_part(encode(substring(data_key FOR 40), 'escape'), E'\\n', 1) AS head, count(*) AS rows"
    " FROM {table} WHERE data_key <> '' GROUP BY 1"
)


def wrap_again(uow: UnitOfWork, vault: Vault, table: str, *, limit: int = 500) -> int:
    """Wrap up to `limit` data keys of a table by the master key in force; how many there were. Raises Broken, and changes nothing."""
    place = {"table": table, "id": KEYED[table]}
    rows = uow.all(_OTHERS.format(**place), head=vault.head.decode() + "\n", limit=limit)
    fresh = [(row[KEYED[table]], vault.wrap_again(row[KEYED[table]], bytes(row["data_key"]))) for row in rows]
    uow.many(_WRAP.format(**place), fresh)
    return len(fresh)


def wrapped_by(uow: UnitOfWork) -> Mapping[str, int]:
    """How many data keys each master key has wrapped, by its id."""
    found: dict[str, int] = {}
    for table in KEYED:
        for row in uow.all(_COUNT.format(table=table)):
            name = row["head"].rpartition(" ")[2]
            found[name] = found.get(name, 0) + row["rows"]
    return found


def erase_due(uow: UnitOfWork, keep: Retention, *, limit: int = 100) -> int:
    """Destroy the keys of up to `limit` petitions whose time is over, and of their visits; how many petitions.

    Further those of dismissed mails and posts, of calls and visits that became no case, and of bookings that nobody kept.
    """
    before: datetime = years_before(uow.now, keep.petitions)
    rows: list[dict[str, Any]] = uow.all(SQL["due_for_erasure"], before=before, limit=limit)
    if rows:
        uow.all(SQL["erase_sealed"], ids=[row["id"] for row in rows])
        uow.many(SQL["add_erasures"], [(row["id"], row["number"], uow.now) for row in rows])
    missed = years_before(uow.now, keep.dismissed)
    uow.all(SQL["erase_dismissed"], before=missed)
    uow.all(SQL["erase_calls"], before=missed)
    uow.all(SQL["erase_call_backs"])
    uow.all(SQL["erase_posts"], before=missed)
    uow.all(SQL["erase_visits"], before=before, missed=missed)
    return len(rows)

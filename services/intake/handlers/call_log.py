"""The log of calls: what was noted and who rang, opened for those who may know, and each look logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.intake.domain import masks
from services.intake.domain.call_reports import unknown_fields
from services.intake.domain.calls import Call
from services.intake.domain.viewing import Viewer
from services.intake.handlers.calls import key_of, number_of_call, visible
from services.intake.handlers.looking import identifiable, note_look
from services.intake.store import SQL, page_of, sure
from services.intake.vault.crypto import Vault
from shared.database import UnitOfWork

READING_CALLS = "calls"  # the purpose of opening a call's page


@dataclass(frozen=True, kw_only=True, repr=False)
class Read:
    """A call with what was noted, and the telephone system's messages with what we do not know of them."""

    call: Call
    note: str
    masked: str
    events: Sequence[dict[str, Any]]
    recordings: Sequence[dict[str, Any]]


def read_call(uow: UnitOfWork, vault: Vault, call_id: UUID, viewer: Viewer) -> Read:
    """A call; the look is logged. Raises Hidden, and Forbidden for whoever may not know the petitioner of its case."""
    call = visible(uow, call_id, viewer)
    if call.case_id:
        identifiable(uow, call.case_id, viewer)
    row = sure(uow, "sealed_of_call", call_id=call_id)
    key = key_of(uow, vault, call_id)
    note_look(uow, viewer, call_id, "text", READING_CALLS)
    number = number_of_call(uow, call_id, key)
    events = [
        event | {"unknown": unknown_fields(key.open("event", bytes(event["bytes"])), number) if event["unknown"] else ""}
        for event in uow.all(SQL["events_of_call"], call_id=call_id)
    ]
    note = key.open("note", bytes(row["note"])).decode() if row["note"] else ""
    return Read(
        call=call, note=note, masked=masked(vault, [row | {"id": call_id}])[0]["masked"], events=events,
        recordings=uow.all(SQL["recordings_of_call"], call_id=call_id),
    )  # fmt: skip


def calls(
    uow: UnitOfWork, viewer: Viewer, *, queue: str = "", line: str = "", outcome: str = "", page: int = 1, size: int = 50
) -> tuple[list[dict[str, Any]], int]:
    """A page of calls, the latest first, and how many there are. `queue` is `unwritten`, or empty for all."""
    return page_of(
        uow, "calls", queue=queue, line=line, outcome=outcome, now=uow.now, codes=list(viewer.codes), page=page, size=size
    )


def calls_at_hand(uow: UnitOfWork, vault: Vault, viewer: Viewer, chosen: UUID | None = None) -> list[dict[str, Any]]:
    """The calls of which one may be on the line now, the latest first, and the `chosen` one; their numbers are masked."""
    return masked(vault, uow.all(SQL["calls_at_hand"], now=uow.now, codes=list(viewer.codes), chosen=chosen))


def call_counts(uow: UnitOfWork, viewer: Viewer) -> dict[str, int]:
    """How much waits: call_back, of which overdue, and unwritten."""
    return sure(uow, "call_counts", now=uow.now, codes=list(viewer.codes))


def masked(vault: Vault, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with the number behind its mask in place of what is sealed."""
    found = []
    for row in rows:
        number = row["number"] and vault.open_key(row["id"], bytes(row["data_key"])).open("number", bytes(row["number"])).decode()
        found.append({name: value for name, value in row.items() if name not in ("data_key", "number")})
        found[-1]["masked"] = masks.phone(number) if number else ""
    return found

"""Recordings of calls: a voice tells who is speaking. Kept under the call's key, and with its case among the case's attachments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.intake.domain.attachment import Kind, Scan
from services.intake.domain.calls import Call, Told, hear
from services.intake.domain.submission import CHINA, Purpose
from services.intake.domain.viewing import Viewer, check_opens_originals
from services.intake.files.clamav import Verdict
from services.intake.files.filestore import FileStore
from services.intake.handlers.attachments import Prepared, add
from services.intake.handlers.calls import key_of, lock_call, visible
from services.intake.handlers.looking import note_look
from services.intake.handlers.telephone import identity
from services.intake.store import CALLS, SQL
from services.intake.vault.crypto import Vault
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused


def keep_recording(uow: UnitOfWork, store: FileStore, vault: Vault, line: str, call: str, file: Prepared) -> bool:
    """Keep a recording that the telephone system sent; whether it was here before. The call need not have been told of yet."""
    found, key = lock_call(uow, vault, Call(id=identity(vault, "call", line, call), line=line, started_at=uow.now))
    stored = uow.one(
        SQL["add_recording"], id=uuid7(uow.now), call_id=found.id, fingerprint=vault.fingerprint(file.content), form=file.form,
        size=len(file.content), scan=file.verdict.scan.value, finding=file.verdict.finding, now=uow.now,
        bytes=key.seal("recording", file.content),
    )  # fmt: skip
    if stored is None:
        return True
    uow.rows(CALLS).put(hear(found, Told.RECORDED, found.started_at))
    if found.case_id:
        file_away(uow, store, vault, found.case_id)
    return False


def file_away(uow: UnitOfWork, store: FileStore, vault: Vault, case_id: UUID) -> None:
    """Put what was recorded of a case's calls among its attachments, where it is opened for a purpose by who may identify."""
    uow.flush(CALLS)
    for row in uow.all(SQL["recordings_to_file"], case_id=case_id):
        call = uow.rows(CALLS).get(row["call_id"])
        content = key_of(uow, vault, row["call_id"]).open("recording", bytes(row["bytes"]))
        file = Prepared(
            name=f"录音 {row['received_at'].astimezone(CHINA):%Y-%m-%d %H:%M}.{row['form']}", content=content, kind=Kind.RECORDING,
            form=row["form"], pages=0, macros=False, unreadable=False,
            verdict=Verdict(scan=Scan(row["scan"]), finding=row["finding"]),
        )  # fmt: skip
        [kept] = add(uow, store, vault, case_id, [file], by=call.answered_by if call else None)
        uow.all(SQL["recording_filed"], id=row["id"], attachment_id=kept.id)


def read_recording(
    uow: UnitOfWork, vault: Vault, call_id: UUID, recording_id: UUID, viewer: Viewer, *, purpose: Purpose
) -> tuple[str, bytes]:
    """Form and bytes of a recording that belongs to no case, for clerks and the office, for a stated purpose; logged.

    Raises Hidden, Forbidden; NotFound for one that is among a case's attachments; Refused for one with a virus.
    """
    visible(uow, call_id, viewer)
    check_opens_originals(viewer)
    row: dict[str, Any] | None = uow.one(SQL["recording"], id=recording_id, call_id=call_id)
    if row is None:
        raise NotFound("recording", "没有找到这份录音。", "已登记为信访件的，请到附件清单打开。")
    if row["scan"] == Scan.INFECTED:
        raise Refused("recording", "这个文件里发现了病毒，已经隔离。", "请信访人另交一份。")
    note_look(uow, viewer, call_id, "original", purpose.value)
    return row["form"], key_of(uow, vault, call_id).open("recording", bytes(row["bytes"]))

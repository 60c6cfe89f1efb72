"""Drafts: sealed under a key of their own, and opened for nobody but the official who typed them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.intake.domain.drafts import KEPT, Draft
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.store import SQL, sure
from services.intake.vault.crypto import Vault
from shared.database import UnitOfWork
from shared.errors import Conflict


def save(
    uow: UnitOfWork, vault: Vault, viewer: Viewer, key: UUID, *, form: str, fields: Mapping[str, str], case_id: UUID | None = None
) -> None:
    """Keep what was typed under the form's key, over what was kept before. An empty form is not kept.

    Raises Conflict when the form was registered meanwhile, or the key is not this official's.
    """
    if not fields:
        return
    sealing = vault.new_key(key)
    saved = uow.one(
        SQL["save_draft"], id=key, official=viewer.person.official, form=form, case_id=case_id, data_key=sealing.wrapped,
        fields=sealing.seal_json("draft", dict(fields)), now=uow.now,
    )  # fmt: skip
    if saved is None:
        raise Conflict("draft", "这份表单已经登记，草稿没有再存。", "请到登记台查看；另一件事请重新打开表单。")


def mine(uow: UnitOfWork, vault: Vault, viewer: Viewer) -> list[Draft]:
    """The viewer's own drafts, the latest first."""
    return [_opened(vault, row) for row in uow.all(SQL["drafts_of"], **_own(viewer), id=None)]


def count(uow: UnitOfWork, viewer: Viewer) -> int:
    """How many drafts the viewer has."""
    found: int = sure(uow, "count_drafts", **_own(viewer))["n"]
    return found


def find(uow: UnitOfWork, vault: Vault, viewer: Viewer, key: UUID) -> Draft | None:
    """One of the viewer's own drafts."""
    row = uow.one(SQL["drafts_of"], **_own(viewer), id=key)
    return _opened(vault, row) if row else None


def resume(uow: UnitOfWork, vault: Vault, viewer: Viewer, key: UUID) -> Draft:
    """The same. Raises Hidden: what is somebody else's is not told apart from what is not there."""
    found = find(uow, vault, viewer, key)
    if found is None:
        raise Hidden("draft", "没有找到这份草稿。", "它可能已经登记、删除，或超过 30 天没有续写。")
    return found


def drop(uow: UnitOfWork, viewer: Viewer, key: UUID) -> None:
    """The form was sent, or the viewer throws the draft away."""
    uow.all(SQL["drop_draft"], id=key, official=viewer.person.official)


def end(uow: UnitOfWork, viewer: Viewer, key: UUID, *, form: str) -> None:
    """The form was sent and will not be again: a save that is still on its way brings nothing back. The bare key stays for 30 days."""
    uow.all(SQL["end_draft"], id=key, official=viewer.person.official, form=form, now=uow.now)


def expire(uow: UnitOfWork, *, limit: int = 500) -> int:
    """Throw away up to `limit` drafts that nobody has saved for 30 days; how many."""
    return len(uow.all(SQL["expire_drafts"], before=uow.now - KEPT, limit=limit))


def _own(viewer: Viewer) -> dict[str, Any]:
    return {"official": viewer.person.official, "codes": list(viewer.codes)}


def _opened(vault: Vault, row: dict[str, Any]) -> Draft:
    fields = vault.open_key(row["id"], bytes(row["data_key"])).open_json("draft", bytes(row["fields"]))
    return Draft(
        id=row["id"],
        form=row["form"],
        fields=fields,
        saved_at=row["saved_at"],
        case_id=row["case_id"],
        number=row["number"] or "",
    )

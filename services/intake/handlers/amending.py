"""Correcting a visit's record: what was written first stays, and each correction stands beside it with its reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.domain import masks
from services.intake.domain.viewing import Viewer
from services.intake.domain.visits import check_amendment
from services.intake.handlers.receiving import VisitOpened, identifiable, sealed_of_visit, secrets_for
from services.intake.handlers.visits import lock_visit
from services.intake.store import SQL
from services.intake.vault.crypto import Vault
from shared.database import UnitOfWork
from shared.errors import Conflict

WORDS = "amendment"  # what they are sealed as


@dataclass(frozen=True, kw_only=True, repr=False)
class Amendment:
    """One correction: what the record says now, why it was changed, who did and when."""

    said: str
    answer: str
    reason: str
    made_at: datetime
    made_by: str


def amend(
    uow: UnitOfWork, vault: Vault, visit_id: UUID, clerk: Viewer, *, key: UUID, said: str, answer: str, reason: str
) -> None:
    """Correct what was said or answered, under the form's key: the same form again changes nothing.

    Raises Hidden; Forbidden for who would correct words that are blotted out for him; Conflict while there is no record, or when
    the key was used for another correction; Refused for what no record may be.
    """
    visit = lock_visit(uow, visit_id, clerk)
    identifiable(uow, visit_id, clerk)
    words = {"said": said.strip(), "answer": answer.strip(), "reason": reason.strip()}
    sealing, row = sealed_of_visit(uow, vault, visit_id)
    before = uow.all(SQL["amendments_of_visit"], visit_id=visit_id)
    corrections = {one["id"]: sealing.open_json(WORDS, bytes(one["words"])) for one in before}
    if corrections.get(key) == words:
        return
    if key in corrections:
        raise _used()
    record = sealing.open_json("record", bytes(row["record"])) if row["record"] else None
    check_amendment(visit, words, corrections[before[-1]["id"]] if before else record)
    stored = uow.one(
        SQL["add_amendment"], id=key, visit_id=visit_id, words=sealing.seal_json(WORDS, words), now=uow.now,
        by=json.dumps(clerk.person.as_data(), ensure_ascii=False),
    )  # fmt: skip
    if stored is None:
        raise _used()


def _used() -> Conflict:
    return Conflict("key", "这份表单已经提交过，这次的内容和上次不一样。", "请重新打开表单填写。")


def amendments(uow: UnitOfWork, vault: Vault, opened: VisitOpened) -> list[Amendment]:
    """The corrections of a visit that was opened, in time order, blotted for its reader as the record is."""
    rows = uow.all(SQL["amendments_of_visit"], visit_id=opened.visit.id)
    if not rows:
        return []
    sealing, _ = sealed_of_visit(uow, vault, opened.visit.id)
    secrets = secrets_for(uow, vault, opened)
    return [_amendment(sealing.open_json(WORDS, bytes(row["words"])), row, secrets) for row in rows]


def _amendment(words: dict[str, str], row: dict[str, Any], secrets: tuple[str, ...]) -> Amendment:
    return Amendment(
        **{name: masks.within(text, secrets) for name, text in words.items()},
        made_at=row["made_at"],
        made_by=row["made_by"]["name"],
    )

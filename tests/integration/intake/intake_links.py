"""What the tests of links do over and over: link, undo, look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.intake.domain.linking import Link, Relation, UndoneFor, Why
from services.intake.domain.petition import Petition
from services.intake.domain.viewing import Viewer
from services.intake.handlers import linking
from services.intake.store import read
from services.intake.vault.crypto import Vault
from shared.database import Database


def case_of(intake: Database, case_id: UUID) -> Petition:
    with intake.unit_of_work() as uow:
        found = read(uow, case_id)
    assert found is not None
    return found


def linked(
    intake: Database,
    vault: Vault,
    clerk: Viewer,
    case_id: UUID,
    other_id: UUID,
    relation: Relation = Relation.REPEAT_OF,
    why: Why = Why.SAME_MATTER,
) -> Link:
    with intake.unit_of_work() as uow:
        return linking.link(uow, vault, case_id, other_id, clerk, relation=relation, why=why)


def undone(intake: Database, vault: Vault, clerk: Viewer, link_id: UUID, reason: UndoneFor = UndoneFor.SLIP) -> Link:
    with intake.unit_of_work() as uow:
        return linking.undo(uow, vault, link_id, clerk, reason=reason)


def told_of(told: Callable[[], list[tuple[str, dict[str, Any]]]], *names: str) -> list[tuple[str, dict[str, Any]]]:
    return [(name, data) for name, data in told() if name in names]

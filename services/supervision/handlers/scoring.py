"""What is heard that a rule may score: kept as it was told, and judged soon after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from services.supervision import store
from services.supervision.domain.scores import Occasion
from services.supervision.score_rules import Kind
from shared.contract.envelope import Event
from shared.contract.person import Person
from shared.database import UnitOfWork


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """What happened is written without being read; the clocks have loaded the cases."""


def _keep(event: Event, uow: UnitOfWork, kind: Kind, at: str, responsible: Person | None) -> None:
    uow.rows(store.OCCASIONS).put(
        Occasion(
            cause=event.id, detail="", kind=kind, case_id=UUID(event.subject), at=datetime.fromisoformat(event.data[at]),
            responsible=responsible,
        )
    )  # fmt: skip


def _of_case(event: Event, uow: UnitOfWork) -> Person | None:
    case = uow.rows(store.CASES).get(UUID(event.subject))
    return case.responsible if case else None


def closed(event: Event, uow: UnitOfWork) -> None:
    """case.closed: settled, when the petitioner says so; not where the word came late, and the case went on since."""
    case = uow.rows(store.CASES).get(UUID(event.subject))
    if event.data["reason"] == "satisfied" and case is not None and case.closed_at is not None:
        _keep(event, uow, Kind.SETTLED, "closed_at", _of_case(event, uow))


def dissatisfied(event: Event, uow: UnitOfWork) -> None:
    """case.dissatisfied: not settled."""
    _keep(event, uow, Kind.DISSATISFIED, "at", _of_case(event, uow))


def returned(event: Event, uow: UnitOfWork) -> None:
    """assignment.returned: a reply was not good enough. Of a part that was handed on within a unit nobody is scored."""
    known = uow.rows(store.ASSIGNMENTS).get(UUID(event.data["assignment_id"]))
    if known is not None and known.parent is None:
        _keep(event, uow, Kind.RETURNED, "returned_at", known.responsible)


HEARS: dict[str, Callable[[Event, UnitOfWork], None]] = {
    "case.closed": closed, "case.dissatisfied": dissatisfied, "assignment.returned": returned,
}  # fmt: skip

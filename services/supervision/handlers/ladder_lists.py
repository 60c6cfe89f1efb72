"""The ladder as lists and pages: what is due for whom, what was done in a case, what was sent to an official."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.supervision.handlers.listing import SEEN
from services.supervision.store import SQL
from shared.database import UnitOfWork
from shared.errors import NotFound

_SEEN = {
    name: SQL[name].format(sight=SEEN)
    for name in (
        "ladder_due", "ladder_counts", "ladder_in_vain", "ladder_of_case", "steps_of_case", "step_of_id", "case_named", "documents",
        "documents_count", "interviews", "interviews_count", "interview_seen",
    )
}  # fmt: skip
MOST = 500
Row = dict[str, Any]


def due(
    uow: UnitOfWork, who: Row, step: str, *, now: datetime, is_due: bool = True, limit: int = MOST, offset: int = 0
) -> list[Row]:
    """Misses whose next step this is: those that are due, or those that will be."""
    return uow.all(_SEEN["ladder_due"], **who, step=step, now=now, due=is_due, limit=limit, offset=offset)


def counts(uow: UnitOfWork, who: Row, now: datetime) -> dict[str, Row]:
    """By step, how many are due and how many will be."""
    return {row["step"]: row for row in uow.all(_SEEN["ladder_counts"], **who, now=now)}


def in_vain(uow: UnitOfWork, who: Row) -> list[Row]:
    """Steps that should be annulled, for nothing had been missed."""
    return uow.all(_SEEN["ladder_in_vain"], **who, limit=MOST)


def case(uow: UnitOfWork, who: Row, case_id: UUID) -> tuple[Row, list[Row], list[Row]]:
    """A case, its ladders and its steps. Raises NotFound when it is not for this reader."""
    found = uow.one(_SEEN["case_named"], **who, case=str(case_id))
    if found is None:
        raise NotFound("case", "没有找到该信访件。", "请核对后重试。")
    return (
        found,
        uow.all(_SEEN["ladder_of_case"], **who, case=str(case_id)),
        uow.all(_SEEN["steps_of_case"], **who, case=str(case_id)),
    )


def document(uow: UnitOfWork, who: Row, step_id: UUID) -> tuple[Row, list[Row]]:
    """A step for its print, with the steps for the same miss before it. Raises NotFound."""
    found = uow.one(_SEEN["step_of_id"], **who, id=str(step_id)) or uow.one(SQL["received_of_id"], **who, id=str(step_id))
    if found is None:
        raise NotFound("step", "没有找到这一步。", "请核对后重试。")
    return found, uow.all(SQL["steps_before"], id=str(step_id))


def documents(uow: UnitOfWork, who: Row, step: str, *, limit: int, offset: int) -> tuple[list[Row], int]:
    """What was issued of a kind, and how many there are."""
    total = uow.all(_SEEN["documents_count"], **who, step=step)[0]["n"]
    return uow.all(_SEEN["documents"], **who, step=step, limit=limit, offset=offset), total


def interviews(uow: UnitOfWork, who: Row, *, year: datetime, limit: int, offset: int) -> tuple[list[Row], Row]:
    """Interviews, and how many there are, open and held in the year."""
    total = uow.all(_SEEN["interviews_count"], **who, year=year)[0]
    return uow.all(_SEEN["interviews"], **who, limit=limit, offset=offset), total


def interview(uow: UnitOfWork, who: Row, interview_id: UUID, *, own: bool = False) -> tuple[Row, list[Row]]:
    """An interview and the misses that it is about; `own` lets the person called in see it too. Raises NotFound."""
    row = uow.one(_SEEN["interview_seen"], **who, id=str(interview_id))
    seen = bool(row and row["seen"])
    if not seen and own:
        mine = uow.one(SQL["interview_for_its_person"], **who, id=str(interview_id))
        seen = bool(mine and mine["seen"])
    found = uow.one(SQL["interview_of_id"], id=str(interview_id)) if seen else None
    if found is None:
        raise NotFound("interview", "没有找到该次约谈。", "请核对后重试。")
    return found, uow.all(SQL["misses_of_interview"], id=str(interview_id))


def mine(uow: UnitOfWork, who: Row) -> tuple[list[Row], list[Row]]:
    """What an official owes, and what was sent to him."""
    return uow.all(SQL["owed_by"], **who, limit=MOST), uow.all(SQL["sent_to"], **who, limit=MOST)


def unseen(uow: UnitOfWork, who: Row) -> int:
    """How much of what was sent to an official he has not opened."""
    found: int = uow.all(SQL["unseen_by"], **who)[0]["n"]
    return found


def note_seen(uow: UnitOfWork, official: str, ids: Iterable[UUID]) -> None:
    """That somebody has opened what was sent to him."""
    uow.all(SQL["note_seen"], ids=[str(each) for each in ids], official=official, now=uow.now)


def periods(uow: UnitOfWork) -> list[Row]:
    """The latest periods of the office."""
    return uow.all(SQL["periods"])

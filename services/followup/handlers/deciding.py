"""Closing without a satisfied petitioner."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.followup import store
from services.followup.domain import deciding
from services.followup.domain.case import FollowedCase
from services.followup.domain.task import Task
from services.followup.handlers.asking import handlers_of
from services.followup.handlers.in_force import policy_of
from services.followup.handlers.settling import close_case, write
from services.followup.workflow import CaseStage
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import NotFound


def close_by_decision(
    uow: UnitOfWork, case_id: UUID, *, by: Person, posts: Sequence[str], authority: str, reasons: str
) -> FollowedCase:
    """Close a case by a decision; the petitioner is told the reasons, and that a review may be asked for (art. 35).

    Sent again it changes nothing. Raises NotFound, Forbidden, Conflict, Refused.
    """
    case, task = last_task(uow, case_id, by.official, posts)
    if case.stage is CaseStage.ARCHIVED and case.close_reason == "decision":
        return case
    involved = handlers_of(uow, case_id)
    deciding.check_decision(case, task, by=by, handlers=involved, authority=authority, reasons=reasons)
    round_number = deciding.ends_round(task)
    words = {"authority": authority.strip(), "reasons": reasons.strip()}
    close_case(case, reason="decision", round_number=round_number, by=by, uow=uow, **words)
    days = policy_of(uow, case.policy).review_days
    write(case, "closed_by_decision", {"reason": words["reasons"], "authority": words["authority"], "days": days}, uow)
    return case


def last_task(uow: UnitOfWork, case_id: UUID, official: str, posts: Sequence[str]) -> tuple[FollowedCase, Task]:
    """A case with its latest task, the case's row locked first. Raises NotFound, also for whoever must not see it."""
    found = uow.one(store.SQL["last_task_of_case"], case=case_id, official=official, posts=list(posts))
    case = uow.rows(store.CASES).get(case_id) if found else None
    task = uow.rows(store.TASKS).get(case_id, found["round"]) if found else None
    if case is None or task is None:
        raise NotFound("case", "没有找到这件信访件。", "请返回列表，重新选择。")
    return case, task

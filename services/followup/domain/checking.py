"""The supervision office asks a sample of petitioners again whose answers staff wrote down. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.followup.domain.task import ANSWERED, Task
from services.followup.domain.trying import STAFF_MANNERS, STAFF_RESULTS, check_note
from services.followup.workflow import TASK, TaskStage
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused


@dataclass(frozen=True, kw_only=True)
class Check:
    """What the supervision office found when it asked again; `differs` is shown, and what was found counts."""

    id: UUID
    task_id: UUID
    case_id: UUID
    manner: str
    recorded: str
    found: str
    differs: bool
    note: str
    by: Person
    at: datetime


def check_again(task: Task, *, id: UUID, by: Person, manner: str, found: str, note: str, at: datetime) -> Check:
    """The record of a second asking. Raises Forbidden, Conflict, Refused."""
    if not task.sampled or task.source != "staff" or task.stage not in ANSWERED:
        raise Conflict("found", "只复核抽中的、由工作人员记录的结果。", "请返回列表，重新选择。")
    if task.checked_at is not None:
        raise Conflict("found", "这一轮已经复核过。", "请刷新页面，查看复核结果。")
    if by.official == task.concluded_by.official:
        raise Forbidden("found", "办结人不得复核自己办结的信访件。", "请由督查室其他人复核。")
    if task.settled_by is not None and task.settled_by.official == by.official:
        raise Forbidden("found", "不得复核自己记录的结果。", "请由督查室其他人复核。")
    if manner not in STAFF_MANNERS:
        raise Refused("manner", "没有这种回访方式。", "请从列表中选择。")
    if found not in STAFF_RESULTS:
        raise Refused("found", "没有这种回访结果。", "请从列表中选择。")
    check_note(note)
    recorded = task.stage.value
    return Check(
        id=id, task_id=task.id, case_id=task.case_id, manner=manner, recorded=recorded, found=found,
        differs=found not in (recorded, "not_reached"), note=note, by=by, at=at,
    )  # fmt: skip


def checked(task: Task, check: Check) -> Task:
    """The task after it: what was found counts. One who was not reached may be asked once more."""
    if check.found == "not_reached":
        return task
    stage = task.stage
    if check.differs:
        stage = TASK.move(task.stage, "mend" if check.found == "satisfied" else "overturn")
    until = task.contest_until if stage is TaskStage.SATISFIED else None
    return replace(task, stage=stage, checked_at=check.at, contest_until=until)

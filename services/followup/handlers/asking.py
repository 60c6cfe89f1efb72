"""What staff does: tries to ask the petitioner."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.followup import domain, store
from services.followup.domain import FollowedCase, Task, Try
from services.followup.handlers.settling import settle, tell_try
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, NotFound


def record_try(
    uow: UnitOfWork,
    task_id: UUID,
    *,
    try_id: UUID,
    by: Person,
    posts: Sequence[str],
    manner: str,
    result: str,
) -> Task:
    """Record one try to ask, with its result; `satisfied` closes the case, `not_satisfied` calls for a new
    round.

    `try_id` comes with the form: sending it again changes nothing and gives the task as it stands. `posts`
    are the
    organisations in which the official holds posts. Raises NotFound, also for one who is barred; Forbidden
    for who
    concluded the case; Conflict when the round has its answer; Refused.
    """
    case, task = _lock(uow, task_id, by.official, posts)
    tries = uow.rows(store.TRIES)
    before = tries.get(try_id)
    if before is not None:
        if before.task_id != task.id:
            raise Conflict("try_id", "该表单属于另一件回访。", "请重新打开本件后再记录。")
        return task
    domain.check_try(task, by=by, manner=manner, result=result)
    tries.put(
        Try(
            id=try_id, task_id=task.id, case_id=case.id, manner=manner, result=result, by=by, at=uow.now,
        )
    )  # fmt: skip
    tell_try(task, manner, result, by, uow.now, uow)
    if result == "not_reached":
        return task
    return settle(case, task, satisfied=result == "satisfied", source="staff", by=by, at=uow.now, uow=uow)


def _lock(uow: UnitOfWork, task_id: UUID, official: str, posts: Sequence[str]) -> tuple[FollowedCase, Task]:
    """The task and its case, the case's row locked first."""
    found = uow.one(store.SQL["place_of_task"], id=task_id, official=official, posts=list(posts))
    case = uow.rows(store.CASES).get(found["case_id"]) if found else None
    task = uow.rows(store.TASKS).get(found["case_id"], found["round"]) if found else None
    if case is None or task is None:
        raise NotFound("task", "没有找到这件回访。", "请返回列表，重新选择。")
    return case, task

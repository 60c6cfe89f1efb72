"""What staff does: tries to ask the petitioner, writes down what he said, corrects it, finds a case difficult."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.followup import store
from services.followup.domain import task as tasks
from services.followup.domain import trying
from services.followup.domain.case import FollowedCase
from services.followup.domain.task import Task
from services.followup.domain.trying import Try
from services.followup.handlers.in_force import policy_of
from services.followup.handlers.settling import correct, is_carried, propose_leader, settle, tell_try, write
from services.followup.workflow import CaseStage, TaskStage
from shared.contract.envelope import instant
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, NotFound


def record_try(
    uow: UnitOfWork, task_id: UUID, *, try_id: UUID, by: Person, posts: Sequence[str], manner: str, result: str, note: str = "",
    answers: Mapping[str, bool] | None = None,
) -> Task:  # fmt: skip
    """Record one try to ask, with its result; `satisfied` closes the case, `not_satisfied` calls for a new round, and after the
    policy's tries on different days in vain the petitioner could not be reached.

    `try_id` comes with the form: sending it again changes nothing and gives the task as it stands. `posts` are the organisations
    in which the official holds posts. Raises NotFound, also for one who is barred or of the unit that handled the case; Forbidden
    for who concluded or handled it; Conflict when the round has its answer; Refused.
    """
    case, task = lock(uow, task_id, by.official, posts)
    if _known(uow, try_id, task):
        return task
    policy = policy_of(uow, case.policy)
    trying.check_try(case, task, by=by, handlers=handlers_of(uow, case.id), manner=manner, result=result, note=note)
    said = tasks.consistent(result, answers or {}, policy)
    made = Try(
        id=try_id,
        task_id=task.id,
        case_id=case.id,
        manner=manner,
        result=result,
        by=by,
        at=uow.now,
        note=note.strip(),
        answers=said,
    )
    uow.rows(store.TRIES).put(made)
    tell_try(task, manner, result, by, uow.now, uow)
    if result != "not_reached":
        return settle(case, task, satisfied=result == "satisfied", source="staff", by=by, at=uow.now, uow=uow)
    tries = uow.rows(store.TRIES).where("task_id = %s", task.id)
    vain = [*(each for each in tries if each.id != made.id), made]
    if task.stage is TaskStage.OPEN and trying.out_of_reach(vain, policy):
        task = uow.rows(store.TASKS).put(trying.give_up(task, at=uow.now))
        told = {"task_id": str(task.id), "round": task.round, "tries": len(vain), "at": instant(uow.now)}
        uow.tell("followup.unreachable", case.id, told)
        write(case, "not_reached", {"round": task.round}, uow)
    return task


def correct_try(
    uow: UnitOfWork, task_id: UUID, *, try_id: UUID, by: Person, posts: Sequence[str], result: str, note: str = "",
    answers: Mapping[str, bool] | None = None,
) -> Task:  # fmt: skip
    """Whoever wrote an answer down corrects it, for a day; what he corrects is asked again by the supervision office.

    Raises NotFound, Forbidden, Conflict, Refused.
    """
    case, task = lock(uow, task_id, by.official, posts)
    if _known(uow, try_id, task):
        return task
    policy = policy_of(uow, case.policy)
    tasks.check_correction(case, task, policy, by=by, result=result, now=uow.now)
    trying.check_note(note)
    said = tasks.consistent(result, answers or {}, policy)
    last = max(uow.rows(store.TRIES).where("task_id = %s", task.id), key=lambda each: each.at)
    uow.rows(store.TRIES).put(
        Try(
            id=try_id, task_id=task.id, case_id=case.id, manner=last.manner, result=result, by=by, at=uow.now, note=note.strip(),
            answers=said, corrects=True,
        )
    )  # fmt: skip
    return correct(case, task, policy, satisfied=result == "satisfied", manner=last.manner, by=by, at=uow.now, uow=uow)


def mark_difficult(uow: UnitOfWork, task_id: UUID, *, by: Person, posts: Sequence[str]) -> None:
    """Propose that a leader takes the case on; once for each case. Raises NotFound, Conflict."""
    case, _task = lock(uow, task_id, by.official, posts)
    if case.stage is not CaseStage.FOLLOWED:
        raise Conflict("difficult", "本件已经结案。", "请刷新页面，查看最新进展。")
    if is_carried(case, uow):
        raise Conflict("difficult", "本件已有领导包案。", "请刷新页面，查看最新进展。")
    if case.charge_proposed_at is None:
        propose_leader(case, "difficult", by, uow)


def lock(uow: UnitOfWork, task_id: UUID, official: str, posts: Sequence[str]) -> tuple[FollowedCase, Task]:
    """The task and its case, the case's row locked first. Raises NotFound, also for whoever may not see it."""
    found = uow.one(store.SQL["place_of_task"], id=task_id, official=official, posts=list(posts))
    case = uow.rows(store.CASES).get(found["case_id"]) if found else None
    task = uow.rows(store.TASKS).get(found["case_id"], found["round"]) if found else None
    if case is None or task is None:
        raise NotFound("task", "没有找到这件回访。", "请返回列表，重新选择。")
    return case, task


def handlers_of(uow: UnitOfWork, case_id: UUID) -> frozenset[str]:
    """The officials who were responsible for a case."""
    return frozenset(row["official"] for row in uow.all(store.SQL["handlers_of_case"], case=case_id))


def _known(uow: UnitOfWork, try_id: UUID, task: Task) -> bool:
    before = uow.rows(store.TRIES).get(try_id)
    if before is not None and before.task_id != task.id:
        raise Conflict("try_id", "该表单属于另一件回访。", "请重新打开本件后再记录。")
    return before is not None

"""What an answer leads to, and how it is written down and told."""

from __future__ import annotations

from datetime import datetime

from services.followup import domain, store
from services.followup.domain import FollowedCase, Source, Task
from services.followup.workflow import TaskStage
from shared.contract.envelope import instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork


def settle(
    case: FollowedCase, task: Task, *, satisfied: bool, source: Source, by: Person | None, at: datetime,
    uow: UnitOfWork,
) -> Task:  # fmt: skip
    task = uow.rows(store.TASKS).put(domain.settle(task, satisfied=satisfied, source=source, by=by, at=at))
    word = {"round": task.round, "at": instant(at), "source": source}
    if satisfied:
        uow.tell("case.satisfied", case.id, word)
        close_case(case, reason="satisfied", round_number=task.round, by=by, uow=uow)
    else:
        uow.rows(store.CASES).put(domain.not_asked(case))
        uow.tell("case.dissatisfied", case.id, word)
    return task


def close_case(case: FollowedCase, *, reason: str, round_number: int | None, by: Person | None, uow: UnitOfWork) -> None:
    case, closing = domain.close(case, reason=reason, round_number=round_number, by=by, now=uow.now)
    uow.rows(store.CASES).put(case)
    uow.rows(store.CLOSINGS).put(closing)
    who = by.as_data() if by else None
    uow.tell("case.closed", case.id, {"reason": reason, "by": who, "closed_at": instant(closing.closed_at)})
    uow.tell("case.archived", case.id, {"archived_at": instant(closing.archived_at), "by": who})
    write(case, "case_closed", {"reason": reason}, uow)


def drop_open_task(case: FollowedCase, uow: UnitOfWork) -> None:
    """Nothing is asked any more about a round that another conclusion, or the petition's withdrawal, has
    overtaken.
    """
    tasks = uow.rows(store.TASKS)
    task = tasks.get(case.id, case.open_round) if case.open_round else None
    if task is not None and task.stage is TaskStage.OPEN:
        tasks.put(domain.withdraw(task, at=uow.now))


def tell_try(task: Task, manner: str, result: str, by: Person | None, at: datetime, uow: UnitOfWork) -> None:
    told = {
        "task_id": str(task.id), "round": task.round, "manner": manner, "result": result,
        "recorded_by": by.as_data() if by else None, "recorded_at": instant(at),
    }  # fmt: skip
    uow.tell("followup.recorded", task.case_id, told)


def write(case: FollowedCase, template: str, params: dict[str, object], uow: UnitOfWork) -> None:
    """Ask intake, which alone knows the address, to write to the petitioner; only codes go along."""
    uow.tell("message.requested", case.id, {"message_id": str(uuid7()), "template": template, "params": params})

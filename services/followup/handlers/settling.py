"""What an answer leads to, and how it is written down and told."""

from __future__ import annotations

from datetime import datetime

from services.followup import store
from services.followup.domain import case as cases
from services.followup.domain import task as tasks
from services.followup.domain.case import FollowedCase
from services.followup.domain.policy import FollowPolicy
from services.followup.domain.task import WAITING, Source, Task
from services.followup.handlers.in_force import policy_of
from services.followup.workflow import TaskStage
from shared.contract.envelope import instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork


def settle(
    case: FollowedCase, task: Task, *, satisfied: bool, source: Source, by: Person | None, at: datetime, uow: UnitOfWork
) -> Task:
    """The first valid word of a round: it closes the case, or has it go on."""
    policy = policy_of(uow, case.policy)
    task = tasks.settle(task, policy, satisfied=satisfied, source=source, by=by, at=at, lot=uuid7().int)
    uow.rows(store.TASKS).put(task)
    if satisfied:
        _tell_satisfied(task, at, uow)
        close_case(case, reason="satisfied", round_number=task.round, by=by, uow=uow)
        template = "closed_on_record" if source == "staff" else "case_closed"
        write(case, template, {"reason": "satisfied", "days": policy.contest_days}, uow)
    else:
        go_on(case, task.round, cause="dissatisfied", source=source, at=at, uow=uow)
    return task


def turned(case: FollowedCase, task: Task, *, satisfied: bool, at: datetime, cause: str, after: Task, uow: UnitOfWork) -> Task:
    """A round's word became another one. A "not satisfied" reopens what was closed; a "satisfied" stops no round that has begun."""
    uow.rows(store.TASKS).put(after)
    if after.stage is task.stage:
        return after
    if satisfied:
        uow.rows(store.CASES).put(cases.come_back(case, -1))
        _tell_satisfied(after, at, uow)
    else:
        go_on(case, task.round, cause=cause, source=after.source or "staff", at=at, uow=uow)
    return after


def contest(case: FollowedCase, task: Task, *, at: datetime, uow: UnitOfWork) -> None:
    """The petitioner says otherwise than staff wrote down: his word counts."""
    uow.rows(store.TASKS).put(tasks.contest(task, at=at))
    uow.tell("case.contested", case.id, {"round": task.round, "at": instant(at)})
    go_on(case, task.round, cause="contested", source="petitioner", at=at, uow=uow)


def go_on(case: FollowedCase, round_number: int, *, cause: str, source: str, at: datetime, uow: UnitOfWork) -> None:
    """Routing is told that a new round is owed, unless one is under way already, or the case ended otherwise than by that round."""
    asks = cases.may_be_redone if cause == "review" else cases.ended_with
    if not asks(case, round_number):
        return
    policy = policy_of(uow, case.policy)
    case = cases.come_back(cases.goes_on(case))
    uow.rows(store.CASES).put(case)
    uow.tell("case.dissatisfied", case.id, {"round": round_number, "at": instant(at), "source": source, "cause": cause})
    if cases.wants_leader(case, policy) and not is_carried(case, uow):
        propose_leader(case, "rounds", None, uow)


def is_carried(case: FollowedCase, uow: UnitOfWork) -> bool:
    """Whether a leader carries the case already."""
    found = uow.rows(store.CARRIED).get(case.id)
    return found is not None and found.ended_at is None


def propose_leader(case: FollowedCase, reason: str, by: Person | None, uow: UnitOfWork) -> None:
    """That a leader should take the case on until it is over."""
    uow.rows(store.CASES).put(cases.propose_leader(case, uow.now))
    uow.tell("charge.proposed", case.id, {"reason": reason, "by": by.as_data() if by else None, "at": instant(uow.now)})


def close_case(
    case: FollowedCase, *, reason: str, round_number: int | None, by: Person | None, uow: UnitOfWork, authority: str | None = None,
    reasons: str | None = None,
) -> None:  # fmt: skip
    """Closed, archived, the dossier sealed."""
    case, closing = cases.close(
        case, reason=reason, round_number=round_number, by=by, now=uow.now, authority=authority, reasons=reasons
    )
    uow.rows(store.CASES).put(case)
    uow.rows(store.CLOSINGS).put(closing)
    who = by.as_data() if by else None
    told = {
        "reason": reason, "by": who, "closed_at": instant(closing.closed_at), "round": round_number, "authority": authority,
        "reasons": reasons,
    }  # fmt: skip
    uow.tell("case.closed", case.id, told)
    uow.tell("case.archived", case.id, {"archived_at": instant(closing.archived_at), "by": who})


def drop_open_task(case: FollowedCase, uow: UnitOfWork) -> None:
    """Nothing is asked any more about a round that another conclusion, or the petition's withdrawal, has overtaken."""
    rows = uow.rows(store.TASKS)
    task = rows.get(case.id, case.open_round) if case.open_round else None
    if task is not None and task.stage in WAITING:
        rows.put(tasks.withdraw(task, at=uow.now))


def tell_try(
    task: Task, manner: str, result: str, by: Person | None, at: datetime, uow: UnitOfWork, *, corrects: bool = False
) -> None:  # fmt: skip
    """A try and its result; what was said is told to nobody."""
    told = {
        "task_id": str(task.id), "round": task.round, "manner": manner, "result": result,
        "recorded_by": by.as_data() if by else None, "recorded_at": instant(at),
    }  # fmt: skip
    uow.tell("followup.recorded", task.case_id, told | ({"corrects": True} if corrects else {}))


def write(case: FollowedCase, template: str, params: dict[str, object], uow: UnitOfWork) -> None:
    """Ask intake, which alone knows the address, to write to the petitioner; only codes and officials' words go along."""
    uow.tell("message.requested", case.id, {"message_id": str(uuid7()), "template": template, "params": params})


def _tell_satisfied(task: Task, at: datetime, uow: UnitOfWork) -> None:
    until = task.contest_until if task.stage is TaskStage.SATISFIED else None
    told = {"round": task.round, "at": instant(at), "source": task.source, "contest_until": instant(until) if until else None}
    uow.tell("case.satisfied", task.case_id, told)


def result_of(satisfied: bool) -> str:
    """A word as a try's result."""
    return "satisfied" if satisfied else "not_satisfied"


def correct(
    case: FollowedCase, task: Task, policy: FollowPolicy, *, satisfied: bool, manner: str, by: Person | None, at: datetime, uow: UnitOfWork
) -> Task:  # fmt: skip
    """Whoever gave a round's answer corrects it."""
    tell_try(task, manner, result_of(satisfied), by, at, uow, corrects=True)
    after = tasks.turn(task, policy, satisfied=satisfied, at=at)
    return turned(case, task, satisfied=satisfied, at=at, cause="corrected", after=after, uow=uow)

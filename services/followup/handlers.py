"""Use cases of follow-up: tasks after conclusions, the petitioner's word, the closing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.followup import domain, store
from services.followup.domain import Answer, FollowedCase, Source, Task, Try
from services.followup.workflow import CaseStage, TaskStage
from shared import directory
from shared.contract.envelope import Event, instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, NotFound, NotYet, Refused


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """Load what a batch concerns in sets: the cases first, which are the locks, then their tasks."""
    about = [event for event in events if not event.contract.name.startswith("directory.")]
    cases = uow.rows(store.CASES)
    ids = {case_id for event in about if (case_id := _uuid(event.subject))}
    cases.load(sorted(ids))
    named = {(case_id, event.data.get("round")) for event in about if (case_id := _uuid(event.subject))}
    open_ones = {(case_id, case.open_round) for case_id in ids if (case := cases.get(case_id))}
    uow.rows(store.TASKS).load(key for key in named | open_ones if key[1] is not None)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _case_id(event: Event) -> UUID:
    found = _uuid(event.subject)
    if found is None:
        raise Refused("subject", "事件所指的信访件编号不是 UUID。", "请核对发送方。")
    return found


def _case(event: Event, uow: UnitOfWork) -> FollowedCase:
    """The event's case, locked. Raises NotYet before its registration is known."""
    case = uow.rows(store.CASES).get(_case_id(event))
    if case is None:
        raise NotYet(f"case {event.subject} is not known to have been registered")
    return case


def _at(event: Event, name: str) -> datetime:
    return datetime.fromisoformat(event.data[name])


# -- what is heard -------------------------------------------------------------------------------------------
def registered(event: Event, uow: UnitOfWork) -> None:
    """case.registered: from now on the case is followed until it is closed."""
    data = event.data
    uow.rows(store.CASES).put(
        FollowedCase(
            id=_case_id(event), organisation=event.organisation, number=data["number"], title=data["title"],
            channel=data["channel"], identity=data["identity"], stage=CaseStage.FOLLOWED,
        )
    )  # fmt: skip


def supplemented(event: Event, uow: UnitOfWork) -> None:
    """case.supplemented: the clerk's title is the one to show."""
    case = _case(event, uow)
    uow.rows(store.CASES).put(replace(case, title=event.data["title"]))


def concluded(event: Event, uow: UnitOfWork) -> None:
    """case.concluded: the petitioner is to be asked, once in each round.

    Raises Refused for a round that has its answer already: nothing is asked twice. A case that was closed
    meanwhile
    (its petition was withdrawn) asks nothing; nor does one that was referred up to us, for its petitioner is known below.
    """
    if event.data.get("referred_from"):
        return
    case, data, tasks = _case(event, uow), event.data, uow.rows(store.TASKS)
    if case.stage is CaseStage.ARCHIVED:
        return
    if tasks.get(case.id, data["round"]) is not None:
        raise Refused("round", "第 %(round)s 轮已经回访过。", "请核对办结的轮次。", round=data["round"])
    _drop_open_task(case, uow)
    case, task = domain.open_task(
        case, task_id=uuid7(), round_number=data["round"], outcome=data["outcome"], answer=data["answer"],
        concluded_by=Person.of(data["by"]), now=uow.now,
    )  # fmt: skip
    uow.rows(store.CASES).put(case)
    tasks.put(task)
    due = {
        "task_id": str(task.id), "round": task.round, "manner": task.manner, "due_at": instant(task.due_at),
    }  # fmt: skip
    uow.tell("followup.due", case.id, due)
    _write(case, "followup_due", {"round": task.round, "manner": task.manner}, uow)


def withdrawn(event: Event, uow: UnitOfWork) -> None:
    """case.withdrawn: closed and archived, for the petitioner said so."""
    case = _case(event, uow)
    if case.stage is CaseStage.ARCHIVED:
        return
    _drop_open_task(case, uow)
    by = event.data.get("by")
    _close(case, reason="withdrawn", round_number=None, by=Person.of(by) if by else None, uow=uow)


def petitioner_answered(event: Event, uow: UnitOfWork) -> None:
    """petitioner.answered: the first word of a round counts, a later one is kept and changes nothing.

    Raises NotYet before the round's task is known.
    """
    case, data = _case(event, uow), event.data
    task = uow.rows(store.TASKS).get(case.id, data["round"])
    if task is None:
        raise NotYet(f"round {data['round']} of case {event.subject} has no follow-up task yet")
    answer = Answer(
        id=event.id, case_id=case.id, round=data["round"], settled=data["settled"],
        satisfied=data["satisfied"], answered_at=_at(event, "answered_at"), counted=domain.counts(case, task),
    )  # fmt: skip
    uow.rows(store.ANSWERS).put(answer)
    if answer.counted:
        satisfied = domain.says_settled(settled=answer.settled, satisfied=answer.satisfied)
        result = "satisfied" if satisfied else "not_satisfied"
        _tell_try(task, "tracking_page", result, None, answer.answered_at, uow)
        _settle(case, task, satisfied=satisfied, source="petitioner", by=None, at=answer.answered_at, uow=uow)


def barred(event: Event, uow: UnitOfWork) -> None:
    """case.barred: these never see the case on a page of ours."""
    uow.rows(store.BARRED).put(
        store.Barred(
            case_id=_case_id(event), organisations=frozenset(event.data["organisations"]),
            officials=frozenset(event.data["officials"]), barred_at=_at(event, "barred_at"),
        )
    )  # fmt: skip


HEARS: dict[str, Callable[[Event, UnitOfWork], None]] = {
    **directory.HEARS,
    "case.registered": registered,
    "case.supplemented": supplemented,
    "case.concluded": concluded,
    "case.withdrawn": withdrawn,
    "case.barred": barred,
    "petitioner.answered": petitioner_answered,
}


# -- what staff does -----------------------------------------------------------------------------------------
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
    _tell_try(task, manner, result, by, uow.now, uow)
    if result == "not_reached":
        return task
    return _settle(case, task, satisfied=result == "satisfied", source="staff", by=by, at=uow.now, uow=uow)


def _lock(uow: UnitOfWork, task_id: UUID, official: str, posts: Sequence[str]) -> tuple[FollowedCase, Task]:
    """The task and its case, the case's row locked first."""
    found = uow.one(store.SQL["place_of_task"], id=task_id, official=official, posts=list(posts))
    case = uow.rows(store.CASES).get(found["case_id"]) if found else None
    task = uow.rows(store.TASKS).get(found["case_id"], found["round"]) if found else None
    if case is None or task is None:
        raise NotFound("task", "没有找到这件回访。", "请返回列表，重新选择。")
    return case, task


# -- how it is written down ----------------------------------------------------------------------------------
def _settle(
    case: FollowedCase, task: Task, *, satisfied: bool, source: Source, by: Person | None, at: datetime,
    uow: UnitOfWork,
) -> Task:  # fmt: skip
    task = uow.rows(store.TASKS).put(domain.settle(task, satisfied=satisfied, source=source, by=by, at=at))
    word = {"round": task.round, "at": instant(at), "source": source}
    if satisfied:
        uow.tell("case.satisfied", case.id, word)
        _close(case, reason="satisfied", round_number=task.round, by=by, uow=uow)
    else:
        uow.rows(store.CASES).put(domain.not_asked(case))
        uow.tell("case.dissatisfied", case.id, word)
    return task


def _close(case: FollowedCase, *, reason: str, round_number: int | None, by: Person | None, uow: UnitOfWork) -> None:
    case, closing = domain.close(case, reason=reason, round_number=round_number, by=by, now=uow.now)
    uow.rows(store.CASES).put(case)
    uow.rows(store.CLOSINGS).put(closing)
    who = by.as_data() if by else None
    uow.tell("case.closed", case.id, {"reason": reason, "by": who, "closed_at": instant(closing.closed_at)})
    uow.tell("case.archived", case.id, {"archived_at": instant(closing.archived_at), "by": who})
    _write(case, "case_closed", {"reason": reason}, uow)


def _drop_open_task(case: FollowedCase, uow: UnitOfWork) -> None:
    """Nothing is asked any more about a round that another conclusion, or the petition's withdrawal, has
    overtaken.
    """
    tasks = uow.rows(store.TASKS)
    task = tasks.get(case.id, case.open_round) if case.open_round else None
    if task is not None and task.stage is TaskStage.OPEN:
        tasks.put(domain.withdraw(task, at=uow.now))


def _tell_try(task: Task, manner: str, result: str, by: Person | None, at: datetime, uow: UnitOfWork) -> None:
    told = {
        "task_id": str(task.id), "round": task.round, "manner": manner, "result": result,
        "recorded_by": by.as_data() if by else None, "recorded_at": instant(at),
    }  # fmt: skip
    uow.tell("followup.recorded", task.case_id, told)


def _write(case: FollowedCase, template: str, params: dict[str, object], uow: UnitOfWork) -> None:
    """Ask intake, which alone knows the address, to write to the petitioner; only codes go along."""
    uow.tell("message.requested", case.id, {"message_id": str(uuid7()), "template": template, "params": params})

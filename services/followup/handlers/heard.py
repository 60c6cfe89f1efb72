"""What follow-up does when another service tells something: a task after each conclusion, and the petitioner's word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.followup import domain, store
from services.followup.domain import Answer, FollowedCase
from services.followup.handlers.settling import close_case, drop_open_task, settle, tell_try, write
from services.followup.workflow import CaseStage
from shared import directory
from shared.contract.envelope import Event, instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import NotYet, Refused


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
    drop_open_task(case, uow)
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
    write(case, "followup_due", {"round": task.round, "manner": task.manner}, uow)


def withdrawn(event: Event, uow: UnitOfWork) -> None:
    """case.withdrawn: closed and archived, for the petitioner said so."""
    case = _case(event, uow)
    if case.stage is CaseStage.ARCHIVED:
        return
    drop_open_task(case, uow)
    by = event.data.get("by")
    close_case(case, reason="withdrawn", round_number=None, by=Person.of(by) if by else None, uow=uow)


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
        tell_try(task, "tracking_page", result, None, answer.answered_at, uow)
        settle(case, task, satisfied=satisfied, source="petitioner", by=None, at=answer.answered_at, uow=uow)


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

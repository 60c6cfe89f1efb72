"""What follow-up does when another service tells something: a task after each conclusion, and the petitioner's own word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.followup import store
from services.followup.domain import case as cases
from services.followup.domain import review as reviews
from services.followup.domain import task as tasks
from services.followup.domain.case import FollowedCase
from services.followup.domain.task import Answer, Task
from services.followup.handlers.in_force import policy_of
from services.followup.handlers.settling import (
    close_case,
    contest,
    correct,
    drop_open_task,
    go_on,
    result_of,
    settle,
    tell_try,
    write,
)
from services.followup.workflow import CaseStage, ReviewStage
from shared import directory
from shared.contract.envelope import Event, instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import NotYet, Refused

# Of these the tasks are not needed.
_APART = ("directory.", "assignment.", "charge.")


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """Load what a batch concerns in sets: the cases first, which are the locks, then their tasks."""
    about = [event for event in events if not event.contract.name.startswith(_APART)]
    rows = uow.rows(store.CASES)
    ids = {case_id for event in about if (case_id := _uuid(event.subject))}
    rows.load(sorted(ids))
    named = {(case_id, event.data.get("round")) for event in about if (case_id := _uuid(event.subject))}
    open_ones = {(case_id, case.open_round) for case_id in ids if (case := rows.get(case_id))}
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


def _asked(event: Event, uow: UnitOfWork) -> tuple[FollowedCase, Task]:
    """The event's case with the task of its round. Raises NotYet before that is known."""
    case = _case(event, uow)
    task = uow.rows(store.TASKS).get(case.id, event.data["round"])
    if task is None:
        raise NotYet(f"round {event.data['round']} of case {event.subject} has no follow-up task yet")
    return case, task


def _at(event: Event, name: str) -> datetime:
    return datetime.fromisoformat(event.data[name])


def registered(event: Event, uow: UnitOfWork) -> None:
    """case.registered: from now on the case is followed until it is closed, under the policy of today."""
    data = event.data
    uow.rows(store.CASES).put(
        FollowedCase(
            id=_case_id(event), organisation=event.organisation, number=data["number"], title=data["title"],
            channel=data["channel"], identity=data["identity"], stage=CaseStage.FOLLOWED, policy=policy_of(uow, None).id,
        )
    )  # fmt: skip


def supplemented(event: Event, uow: UnitOfWork) -> None:
    """case.supplemented: the clerk's title is the one to show."""
    case = _case(event, uow)
    uow.rows(store.CASES).put(replace(case, title=event.data["title"]))


def instructed(event: Event, uow: UnitOfWork) -> None:
    """case.instructed: a round has begun. A case that was registered elsewhere is none of our business."""
    case = uow.rows(store.CASES).get(_case_id(event))
    if case is not None:
        uow.rows(store.CASES).put(replace(case, instructed_round=max(case.instructed_round, event.data["round"])))


def issued(event: Event, uow: UnitOfWork) -> None:
    """assignment.issued: whoever handles the case never learns what its petitioner answers."""
    _handles(event, event.data["responsible"], uow)


def handed_over(event: Event, uow: UnitOfWork) -> None:
    """assignment.handed_over: the former one does not either."""
    _handles(event, event.data["to"], uow)


def _handles(event: Event, who: dict[str, str], uow: UnitOfWork) -> None:
    uow.rows(store.HANDLINGS).put(
        store.Handling(
            assignment_id=UUID(event.data["assignment_id"]), official=who["official"], case_id=_case_id(event),
            organisation=who["organisation"],
        )
    )  # fmt: skip


def charge_taken(event: Event, uow: UnitOfWork) -> None:
    """charge.taken: a leader carries the case, which is his from now on: he, not his unit, neither asks nor judges."""
    data, case_id = event.data, _case_id(event)
    charge, leader = UUID(data["charge_id"]), Person.of(data["leader"])
    uow.rows(store.CARRIED).put(store.CarriedCase(case_id=case_id, charge_id=charge, leader=leader, taken_at=_at(event, "at")))
    uow.rows(store.HANDLINGS).put(
        store.Handling(assignment_id=charge, official=leader.official, case_id=case_id, organisation=uow.org)
    )


def charge_ended(event: Event, uow: UnitOfWork) -> None:
    """charge.ended: nobody does any longer, unless another one has begun to."""
    found = uow.rows(store.CARRIED).get(_case_id(event))
    if found is not None and found.charge_id == UUID(event.data["charge_id"]):
        uow.rows(store.CARRIED).put(replace(found, ended_at=_at(event, "at")))


def concluded(event: Event, uow: UnitOfWork) -> None:
    """case.concluded: the petitioner is to be asked, once in each round.

    Raises Refused for a round that has its answer already: nothing is asked twice. A case that was closed meanwhile
    (its petition was withdrawn) asks nothing; nor does one that was referred up to us, for its petitioner is known below.
    """
    if event.data.get("referred_from"):
        return
    case, data, rows = _case(event, uow), event.data, uow.rows(store.TASKS)
    if case.stage is CaseStage.ARCHIVED:
        return
    if rows.get(case.id, data["round"]) is not None:
        raise Refused("round", "第 %(round)s 轮已经回访过。", "请核对办结的轮次。", round=data["round"])
    drop_open_task(case, uow)
    policy = policy_of(uow, case.policy)
    case, task = tasks.open_task(
        case, policy, task_id=uuid7(), round_number=data["round"], outcome=data["outcome"], answer=data["answer"],
        concluded_by=Person.of(data["by"]), now=uow.now,
    )  # fmt: skip
    uow.rows(store.CASES).put(case)
    rows.put(task)
    due = {
        "task_id": str(task.id), "round": task.round, "manner": task.manner, "due_at": instant(task.due_at), "policy": policy.id,
        "questions": policy.told(), "terms": policy.terms,
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
    write(case, "case_closed", {"reason": "withdrawn"}, uow)


def petitioner_answered(event: Event, uow: UnitOfWork) -> None:
    """petitioner.answered: the first word of a round counts, and its correction within a day; a later one is kept and changes
    nothing, unless staff wrote down "satisfied" while the petitioner himself was saying that he is not: that contests it.

    Raises NotYet before the round's task is known.
    """
    (case, task), data = _asked(event, uow), event.data
    policy = policy_of(uow, case.policy)
    at, corrects = _at(event, "answered_at"), bool(data.get("corrects"))
    valid = tasks.may_correct(task, policy, source="petitioner", by=None, now=at) if corrects else tasks.counts(case, task)
    satisfied = tasks.says_settled(settled=data["settled"], satisfied=data["satisfied"])
    contests = not valid and not satisfied and tasks.may_contest(task, at)
    medium = data.get("medium") or "tracking_page"
    answer = Answer(
        id=event.id, case_id=case.id, round=task.round, settled=data["settled"], satisfied=data["satisfied"], answered_at=at,
        counted=valid or contests, medium=medium, answers={each["question"]: each["yes"] for each in data.get("answers") or ()}, corrects=corrects,
    )  # fmt: skip
    uow.rows(store.ANSWERS).put(answer)
    if contests:
        contest(case, task, at=at, uow=uow)
    elif valid and corrects:
        correct(case, task, policy, satisfied=satisfied, manner=medium, by=None, at=at, uow=uow)
    elif valid:
        tell_try(task, medium, result_of(satisfied), None, at, uow)
        settle(case, task, satisfied=satisfied, source="petitioner", by=None, at=at, uow=uow)


def reopen_requested(event: Event, uow: UnitOfWork) -> None:
    """case.reopen_requested: a "satisfied" of staff's is contested, or the petitioner has a closed case go on. One that comes too
    late is kept. Raises NotYet before the round's task is known.
    """
    (case, task), ground, at = _asked(event, uow), event.data["ground"], _at(event, "requested_at")
    contests = ground == "contested"
    granted = tasks.may_contest(task, at) if contests else cases.may_go_on(case, task.round, policy_of(uow, case.policy), at)
    uow.rows(store.REQUESTS).put(
        store.ReopenRequest(id=event.id, case_id=case.id, round=task.round, ground=ground, at=at, granted=granted)
    )
    if granted and contests:
        contest(case, task, at=at, uow=uow)
    elif granted:
        go_on(case, task.round, cause="reopen_requested", source="petitioner", at=at, uow=uow)


def review_requested(event: Event, uow: UnitOfWork) -> None:
    """review.requested (arts. 35 and 36): one at a time."""
    case, data = _case(event, uow), event.data
    uow.flush(store.REVIEWS)  # what another word of the same batch asked for
    rows = uow.rows(store.REVIEWS)
    if any(each.stage is not ReviewStage.DECIDED for each in rows.where("case_id = %s", case.id)):
        return
    policy = policy_of(uow, case.policy)
    rows.put(reviews.ask(policy, id=UUID(data["review_id"]), case_id=case.id, level=data["level"], at=_at(event, "requested_at")))


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
    "case.instructed": instructed,
    "case.concluded": concluded,
    "case.withdrawn": withdrawn,
    "case.barred": barred,
    "assignment.issued": issued,
    "assignment.handed_over": handed_over,
    "charge.taken": charge_taken,
    "charge.ended": charge_ended,
    "petitioner.answered": petitioner_answered,
    "case.reopen_requested": reopen_requested,
    "review.requested": review_requested,
}

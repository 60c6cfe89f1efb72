"""The ladder of a missed deadline: which step is due when, and what may be done. Steps lead upwards, and none is taken twice.

A step is never taken back: what was wrong is annulled by a further row with reasons and a person, and only then may it be taken again.
When a step is due follows from the miss and the steps before, never from when somebody looked: so an outage gives nobody time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from services.supervision.domain.deadline import Deadline
from services.supervision.domain.periods import Period, before, period_of
from services.supervision.policy import Ladder, Obligation, PeriodKind, Rung, Step
from services.supervision.workflow import Stage
from services.supervision.working_calendar import end_of, local_day
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused

# What the system does by itself; everything above it is done by a person under his name.
BY_ITSELF = Step.REMINDER


@dataclass(frozen=True, kw_only=True)
class Climb:
    """A missed deadline on its ladder, by the deadline's id. `next_step` and `next_due` say what follows; None: nothing further."""

    id: UUID
    case_id: UUID
    obligation: Obligation
    round: int
    policy: str
    missed_due: datetime
    set_at: datetime
    late_after: int
    urgent: bool
    next_step: Step | None = None
    next_due: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class LadderStep:
    """A step that was taken: dated, with its document. `late` says that an outage delayed it; `attempt` counts annulled ones before."""

    id: UUID
    deadline_id: UUID
    case_id: UUID
    step: Step
    attempt: int
    due_at: datetime
    taken_at: datetime
    late: bool
    responsible: Person
    by: Person | None
    document: str
    reasons: str
    demand: str
    until: date | None
    interview_id: UUID | None = None
    key: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Annulment:
    """That a step was wrong: who says so, when and why. The step stays on record."""

    id: UUID
    case_id: UUID
    reasons: str
    by: Person
    at: datetime


class Doing(NamedTuple):
    """What a step is taken with: who takes it (None: the system), why, what he demands, under which form's key."""

    by: Person | None
    reasons: str = ""
    demand: str = ""
    interview_id: UUID | None = None
    key: UUID | None = None


def begin(deadline: Deadline, ladder: Ladder, round_number: int) -> Climb | None:
    """The ladder of a deadline that was missed, or None when the policy has nothing follow; `round_number` is the case's by now."""
    if not ladder.rungs_for(deadline.obligation):
        return None
    urgent = is_urgent(ladder, max(deadline.round, round_number))
    return stand(
        Climb(
            id=deadline.id, case_id=deadline.case_id, obligation=deadline.obligation, round=deadline.round, policy=deadline.policy,
            missed_due=deadline.due_at, set_at=deadline.set_at, late_after=deadline.late_after, urgent=urgent,
        ),
        ladder, (), (),
    )  # fmt: skip


def is_urgent(ladder: Ladder, round_number: int) -> bool:
    """Whether a case that has come to this round of instruction is urgent."""
    return ladder.urgent_from_round is not None and round_number >= ladder.urgent_from_round


def urge(climb: Climb, ladder: Ladder, steps: Sequence[LadderStep], annulled: Collection[UUID]) -> Climb:
    """The same, urgent from now on: a notice that waited for its half month waits no longer."""
    urgent, rung = replace(climb, urgent=True), ladder.rung(Step.NOTICE, climb.obligation)
    if rung is None or climb.next_step is not Step.NOTICE:
        return urgent
    return replace(urgent, next_due=due_of(rung, urgent, last_of(steps, annulled)))


def last_of(steps: Sequence[LadderStep], annulled: Collection[UUID]) -> LadderStep | None:
    """The highest step that counts."""
    return max((one for one in steps if one.id not in annulled), key=lambda one: one.step.height, default=None)


def stand(climb: Climb, ladder: Ladder, steps: Sequence[LadderStep], annulled: Collection[UUID]) -> Climb:
    """The same, with what follows after these steps."""
    last = last_of(steps, annulled)
    return _after(climb, ladder, last.step if last else None, last)


def pass_over(climb: Climb, ladder: Ladder, step: Step) -> Climb:
    """The same, with what follows after a step that cannot be taken, because nobody is there whom it could be sent to."""
    return _after(climb, ladder, step, None)


def _after(climb: Climb, ladder: Ladder, step: Step | None, last: LadderStep | None) -> Climb:
    height = step.height if step else -1
    rung = next((each for each in ladder.rungs_for(climb.obligation) if each.step.height > height), None)
    if rung is None:
        return replace(climb, next_step=None, next_due=None)
    return replace(climb, next_step=rung.step, next_due=due_of(rung, climb, last))


def due_of(rung: Rung, climb: Climb, last: LadderStep | None) -> datetime:
    """When a step is due: days after the step before it, or the end of the office's period in which these end.

    What the system did counts from when it was due, what a person did from when he did it, and never before the day is over by which
    that wanted an answer. An urgent case's notice waits for nothing.
    """
    base = climb.missed_due if last is None else last.due_at if last.by is None else last.taken_at
    if climb.urgent and rung.step is Step.NOTICE:
        return base
    at = base + timedelta(days=rung.after_days)
    if last is not None and last.until is not None:
        at = max(at, end_of(last.until))
    return period_of(rung.rounds, local_day(at)).until if rung.rounds else at


def take(
    climb: Climb, ladder: Ladder, steps: Sequence[LadderStep], annulled: Collection[UUID], step: Step, doing: Doing,
    *, deadline: Deadline, number: str, now: datetime, new_id: UUID,
) -> LadderStep:  # fmt: skip
    """Take a step. Raises Refused, Conflict or Forbidden; see `check`."""
    rung, responsible = check(climb, ladder, steps, annulled, step, doing, deadline=deadline, now=now)
    last = last_of(steps, annulled)
    due = due_of(rung, climb, last)
    by_itself = doing.by is None
    late = by_itself and now - max(due, climb.set_at) > timedelta(seconds=climb.late_after)
    until = local_day(now) + timedelta(days=rung.answer_days) if rung.answer_days else None
    return LadderStep(
        id=new_id, deadline_id=climb.id, case_id=climb.case_id, step=step, due_at=due, taken_at=now, late=late,
        attempt=sum(one.step is step for one in steps), responsible=responsible, by=doing.by, document=number,
        reasons=doing.reasons, demand=doing.demand, until=until, interview_id=doing.interview_id, key=doing.key,
    )  # fmt: skip


def check(
    climb: Climb, ladder: Ladder, steps: Sequence[LadderStep], annulled: Collection[UUID], step: Step, doing: Doing,
    *, deadline: Deadline, now: datetime,
) -> tuple[Rung, Person]:  # fmt: skip
    """The rung of a step that may be taken now, and whom it is sent to.

    Raises Conflict when it, or a higher one, was taken already or nothing is owed any more; Refused when the policy has no such step
    there, when nobody is responsible, or when it comes early or passes others over without reasons; Forbidden for one's own miss.
    """
    rung = ladder.rung(step, climb.obligation)
    if rung is None:
        raise Refused("step", "本件适用的规定对这项超期没有这一步。", "请查看“期限规定”。")
    if deadline.stage is not Stage.MISSED:
        raise Conflict("step", "该事项已经办理或不再要求办理。", "请刷新页面查看。")
    if deadline.responsible is None:
        raise Refused("step", "该事项没有责任人。", "请先交办。")
    last = last_of(steps, annulled)
    if last is not None and last.step.height >= step.height:
        raise Conflict("step", "这一步或更高的一步已经采取，只能逐级向上。", "请刷新页面查看。")
    if doing.by is not None and doing.by.official == deadline.responsible.official:
        raise Forbidden("by", "不得由责任人本人对自己督办。", "请由督查室其他同志办理。")
    early = (climb.next_step, True) != (step, climb.next_due is not None and climb.next_due <= now)
    if early and not doing.reasons:
        raise Refused("reasons", "尚未到期或者跳过前面的步骤，须说明理由。", "请写明理由。")
    return rung, deadline.responsible


def may_annul(step: LadderStep, annulled: Collection[UUID], by: Person, reasons: str) -> None:
    """Whether somebody may say that a step was wrong. Raises Conflict, Forbidden, Refused."""
    if step.id in annulled:
        raise Conflict("step", "这一步已经撤销。", "请刷新页面查看。")
    if by.official == step.responsible.official:
        raise Forbidden("by", "不得由责任人本人撤销。", "请由督查室其他同志办理。")
    if not reasons:
        raise Refused("reasons", "撤销须说明理由。", "请写明理由。")


def circular_of(step: LadderStep) -> Period:
    """The two months in whose circular a step is listed: those that are just over, or that run when it was listed before its time."""
    running = period_of(PeriodKind.TWO_MONTHS, local_day(step.taken_at))
    return before(running) if step.due_at <= step.taken_at else running


def in_vain(deadline: Deadline) -> bool:
    """Whether it turned out afterwards that nothing was missed: what was taken for it should be annulled."""
    missed = deadline.missed_at is not None
    return missed and (deadline.stage is Stage.MET or (deadline.stage is Stage.WITHDRAWN and deadline.reason == "moved"))

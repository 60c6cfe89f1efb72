"""The ladder of missed deadlines: begun and climbed by the scheduler, and by named persons of the supervision office.

Exactly once: a miss is marked when its ladder begins, a step's row has a unique key of miss, kind and number of annulled tries, and both
are written under the case's lock in the transaction that tells them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.supervision import store
from services.supervision.domain import Deadline
from services.supervision.domain import ladder as rules
from services.supervision.domain.ladder import Annulment, Climb, Doing, LadderStep
from services.supervision.domain.wording import check_numbers
from services.supervision.handlers.in_force import policy_of
from services.supervision.handlers.listing import SEEN
from services.supervision.handlers.step_telling import tell_annulled, tell_step
from services.supervision.policy import Ladder, Step
from services.supervision.workflow import InterviewStage, Stage
from services.supervision.working_calendar import local_day
from shared.contract.envelope import uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, Forbidden, NotFound, Refused

_CLAIM = store.SQL["claim_unladdered"].format(columns=", ".join(f"d.{column}" for column in store.DEADLINES.codecs))
_CASES_OF = store.SQL["cases_of_deadlines"].format(sight=SEEN)
_STEP_AND_CASE = store.SQL["step_and_case"].format(sight=SEEN)
MOST_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Miss:
    """A missed deadline on its ladder, with every step that was taken for it."""

    deadline: Deadline
    climb: Climb
    ladder: Ladder
    steps: tuple[LadderStep, ...]
    annulled: frozenset[UUID]


def climb_due(uow: UnitOfWork, limit: int = 500) -> int:
    """Begin the ladders of new misses, and take what the system takes by itself and is due; how many there were of both."""
    now = uow.all(store.SQL["database_now"])[0]["now"]
    begun = [store.DEADLINES.from_row(list(row.values())) for row in uow.all(_CLAIM, limit=limit)]
    cases = uow.rows(store.CASES)
    cases.load({deadline.case_id for deadline in begun})
    for deadline in begun:
        ladder, case = policy_of(uow, deadline.policy).ladder, cases.get(deadline.case_id)
        climb = rules.begin(deadline, ladder, case.responsible_since) if ladder and case else None
        if climb is not None:
            uow.rows(store.LADDERS).put(climb)
    uow.flush(store.LADDERS)
    due = uow.all(store.SQL["claim_by_itself"], now=now, limit=limit)
    reachable = {row["id"] for row in due if row["reachable"]}
    fit = []
    for miss in _misses(uow, {row["id"]: row["case_id"] for row in due}):
        if miss.deadline.stage is not Stage.MISSED or miss.climb.id not in reachable:
            uow.rows(store.LADDERS).put(rules.pass_over(miss.climb, miss.ladder, rules.BY_ITSELF))
        else:
            fit.append(miss)
    _take(uow, fit, rules.BY_ITSELF, Doing(None))
    return len(begun) + len(due)


def issue(
    uow: UnitOfWork, who: dict[str, Any], by: Person, ids: Sequence[UUID], step: Step, *, key: UUID, reasons: str = "", demand: str = "",
) -> list[LadderStep]:  # fmt: skip
    """Take a step for these misses under somebody's name, each with its own number; those that took place.

    What has been done meanwhile, or taken by somebody else, is left out; the same key again changes nothing. Raises NotFound for what
    the reader may not see, Conflict when nothing is left, Refused, Forbidden.
    """
    if step is rules.BY_ITSELF or step is Step.INTERVIEW:
        raise Refused("step", "这一步不由此处办理。", "请从列表中选择。")
    known = [one for one in uow.rows(store.STEPS).where("key = %s", str(key)) if one.by == by]
    if known:
        return known
    if not 0 < len(ids) <= MOST_AT_ONCE:
        raise Refused("ids", "没有选中任何事项，或一次选得太多。", "请选择 1 至 500 项。")
    check_numbers(reasons=reasons, demand=demand)
    misses = seen_misses(uow, who, ids)
    doing = Doing(by, reasons, demand, key=key)
    fit, last = [], None
    for miss in misses:
        try:
            rules.check(miss.climb, miss.ladder, miss.steps, miss.annulled, step, doing, deadline=miss.deadline, now=uow.now)
            fit.append(miss)
        except Conflict as conflict:
            last = conflict
    if last is not None and not fit:
        raise last
    return _take(uow, fit, step, doing)


def take_all(uow: UnitOfWork, misses: Sequence[Miss], step: Step, doing: Doing) -> list[LadderStep]:
    """The same step for all of these or for none. Raises Conflict, Refused, Forbidden."""
    for miss in misses:
        rules.check(miss.climb, miss.ladder, miss.steps, miss.annulled, step, doing, deadline=miss.deadline, now=uow.now)
    return _take(uow, misses, step, doing)


def annul(uow: UnitOfWork, who: dict[str, Any], by: Person, step_id: UUID, reasons: str) -> None:
    """Say that a step was wrong; it stays on record. Raises NotFound, Conflict, Refused, Forbidden."""
    row = uow.one(_STEP_AND_CASE, **who, id=str(step_id))
    if row is None:
        raise NotFound("step", "没有找到这一步。", "请核对后重试。")
    (miss,) = _misses(uow, {row["deadline_id"]: row["case_id"]})
    step = next(one for one in miss.steps if one.id == row["id"])
    interview = uow.rows(store.INTERVIEWS).get(step.interview_id) if step.interview_id else None
    if interview is not None and interview.stage in (InterviewStage.CALLED, InterviewStage.APPOINTED):
        raise Refused("step", "约谈不在此处撤销。", "请在约谈页面取消约谈。")
    put_annulment(uow, miss, step, by, reasons)


def put_annulment(uow: UnitOfWork, miss: Miss, step: LadderStep, by: Person, reasons: str) -> None:
    """Annul a step of a miss, and tell it. Raises Conflict, Refused, Forbidden."""
    rules.may_annul(step, miss.annulled, by, reasons)
    check_numbers(reasons=reasons)
    made = uow.rows(store.ANNULMENTS).put(Annulment(id=step.id, case_id=step.case_id, reasons=reasons, by=by, at=uow.now))
    uow.rows(store.LADDERS).put(rules.stand(miss.climb, miss.ladder, miss.steps, miss.annulled | {step.id}))
    tell_annulled(uow, step, made)


def seen_misses(uow: UnitOfWork, who: dict[str, Any], ids: Sequence[UUID]) -> list[Miss]:
    """These misses in their order, to take a step for.

    Raises NotFound when there is one among them that the reader may not see, or that is on no ladder; Forbidden when whoever is
    responsible may not see the case.
    """
    found = {row["id"]: row["case_id"] for row in uow.all(_CASES_OF, **who, ids=[str(each) for each in set(ids)])}
    by_id = {miss.climb.id: miss for miss in _misses(uow, found)}
    if set(by_id) != set(ids):
        raise NotFound("ids", "没有找到该超期事项。", "请刷新页面查看。")
    if uow.all(store.SQL["unreachable"], ids=[str(each) for each in ids]):
        raise Forbidden("ids", "责任人须另行确定，不能向其督办。", "请先改交他人办理。")
    return [by_id[each] for each in dict.fromkeys(ids)]


def misses_of(uow: UnitOfWork, cases: dict[UUID, UUID]) -> list[Miss]:
    """The same by deadline and case, for whom sight was settled otherwise."""
    return _misses(uow, cases)


def _misses(uow: UnitOfWork, cases: dict[UUID, UUID]) -> list[Miss]:
    """Misses by deadline and case, everything of them locked, the cases first."""
    if not cases:
        return []
    ids = list(cases)
    uow.rows(store.CASES).load(set(cases.values()))
    uow.rows(store.DEADLINES).load(ids)
    uow.rows(store.LADDERS).load(ids)
    texts = [str(each) for each in ids]
    steps: dict[UUID, list[LadderStep]] = {}
    for step in uow.rows(store.STEPS).where("deadline_id = ANY(%s::uuid[])", texts):
        steps.setdefault(step.deadline_id, []).append(step)
    annulled = frozenset(row["id"] for row in uow.all(store.SQL["annulled_of"], deadlines=texts))
    found = []
    for each in ids:
        climb, deadline = uow.rows(store.LADDERS).get(each), uow.rows(store.DEADLINES).get(each)
        ladder = policy_of(uow, climb.policy).ladder if climb else None
        if climb and deadline and ladder:
            found.append(Miss(deadline=deadline, climb=climb, ladder=ladder, steps=tuple(steps.get(each, ())), annulled=annulled))
    return found


def _take(uow: UnitOfWork, misses: Sequence[Miss], step: Step, doing: Doing) -> list[LadderStep]:
    """Take a step of which it was checked that it may be taken; numbered in the order of the misses."""
    taken = []
    for miss, number in zip(misses, _numbers(uow, misses, step), strict=True):
        one = rules.take(
            miss.climb, miss.ladder, miss.steps, miss.annulled, step, doing, deadline=miss.deadline, number=number, now=uow.now, new_id=uuid7(),
        )  # fmt: skip
        uow.rows(store.STEPS).put(one)
        uow.rows(store.LADDERS).put(rules.stand(miss.climb, miss.ladder, (*miss.steps, one), miss.annulled))
        taken.append((miss, one))
    tell_step(uow, taken)
    return [one for _, one in taken]


def _numbers(uow: UnitOfWork, misses: Sequence[Miss], step: Step) -> list[str]:
    """A number for each, as 永督〔2016〕3号; the counters are the last locks that are taken, in order of their names."""
    rungs = [miss.ladder.rung(step, miss.climb.obligation) for miss in misses]
    marks = [rung.document if rung else "" for rung in rungs]
    year, next_of = local_day(uow.now).year, {}
    for mark in sorted(set(marks)):
        count = marks.count(mark)
        last = uow.all(store.SQL["next_numbers"], mark=mark, year=year, count=count)[0]["last"]
        next_of[mark] = iter(range(last - count + 1, last + 1))
    return [f"{mark}〔{year}〕{next(next_of[mark])}号" for mark in marks]

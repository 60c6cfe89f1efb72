"""What moves a limit: an extension once, and a pause for as long as it lasts, each by authority. Nothing else does.

What fell due before the authority's word stays missed. What had not, and was told as missed because the news came
later than the clock, is owed anew by the other limit; the miss stays on record.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.supervision.domain.deadline import Deadline, Fact, next_warning, runs, without_pause
from services.supervision.domain.docket import WORK, Docket
from services.supervision.policy import Obligation, Start
from services.supervision.workflow import DEADLINE, Stage
from shared.contract.person import Person
from shared.errors import Refused

MOST_DAYS = 30


def extend(page: Docket, extension: UUID, *, days: int, at: datetime, by: Person | None = None) -> None:
    """The case has `days` more, once (art. 34). The same extension again changes nothing. Raises Refused for another one."""
    case = page.case
    if case.extension == extension:
        return
    if case.extension is not None or not 0 < days <= MOST_DAYS:
        raise Refused("days", "一件信访件只能延期一次，最长30日（条例第三十四条）。", "请核对发送方。")
    page.catch_up(at)
    more = timedelta(days=days)
    page.case = replace(page.case, extension=extension)
    if not runs(case, at) or case.closed_at is not None or case.concluded_round:
        return  # too late: nobody gets out of what he has missed
    page.case = replace(page.case, extended_by=days, conclude_by=case.conclude_by + more if case.conclude_by else None)
    for deadline in page.owed(Obligation.CONCLUDE, Obligation.REPLY):
        if deadline.stage is Stage.PAUSED or deadline.due_at > at:
            move(page, deadline, more, "extended", at, by=by)


def pause(page: Docket, pause_id: UUID, *, at: datetime, by: Person | None = None, category: str | None = None) -> None:
    """The clocks of the case's work stand still from `at` on. The same pause again changes nothing. Raises Refused for another."""
    case = page.case
    if pause_id == case.pause or str(pause_id) in case.pauses_over or case.closed_at is not None or case.concluded_round:
        return
    if case.pause is not None:
        raise Refused("pause_id", "期限已经暂停，不能再次暂停。", "请核对发送方。")
    page.catch_up(at)
    page.case = replace(page.case, pause=pause_id, paused_at=at)
    for deadline in page.owed(*WORK):
        if deadline.due_at > at:
            if deadline.stage is Stage.MISSED:
                _owe_anew(page, deadline, timedelta(0), at)
            else:
                page.stop(deadline, at, by=by, category=category)


def resume(page: Docket, pause_id: UUID, *, at: datetime, by: Person | None = None, category: str | None = None) -> None:
    """The clocks go on, each with exactly what it had left. The same pause's end again changes nothing. Raises Refused for another."""
    case = page.case
    if str(pause_id) in case.pauses_over:
        return
    if pause_id != case.pause or case.paused_at is None:
        raise Refused("pause_id", "没有这次期限暂停。", "请核对发送方。")
    began, limit = case.paused_at, case.conclude_by
    stood = max(at - began, timedelta(0))
    page.case = replace(
        without_pause(case), stood_still=case.stood_still + stood, conclude_by=limit + stood if limit is not None else None
    )
    own_days = {rule.id for rule in page.policy.rules if rule.start is Start.ASSIGNMENT and rule.days is not None}
    for deadline in page.owed(*WORK):
        if deadline.stage is Stage.PAUSED:
            # A reply with a limit of its own that began while the clock stood still waited from its beginning on only.
            own = (deadline.rule in own_days or deadline.limited_by is not None) and deadline.started_at > began
            still = max(at - deadline.started_at, timedelta(0)) if own else stood
            action = "resume_warned" if deadline.warned else "resume"
            move(
                page,
                replace(deadline, stage=DEADLINE.move(deadline.stage, action)),
                still,
                "resumed",
                at,
                by=by,
                category=category,
            )


def hand_over(page: Docket, assignment: UUID, former: Person, to: Person, *, at: datetime) -> None:
    """Another person is responsible for what an assignment owes, and for the case where the former one was."""
    kinds = [Obligation.RECEIVE, Obligation.OBJECTION, Obligation.REPLY]
    concerned = list(page.owed(*kinds, assignment=assignment))
    if page.case.responsible is not None and page.case.responsible.official == former.official:
        page.case = replace(page.case, responsible=to)
        concerned += page.owed(Obligation.CONCLUDE, Obligation.PROGRESS)
    page.pass_to(to, concerned, at)


def went_up(page: Docket, *, at: datetime) -> None:
    """The superior concludes the case from now on (arts. 30, 46): nobody here owes its conclusion any more."""
    if page.case.ours:
        page.case = replace(page.case, referred=True)
        page.end(page.owed(Obligation.CONCLUDE, Obligation.PROGRESS), at, "referred_up")


def move(page: Docket, deadline: Deadline, more: timedelta, cause: str, at: datetime, **by: object) -> None:
    """Give a deadline more time; one that was told as missed before the authority's earlier word became known is owed anew."""
    if deadline.stage is Stage.MISSED:
        _owe_anew(page, deadline, more, at)
        return
    after = replace(deadline, due_at=deadline.due_at + more, moved_by=deadline.moved_by + more)
    if after.stage is not Stage.PAUSED:
        after = replace(after, warn_at=next_warning(after, page.now)[1])
    page.put(after)
    page.facts.append(Fact("deadline.moved", after, {"was_due_at": deadline.due_at, "cause": cause, "moved_at": at, **by}))


def _owe_anew(page: Docket, missed: Deadline, by: timedelta, at: datetime) -> None:
    """The clock had told a miss before the authority's earlier word became known."""
    page.end([missed], at, "moved")
    page.begin(
        replace(
            missed, id=page.new_id(), stage=Stage.PENDING, due_at=missed.due_at + by, moved_by=missed.moved_by + by,
            set_at=page.now, missed_at=None,
        )
    )  # fmt: skip

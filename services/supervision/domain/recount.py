"""A limit of working days counted anew after the calendar has changed: shown first, moved by a named decision only.

What was missed stays missed, and no limit is moved to an instant that has passed: nobody is made late by a decision.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.supervision.domain.deadline import Deadline, Fact, next_warning
from services.supervision.domain.docket import Docket
from services.supervision.policy import Obligation, Policy, Rule
from services.supervision.workflow import RUNNING, Stage
from services.supervision.working_calendar import CalendarEnds, DayKind, WorkingCalendar, due_at
from shared.contract.person import Person

COUNTED = RUNNING | {Stage.PAUSED}


def counted_rule(policy: Policy, deadline: Deadline) -> Rule | None:
    """The rule of a deadline that counts working days and still runs; None for every other, as where the instruction's limit stands."""
    rule = policy.named(deadline.rule)
    counts = rule is not None and rule.kind is DayKind.WORKING and deadline.stage in COUNTED and not deadline.limited_by
    return rule if counts else None


def by_calendar(deadline: Deadline, rule: Rule, calendar: WorkingCalendar) -> datetime | None:
    """By when the deadline would be due by this calendar, with all time that was given; None where the calendar does not reach."""
    try:
        return due_at(deadline.started_at, rule.days or 0, rule.kind, calendar) + deadline.moved_by
    except CalendarEnds:
        return None


def difference(deadline: Deadline, policy: Policy, calendar: WorkingCalendar) -> datetime | None:
    """By when the deadline would be due, if that is another instant than it is; else None."""
    rule = counted_rule(policy, deadline)
    due = by_calendar(deadline, rule, calendar) if rule else None
    return due if due != deadline.due_at else None


def may_move(deadline: Deadline, due: datetime, now: datetime) -> bool:
    """Whether a decision may move it there: not into the past. A clock that stands still has no instant yet."""
    return due > now or deadline.stage is Stage.PAUSED


def recount(page: Docket, chosen: Collection[UUID], *, by: Person, reason: str) -> int:
    """Move those of the chosen deadlines that the calendar gives another day, and what follows the conclusion; how many moved."""
    page.catch_up(page.now)
    moved = 0
    for deadline in list(page.owed(*Obligation)):
        due = difference(deadline, page.policy, page.calendar()) if deadline.id in chosen else None
        if due is None or not may_move(deadline, due, page.now):
            continue
        by_days = due - deadline.due_at
        followers = [deadline]
        if deadline.obligation is Obligation.CONCLUDE and page.case.conclude_by is not None:
            page.case = replace(page.case, conclude_by=page.case.conclude_by + by_days)
            followers += [each for each in page.owed(Obligation.REPLY) if follows(page.policy, each) and each.stage in COUNTED]
        for each in followers:
            _move(page, each, by_days, by, reason)
            moved += 1
    return moved


def follows(policy: Policy, deadline: Deadline) -> bool:
    """Whether a deadline ends with the case's limit of conclusion, rather than by the instruction's own."""
    rule = policy.named(deadline.rule)
    return rule is not None and rule.days is None and not deadline.limited_by


def _move(page: Docket, deadline: Deadline, by_days: timedelta, by: Person, reason: str) -> None:
    after = replace(deadline, due_at=deadline.due_at + by_days, recounted=deadline.recounted + by_days)
    if after.stage is not Stage.PAUSED:
        after = replace(after, warn_at=next_warning(after, page.now)[1])
    page.put(after)
    told = {"was_due_at": deadline.due_at, "cause": "recounted", "moved_at": page.now, "by": by, "reason": reason}
    page.facts.append(Fact("deadline.moved", after, told))

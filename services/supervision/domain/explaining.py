"""Why something is due when it is: the reckoning of a limit, step by step, from what was kept of it.

Working days are counted by the calendar as it stood when the limit was set, so that the steps lead to the date that was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from services.supervision.domain.deadline import Deadline
from services.supervision.domain.recount import difference
from services.supervision.policy import Obligation, Policy, Rule
from services.supervision.working_calendar import CalendarEnds, DayKind, WorkingCalendar, end_of, last_day, local_day
from shared.contract.person import Person

NONE = timedelta(0)


class Counted(NamedTuple):
    """A day on the way to the limit: its number, or None when it does not count; what it is called after, if anything."""

    day: date
    number: int | None
    name: str


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One move of a limit, as it was told: by how much, why, and by whom."""

    cause: str
    was: datetime
    due: datetime
    at: datetime
    by: Person | None = None
    category: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the reckoning; `values` are what its sentence is made of."""

    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)


def counted_days(deadline: Deadline, rule: Rule, calendar: WorkingCalendar) -> list[Counted]:
    """Every day from the one after the start to the last of the limit, before anybody gave time."""
    start = local_day(deadline.started_at)
    end = last_day(start, rule.days or 0, rule.kind, calendar)
    found, number = [], 0
    for day in (start + timedelta(days=n + 1) for n in range((end - start).days)):
        counts = rule.kind is DayKind.CALENDAR or calendar.is_working(day)
        number += counts
        found.append(
            Counted(day, number if counts else None, calendar.names.get(day, "") if rule.kind is DayKind.WORKING else "")
        )
    return found


def explain(
    deadline: Deadline,
    policy: Policy,
    *,
    then: Sequence[WorkingCalendar],
    now: WorkingCalendar,
    moves: Iterable[Moved],
    paused_at: datetime | None,
) -> list[Step]:
    """The steps from the start to the limit and to what became of it.

    `then` is the calendar of the instant at which the limit was set, each way in which it may have stood, and `now` that of today;
    `moves` are those of this limit.
    """
    rule = policy.named(deadline.rule)
    steps = [Step(kind="start", values={"at": deadline.started_at, "start": rule.start if rule else None})]
    steps += _rule(deadline, policy, rule, then)
    steps += _moves(deadline, list(moves))
    steps.append(Step(kind="due", values={"at": deadline.due_at, "lapses": deadline.obligation is Obligation.OBJECTION}))
    steps += _standing(deadline, paused_at)
    other = difference(deadline, policy, now)
    if other is not None:
        steps.append(Step(kind="differs", values={"at": other}))
    return steps


def _rule(deadline: Deadline, policy: Policy, rule: Rule | None, then: Sequence[WorkingCalendar]) -> Iterator[Step]:
    if rule is None:  # a version that was altered by hand could not name it
        yield Step(kind="unknown_rule", values={"rule": deadline.rule, "policy": deadline.policy})
        return
    yield Step(kind="rule", values={"rule": rule, "policy": policy})
    base = deadline.due_at - deadline.moved_by - deadline.recounted
    if deadline.limited_by:
        yield Step(kind="wanted", values={"at": base})
        return
    if rule.days is None:
        yield Step(kind="follows", values={"at": base})
        return
    days = _retraced(deadline, rule, then, base)
    if not days:
        yield Step(kind="untraced", values={"at": base})
        return
    off = [each for each in days if each.number is None]
    extra = [each for each in days if each.number is not None and each.day.weekday() > 4 and rule.kind is DayKind.WORKING]
    yield Step(kind=str(rule.kind), values={"days": days, "off": off, "extra": extra, "at": base})


def _retraced(deadline: Deadline, rule: Rule, then: Sequence[WorkingCalendar], base: datetime) -> list[Counted]:
    """The days that lead to the limit as it was set; none when the calendar, or what was given, is not known well enough to say."""
    for calendar in then:
        with suppress(CalendarEnds):
            days = counted_days(deadline, rule, calendar)
            if end_of(days[-1].day) == base:
                return days
    return []


def _moves(deadline: Deadline, moves: list[Moved]) -> Iterator[Step]:
    told = sum((move.due - move.was for move in moves if move.cause != "recounted"), NONE)
    before = deadline.moved_by - told
    if before:  # to the limit that this one replaced when the case was found to be of another class
        yield Step(kind="given_before", values={"by": before})
    for move in moves:
        yield Step(kind=move.cause, values={"by": move.due - move.was, "move": move})


def _standing(deadline: Deadline, paused_at: datetime | None) -> Iterator[Step]:
    if deadline.missed_at is not None:
        yield Step(kind="missed", values={"at": deadline.missed_at})
    if deadline.stage == "paused":
        yield Step(kind="paused", values={"at": paused_at})
    elif deadline.ended_at is not None:
        yield Step(kind=str(deadline.stage), values={"at": deadline.ended_at, "reason": deadline.reason})

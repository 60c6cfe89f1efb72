"""Deadlines, the cases they belong to, and what becomes of one deadline as time passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from services.supervision.policy import Obligation, Start
from services.supervision.workflow import DEADLINE, Stage
from services.supervision.working_calendar import DayKind, WorkingCalendar, due_at
from shared.contract.assigned import Assigned
from shared.contract.person import Person


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """Something owed by `due_at`; at that instant it is late. `warn_at` is when the next share of the time has passed.

    `moved_by` is time that authority gave, `recounted` what the calendar's changes came to by decision: without both, `due_at` is what
    the rule gave by the calendar of the day on which it was set, or `wanted_by`, the limit that the instruction itself set to a reply.
    """

    id: UUID
    case_id: UUID
    obligation: Obligation
    round: int
    assignment_id: UUID | None
    responsible: Person | None
    organisation: str
    policy: str
    rule: str
    started_at: datetime
    due_at: datetime
    set_at: datetime
    late_after: int
    warnings: tuple[int, ...]
    stage: Stage
    warned: int = 0
    warn_at: datetime | None = None
    missed_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    moved_by: timedelta = timedelta(0)
    recounted: timedelta = timedelta(0)
    wanted_by: datetime | None = None

    @property
    def limited_by(self) -> str | None:
        """`instruction` where the instruction's own limit is the earlier one; None where the policy's stands."""
        wanted = self.wanted_by is not None and self.due_at == self.wanted_by + self.moved_by
        return "instruction" if wanted else None


@dataclass(frozen=True, kw_only=True)
class SupervisedCase:
    """A case as supervision knows it; `owed` are the ids of its deadlines that are not over.

    `ours` says that it was dispatched here first, `referred` that it went up since: of a superior's case only receipt and reply are
    owed here. `confidential`: what it is about is not kept here.
    `clock` is what the limit of conclusion `conclude_by` runs from, and `clock_began_at` since when.
    Of time that was given by authority: the one `extension` with its days, how long the clock `stood_still`, the pause that it
    stands still for now, and those that are over. `charge` is that of whoever carries the case until it is over.
    """

    id: UUID
    number: str = ""
    title: str = ""
    confidential: bool = False
    case_class: str | None = None
    policy: str | None = None
    ours: bool = True
    referred: bool = False
    first_dispatched_at: datetime | None = None
    clock: Start = Start.FIRST_DISPATCH
    clock_began_at: datetime | None = None
    conclude_by: datetime | None = None
    responsible: Person | None = None
    responsible_since: int = 0
    led: bool = False
    progressed_at: datetime | None = None
    concluded_round: int = 0
    closed_at: datetime | None = None
    owed: tuple[str, ...] = ()
    extension: UUID | None = None
    extended_by: int = 0
    stood_still: timedelta = timedelta(0)
    pause: UUID | None = None
    paused_at: datetime | None = None
    pauses_over: tuple[str, ...] = ()
    charge: UUID | None = None

    @property
    def concluded_here(self) -> bool:
        """Whether this instance's own leaders conclude it."""
        return self.ours and not self.referred


@dataclass(frozen=True, kw_only=True)
class KnownAssignment(Assigned):
    """An assignment that was issued: what is told of one that is not known came too early.

    One with a `parent` is a part that its person responsible handed on in his own organisation: nothing is owed for it here.
    """

    id: UUID
    part: str
    parent: UUID | None = None
    limit_days: int | None = None

    @property
    def wanted_by(self) -> datetime | None:
        """By when the instruction itself wants the reply: calendar days from the issue."""
        if self.limit_days is None:
            return None
        return due_at(self.issued_at, self.limit_days, DayKind.CALENDAR, WorkingCalendar.none())

    def done_at(self, told: datetime, now: datetime) -> datetime:
        """When something was done of which another clock tells that may be off by a little: not before the issue, nor after
        `now`. So a clock that runs ahead makes nothing late that has not fallen due yet.
        """
        return max(self.issued_at, min(told, now))


class Fact(NamedTuple):
    """An event to tell of a deadline, with what its schema asks for beside the deadline itself."""

    name: str
    deadline: Deadline
    data: Mapping[str, Any]


def next_warning(deadline: Deadline, now: datetime) -> tuple[int, datetime | None]:
    """The highest share of the time that has passed at `now` (0: none), and the instant of the next one, or
    None.
    """
    length = deadline.due_at - deadline.started_at
    marks = [(percent, deadline.started_at + length * percent / 100) for percent in deadline.warnings]
    passed = max((percent for percent, at in marks if at <= now), default=0)
    return passed, next((at for _, at in marks if at > now), None)


def is_late(deadline: Deadline, fired_at: datetime) -> bool:
    """Whether an outage delayed the firing: it could have come when due, or when set if that was later."""
    return fired_at - max(deadline.due_at, deadline.set_at) > timedelta(seconds=deadline.late_after)


def warn(deadline: Deadline, now: datetime) -> tuple[Deadline, Fact | None]:
    """Told at most once for each share of the time; after an outage only the highest, for the others are
    stale.
    """
    percent, warn_at = next_warning(deadline, now)
    if percent <= deadline.warned:
        return replace(deadline, warn_at=warn_at), None
    after = replace(deadline, stage=DEADLINE.move(deadline.stage, "warn"), warned=percent, warn_at=warn_at)
    return after, Fact("deadline.approaching", after, {"percent": percent, "fired_at": now})


def miss(deadline: Deadline, now: datetime) -> tuple[Deadline, Fact]:
    """The time is over."""
    after = replace(deadline, stage=DEADLINE.move(deadline.stage, "miss"), missed_at=now, warn_at=None)
    return after, Fact("deadline.missed", after, {"fired_at": now, "late": is_late(deadline, now)})


def over(deadline: Deadline, now: datetime) -> tuple[Deadline, Fact]:
    """The time is over: what was owed is missed; a right to object has lapsed, for which nobody is late."""
    if deadline.obligation is not Obligation.OBJECTION:
        return miss(deadline, now)
    stage = DEADLINE.move(deadline.stage, "withdraw")
    after = replace(deadline, stage=stage, ended_at=deadline.due_at, reason="lapsed", warn_at=None)
    return after, Fact("deadline.withdrawn", after, {"withdrawn_at": deadline.due_at, "reason": "lapsed"})


def without_pause(case: SupervisedCase) -> SupervisedCase:
    """The case with its pause over, if it stood still: what ends the case ends that too."""
    if case.pause is None:
        return case
    return replace(case, pause=None, paused_at=None, pauses_over=(*case.pauses_over, str(case.pause)))


def runs(case: SupervisedCase, at: datetime) -> bool:
    """Whether the case has a limit that had not passed at `at`, or stands still before it."""
    return case.conclude_by is not None and (case.pause is not None or case.conclude_by > at)


def earlier(case: SupervisedCase, limit: datetime, wanted_by: datetime | None, at: datetime) -> datetime:
    """By when a reply is owed from `at` on: by the policy's limit, or by the instruction's where that is earlier or the case's has
    passed. While the clock stands still, the case's limit moves on, and is compared as if the clock went on at `at`.
    """
    if wanted_by is None:
        return limit
    stands = limit + max(at - (case.paused_at or at), timedelta(0))
    return wanted_by if wanted_by < stands or not runs(case, at) else limit


def confide(case: SupervisedCase, *, confidential: bool) -> SupervisedCase:
    """The case as its latest instruction has it: of a confidential one supervision keeps the number, not what it is about."""
    return replace(case, confidential=confidential, title="" if confidential else case.title)

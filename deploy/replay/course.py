"""What happens to one case on which day: from its registration to where it stands when the period is over. Pure.

A day has three parts: in the morning the counter registers, then the first-in-command and his office decide, in the afternoon units and
those who ask petitioners are at work. What a part does has reached everybody by the next.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from deploy.replay.window import Days

TRIES = 40
AGAIN = "ordinary"  # after a reopening a case of either class has the limit of an ordinary one


class Act(StrEnum):
    """What is done to a case."""

    REGISTER = "register"
    INSTRUCT = "instruct"
    CONCLUDE = "conclude"
    RECEIVE = "receive"
    PROGRESS = "progress"
    REPLY = "reply"
    ASK = "ask"


PART = {Act.REGISTER: 0, Act.INSTRUCT: 1, Act.CONCLUDE: 1, Act.RECEIVE: 2, Act.PROGRESS: 2, Act.REPLY: 2, Act.ASK: 2}


class Fate(StrEnum):
    """Where a case stands in the end."""

    CLOSED = "closed"
    WAITING = "waiting"  # replied to, not decided on
    UNANSWERED = "unanswered"  # concluded, its petitioner not asked yet
    REOPENED = "reopened"  # its petitioner was not satisfied
    SILENT = "silent"  # not replied to


class Pace(StrEnum):
    """When it is concluded, held against its limit."""

    IN_TIME = "in time"
    LATE = "late"  # before anybody could be called in about it
    CALLED = "called"  # after he was called in, within the days in which interviews are counted
    LATER = "later"  # its limit passes so late that nobody is called in within those days


class Round(StrEnum):
    """Why an instruction is given after the first."""

    URGED = "urged"  # nothing was heard yet
    RETURNED = "returned"  # the reply plays things down
    FURTHER = "further"  # the reply is approved, and something else is to be done
    DISSATISFIED = "dissatisfied"  # the petitioner is not satisfied


class Step(NamedTuple):
    """An act on a day. `why` of an instruction after the first; `satisfied` of an answer; `early`: before anybody decides."""

    day: date
    act: Act
    why: Round | None = None
    satisfied: bool = False
    early: bool = False

    @property
    def part(self) -> int:
        """Which part of the day."""
        return 0 if self.early else PART[self.act]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A case before its days are known: where it is to stand, how fast, whether its limit passes within the period, with how many
    instructions after the first, and by which day nobody may have been called in about it."""

    fate: Fate
    pace: Pace
    due: bool
    case_class: str
    further: int
    interviews_by: date


class Course(NamedTuple):
    """The steps of a case, in order."""

    steps: tuple[Step, ...]

    @property
    def begun(self) -> date:
        """The day on which it is registered, and dispatched."""
        return self.steps[0].day


def draw(draft: Draft, days: Days, rng: random.Random) -> Course | None:
    """A course that the draft allows, beginning on a day drawn at random; None when none was found from there."""
    begun = rng.choice(days.worked)
    limit = days.limit(begun, draft.case_class)
    if days.due(begun, draft.case_class) != draft.due or not _fits(draft, days, limit):
        return None
    for _ in range(TRIES):
        try:
            return Course(tuple(_steps(draft, days, rng, begun, limit)))
        except _NoRoom:
            continue
    return None


class _NoRoom(Exception):
    """There are not enough days for it."""


def _fits(draft: Draft, days: Days, limit: date) -> bool:
    if draft.pace is Pace.CALLED:
        return days.latest_held(limit) <= draft.interviews_by
    return draft.pace is not Pace.LATER or days.earliest_call(limit) > draft.interviews_by


def _steps(draft: Draft, days: Days, rng: random.Random, begun: date, limit: date) -> Iterator[Step]:
    yield Step(begun, Act.REGISTER)
    yield Step(begun, Act.INSTRUCT)
    yield Step(begun, Act.RECEIVE)
    since = begun
    if draft.case_class == "complex":
        since = _one(rng, days.between(days.after(begun, 2), begun + timedelta(days=9)))
        yield Step(since, Act.PROGRESS)
    rounds = _rounds(draft, rng)
    early = [why for why in rounds if why is not Round.DISSATISFIED]
    until = _until(draft, days, rng, since, limit)
    yield from _handled(draft, days, rng, early, since, until)
    if draft.fate in (Fate.WAITING, Fate.SILENT):
        return
    yield Step(until, Act.CONCLUDE)
    if draft.fate is not Fate.UNANSWERED:
        yield from _asked(draft, days, rng, len(rounds) - len(early), until)


def _rounds(draft: Draft, rng: random.Random) -> list[Round]:
    if draft.fate is Fate.SILENT:
        return [Round.URGED] * draft.further
    least = 1 if draft.fate is Fate.REOPENED else 0
    again = least
    if draft.fate in (Fate.CLOSED, Fate.REOPENED):
        again = min(draft.further, 2, max(least, rng.choice((0, 0, 1, 1, 1, 2))))
    # Whoever is called in about a case handles it himself: no leader has taken it from him.
    kinds = [Round.URGED, Round.RETURNED] if draft.pace is Pace.CALLED else [*[Round.URGED, Round.RETURNED] * 2, Round.FURTHER]
    return [rng.choice(kinds) for _ in range(draft.further - again)] + [Round.DISSATISFIED] * again


def _until(draft: Draft, days: Days, rng: random.Random, since: date, limit: date) -> date:
    """The day of the conclusion; without one, the last by which something is done."""
    if draft.fate in (Fate.WAITING, Fate.SILENT):
        return days.last + timedelta(days=1)
    first, last = {
        Pace.IN_TIME: (since, limit),
        Pace.LATE: (limit + timedelta(days=1), days.earliest_call(limit) - timedelta(days=1)),
        Pace.CALLED: (days.after(days.latest_held(limit)), days.latest_held(limit) + timedelta(days=45)),
        Pace.LATER: (since, days.last),
    }[draft.pace]
    if draft.fate in (Fate.UNANSWERED, Fate.REOPENED):
        first = max(first, days.last - timedelta(days=7 if draft.fate is Fate.UNANSWERED else 9))
    return _one(rng, days.between(max(first, since + timedelta(days=1)), last))


def _handled(
    draft: Draft, days: Days, rng: random.Random, rounds: Sequence[Round], since: date, until: date
) -> Iterator[Step]:  # fmt: skip
    """What is instructed and replied after `since` and before `until`, no two things on one day."""
    urged = [why for why in rounds if why is Round.URGED]
    judged = [why for why in rounds if why is not Round.URGED]
    rng.shuffle(judged)
    replies = 0 if draft.fate is Fate.SILENT else 1 + len(judged)
    pool = days.between(since + timedelta(days=1), until - timedelta(days=1))
    count = len(urged) + len(judged) + replies
    if len(pool) < count:
        raise _NoRoom
    found = iter(sorted(rng.sample(pool, count)))
    for _ in urged:
        yield from _instructed(next(found), Round.URGED)
    if replies:
        yield Step(next(found), Act.REPLY)
    for why in judged:
        yield from _instructed(next(found), why)
        yield Step(next(found), Act.REPLY)


def _instructed(day: date, why: Round) -> Iterator[Step]:
    yield Step(day, Act.INSTRUCT, why=why)
    yield Step(day, Act.RECEIVE)


def _asked(draft: Draft, days: Days, rng: random.Random, again: int, concluded: date) -> Iterator[Step]:
    """The petitioner is asked after each conclusion; so often he is not satisfied, and the case goes on by a limit of its own."""
    for number in range(again):
        day = _within(days, rng, concluded, 5)
        yield Step(day, Act.ASK)
        if not draft.due and days.due(day, AGAIN):
            raise _NoRoom  # the limit of its reopening would be over within the period
        begun = _next(days, day)
        yield from _instructed(begun, Round.DISSATISFIED)
        if draft.fate is Fate.REOPENED and number == again - 1:
            return
        replied = _within(days, rng, begun, 4)
        yield Step(replied, Act.REPLY)
        concluded = _next(days, replied)
        if concluded > days.limit(day, AGAIN):
            raise _NoRoom
        yield Step(concluded, Act.CONCLUDE)
    yield Step(_within(days, rng, concluded, 6), Act.ASK, satisfied=True)


def _next(days: Days, day: date) -> date:
    return _one_of(days, days.after(day))


def _within(days: Days, rng: random.Random, day: date, most: int) -> date:
    """A day worked after a day, so many later at most unless the first one is later than that."""
    first = days.after(day)
    return _one(rng, days.between(first, max(first, day + timedelta(days=most))))


def _one_of(days: Days, day: date) -> date:
    if day > days.last:
        raise _NoRoom
    return day


def _one(rng: random.Random, among: Sequence[date]) -> date:
    if not among:
        raise _NoRoom
    return rng.choice(among)

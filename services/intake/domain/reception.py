"""The reception calendar (定期接访, 轮班接访): rules, and the log of what was changed since, make the sessions. Pure.

Sessions are computed, never stored: a session is the day on which a rule planned it, and keeps that name wherever it is moved
to and whoever receives. A change is appended and the latest word on a session stands, so nothing that was public is unsaid.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from uuid import UUID, uuid5

from services.intake.domain.submission import CHINA
from shared.contract.person import Person

HORIZON = timedelta(days=56)  # how far ahead sessions are public and can be booked
LAST_WEEK = -1  # in `Rule.weeks`: the last such weekday of the month


class RuleKind(StrEnum):
    """Whether one official receives each time, or several take turns."""

    FIXED = "fixed"
    ROTA = "rota"


class Act(StrEnum):
    """What a change does: to one session, to two that change hands, to a whole day."""

    CANCEL = "cancel"
    MOVE = "move"
    RESTORE = "restore"
    SWAP = "swap"
    CLOSE_DAY = "close_day"
    OPEN_DAY = "open_day"


class Reason(StrEnum):
    """Why a session does not take place. A closed list, for it is public."""

    DUTY = "duty"
    LEAVE = "leave"
    EMERGENCY = "emergency"
    ROOM = "room"
    ENDED = "ended"  # its rule was ended
    CLOSED = "closed"  # its day was


class Key(NamedTuple):
    """A session's name for good: its rule, and the day on which that planned it."""

    rule: UUID
    planned_on: date

    @property
    def id(self) -> UUID:
        """The same as one value, for addresses and calendars."""
        return uuid5(self.rule, self.planned_on.isoformat())


@dataclass(frozen=True, kw_only=True)
class Rule:
    """When, where and who. `weekdays` count from Monday as 1; `weeks` are the n-th such days of a month, empty: every week.

    The officials of a rota take turns by the calendar: a session that is cancelled costs its official the turn and moves
    nobody else's. A rule is never edited but for its end.
    """

    id: UUID
    kind: RuleKind
    officials: tuple[str, ...]
    weekdays: tuple[int, ...]
    weeks: tuple[int, ...]
    starts: time
    ends: time
    slot_minutes: int
    room: str
    from_on: date
    until_on: date | None
    made_by: Person
    made_at: datetime

    def falls_on(self, day: date) -> bool:
        """Whether the pattern has the day, whatever the rule's beginning and end."""
        if day.isoweekday() not in self.weekdays:
            return False
        last = (day + timedelta(days=7)).month != day.month
        return not self.weeks or (day.day - 1) // 7 + 1 in self.weeks or (last and LAST_WEEK in self.weeks)

    def turn(self, day: date) -> int:
        """How many sessions the pattern has from the rule's beginning until the day before."""
        return sum(self.falls_on(self.from_on + timedelta(days=n)) for n in range((day - self.from_on).days))

    def official_on(self, day: date) -> str:
        """Whose turn the day is."""
        return self.officials[self.turn(day) % len(self.officials)]

    def keys(self, first: date, last: date) -> Iterator[tuple[Key, str]]:
        """The sessions planned from `first` to `last`, each with its official."""
        day, end = max(first, self.from_on), min(last, self.until_on or last)
        turn = self.turn(day)
        while day <= end:
            if self.falls_on(day):
                yield Key(self.id, day), self.officials[turn % len(self.officials)]
                turn += 1
            day += timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One entry of the log: who changed what, when. `number` orders the log; `to_on` is the new or the closed day."""

    id: UUID
    number: int
    act: Act
    rule: UUID | None = None
    planned_on: date | None = None
    other_rule: UUID | None = None
    other_planned_on: date | None = None
    to_on: date | None = None
    starts: time | None = None
    room: str = ""
    reason: Reason | None = None
    name: str = ""  # of a closed day: 国庆节
    made_by: Person
    made_at: datetime

    @property
    def keys(self) -> tuple[Key, ...]:
        """The sessions that the change names: none, one, or the two of a swap."""
        pairs = ((self.rule, self.planned_on), (self.other_rule, self.other_planned_on))
        return tuple(Key(rule, day) for rule, day in pairs if rule is not None and day is not None)


@dataclass(frozen=True, kw_only=True)
class Session:
    """One reception as it stands. `regular` is whose turn it was; `cancelled` is empty or why it does not take place."""

    key: Key
    kind: RuleKind
    held_on: date
    starts: time
    ends: time
    slot_minutes: int
    room: str
    official: str
    regular: str
    off_day: bool
    cancelled: Reason | None
    sequence: int  # how often it was changed
    changed_at: datetime

    @property
    def id(self) -> UUID:
        """Its name for good."""
        return self.key.id

    @property
    def begins_at(self) -> datetime:
        """The instant of its beginning."""
        return datetime.combine(self.held_on, self.starts, CHINA)

    @property
    def ends_at(self) -> datetime:
        """The instant of its end."""
        return datetime.combine(self.held_on, self.ends, CHINA)

    @property
    def capacity(self) -> int:
        """How many places it has: one for each whole slot."""
        return (self.ends_at - self.begins_at) // timedelta(minutes=self.slot_minutes)

    def slot_at(self, slot: int) -> datetime:
        """The instant of a place, which count from 0."""
        return self.begins_at + slot * timedelta(minutes=self.slot_minutes)


@dataclass(frozen=True)
class Plan:
    """All rules and the log, in its order. `revision` grows with each save."""

    rules: tuple[Rule, ...] = ()
    changes: tuple[Change, ...] = ()
    revision: int = 0

    @cached_property
    def by_id(self) -> dict[UUID, Rule]:
        """The rules by their ids."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def by_key(self) -> dict[Key, list[Change]]:
        """What the log says of each session that it names."""
        found = defaultdict(list)
        for change in self.changes:
            for key in change.keys:
                found[key].append(change)
        return dict(found)

    @cached_property
    def by_day(self) -> dict[date, list[Change]]:
        """What the log says of whole days."""
        found = defaultdict(list)
        for change in self.changes:
            if change.act in (Act.CLOSE_DAY, Act.OPEN_DAY) and change.to_on:
                found[change.to_on].append(change)
        return dict(found)

    @cached_property
    def swapped(self) -> dict[Key, str]:
        """Who receives in the sessions that ever changed hands. The same swap again takes it back."""
        found: dict[Key, str] = {}
        for change in self.changes:
            if change.act is Act.SWAP:
                one, other = change.keys
                found[one], found[other] = (
                    found.get(key) or self.by_id[key.rule].official_on(key.planned_on) for key in (other, one)
                )
        return found

    def closed(self, day: date) -> str | None:
        """The name of a closed day; None for one that is not closed."""
        said = self.by_day.get(day)
        return said[-1].name if said and said[-1].act is Act.CLOSE_DAY else None


def sessions(plan: Plan, first: date, last: date) -> tuple[Session, ...]:
    """Every session that is held, or would have been, from `first` to `last`, in the order of time.

    Each planned session is in exactly one day, wherever it was moved from, however long the log; what a change names exists
    even after its rule's end.
    """
    planned = {key: official for rule in plan.rules for key, official in rule.keys(first, last)}
    for key in plan.by_key.keys() - planned.keys():
        planned[key] = plan.by_id[key.rule].official_on(key.planned_on)
    made = (_session(plan, key, official) for key, official in planned.items())
    found = [session for session in made if first <= session.held_on <= last]
    return tuple(sorted(found, key=lambda one: (one.held_on, one.starts, one.room, str(one.id))))


def _session(plan: Plan, key: Key, official: str) -> Session:
    rule = plan.by_id[key.rule]
    session = Session(
        key=key, kind=rule.kind, held_on=key.planned_on, starts=rule.starts, ends=rule.ends, slot_minutes=rule.slot_minutes,
        room=rule.room, official=plan.swapped.get(key, official), regular=official, off_day=False, cancelled=None, sequence=0,
        changed_at=rule.made_at,
    )  # fmt: skip
    own = plan.by_key.get(key, [])
    days = {key.planned_on, *(change.to_on for change in own if change.to_on)}
    log = own + [change for day in days for change in plan.by_day.get(day, [])]
    for change in sorted(log, key=lambda one: one.number):
        changed = _apply(rule, session, change)
        if changed != session or change.act is Act.SWAP:
            session = replace(changed, sequence=session.sequence + 1, changed_at=change.made_at)
    return replace(session, off_day=session.held_on.isoweekday() > 5 or plan.closed(session.held_on) is not None)


def _apply(rule: Rule, session: Session, change: Change) -> Session:
    if change.act is Act.CANCEL:
        return replace(session, cancelled=change.reason)
    if change.act is Act.MOVE and change.to_on and change.starts:
        ends = datetime.combine(change.to_on, change.starts) + (session.ends_at - session.begins_at)
        return replace(session, held_on=change.to_on, starts=change.starts, ends=ends.time(), room=change.room, cancelled=None)
    if change.act is Act.RESTORE:
        return replace(
            session, held_on=session.key.planned_on, starts=rule.starts, ends=rule.ends, room=rule.room, cancelled=None
        )
    on_its_day = change.to_on == session.held_on
    if change.act is Act.CLOSE_DAY and on_its_day and session.cancelled is None:
        return replace(session, cancelled=Reason.CLOSED)
    if change.act is Act.OPEN_DAY and on_its_day and session.cancelled is Reason.CLOSED:
        return replace(session, cancelled=None)
    return session

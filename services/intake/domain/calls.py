"""Telephone calls, answered or missed, and the duty to ring back. Pure: `now` is handed in.

A telephone system's messages may come late, twice and in any order: what is known of a call is the same in the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.intake.domain.submission import AHEAD, CHINA, OLDEST, Identity, Submission
from services.intake.workflow import CALL_BACK, CallBackStage
from shared.contract.person import Person
from shared.errors import Conflict, Refused

LONGEST_SUMMARY = 40  # characters of a title that is made of a text's first sentence


class Outcome(StrEnum):
    """What an answered call came to."""

    CASE = "case"
    INFORMATION = "information"
    MISDIAL = "misdial"
    SILENT = "silent"
    EMERGENCY = "emergency"  # a threat or an emergency: 110


WITHOUT_CASE = tuple(outcome for outcome in Outcome if outcome is not Outcome.CASE)


class Told(StrEnum):
    """What a telephone system tells of a call."""

    RINGING = "ringing"
    ANSWERED = "answered"
    MISSED = "missed"
    ENDED = "ended"
    RECORDED = "recorded"


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call's row: whose number it is lies beside it, encrypted (`numbered`: there is one). `outgoing`: we rang back.

    `extension` is what answered, `answered_by` who wrote the call up; `call_back_id` is the duty that a missed call made.
    """

    id: UUID
    line: str
    started_at: datetime
    numbered: bool = False
    outgoing: bool = False
    answered_at: datetime | None = None
    missed_at: datetime | None = None
    ended_at: datetime | None = None
    extension: str = ""
    answered_by: Person | None = None
    outcome: Outcome | None = None
    written_at: datetime | None = None
    case_id: UUID | None = None
    call_back_id: UUID | None = None
    recorded: bool = False  # the telephone system has, or has sent, a recording

    @property
    def missed(self) -> bool:
        """Whether nobody answered: the system says so, or that the ringing ended."""
        return self.answered_at is None and bool(self.missed_at or self.ended_at)

    @property
    def missed_since(self) -> datetime:
        """When the duty to ring back began."""
        return self.missed_at or self.ended_at or self.started_at


def hear(call: Call, told: Told, at: datetime, extension: str = "") -> Call:
    """The call after one more message; any order, and any message twice, ends in the same."""
    found = replace(call, started_at=min(call.started_at, at))
    if told is Told.ANSWERED:
        known = (call.answered_at, call.extension) if call.answered_at else (at, extension)
        answered_at, by = min(known, (at, extension))
        return replace(found, answered_at=answered_at, extension=by)
    if told is Told.MISSED:
        return replace(found, missed_at=min(call.missed_at or at, at))
    if told is Told.ENDED:
        return replace(found, ended_at=max(call.ended_at or at, at))
    return replace(found, recorded=call.recorded or told is Told.RECORDED)


def check_at(at: datetime, now: datetime, *, field: str = "at") -> None:
    """Raise Refused for an instant that nobody with a clock would give."""
    if not now - OLDEST <= at <= now + AHEAD:
        raise Refused(field, "时间不得晚于现在，也不得早于十年前。", "请核对时间，或电话系统的时钟。")


def write_up(call: Call, outcome: Outcome, *, by: Person, case_id: UUID | None, now: datetime) -> Call:
    """Somebody who answered writes down what the call came to; the same twice changes nothing. Raises Conflict for another."""
    if call.outcome is not None:
        if (call.outcome, call.case_id) != (outcome, case_id):
            raise Conflict("call", "这次来电已经登记过，结果和这次的不一样。", "请到来电记录查看；另一件事请另填一张表。")
        return call
    return replace(
        call, outcome=outcome, answered_by=by, case_id=case_id, written_at=now, answered_at=call.answered_at or call.started_at,
        ended_at=call.ended_at or now,
    )  # fmt: skip


def title_of(title: str, text: str) -> str:
    """The title that was typed, or the first sentence of the text: nobody thinks of titles while somebody talks."""
    if title.strip():
        return title.strip()
    first = text.strip()
    for mark in "\n。！？；":
        first = first.partition(mark)[0]
    return first if len(first) <= LONGEST_SUMMARY else first[: LONGEST_SUMMARY - 1] + "…"


def complete(petition: Submission, number: str, *, chosen: bool) -> Submission:
    """The petition with the number that the telephone system told, unless another was given or the caller stays anonymous.

    Where nobody had the time to ask (`chosen` is false), a caller who can be known is treated as confidential.
    """
    who = petition.petitioner
    known = bool(number) or any(text.strip() for text in who.secrets)
    identity = petition.identity if chosen else Identity.CONFIDENTIAL if known else Identity.ANONYMOUS
    if identity is not Identity.ANONYMOUS and not who.phone.strip():
        who = replace(who, phone=number)
    return replace(petition, identity=identity, petitioner=who)


# -- ringing back -------------------------------------------------------------------------------------------------------


class Result(StrEnum):
    """What came of an attempt."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    BUSY = "busy"


class GivenUpFor(StrEnum):
    """Why nobody will try again. A closed list: a free text would hold who the caller is."""

    UNREACHABLE = "unreachable"
    NOT_IN_SERVICE = "not_in_service"
    REFUSES = "refuses"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """By when somebody is rung back, after a failed attempt again, and after how many attempts on how many days one may give up."""

    first: timedelta
    again: timedelta
    attempts: int
    days: int


@dataclass(frozen=True, kw_only=True)
class CallBack:
    """The duty to ring back one number. `due_at` is the limit of the next attempt; `calls` how often the number was missed."""

    id: UUID
    stage: CallBackStage
    line: str
    missed_at: datetime
    due_at: datetime
    calls: int = 1
    attempts: int = 0
    reason: GivenUpFor | None = None
    ended_at: datetime | None = None
    ended_by: Person | None = None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Somebody rang; `call_id` is the call that came of it when somebody answered."""

    id: UUID
    call_back_id: UUID
    at: datetime
    by: Person
    result: Result
    call_id: UUID | None = None


def miss(call: Call, limits: Limits) -> CallBack:
    """The duty that a missed call makes."""
    since = call.missed_since
    return CallBack(id=call.id, stage=CallBackStage.WAITING, line=call.line, missed_at=since, due_at=since + limits.first)


def miss_again(duty: CallBack, call: Call, limits: Limits) -> CallBack:
    """The same number was missed once more: no second duty, and no later limit. A message that comes late may bring an earlier one."""
    since, untried = call.missed_since, duty.attempts == 0
    return replace(
        duty, stage=CALL_BACK.move(duty.stage, "miss_again"), calls=duty.calls + 1, missed_at=min(duty.missed_at, since),
        due_at=min(duty.due_at, since + limits.first) if untried else duty.due_at,
    )  # fmt: skip


def let_go(duty: CallBack, now: datetime) -> CallBack:
    """One of the calls was answered after all. Without any other, and before anybody tried, there is nothing left to do."""
    if duty.stage is not CallBackStage.WAITING:
        return duty
    if duty.calls > 1 or duty.attempts:
        return replace(duty, calls=max(1, duty.calls - 1))
    return replace(duty, stage=CALL_BACK.move(duty.stage, "answer"), calls=0, ended_at=now)


def get_through(duty: CallBack, *, by: Person, now: datetime) -> CallBack:
    """The caller rang again by himself, and somebody talked to him."""
    if duty.stage is not CallBackStage.WAITING:
        return duty
    return replace(duty, stage=CALL_BACK.move(duty.stage, "answer"), ended_at=now, ended_by=by)


def attempt(duty: CallBack, tried: Attempt, limits: Limits) -> CallBack:
    """After an attempt: reached, or due again. Raises Conflict when the duty has ended."""
    if tried.result is Result.REACHED:
        stage = CALL_BACK.move(duty.stage, "reach")
        return replace(duty, stage=stage, attempts=duty.attempts + 1, ended_at=tried.at, ended_by=tried.by)
    stage = CALL_BACK.move(duty.stage, "try")
    return replace(duty, stage=stage, attempts=duty.attempts + 1, due_at=tried.at + limits.again)


def give_up(
    duty: CallBack, tried: Iterable[Attempt], reason: GivenUpFor, limits: Limits, *, by: Person, now: datetime
) -> CallBack:
    """End it without having reached anybody. Raises Refused before enough attempts on enough days, Conflict when it has ended."""
    stage = CALL_BACK.move(duty.stage, "give_up")
    times = [one.at.astimezone(CHINA).date() for one in tried]
    if len(times) < limits.attempts or len(set(times)) < limits.days:
        raise Refused(
            "give_up_reason", "至少在 %(days)s 天里回电 %(attempts)s 次，才能结束。", "请改时段再回电，并记录结果。", days=limits.days, attempts=limits.attempts
        )  # fmt: skip
    return replace(duty, stage=stage, reason=reason, ended_at=now, ended_by=by)

"""Charge (包案): a leader carries a case until it is over, and owes five duties meanwhile (M19-M21)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.supervision.domain.deadline import SupervisedCase
from services.supervision.working_calendar import end_of, local_day
from shared.contract.person import Person
from shared.contract.supervision import DUTIES
from shared.errors import Conflict, Forbidden, Refused

# Whose post makes him a county leader here.
LEADING = frozenset({"leader", "first_in_command"})
DECIDES = frozenset({"first_in_command"})
# What counts as evidence, where not everything does: who receives the petitioner has met him, and support is something given.
FORMS = {
    "reception": ("visit", "reception", "call"),
    "support": ("visit", "reception", "call", "meeting", "help", "document"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Charge:
    """That a leader carries a case. `told` is the event that said so; by `duties_by` there is to be evidence for each duty, and
    `lapsed_at` is when it was found that some had none. `after` is the charge that this one goes on with.
    """

    id: UUID
    case_id: UUID
    leader: Person
    official: str
    ground: str
    taken_at: datetime
    taken_by: Person
    told: UUID
    duties_by: datetime | None = None
    lapsed_at: datetime | None = None
    ended_at: datetime | None = None
    ended_for: str | None = None
    ended_by: Person | None = None
    ended_words: str | None = None
    after: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """That somebody should carry a case; over when one does, or when the first-in-command declines it with reasons."""

    id: UUID
    case_id: UUID
    reason: str
    words: str | None
    by: Person | None
    at: datetime
    decision: str | None = None
    decided_by: Person | None = None
    decided_at: datetime | None = None
    decision_words: str | None = None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What was done for one of the duties: in words, on a day, at a place, in a form. Never who the petitioner is."""

    id: UUID
    charge_id: UUID
    case_id: UUID
    duty: str
    form: str
    words: str
    place: str
    done_on: date
    by: Person
    at: datetime


def leader_of(official: str, name: str, posts: Iterable[Mapping[str, Any]], roles: frozenset[str] = LEADING) -> Person | None:
    """The official in the first of his posts that gives one of these roles, or None."""
    for post in posts:
        if not roles.isdisjoint(post["roles"]):
            return Person(official=official, name=name, post=post["title"], organisation=post["organisation"])
    return None


def check_can_be_carried(case: SupervisedCase | None) -> SupervisedCase:
    """A case that somebody may carry. Raises Refused: it must be ours to conclude, open, and nobody's yet."""
    if case is None or not case.concluded_here:
        raise Refused("case", "该件不由本级办结，不能在本级包案。", "请由办结该件的单位包案。")
    if case.closed_at is not None:
        raise Conflict("case", "该件已经结案。", "无需包案；信访人要求继续办理的，会重新列出。")
    if case.charge is not None:
        raise Conflict("case", "该件已经有领导包案。", "请在包案页面办理移交。")
    return case


def check_decides(by: Person, leader: Person, *, decides: bool) -> None:
    """A leader takes a case on himself; that another one carries it is the first-in-command's to decide. Raises Forbidden."""
    if by.official != leader.official and not decides:
        raise Forbidden("leader", "由谁包案由一把手决定，领导本人可以主动认领。", "请由一把手指定，或由领导本人认领。")


def duties_by(taken_at: datetime, within_days: int | None) -> datetime | None:
    """The end of the last day for evidence, or None where the county sets no limit."""
    return end_of(local_day(taken_at) + timedelta(days=within_days)) if within_days else None


def end(charge: Charge, reason: str, *, at: datetime, by: Person | None = None, words: str | None = None) -> Charge:
    """The charge is over. Raises Conflict when it was over before."""
    if charge.ended_at is not None:
        raise Conflict("charge", "该包案已经结束。", "请查看最新情况。")
    return replace(charge, ended_at=at, ended_for=reason, ended_by=by, ended_words=words)


def successor(charge: Charge, leaders: Iterable[Person]) -> Person | None:
    """Who holds the post now that whoever carries the case held; None when nobody does, or several."""
    same = [
        leader
        for leader in leaders
        if (leader.post, leader.organisation) == (charge.leader.post, charge.leader.organisation)
        and leader.official != charge.official
    ]
    return same[0] if len(same) == 1 else None


def lacking(done: Iterable[str]) -> tuple[str, ...]:
    """The duties for which there is no evidence yet, in their order."""
    known = set(done)
    return tuple(duty for duty in DUTIES if duty not in known)


def check_evidence(charge: Charge, duty: str, form: str, done_on: date, today: date) -> None:
    """Raises Refused for evidence that is none: of another time, or in a form that the duty does not have."""
    if charge.ended_at is not None:
        raise Conflict("charge", "该包案已经结束。", "请查看最新情况。")
    if not local_day(charge.taken_at) <= done_on <= today:
        raise Refused(
            "done_on", "日期须在包案之日（%(first)s）至今天之间。", "请填写实际落实的日期。", first=local_day(charge.taken_at)
        )
    if form not in FORMS.get(duty, (form,)):
        raise Refused("form", "该项责任不以这种形式落实。", "请选择符合该项责任的形式。")

"""Who is held to account: a proposal, the decision that answers it, and what follows for whom until when (M7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from services.routing.domain.directory import Directory
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused

CHINA = ZoneInfo("Asia/Shanghai")
MOST_FOLLOWING = 20
# The discipline office by its organisation's short suffix: it oversees what follows wherever it works in this instance.
DISCIPLINE = "cdi"
KINDS = ("proposal", "decision")


@dataclass(frozen=True, kw_only=True)
class Accountability:
    """A proposal or decision to hold somebody to account: who decided, in which meeting, and when. Never edited.

    `official` is whom it concerns where the directory knows him, `answers` the proposal that a decision decides.
    """

    id: UUID
    case_id: UUID
    kind: str
    person: str
    organisation: str
    measure: str
    decided_by: str
    meeting: str | None
    decided_on: date
    by: Person
    recorded_at: datetime
    official: str | None = None
    answers: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """What follows for one person: a measure to be done by the end of a day. Done once, and never edited."""

    id: UUID
    record_id: UUID
    case_id: UUID
    official: str | None
    person: str
    measure: str
    until: date
    done_on: date | None = None
    done_by: Person | None = None
    done_at: datetime | None = None


class Following(NamedTuple):
    """What is to follow, as it is written down."""

    official: str | None
    person: str
    measure: str
    until: date


def check(record: Accountability, proposal: Accountability | None, directory: Directory, *, today: date) -> None:
    """Refuse a record that does not hold together. `proposal` is what `answers` names, if it is known. Raises Refused."""
    if record.kind not in KINDS:
        raise Refused("kind", "类别只能是建议或决定。", "请选择一项。")
    if record.organisation not in directory.organisations:
        raise Refused("organisation", "通讯录中没有该单位。", "请从名单中选择单位。")
    if record.official is not None and record.official not in directory.officials:
        raise Refused("official", "该人员不在通讯录中或已离任。", "请核对人员后重试。")
    if record.decided_on > today:
        raise Refused("decided_on", "决定日期不能晚于今天。", "请核对日期。")
    if record.answers is None:
        return
    if record.kind != "decision" or proposal is None or (proposal.kind, proposal.case_id) != ("proposal", record.case_id):
        raise Refused("answers", "决定只能针对本件的一项问责建议。", "请从名单中选择。")
    if record.decided_on < proposal.decided_on:
        raise Refused("decided_on", "决定日期早于所针对的建议。", "请核对日期。")


def follow(record: Accountability, following: Sequence[Following], ids: Sequence[UUID]) -> list[Consequence]:
    """What follows from a decision. Raises Refused."""
    if following and record.kind != "decision":
        raise Refused("follows", "只有决定才有后续事项。", "请先记录决定。")
    if len(following) > MOST_FOLLOWING:
        raise Refused("follows", "后续事项最多%(most)s项。", "请分成几条记录。", most=MOST_FOLLOWING)
    if any(one.until < record.decided_on for one in following):
        raise Refused("follows", "后续事项的期限早于决定日期。", "请核对日期。")
    return [
        Consequence(
            id=key, record_id=record.id, case_id=record.case_id, official=one.official, person=one.person.strip(), measure=one.measure.strip(),
            until=one.until,
        )
        for key, one in zip(ids, following, strict=True)
    ]  # fmt: skip


def carry_out(
    consequence: Consequence, record: Accountability, *, done_on: date, by: Person, now: datetime, today: date
) -> Consequence:
    """Done, on a day between the decision and today; by somebody else than whom it concerns. Raises Forbidden, Conflict, Refused."""
    if consequence.official == by.official:
        raise Forbidden("official", "不得由被问责人本人登记完成。", "请由领导小组办公室或纪委登记。")
    if consequence.done_on is not None:
        raise Conflict("done_on", "该事项已经登记完成。", "请刷新页面查看。")
    if not record.decided_on <= done_on <= today:
        raise Refused("done_on", "完成日期须在决定日期与今天之间。", "请核对日期。")
    return replace(consequence, done_on=done_on, done_by=by, done_at=now)


def overseer(directory: Directory, official: str) -> Person | None:
    """The first-in-command, somebody of the office, or of the discipline office of this instance; None for everybody else."""
    found = directory.active(official)
    held = found.in_post(frozenset({"first_in_command"}), directory.own) or found.in_post(frozenset({"office"}))
    return held or found.in_post(organisation=f"{directory.own}-{DISCIPLINE}")


def day_of(now: datetime) -> date:
    """The calendar day of an instant, as officials count days."""
    return now.astimezone(CHINA).date()


def ends_at(day: date) -> datetime:
    """The instant at which a day is over."""
    return datetime.combine(day + timedelta(days=1), time(), CHINA)

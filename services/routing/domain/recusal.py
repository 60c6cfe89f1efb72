"""Recusal (art. 28): who keeps himself from a case or is told to, on which ground; only the first-in-command ends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from shared.contract.person import Person
from shared.errors import Conflict, Refused

# Party to the matter, kin of somebody in it, interest in its outcome, handled what is complained of, anything else.
GROUNDS = ("party", "kin", "interest", "handled", "other")
LONGEST_NOTE = 1000


@dataclass(frozen=True, kw_only=True)
class Recusal:
    """One official (or one organisation) kept from one case. Never edited, ended once."""

    id: UUID
    case_id: UUID
    official: str | None
    organisation: str | None
    ground: str
    note: str
    by: Person | None
    at: datetime
    ended_at: datetime | None = None
    ended_by: Person | None = None
    ended_reason: str | None = None


class Barring(NamedTuple):
    """Whom recusals keep out."""

    organisations: frozenset[str]
    officials: frozenset[str]


def recuse(
    *, recusal_id: UUID, case_id: UUID, official: str | None, organisation: str | None, ground: str, note: str, by: Person,
    now: datetime,
) -> Recusal:  # fmt: skip
    """A recusal. Raises Refused unless it names one official or one organisation, and a ground; "other" is explained."""
    if (official is None) == (organisation is None):
        raise Refused("official", "每次记录一位回避人员或一个回避单位。", "请从名单中选择一项。")
    if ground not in GROUNDS:
        raise Refused("ground", "回避事由不在规定的范围内。", "请从列出的事由中选择。")
    note = note.strip()
    if ground == "other" and not note:
        raise Refused("note", "选择“其他”时须说明回避事由。", "请简要写明事由。")
    if len(note) > LONGEST_NOTE:
        raise Refused("note", "说明不能超过%(most)d字。", "请缩短后重新提交。", most=LONGEST_NOTE)
    return Recusal(
        id=recusal_id, case_id=case_id, official=official, organisation=organisation, ground=ground, note=note, by=by, at=now
    )


def end(recusal: Recusal, *, by: Person, reason: str, now: datetime) -> Recusal:
    """The recusal ended, with reasons. Raises Conflict when it is over, Refused without reasons."""
    if recusal.ended_at is not None:
        raise Conflict("recusal", "该项回避已经解除。", "请刷新页面，查看最新情况。")
    if not reason.strip():
        raise Refused("reason", "解除回避须写明理由。", "请写明回避事由为何不再存在。")
    return replace(recusal, ended_at=now, ended_by=by, ended_reason=reason.strip())


def still_kept_out(recusals: Iterable[Recusal]) -> Barring:
    """Whom these recusals keep out, the ended ones left aside: one that is still open is enough."""
    standing = [one for one in recusals if one.ended_at is None]
    return Barring(
        frozenset(one.organisation for one in standing if one.organisation),
        frozenset(one.official for one in standing if one.official),
    )

"""Who reads for the first-in-command while he is away (M6): a person, a period, a reason; and it says so on all that he reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.routing.domain.directory import Directory, Official
from shared.contract.person import Person
from shared.errors import Conflict, Refused

# The article's point is that the leader reads in person: an absence is a leave or a course, not a habit.
LONGEST = timedelta(days=60)
LONGEST_REASON = 500
DEPUTIES = frozenset({"leader", "office"})


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """`deputy` reads and instructs for `head` from `starts_at` until before `ends_at`, or until it was ended. Never edited."""

    id: UUID
    head: Person
    deputy: Person
    starts_at: datetime
    ends_at: datetime
    reason: str
    made_at: datetime
    ended_at: datetime | None = None

    def runs(self, now: datetime) -> bool:
        """Whether the deputy reads now."""
        return self.ended_at is None and self.starts_at <= now < self.ends_at


def eligible(directory: Directory, head: str) -> list[Official]:
    """Who may stand in: a leader or somebody of the office who works here."""
    return [
        one for one in directory.officials.values()
        if one.active and one.official != head
        and any(post.roles & DEPUTIES and not directory.works_elsewhere(post.organisation) for post in one.posts)
    ]  # fmt: skip


def delegate(
    directory: Directory, known: Iterable[Delegation], head: Person, deputy: str, *, delegation_id: UUID, starts_at: datetime,
    ends_at: datetime, reason: str, now: datetime,
) -> Delegation:  # fmt: skip
    """A delegation from now on or later. Raises Refused, and Conflict when another one runs in its time."""
    found = next((one for one in eligible(directory, head.official) if one.official == deputy), None)
    person = found.in_post(DEPUTIES) if found else None
    if person is None:
        raise Refused("deputy", "只能委托本级在职的领导或领导小组办公室的同志代为批阅。", "请从名单中选择。")
    if not starts_at < ends_at or ends_at <= now:
        raise Refused("ends_on", "结束日期不能早于开始日期，也不能已经过去。", "请核对日期。")
    if ends_at - starts_at > LONGEST:
        raise Refused("ends_on", "一次委托不能超过%(days)d天。", "请缩短期限，到期后另行委托。", days=LONGEST.days)
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Refused("reason", "委托须写明事由，不超过%(most)d字。", "如外出学习、休假。", most=LONGEST_REASON)
    if any(one.ended_at is None and one.starts_at < ends_at and starts_at < one.ends_at for one in known):
        raise Conflict("starts_on", "这段时间已经有委托。", "请先结束已有的委托，或改选日期。")
    return Delegation(
        id=delegation_id, head=head, deputy=person, starts_at=starts_at, ends_at=ends_at, reason=reason.strip(), made_at=now
    )


def end(delegation: Delegation, *, now: datetime) -> Delegation:
    """The first-in-command is back. Raises Conflict when it is over."""
    if delegation.ended_at is not None or delegation.ends_at <= now:
        raise Conflict("delegation", "该项委托已经结束。", "请刷新页面，查看最新情况。")
    return replace(delegation, ended_at=now)


def standing_in(known: Iterable[Delegation], official: str, directory: Directory, now: datetime) -> Delegation | None:
    """The delegation by which an official reads now, given by who commands still."""
    running = (one for one in known if one.deputy.official == official and one.runs(now))
    found = next(running, None)
    if found is None or official not in {one.official for one in eligible(directory, found.head.official)}:
        return None
    head = directory.officials.get(found.head.official)
    commands = head is not None and head.active and head.in_post(frozenset({"first_in_command"}), directory.own)
    return found if commands else None

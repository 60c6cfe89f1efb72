"""Changes of the duty roster: what may be put down, ended, taken back and swapped. What is over is never rewritten."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.intake.domain.duty import DAY, LONGEST_SHIFT, Entry, Pattern, Roster, Shift, slot_of
from services.intake.domain.submission import CHINA
from shared.contract.person import Person
from shared.errors import Conflict, Refused


def check_pattern(pattern: Pattern, *, lines: Collection[str], in_office: Collection[str], now: datetime) -> None:
    """Raise Refused, naming the first field at fault, unless the pattern may be put down."""
    _check_who(pattern.line, pattern.officials, lines, in_office)
    if not pattern.weekdays or not set(pattern.weekdays) <= set(range(1, 8)):
        raise Refused("weekdays", "至少选一个星期几。", "请勾选值班的日子。")
    if not pattern.slots:
        raise Refused("slots", "至少写一个班次时段。", "请一行写一个时段，例如 08:00-16:00。")
    for text in pattern.slots:
        slot_of(text)
    today = now.astimezone(CHINA).date()
    if pattern.begins_on < today:
        raise Refused("begins_on", "值班规律不能从过去开始。", "已经过去的班次不再改动，请从今天或以后开始。")
    if pattern.begins_on.year > today.year + 10 or (pattern.ends_on and pattern.ends_on < pattern.begins_on):
        raise Refused("ends_on", "结束日期不得早于开始日期，开始日期不得晚于十年后。", "请核对两个日期。")


def check_entry(entry: Entry, *, lines: Collection[str], in_office: Collection[str], now: datetime) -> None:
    """Raise Refused, naming the first field at fault, unless the entry may be put down. What is over is not rewritten."""
    _check_who(entry.line, (entry.official,), lines, in_office)
    if not timedelta() < entry.ends_at - entry.starts_at <= LONGEST_SHIFT:
        raise Refused("ends_at", "班次须晚于开始时间结束，最长 72 小时。", "请核对开始和结束时间。")
    if entry.ends_at <= now:
        raise Refused("ends_at", "已经过去的班次不能补登或改动。", "请填写还没有结束的班次。")
    if entry.starts_at > now + timedelta(days=3660):
        raise Refused("starts_at", "班次不得晚于十年后。", "请核对开始时间。")


def _check_who(line: str, officials: Sequence[str], lines: Collection[str], in_office: Collection[str]) -> None:
    if line not in lines:
        raise Refused("line", "没有“%(line)s”这条线路。", "请从本单位的值班线路中选择。", line=line)
    if not officials:
        raise Refused("on_duty", "至少要有一名值班人员。", "请从名录中选择。")
    for official in officials:
        if official not in in_office:
            raise Refused("on_duty", "名录里没有在岗的“%(official)s”。", "请从名录中选择。", official=official)


def end_pattern(pattern: Pattern, ends_on: date, *, by: Person, now: datetime) -> Pattern:
    """A pattern with its last day. Raises Refused for a day that is over, and Conflict when it has ended before."""
    today = now.astimezone(CHINA).date()
    if pattern.ends_on == ends_on:
        return pattern
    if pattern.ends_on is not None and pattern.ends_on < today:
        raise Conflict("ends_on", "这条值班规律已经结束。", "请刷新页面，查看最新的值班表。")
    if ends_on < max(today, pattern.begins_on - DAY):
        raise Refused("ends_on", "最后一天不得早于今天。", "已经过去的班次不再改动，请从今天或以后结束。")
    return replace(pattern, ends_on=ends_on, ended_by=by, ended_at=now)


def withdraw_entry(entry: Entry, *, by: Person, now: datetime) -> Entry:
    """A single entry taken back; what the patterns say of its time counts again. Twice changes nothing."""
    if entry.withdrawn_at:
        return entry
    if entry.ends_at <= now:
        raise Refused("entry", "已经过去的班次不能补登或改动。", "请填写还没有结束的班次。")
    if entry.swap_id:
        raise Refused("entry", "换班的两个班次须一起改。", "请再换一次班，换回原来的人。")
    return replace(entry, withdrawn_by=by, withdrawn_at=now)


def check_swap(first: Shift, second: Shift, *, in_office: Collection[str], now: datetime) -> None:
    """Raise Refused unless the two officials may take each other's shift."""
    if first.official == second.official:
        raise Refused("second", "两个班次是同一个人的，不用换班。", "请选择另一个人的班次。")
    for field, shift in (("first", first), ("second", second)):
        if shift.starts_at <= now:
            raise Refused(field, "已经开始的班次不能换班。", "请选择还没有开始的班次；临时顶班请登记单个班次。")
        if shift.official not in in_office:
            raise Refused(field, "原值班人已不在岗，不能换班。", "请登记单个班次，指定在岗的人员。")


def swapped(shift: Shift, official: str, *, roster: Roster, entry_id: UUID, swap_id: UUID, by: Person, now: datetime) -> Entry:
    """The single entry that gives a shift to the other official: the shift's own, or a new one in place of its pattern's."""
    for entry in roster.entries:
        if entry.id == shift.source:
            return replace(entry, official=official, swap_id=swap_id)
    return Entry(
        id=entry_id, line=shift.line, starts_at=shift.starts_at, ends_at=shift.ends_at, official=official, recorded_by=by,
        recorded_at=now, swap_id=swap_id,
    )  # fmt: skip


def official_named(text: str, names: Mapping[str, str]) -> str:
    """The official whom a list names, by id or by a name that is nobody else's; `names` are those in office, by id. Raises Refused."""
    wanted = text.strip()
    found = [wanted] if wanted in names else [official for official, name in names.items() if name == wanted]
    if not found:
        raise Refused("on_duty", "名录里没有在岗的“%(official)s”。", "请从名录中选择。", official=wanted)
    if len(found) > 1:
        raise Refused(
            "on_duty",
            "名录里有几位“%(official)s”。",
            "请改写编号：%(codes)s。",
            official=wanted,
            codes="、".join(sorted(found)),
        )
    return found[0]

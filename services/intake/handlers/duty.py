"""The duty roster: what it says, and its changes, one after the other, each with a key that makes a double submit harmless."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.intake.domain import rostering
from services.intake.domain.duty import AHEAD, Entry, Pattern, Piece, Roster, Swap, Turn
from services.intake.domain.submission import CHINA
from services.intake.site.duty_file import Mistake, Row
from services.intake.store import DUTY_ENTRIES, DUTY_PATTERNS, DUTY_SWAPS, SQL
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, NotFound, Refused


def roster(uow: UnitOfWork, lines: Collection[str], start: datetime, end: datetime) -> Roster:
    """All that says who is on duty in a range of time."""
    since = start.astimezone(CHINA).date() - timedelta(days=1)
    patterns = uow.all(SQL["duty_patterns"], since=since)
    entries = uow.all(SQL["duty_entries"], start=start, end=end)
    return Roster(
        lines=tuple(lines), patterns=tuple(DUTY_PATTERNS.from_row(list(row.values())) for row in patterns),
        entries=tuple(DUTY_ENTRIES.from_row(list(row.values())) for row in entries), in_office=_in_office(uow),
    )  # fmt: skip


def gaps_ahead(uow: UnitOfWork, lines: Collection[str]) -> list[Piece]:
    """When nobody answers a line within the next seven days: each such gap is a fault."""
    if not lines:
        return []
    end = uow.now + AHEAD
    return roster(uow, lines, uow.now, end).gaps(uow.now, end)


def officials(uow: UnitOfWork) -> dict[str, dict[str, Any]]:
    """Everybody whom the directory ever named, by id: name, active, post, organisation."""
    return {row["official"]: row for row in uow.all(SQL["names_of_officials"])}


def _in_office(uow: UnitOfWork) -> frozenset[str]:
    return frozenset(row["official"] for row in uow.all(SQL["officials"]))


def _same(known: Any, given: Any, *changing: str) -> bool:
    """Whether a form came a second time: the same but for who sent it when. Raises Conflict when its key was used for another."""
    if known is None:
        return False
    when = {name: getattr(known, name) for name in ("recorded_by", "recorded_at", *changing)}
    if replace(given, **when) != known:
        raise Conflict("key", "这份表单已经提交过，这次的内容和上次不一样。", "请重新打开表单填写。")
    return True


def add_pattern(uow: UnitOfWork, pattern: Pattern, lines: Collection[str]) -> bool:
    """Put a pattern down; whether it is new. Raises Refused, and Conflict when its key was used for another."""
    uow.all(SQL["lock_roster"])
    if _same(uow.rows(DUTY_PATTERNS).get(pattern.id), pattern, "ends_on", "ended_by", "ended_at"):
        return False
    rostering.check_pattern(pattern, lines=lines, in_office=_in_office(uow), now=uow.now)
    uow.rows(DUTY_PATTERNS).put(pattern)
    return True


def add_entry(uow: UnitOfWork, entry: Entry, lines: Collection[str]) -> bool:
    """Put a single entry down; whether it is new. Raises as `add_pattern`."""
    uow.all(SQL["lock_roster"])
    known = uow.rows(DUTY_ENTRIES).get(entry.id)
    if _same(known, entry, "swap_id", "withdrawn_by", "withdrawn_at", *(["official"] if known and known.swap_id else [])):
        return False
    rostering.check_entry(entry, lines=lines, in_office=_in_office(uow), now=uow.now)
    uow.rows(DUTY_ENTRIES).put(entry)
    return True


def end_pattern(uow: UnitOfWork, pattern_id: UUID, ends_on: date, by: Person) -> None:
    """Give a pattern its last day. Raises Refused, Conflict, NotFound."""
    uow.all(SQL["lock_roster"])
    known = uow.rows(DUTY_PATTERNS).get(pattern_id)
    if known is None:
        raise NotFound("pattern", "没有找到这条值班规律。", "请返回值班表。")
    uow.rows(DUTY_PATTERNS).put(rostering.end_pattern(known, ends_on, by=by, now=uow.now))


def withdraw_entry(uow: UnitOfWork, entry_id: UUID, by: Person) -> None:
    """Take a single entry back. Raises Refused, NotFound."""
    uow.all(SQL["lock_roster"])
    known = uow.rows(DUTY_ENTRIES).get(entry_id)
    if known is None:
        raise NotFound("entry", "没有找到这个班次。", "请返回值班表。")
    uow.rows(DUTY_ENTRIES).put(rostering.withdraw_entry(known, by=by, now=uow.now))


def plan_swap(
    uow: UnitOfWork, lines: Collection[str], first: str, second: str, *, swap_id: UUID, by: Person
) -> tuple[Roster, Entry, Entry, tuple[str, str]]:
    """The roster as it is, the two entries that a swap makes, and the officials before. Raises Refused, and Conflict when a shift has changed."""
    end = uow.now + timedelta(days=62)
    known = roster(uow, lines, uow.now, end)
    shifts = [known.find(reference) for reference in (first, second)]
    for field, shift in zip(("first", "second"), shifts, strict=True):
        if shift is None:
            raise Conflict(field, "这个班次已有变化。", "请刷新页面，重新选择班次。")
    one, other = (shift for shift in shifts if shift is not None)
    rostering.check_swap(one, other, in_office=known.in_office, now=uow.now)
    changed = [
        rostering.swapped(shift, to, roster=known, entry_id=uuid5(swap_id, name), swap_id=swap_id, by=by, now=uow.now)
        for name, shift, to in (("first", one, other.official), ("second", other, one.official))
    ]
    return known, changed[0], changed[1], (one.official, other.official)


def swap(uow: UnitOfWork, lines: Collection[str], first: str, second: str, *, swap_id: UUID, reason: str, by: Person) -> bool:
    """Two officials take each other's shift; whether it is new. Raises as `plan_swap`."""
    uow.all(SQL["lock_roster"])
    if uow.rows(DUTY_SWAPS).get(swap_id):
        return False
    _, one, other, (first_official, second_official) = plan_swap(uow, lines, first, second, swap_id=swap_id, by=by)
    for entry in (one, other):
        uow.rows(DUTY_ENTRIES).put(entry)
    uow.rows(DUTY_SWAPS).put(
        Swap(
            id=swap_id, first_entry=one.id, second_entry=other.id, first_official=first_official, second_official=second_official,
            reason=reason, recorded_by=by, recorded_at=uow.now,
        )
    )  # fmt: skip
    return True


# -- from a file --------------------------------------------------------------------------------------------------------


class DryRun(Exception):
    """Roll back: it was only to be seen what would happen."""


def import_rows(uow: UnitOfWork, rows: Iterable[Row], lines: Collection[str]) -> tuple[int, list[Mistake]]:
    """Put a file's rows down; how many are new, and what is wrong with which. Its caller rolls back when anything is.

    The same row again is the same shift: its id is made of what it says.
    """
    names = {row["official"]: row["name"] for row in uow.all(SQL["officials"])}
    by = Person(official="zhida", name="zhida intake duty import", post="", organisation=uow.org)
    added, wrong = 0, []
    for row in rows:
        try:
            added += _add_row(uow, row, names, lines, by)
        except Refused as fault:
            field = _COLUMN.get(fault.field, fault.field)
            wrong.append(Mistake(line=row.line, words=f"{field}: {fault.rule} {fault.remedy}" % fault.values))
    return added, wrong


_FILE = UUID("6f2d1f0e-5c37-5d0a-9a55-0b1f0c0a2016")  # the namespace of ids of rows of files
_COLUMN = {"starts_at": "start", "ends_at": "end", "on_duty": "official"}


def _add_row(uow: UnitOfWork, row: Row, names: Mapping[str, str], lines: Collection[str], by: Person) -> bool:
    data = row.data
    given: dict[str, Any] = {"line": data["line"], "recorded_by": by, "recorded_at": uow.now}
    if row.pattern:
        given |= {name: tuple(data[name]) for name in ("weekdays", "slots")} | {
            name: data[name] for name in ("begins_on", "ends_on")
        }
        given |= {
            "officials": tuple(rostering.official_named(text, names) for text in data["officials"]),
            "turn": Turn(data["turn"]),
        }
        return add_pattern(uow, Pattern(id=uuid5(_FILE, repr(sorted(data.items()))), **given), lines)
    given |= {"starts_at": data["start"], "ends_at": data["end"], "official": rostering.official_named(data["official"], names)}
    said = f"{data['line']} {data['start'].timestamp()} {data['end'].timestamp()} {given['official']}"
    return add_entry(uow, Entry(id=uuid5(_FILE, said), **given), lines)

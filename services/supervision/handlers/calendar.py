"""The working calendar as people keep it: entries, coverage, history, and the limits that a change would move."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.supervision import domain, store
from services.supervision.domain import CalendarChange
from services.supervision.domain.calendar import Alarm, DayMark, Entry, alarm, check_last, days_left, entries
from services.supervision.domain.recount import difference, may_move
from services.supervision.handlers.dockets import docket_of
from services.supervision.handlers.in_force import calendar_changed, calendar_of, policy_in_force, policy_of
from services.supervision.handlers.listing import SEEN
from services.supervision.store import SQL
from services.supervision.working_calendar import local_day
from shared.contract.person import Person
from shared.database import UnitOfWork

MOST = 500  # limits that are shown, and moved by one decision
_COUNTED = SQL["counted_deadlines"].format(columns=", ".join(f"d.{column}" for column in store.DEADLINES.codecs), sight=SEEN)


def change_days(
    uow: UnitOfWork, change: UUID, *, first: date, last: date, mark: DayMark, name: str, reason: str, by: Person
) -> list[Entry]:
    """Enter days off, make-up days or ordinary days; what was changed. No limit moves by it.

    `change` comes with the form: the same one again changes nothing. Raises Refused.
    """
    if _made(uow, change):
        return []
    calendar = calendar_of(uow)
    found = entries(calendar, first, last, mark, name)
    uow.many(SQL["enter_days"], [(e.day, str(e.mark), e.name) for e in found if e.mark is not DayMark.ORDINARY])
    uow.all(SQL["clear_days"], days=[e.day for e in found if e.mark is DayMark.ORDINARY])
    _note(uow, change, found, calendar.last, calendar.last, reason, by)
    return found


def extend_calendar(uow: UnitOfWork, change: UUID, *, last: date, reason: str, by: Person) -> int:
    """The calendar is known until `last`; how many events that waited for it are tried again. The same change again does nothing.

    Raises Refused for a year whose holidays nobody has entered.
    """
    if _made(uow, change):
        return 0
    calendar = calendar_of(uow)
    check_last(calendar, last, local_day(uow.now))
    uow.all(SQL["reach"], last=last)
    _note(uow, change, [], calendar.last, last, reason, by)
    waiting = beyond(uow)
    uow.all(SQL["count_again"])
    return waiting


def history(uow: UnitOfWork) -> list[CalendarChange]:
    """Every change of the calendar, in the order in which they were made."""
    return [store.CALENDAR_CHANGES.from_row(list(row.values())) for row in uow.all(SQL["calendar_changes"])]


def beyond(uow: UnitOfWork) -> int:
    """How many events wait because the calendar does not reach as far as they have to be counted."""
    found = uow.one(SQL["beyond_calendar"])
    return int(found["n"]) if found else 0


def coverage(uow: UnitOfWork) -> tuple[int, Alarm | None]:
    """Days that are left of the calendar, and what they call for; nothing where no limit counts working days."""
    left = days_left(calendar_of(uow), local_day(uow.now))
    return left, alarm(left) if policy_in_force(uow).counts_working_days else None


def differences(uow: UnitOfWork, who: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Limits that the calendar now gives another day, the nearest first, as far as this reader may see them.

    Each with `would_be`, and `movable`: whether a decision may move it there.
    """
    found = []
    for row in uow.all(_COUNTED, **who, limit=100 * MOST):
        deadline = store.DEADLINES.from_row([row[column] for column in store.DEADLINES.codecs])
        due = difference(deadline, policy_of(uow, deadline.policy), calendar_of(uow))
        if due is not None:
            found.append({**row, "would_be": due, "movable": may_move(deadline, due, now)})
    return found[:MOST]


def recount(uow: UnitOfWork, who: dict[str, Any], chosen: Collection[UUID], *, by: Person, reason: str) -> int:
    """Move the chosen limits to where the calendar has them, by this person's decision; how many moved.

    What the reader may not see, what fell due meanwhile and what differs no more stays as it is.
    """
    seen = {row["id"]: row["case_id"] for row in differences(uow, who, uow.now) if row["movable"] and row["id"] in chosen}
    cases = sorted(set(seen.values()))
    uow.rows(store.CASES).load(cases)  # locked in one order, as everywhere
    moved = 0
    for case in cases:
        with docket_of(case, uow) as page:
            moved += domain.recount(page, {key for key, of in seen.items() if of == case}, by=by, reason=reason)
    return moved


def _made(uow: UnitOfWork, change: UUID) -> bool:
    """Whether this change has been made already; from now on nobody else makes one before this unit of work ends."""
    uow.all(SQL["lock_calendar"])
    return uow.rows(store.CALENDAR_CHANGES).get(change) is not None


def _note(uow: UnitOfWork, change: UUID, found: Collection[Entry], was_last: date, last: date, reason: str, by: Person) -> None:
    uow.rows(store.CALENDAR_CHANGES).put(
        CalendarChange(
            id=change, changed_at=uow.now, changed_by=by, reason=reason, entries=tuple(e.as_data() for e in found), was_last=was_last,
            last=last,
        )
    )  # fmt: skip
    calendar_changed(uow)

"""The reception room's day: who is called next, the steps of a visit, how one ends without a reception, and the way back. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from services.intake.domain.visits import EndedFor, Visit
from services.intake.workflow import VISIT, VisitStage
from shared.contract.person import Person
from shared.errors import Conflict, Refused

GRACE = timedelta(minutes=15)  # by which a booked visitor may be late and keeps the place
STEPS = ("call", "put_back", "begin", "no_show", "leave")
REASONS = {
    "cancel": (EndedFor.CALLED_OFF, EndedFor.CHANGED, EndedFor.SLIP), "leave": (EndedFor.TIRED, EndedFor.ELSEWHERE, EndedFor.PERSONAL),
}  # fmt: skip
_ENDS = frozenset({"no_show", "leave"})


def order(waiting: Iterable[Visit], now: datetime) -> list[Visit]:
    """Who is called next. First whose time has come, by their times; then who came without a booking or came late, by arrival;
    then who is early, so that nobody waits before an empty room."""
    return sorted(waiting, key=lambda visit: (*_turn(visit, now), visit.ticket or 0))


def _turn(visit: Visit, now: datetime) -> tuple[int, datetime]:
    arrived = visit.checked_in_at or now
    if visit.slot_at is None or arrived > visit.slot_at + GRACE:
        return 1, arrived
    return (0 if visit.slot_at <= now else 2), visit.slot_at


def step(visit: Visit, action: str, now: datetime) -> Visit:
    """One of STEPS in the reception room. A step that was just taken changes nothing: it is a double click."""
    if visit.stage is VISIT.moves[action][1] and not VISIT.allows(visit.stage, action):
        return visit
    moved = replace(visit, stage=VISIT.move(visit.stage, action))
    if action == "call":
        return replace(moved, called_at=now)
    if action == "begin":
        return replace(moved, begun_at=now)
    return replace(moved, ended_at=now) if action in _ENDS else moved


def cancel(visit: Visit, now: datetime) -> Visit:
    """The petitioner does not come; the place is free again. Cancelling twice changes nothing."""
    if visit.stage is VisitStage.CANCELLED:
        return visit
    return replace(visit, stage=VISIT.move(visit.stage, "cancel"), ended_at=now)


def close(visit: Visit, action: str, *, reason: EndedFor | None, by: Person, now: datetime) -> Visit:
    """A visit ends without a reception: cancel, no_show or leave, written down by a clerk. A second time changes nothing.

    Raises Refused without one of the reasons that the action asks for.
    """
    if action in REASONS and reason not in REASONS[action]:
        raise Refused("ended_for", "取消预约和离开须选择原因。", "请从列出的原因中选择一项。")
    moved = cancel(visit, now) if action == "cancel" else step(visit, action, now)
    return moved if moved is visit else replace(moved, ended_for=reason if action in REASONS else None, ended_by=by)


def take_back(visit: Visit, today: date) -> Visit:
    """The visit goes on as if it had not ended: who had a ticket waits again, today alone; a booking is one again. A second time
    changes nothing. Raises Conflict."""
    back = VisitStage.WAITING if visit.ticket else VisitStage.BOOKED
    if visit.stage is back:
        return visit
    stage = VISIT.move(visit.stage, "come_back" if visit.ticket else "reinstate")
    if visit.ticket and visit.held_on != today:
        raise Conflict("visit", "那一天已经过去，不能再排队。", "来访人再来的，请另约或按未预约登记。")
    return replace(visit, stage=stage, ended_at=None, ended_for=None, ended_by=None)

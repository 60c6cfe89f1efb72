"""The reception calendar: planning it, and what of it is public."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.intake.domain import planning
from services.intake.domain.planning import Difference, Doubt, Order, day_of
from services.intake.domain.reception import HORIZON, Key, Plan, Session, sessions
from services.intake.domain.visits import free_slots
from services.intake.store import RECEPTION_CHANGES, RECEPTION_RULES, SQL, VISITS, reception_plan
from services.intake.workflow import VisitStage
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, Refused, ZhidaError


class OrderRefused(ZhidaError):
    """Tell whoever sets the plan up which of the orders breaks a rule; `index` counts from 0."""

    def __init__(self, index: int, fault: Refused) -> None:
        super().__init__(str(fault))
        self.index, self.fault = index, fault


LEADERS = frozenset({"first_in_command", "leader", "unit_head"})


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """An official as the calendar names one; `codes` are what a bar may name, `leads`: one of those whom people come to see."""

    person: Person
    active: bool
    codes: frozenset[str]
    leads: bool = False


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A session as the public sees it; `free` are the places that can still be booked."""

    session: Session
    receiver: Receiver
    free: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What an order would do, within the public weeks. `booked`: how many bookings each session has that the order touches."""

    revision: int
    differences: list[Difference]
    doubts: dict[Key, list[Doubt]]
    booked: dict[UUID, int]


def receivers(uow: UnitOfWork) -> dict[str, Receiver]:
    """Everybody in the directory by official; the first post is the one that pages name."""
    found = {}
    for row in uow.all(SQL["everybody"]):
        first = row["posts"][0] if row["posts"] else {"title": "", "organisation": ""}
        person = Person(official=row["official"], name=row["name"], post=first["title"], organisation=first["organisation"])
        codes = frozenset({row["official"], *(post["organisation"] for post in row["posts"])})
        leads = any(not LEADERS.isdisjoint(post["roles"]) for post in row["posts"])
        found[row["official"]] = Receiver(person=person, active=row["active"], codes=codes, leads=leads)
    return found


def receiver_of(known: dict[str, Receiver], official: str) -> Receiver:
    """Somebody of the directory; an official whom it has lost is named by the code, for the session is still public."""
    nobody = Person(official=official, name=official, post="", organisation="")
    return known.get(official) or Receiver(person=nobody, active=False, codes=frozenset({official}))


def openings(uow: UnitOfWork, first: date, last: date, plan: Plan | None = None) -> list[Opening]:
    """The sessions of some days with who receives and what is free."""
    held = sessions(plan or reception_plan(uow), first, last)
    known, taken = receivers(uow), taken_places(uow, held)
    return [
        Opening(
            session=session, receiver=receiver_of(known, session.official),
            free=tuple(free_slots(session, taken[session.id], uow.now)),
        ) for session in held
    ]  # fmt: skip


def public_openings(uow: UnitOfWork, *, since: timedelta = timedelta(0)) -> list[Opening]:
    """The same of the public weeks, from today (or `since` before it)."""
    today = day_of(uow.now)
    return openings(uow, today - since, today + HORIZON)


def taken_places(uow: UnitOfWork, held: Collection[Session]) -> dict[UUID, set[int]]:
    """The places that are given away, by session."""
    found: dict[UUID, set[int]] = defaultdict(set)
    for row in uow.all(SQL["taken_places"], sessions=[session.id for session in held]):
        found[row["session"]].add(row["slot"])
    return found


def preview(uow: UnitOfWork, order: Order, by: Person) -> Preview:
    """What the order would do; nothing is changed. Raises Refused."""
    before = reception_plan(uow)
    after = _apply(uow, before, order, by)
    today, last = day_of(uow.now), day_of(uow.now) + HORIZON
    changed = planning.differences(before, after, today, last)
    touched = [one.before for one in changed if one.before]
    active = {official for official, one in receivers(uow).items() if one.active}
    return Preview(
        revision=before.revision, differences=changed, doubts=planning.doubts(sessions(after, today, last), active),
        booked={session: len(slots) for session, slots in taken_places(uow, touched).items()},
    )  # fmt: skip


def save(uow: UnitOfWork, order: Order, by: Person, *, revision: int | None = None) -> Plan:
    """Do what the order says; the same order again changes nothing. Bookings of a session that was moved go with it.

    Raises Refused; Conflict when `revision` is not the one that was looked at.
    """
    before = reception_plan(uow, lock=True)
    if _known(before, order):
        return before
    after = _apply(uow, before, order, by)
    if revision is not None and revision != before.revision and after != before:
        raise Conflict("plan_revision", "别人刚刚改过接访安排，这次没有保存。", "请看过最新的安排，再预览、保存一次。")
    _store(uow, before, after)
    return after


def set_plan(uow: UnitOfWork, orders: Sequence[Order], by: Person) -> Plan:
    """Several orders at once, each on top of the one before: a set-up or a file. Those that were saved before change nothing.

    Raises OrderRefused; nothing is stored then.
    """
    before = plan = reception_plan(uow, lock=True)
    for index, order in enumerate(orders):
        try:
            plan = plan if _known(plan, order) else _apply(uow, plan, order, by)
        except Refused as fault:
            raise OrderRefused(index, fault) from fault
    _store(uow, before, plan)
    return plan


def _known(plan: Plan, order: Order) -> bool:
    return order.id in plan.by_id or any(change.id == order.id for change in plan.changes)


def _apply(uow: UnitOfWork, plan: Plan, order: Order, by: Person) -> Plan:
    active = {official for official, one in receivers(uow).items() if one.active}
    for official in order.values.get("officials", ()):
        if official not in active:
            raise Refused("officials_in_turn", "名录里没有“%(code)s”。", "请从名录中选择。", code=official)
    return planning.apply(plan, order, by=by, now=uow.now)


def _store(uow: UnitOfWork, before: Plan, after: Plan) -> None:
    if after == before:
        return
    for rule in after.rules:
        if before.by_id.get(rule.id) != rule:
            uow.rows(RECEPTION_RULES).put(rule)
    for change in after.changes[len(before.changes) :]:
        uow.rows(RECEPTION_CHANGES).put(change)
    uow.all(SQL["save_plan"])
    _bring_along(uow, after)


def _bring_along(uow: UnitOfWork, plan: Plan) -> None:
    """Bookings keep their places in a session that was moved; whether their petitioners know is told by `told_sequence`."""
    today = day_of(uow.now)
    held = {session.id: session for session in sessions(plan, today, today + planning.FURTHEST)}
    for visit in uow.rows(VISITS).where("stage = %s AND held_on >= %s", VisitStage.BOOKED.value, today):
        session = held.get(visit.session) if visit.session else None
        if session is not None and visit.slot is not None and visit.slot_at != session.slot_at(visit.slot):
            uow.rows(VISITS).put(replace(visit, held_on=session.held_on, slot_at=session.slot_at(visit.slot)))


def session_by_id(plan: Plan, session_id: UUID | None, first: date, last: date) -> Session | None:
    """The session of this name, if it is held in these days."""
    return next((session for session in sessions(plan, first, last) if session.id == session_id), None)


def bookable(uow: UnitOfWork, session_id: UUID) -> Session | None:
    """The session of this name, if it is in the public weeks."""
    today = day_of(uow.now)
    return session_by_id(reception_plan(uow), session_id, today, today + HORIZON)


def last_changed(found: Sequence[Opening], otherwise: datetime) -> datetime:
    """When the newest of the sessions was changed."""
    return max((opening.session.changed_at for opening in found), default=otherwise)

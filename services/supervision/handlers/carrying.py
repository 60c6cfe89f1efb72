"""What each event changes in who carries a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from services.supervision import store
from services.supervision.domain import SupervisedCase
from services.supervision.domain import charge as domain
from services.supervision.domain.charge import Charge
from services.supervision.domain.scores import Occasion
from services.supervision.handlers import charge as commands
from services.supervision.handlers.acting import leaders, may_see
from services.supervision.score_rules import Kind
from services.supervision.store import SQL
from shared import directory
from shared.contract.envelope import Event
from shared.contract.person import Person
from shared.database import UnitOfWork

ENDINGS = {"satisfied": "settled"}  # of a case -> of the charge; the other words are the same


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """The cases are loaded already; their charges in one statement."""
    cases = [uow.rows(store.CASES).get(UUID(event.subject)) for event in events if event.contract.name in _OF_CASE]
    uow.rows(store.CHARGES).load(sorted({case.charge for case in cases if case and case.charge}))


def _carried(event: Event, uow: UnitOfWork) -> tuple[SupervisedCase, Charge] | None:
    case = uow.rows(store.CASES).get(UUID(event.subject))
    charge = uow.rows(store.CHARGES).get(case.charge) if case and case.charge else None
    return (case, charge) if case and charge else None


def closed(event: Event, uow: UnitOfWork) -> None:
    """case.closed: nobody carries it any longer, nor is to; when the petitioner says that it is settled, it is settled.

    One that came late, when the case went on already, ends nothing.
    """
    case = uow.rows(store.CASES).get(UUID(event.subject))
    if case is None or case.closed_at is None:
        return
    uow.later(SQL["proposals_over"], [(case.id,)], now=uow.now)
    if found := _carried(event, uow):
        reason, by = event.data["reason"], event.data.get("by")
        commands.finish(uow, found[0], ENDINGS.get(reason, reason), by=Person.of(by) if by else None)


def reopened(event: Event, uow: UnitOfWork) -> None:
    """case.reopened: it was not over after all. Whoever carried it when it was closed goes on, if he still may; not where the word
    came late, and the case was closed again since.
    """
    case = uow.rows(store.CASES).get(UUID(event.subject))
    uow.flush(store.CHARGES, store.OCCASIONS)
    last = uow.one(SQL["last_charge"], case=case.id) if case and not case.charge else None
    charge = uow.rows(store.CHARGES).get(last["id"]) if last else None
    if case is None or charge is None or charge.ended_for not in ("settled", "decision") or charge.ended_words is not None:
        return
    if charge.ended_for == "settled" and last and not last["lost"]:
        uow.rows(store.OCCASIONS).put(
            Occasion(
                cause=event.id, detail="", kind=Kind.UNSETTLED, case_id=case.id, responsible=case.responsible, carrier=charge.leader,
                at=datetime.fromisoformat(event.data["reopened_at"]),
            )
        )  # fmt: skip
    leader = leaders(uow).get(charge.official)
    if case.closed_at is None and leader is not None and may_see(uow, case.id, leader.official):
        commands.begin(uow, case, leader, by=leader, ground=charge.ground, after=charge.id)


def barred(event: Event, uow: UnitOfWork) -> None:
    """case.barred: who must not see the case does not carry it either; somebody else is to."""
    found = _carried(event, uow)
    uow.flush(store.BARRED)
    if found and not may_see(uow, found[0].id, found[1].official):
        case, charge = found
        commands.finish(uow, case, "conflict")
        commands.propose(uow, case.id, reason=charge.ground)


def handed_over(event: Event, uow: UnitOfWork) -> None:
    """assignment.handed_over: when the post of whoever carries the case changed hands, the charge goes with it."""
    found = _carried(event, uow)
    if found is None or event.data["from"]["official"] != found[1].official:
        return
    case, charge = found
    to = leaders(uow).get(event.data["to"]["official"])
    if to is not None and to.organisation == charge.leader.organisation and may_see(uow, case.id, to.official):
        commands.pass_to(uow, case, to)


def official_recorded(event: Event, uow: UnitOfWork) -> None:
    """directory.official_recorded: the charges of whoever is no leader any more go to the one who holds his post now.

    Where nobody holds it yet, or several do, they stay with him and the page shows them, until somebody does or the
    first-in-command decides.
    """
    uow.flush(directory.OFFICIALS)
    known, running = leaders(uow), uow.all(SQL["running_charges"])
    uow.rows(store.CASES).load([row["case_id"] for row in running])
    uow.rows(store.CHARGES).load([row["id"] for row in running])
    for row in running:
        case, charge = uow.rows(store.CASES).get(row["case_id"]), uow.rows(store.CHARGES).get(row["id"])
        if case is None or charge is None or case.charge != charge.id or charge.official in known:
            continue
        to = domain.successor(charge, known.values())
        if to is not None and may_see(uow, case.id, to.official):
            commands.pass_to(uow, case, to)


def proposed(event: Event, uow: UnitOfWork) -> None:
    """charge.proposed by another service of this instance; our own was kept when it was told."""
    if event.source != f"/{uow.org}/supervision":
        by = event.data.get("by")
        words = event.data.get("words")
        commands.propose(
            uow, UUID(event.subject), reason=event.data["reason"], words=words, by=Person.of(by) if by else None, tell=False
        )


_OF_CASE = {
    "case.closed": closed, "case.reopened": reopened, "case.barred": barred, "assignment.handed_over": handed_over,
    "charge.proposed": proposed,
}  # fmt: skip
HEARS: dict[str, Callable[[Event, UnitOfWork], None]] = {**_OF_CASE, "directory.official_recorded": official_recorded}

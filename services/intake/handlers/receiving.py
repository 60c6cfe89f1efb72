"""The reception itself: who receives sees what was booked, a clerk records what was said and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.intake.domain import masks
from services.intake.domain import visits as domain
from services.intake.domain.planning import day_of
from services.intake.domain.reception import HORIZON, Session, sessions
from services.intake.domain.submission import Channel, Identity, Petitioner, Purpose, Submission
from services.intake.domain.viewing import Hidden, Tie, Viewer
from services.intake.domain.visits import Ending, Outcome, Record, Visit, Visitor
from services.intake.handlers.casework import reach
from services.intake.handlers.looking import READING, note_look, secrets_of, tie_of
from services.intake.handlers.queue import visits_between
from services.intake.handlers.reception import Receiver, receiver_of, receivers, session_by_id
from services.intake.handlers.registration import Receipt, register
from services.intake.handlers.suiting import barred
from services.intake.handlers.visits import case_for_clerk, lock_visit
from services.intake.store import MILESTONES, PETITIONS, SQL, VISITS, read, read_visit, reception_plan, sure
from services.intake.vault.crypto import DataKey, Vault
from services.intake.workflow import VisitStage
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, Forbidden, Refused

RECEIVED = "received_in_person"  # the step on the tracking page, once in each round


@dataclass(frozen=True, kw_only=True, repr=False)
class VisitOpened:
    """A visit's page. `who` is masked; `identifies`: the mask may be lifted, else names are blotted out of the words as well.

    `record`: what was said, once it is recorded.
    """

    visit: Visit
    session: Session | None
    receiver: Receiver | None
    matter: str
    who: Visitor | None
    identifies: bool
    record: Record | None
    numbers: dict[UUID, str]


@dataclass(frozen=True, kw_only=True, repr=False)
class Coming:
    """One of one's own sessions, with what was booked: visit and matter."""

    session: Session
    visits: list[tuple[Visit, str]]


def mine(uow: UnitOfWork, vault: Vault, viewer: Viewer) -> list[Coming]:
    """The viewer's own sessions of today and the public weeks, with what was booked; each matter shown is a logged look."""
    today = day_of(uow.now)
    own = [one for one in sessions(reception_plan(uow), today, today + HORIZON) if one.official == viewer.person.official]
    held = {session.id for session in own}
    booked = [
        visit for visit in visits_between(uow, today, today + HORIZON, viewer)
        if visit.session in held and visit.stage not in (VisitStage.CANCELLED, VisitStage.NO_SHOW, VisitStage.LEFT)
    ]  # fmt: skip
    by_id: dict[UUID | None, Session] = {session.id: session for session in own}
    matters = _matters(uow, vault, [(visit, identifies(uow, visit, by_id.get(visit.session), viewer)) for visit in booked])
    for visit in booked:
        log(uow, visit, viewer, "text", READING)
    return [
        Coming(session=session, visits=[(visit, matters[visit.id]) for visit in booked if visit.session == session.id])
        for session in own
    ]  # fmt: skip


def _matters(uow: UnitOfWork, vault: Vault, visits: Sequence[tuple[Visit, bool]]) -> dict[UUID, str]:
    """What some visits are about, each with whether its reader may know who comes."""
    rows = {row["visit_id"]: row for row in uow.all(SQL["sealed_matters"], visits=[visit.id for visit, _ in visits])}
    found = {}
    for visit, identifies in visits:
        row = rows[visit.id]
        key = vault.open_key(visit.id, bytes(row["data_key"]))
        text = key.open("matter", bytes(row["matter"])).decode()
        found[visit.id] = text if identifies else masks.within(text, _secrets(uow, vault, visit, visitor_from(key, row)))
    return found


def _secrets(uow: UnitOfWork, vault: Vault, visit: Visit, who: Visitor) -> tuple[str, ...]:
    """Whatever tells who comes, or who is the petitioner of a case of the visit."""
    return sum((secrets_of(uow, vault, case_id) for case_id in visit.cases), who.secrets)


def secrets_for(uow: UnitOfWork, vault: Vault, opened: VisitOpened) -> tuple[str, ...]:
    """What is blotted out of a visit's words for the reader to whom it was opened."""
    return (
        ()
        if opened.identifies
        else _secrets(uow, vault, opened.visit, visitor_from(*sealed_of_visit(uow, vault, opened.visit.id)))
    )


def open_visit(uow: UnitOfWork, vault: Vault, visit_id: UUID, viewer: Viewer) -> VisitOpened:
    """A visit's page, logged. Raises Hidden for anybody but the reception room and whoever receives, and to who is barred."""
    visit, session = _standing(uow, visit_id, viewer)
    log(uow, visit, viewer, "text", READING)
    key, row = sealed_of_visit(uow, vault, visit_id)
    open_to = identifies(uow, visit, session, viewer)
    who = visitor_from(key, row)
    secrets = () if open_to else _secrets(uow, vault, visit, who)
    words = key.open_json("record", bytes(row["record"])) if row["record"] and visit.outcome else None
    sealed = words and {name: masks.within(text, secrets) for name, text in words.items()}
    return VisitOpened(
        visit=visit, session=session, receiver=receiver_of(receivers(uow), session.official) if session else None,
        matter=masks.within(key.open("matter", bytes(row["matter"])).decode(), secrets), identifies=open_to,
        who=_masked(who) if open_to else None,
        record=Record(outcome=visit.outcome, **sealed) if sealed and visit.outcome else None,
        numbers={one["id"]: one["number"] for one in uow.all(SQL["numbers_of_cases"], cases=list(visit.cases))},
    )  # fmt: skip


def identifiable(uow: UnitOfWork, visit_id: UUID, viewer: Viewer) -> Visit:
    """The visit, for a viewer who may learn who comes. Raises Hidden; Forbidden when the visit itself may be opened."""
    visit, session = _standing(uow, visit_id, viewer)
    if not identifies(uow, visit, session, viewer):
        raise Forbidden("purpose", "保密和匿名信访人的身份不向承办人提供。", "确需联系信访人，请通过信访接待室转达。")
    return visit


def read_visitor(uow: UnitOfWork, vault: Vault, visit_id: UUID, viewer: Viewer, *, purpose: Purpose) -> tuple[Visit, Visitor]:
    """Who comes, for a stated purpose, logged. Raises Hidden, Forbidden."""
    visit = identifiable(uow, visit_id, viewer)
    log(uow, visit, viewer, "identity", purpose.value)
    return visit, visitor_from(*sealed_of_visit(uow, vault, visit_id))


def log(uow: UnitOfWork, visit: Visit, viewer: Viewer, what: str, purpose: str) -> None:
    """Who looks at what of a visit, when and what for; in the transaction of the look."""
    note_look(uow, viewer, visit.id, what, purpose, number=visit.number)


def _standing(uow: UnitOfWork, visit_id: UUID, viewer: Viewer) -> tuple[Visit, Session | None]:
    visit = read_visit(uow, visit_id)
    if visit is None:
        raise Hidden("visit", "没有找到这次来访。", "请核对编号，或返回列表。")
    session = session_by_id(reception_plan(uow), visit.session, visit.held_on, visit.held_on)
    domain.check_may_open(viewer, _receives(visit, session, viewer), barred(uow, visit))
    return visit, session


def _receives(visit: Visit, session: Session | None, viewer: Viewer) -> bool:
    planned = session.official if session else ""
    return viewer.person.official == (visit.received_by.official if visit.received_by else planned)


def identifies(uow: UnitOfWork, visit: Visit, session: Session | None, viewer: Viewer) -> bool:
    """Whether the viewer may know who comes: the case of the visit that guards the name most decides."""
    receives = _receives(visit, session, viewer)
    cases = [case for case_id in visit.cases if (case := read(uow, case_id))]
    if not cases:
        return domain.may_identify_visitor(viewer, receives=receives, case=None, tie=Tie())
    ties = [tie_of(uow, case.id, viewer) for case in cases]
    return all(
        domain.may_identify_visitor(viewer, receives=receives, case=case.identity, tie=tie)
        for case, tie in zip(cases, ties, strict=True)
    )


def sealed_of_visit(uow: UnitOfWork, vault: Vault, visit_id: UUID) -> tuple[DataKey, dict[str, Any]]:
    """A visit's key, opened, and what lies under it. Whoever shows it has authorised and logged the look. Raises Erased."""
    row = sure(uow, "sealed_of_visit", visit_id=visit_id)
    return vault.open_key(visit_id, bytes(row["data_key"])), row


def visitor_from(key: DataKey, row: dict[str, Any]) -> Visitor:
    """Who comes, out of what is sealed of a visit."""
    who = key.open_json("identity", bytes(row["identity"]))
    return Visitor(name=who["name"], phone=who["phone"], representatives=tuple(who["representatives"]))


def _masked(who: Visitor) -> Visitor:
    return Visitor(
        name=masks.name(who.name), phone=masks.phone(who.phone) if who.phone else "",
        representatives=tuple(map(masks.name, who.representatives)),
    )  # fmt: skip


def case_of_visit(visit: Visit, who: Visitor, given: Submission, *, room: str, received_by: Person | None) -> Submission:
    """The petition that a visit is turned into: what the clerk wrote, by whoever came. An anonymous one takes nobody's name along."""
    known = Petitioner() if given.identity is Identity.ANONYMOUS else Petitioner(
        name=given.petitioner.name or who.name, phone=given.petitioner.phone or who.phone, representatives=who.representatives
    )  # fmt: skip
    particulars = {"reception_room": room, "received_by": f"{received_by.name} {received_by.post}".strip() if received_by else ""}
    return replace(
        given, channel=Channel.VISIT, petitioner=known, group_size=visit.group_size, received_at=visit.checked_in_at,
        particulars={name: text for name, text in particulars.items() if text},
    )  # fmt: skip


def record(uow: UnitOfWork, vault: Vault, visit_id: UUID, clerk: Viewer, given: Ending) -> tuple[Visit, Receipt | None]:
    """Write down how a reception ended; the receipt when it was turned into a case. The same words again change nothing.

    Raises Hidden, Refused; Conflict when it was recorded in other words. The case of a visit has the visit's id as its key,
    so that there is one, however often it is asked for.
    """
    visit = lock_visit(uow, visit_id, clerk)
    domain.check_record(given.record)
    received_by = None if given.record.outcome is Outcome.REFUSED else _in_post(uow, given.official)
    key, row = sealed_of_visit(uow, vault, visit_id)
    words = {"said": given.record.said.strip(), "answer": given.record.answer.strip()}
    if visit.stage is VisitStage.DONE:
        _check_same(visit, given, words, key.open_json("record", bytes(row["record"])))
    session = session_by_id(reception_plan(uow), visit.session, visit.held_on, visit.held_on)
    case_id, receipt = _case(uow, vault, visit, visitor_from(key, row), given, clerk, session, received_by)
    if visit.stage is VisitStage.DONE:
        return visit, receipt
    uow.all(SQL["keep_record"], visit_id=visit_id, record=key.seal_json("record", words))
    if receipt and given.submission and given.submission.identity is Identity.ANONYMOUS:
        _forget(uow, key, row, visit_id)
    planned = replace(visit, planned_official=session.official if session else visit.planned_official)
    done = domain.finish(
        planned, outcome=given.record.outcome, received_by=received_by, recorded_by=clerk.person, case_id=case_id, now=uow.now
    )
    return uow.rows(VISITS).put(done), receipt


def _forget(uow: UnitOfWork, key: DataKey, row: dict[str, Any], visit_id: UUID) -> None:
    """The visitor wants to stay unnamed: what was booked under a name keeps the code of its receipt and nothing of who came."""
    who = visitor_from(key, row)
    kept = key.open_json("identity", bytes(row["identity"])) | {"name": "", "phone": "", "representatives": []}
    matter = masks.within(key.open("matter", bytes(row["matter"])).decode(), who.secrets)
    uow.all(
        SQL["forget_visitor"],
        visit_id=visit_id,
        identity=key.seal_json("identity", kept),
        matter=key.seal("matter", matter.encode()),
    )


def _check_same(visit: Visit, given: Ending, words: dict[str, str], kept: dict[str, str]) -> None:
    official = visit.received_by.official if visit.received_by else given.official
    if (visit.outcome, official, kept) != (given.record.outcome, given.official, words):
        raise _differs()


def _differs() -> Conflict:
    return Conflict("said", "这次来访已经记录过，这次的内容和上次不一样，没有再记。", "请核对已有的记录。")


def _in_post(uow: UnitOfWork, official: str) -> Person:
    found = receivers(uow).get(official)
    if found is None or not found.active:
        raise Refused("official", "名录里没有“%(code)s”。", "请从名录中选择。", code=official)
    return found.person


def _case(
    uow: UnitOfWork, vault: Vault, visit: Visit, who: Visitor, given: Ending, clerk: Viewer, session: Session | None,
    received_by: Person | None,
) -> tuple[UUID | None, Receipt | None]:  # fmt: skip
    if given.record.outcome is Outcome.LINKED:
        case_id = case_for_clerk(uow, given.case_number, clerk)
        if visit.stage is VisitStage.DONE and case_id != visit.case_id:
            raise _differs()
        case = uow.rows(PETITIONS).get(case_id)  # the case's row is the lock
        if case and uow.rows(MILESTONES).get(case_id, RECEIVED, case.round) is None:
            reach(uow, case_id, RECEIVED, case.round)
        return case_id, None
    if given.record.outcome is not Outcome.REGISTERED:
        return None, None
    if given.submission is None:
        raise Refused("title", "转为信访件须写明标题。", "请写一句话说明是什么事。")
    made = case_of_visit(visit, who, given.submission, room=session.room if session else "", received_by=received_by)
    receipt = register(uow, vault, made, key=visit.id, by=clerk.person)
    if not receipt.again:
        reach(uow, receipt.case_id, RECEIVED)
    return receipt.case_id, receipt

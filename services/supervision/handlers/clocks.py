"""What each event changes in what a case owes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.supervision import domain, store
from services.supervision.domain import Docket, KnownAssignment, SupervisedCase
from services.supervision.handlers.dockets import blank, case_id_of, docket, uuid_of
from shared import directory
from shared.contract.assigned import tellers
from shared.contract.envelope import Event
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import NotYet, Refused


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """Load what a batch concerns in sets: the cases first, which are the locks, then what they owe."""
    about = [event for event in events if not event.contract.name.startswith("directory.")]
    cases = uow.rows(store.CASES)
    ids = {case_id for event in about if (case_id := uuid_of(event.subject))}
    cases.load(sorted(ids))
    owed = {UUID(each) for case_id in ids if (case := cases.get(case_id)) for each in case.owed}
    uow.rows(store.DEADLINES).load(owed)
    named = {uuid_of(str(event.data.get("assignment_id"))) for event in about}
    uow.rows(store.ASSIGNMENTS).load(named - {None})


def _at(event: Event, name: str) -> datetime:
    return datetime.fromisoformat(event.data[name])


@contextmanager
def concerned(event: Event, uow: UnitOfWork) -> Iterator[tuple[KnownAssignment, Docket]]:
    """The assignment that the event is about, with the docket of its case. Of a part that was handed on within an
    organisation the docket is a blank one: whatever is done of it, the whole is what is owed.
    """
    assignment = _assignment(event, uow)
    if assignment.parent is None:
        with docket(event, uow) as page:
            yield assignment, page
    else:
        yield assignment, blank(SupervisedCase(id=assignment.case_id), [], uow)


def _assignment(event: Event, uow: UnitOfWork) -> KnownAssignment:
    """The assignment that the event is about.

    Raises NotYet before it is known to have been issued, Refused when routing would not believe the event either.
    """
    case_id_of(event)
    known = uow.rows(store.ASSIGNMENTS).get(UUID(event.data["assignment_id"]))
    if known is None:
        raise NotYet(f"assignment {event.data['assignment_id']} is not known to have been issued")
    known.check(event, own=uow.org, now=uow.now)
    return known


def instructed(event: Event, uow: UnitOfWork) -> None:
    """case.instructed: says which class the case is of, and whether it is confidential from now on."""
    with docket(event, uow) as page:
        page.case = domain.confide(page.case, confidential=event.data.get("confidential", False))
        page.classify(event.data["case_class"], at=_at(event, "instructed_at"))


def classified(event: Event, uow: UnitOfWork) -> None:
    """case.classified: another class has other limits, counted from where the clock began."""
    with docket(event, uow) as page:
        page.classify(event.data["case_class"], at=_at(event, "at"))


def escalated(event: Event, uow: UnitOfWork) -> None:
    """case.escalated: the lead owes the conclusion from now on."""
    with docket(event, uow) as page:
        page.escalate(Person.of(event.data["lead"]), round_number=event.data["round"], at=_at(event, "at"))


def concluded(event: Event, uow: UnitOfWork) -> None:
    """case.concluded: meets the conclusion."""
    with docket(event, uow) as page:
        page.conclude(round_number=event.data["round"], at=_at(event, "concluded_at"))


def reopened(event: Event, uow: UnitOfWork) -> None:
    """case.reopened: a conclusion is owed again, by a clock of its own."""
    with docket(event, uow) as page:
        page.reopen(round_number=event.data["round"], at=_at(event, "reopened_at"))


def closed(event: Event, uow: UnitOfWork) -> None:
    """case.closed: nothing is owed any more."""
    with docket(event, uow) as page:
        page.close(reason=event.data["reason"], at=_at(event, "closed_at"))


def barred(event: Event, uow: UnitOfWork) -> None:
    """case.barred: these never see the case in a list of ours."""
    uow.rows(store.BARRED).put(
        store.Barred(
            case_id=case_id_of(event), organisations=frozenset(event.data["organisations"]),
            officials=frozenset(event.data["officials"]), barred_at=_at(event, "barred_at"),
        )
    )  # fmt: skip


def answered(event: Event, uow: UnitOfWork) -> None:
    """case.satisfied, case.dissatisfied: change no deadline; the closing or reopening that follows does."""


def issued(event: Event, uow: UnitOfWork) -> None:
    """assignment.issued: receipt and reply are owed, and with the first one the clocks of the case begin.

    What an issue settled stands: issued again, it changes nothing. Raises Refused when it is another's.
    """
    data, case_id = event.data, case_id_of(event)
    if uow.rows(store.ASSIGNMENTS).get(UUID(data["assignment_id"])) is not None:
        _assignment(event, uow)
        return
    assignment = KnownAssignment(
        id=UUID(data["assignment_id"]), case_id=case_id, round=data["round"], part=data["part"],
        responsible=Person.of(data["responsible"]), issuer=event.organisation, tellers=tellers(event, uow.org),
        issued_at=_at(event, "issued_at"), parent=UUID(data["parent"]) if data.get("parent") else None, limit_days=data.get("limit_days"),
    )  # fmt: skip
    uow.rows(store.ASSIGNMENTS).put(assignment)
    if assignment.parent is not None:
        return
    with docket(event, uow) as page:
        page.name(number=data["number"], title=data["title"])
        page.case = domain.confide(page.case, confidential=data.get("confidential", False))
        page.dispatch(
            assignment=assignment.id, round_number=assignment.round, part=assignment.part,
            to=assignment.responsible, at=assignment.issued_at, case_class=data["case_class"],
            told_by=event.organisation, wanted_by=assignment.wanted_by,
        )  # fmt: skip


def received(event: Event, uow: UnitOfWork) -> None:
    """assignment.received: meets the receipt; from now on the unit may object to its jurisdiction for some days."""
    with concerned(event, uow) as (assignment, page):
        at = assignment.done_at(_at(event, "received_at"), uow.now)
        page.receive(assignment.id, at=at)
        page.may_object(assignment.id, round_number=assignment.round, part=assignment.part, to=assignment.responsible, at=at)


def objected(event: Event, uow: UnitOfWork) -> None:
    """assignment.objected: who objects has received it; every other clock goes on (art. 23)."""
    with concerned(event, uow) as (assignment, page):
        page.object_to(assignment.id, at=assignment.done_at(_at(event, "objected_at"), uow.now))


def progressed(event: Event, uow: UnitOfWork) -> None:
    """assignment.progressed: meets the complex case's progress report, when it comes from whoever answers for the case."""
    with concerned(event, uow) as (assignment, page):
        page.progress(assignment.id, part=assignment.part, at=assignment.done_at(_at(event, "progressed_at"), uow.now))


def replied(event: Event, uow: UnitOfWork) -> None:
    """assignment.replied: meets the reply."""
    with concerned(event, uow) as (assignment, page):
        given = (*assignment.replies, str(UUID(event.data["reply_id"])))
        uow.rows(store.ASSIGNMENTS).put(replace(assignment, replies=given))
        page.reply(assignment.id, at=assignment.done_at(_at(event, "replied_at"), uow.now))


def returned(event: Event, uow: UnitOfWork) -> None:
    """assignment.returned: another reply is owed."""
    with concerned(event, uow) as (assignment, page):
        page.send_back(
            assignment.id, round_number=assignment.round, part=assignment.part, to=assignment.responsible,
            at=_at(event, "returned_at"), wanted_by=assignment.wanted_by,
        )  # fmt: skip


def approved(event: Event, uow: UnitOfWork) -> None:
    """assignment.approved: the assignment is done."""
    with concerned(event, uow) as (assignment, page):
        page.approve(assignment.id, replied=event.data.get("reply_id") is not None, at=_at(event, "approved_at"))


def withdrawn(event: Event, uow: UnitOfWork) -> None:
    """assignment.withdrawn: what it owed is no longer owed; nor the case's conclusion, when the case went up to the superior."""
    with concerned(event, uow) as (assignment, page):
        at, reason = _at(event, "withdrawn_at"), event.data["reason"]
        page.withdraw(assignment.id, at=at, reason=reason)
        if reason == "referred_up":
            domain.went_up(page, at=at)


def handed_over(event: Event, uow: UnitOfWork) -> None:
    """assignment.handed_over: another person owes what was owed; no clock moves."""
    with concerned(event, uow) as (assignment, page):
        to = Person.of(event.data["to"])
        uow.rows(store.ASSIGNMENTS).put(replace(assignment, responsible=to))
        domain.hand_over(page, assignment.id, assignment.responsible, to, at=assignment.done_at(_at(event, "at"), uow.now))


@contextmanager
def by_authority(event: Event, uow: UnitOfWork) -> Iterator[tuple[Docket, datetime]]:
    """The docket of a case whose limit the issuer of the assignment moves, and since when.

    Raises Refused for a part that was handed on, and for one who is not above us and would move the clock of our own case.
    """
    with concerned(event, uow) as (assignment, page):
        if assignment.parent is not None or (page.case.ours and not store.may_decide(uow, event.organisation)):
            raise Refused("source", "来源%(source)s无权改变该件的期限。", "请核对发送方。", source=event.source)
        yield page, assignment.done_at(_at(event, "at"), uow.now)


def _authority(event: Event) -> Person:
    return Person.of(event.data["authority"])


def extended(event: Event, uow: UnitOfWork) -> None:
    """assignment.extended: once for each case."""
    with by_authority(event, uow) as (page, at):
        domain.extend(page, UUID(event.data["extension_id"]), days=event.data["days"], at=at, by=_authority(event))


def paused(event: Event, uow: UnitOfWork) -> None:
    """assignment.paused: the clocks of the case's work stand still."""
    with by_authority(event, uow) as (page, at):
        domain.pause(page, UUID(event.data["pause_id"]), at=at, by=_authority(event), category=event.data["category"])


def resumed(event: Event, uow: UnitOfWork) -> None:
    """assignment.resumed: they go on."""
    with by_authority(event, uow) as (page, at):
        domain.resume(page, UUID(event.data["pause_id"]), at=at, by=_authority(event), category=event.data["category"])


HEARS: dict[str, Callable[[Event, UnitOfWork], None]] = {
    **directory.HEARS,
    "case.instructed": instructed,
    "case.classified": classified,
    "case.escalated": escalated,
    "case.concluded": concluded,
    "case.reopened": reopened,
    "case.satisfied": answered,
    "case.dissatisfied": answered,
    "case.closed": closed,
    "case.barred": barred,
    "assignment.issued": issued,
    "assignment.received": received,
    "assignment.objected": objected,
    "assignment.progressed": progressed,
    "assignment.extended": extended,
    "assignment.paused": paused,
    "assignment.resumed": resumed,
    "assignment.handed_over": handed_over,
    "assignment.replied": replied,
    "assignment.returned": returned,
    "assignment.approved": approved,
    "assignment.withdrawn": withdrawn,
}

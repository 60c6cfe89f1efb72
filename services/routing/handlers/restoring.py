"""Our own events that a neighbour gave back after this instance was restored from an older backup (services.routing.recovery).

They come in as any other, and do to the records what was done when they were told.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Assignment, Case, Instruction
from services.routing.handlers.events import key, moment
from services.routing.workflow import AssignmentStage, CaseStage
from shared.contract.envelope import Event
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import NotYet

JUDGED = ("assignment.returned", "assignment.approved")
DATED = {"assignment.received": "received_at", "assignment.approved": "approved_at"}
NOTED = {"assignment.objected": "objected_at", "assignment.progressed": "progressed_at", "assignment.objection_decided": "at"}


def told_here(event: Event, uow: UnitOfWork) -> bool:
    """Whether the event is ours and its effect is there: it went to ourselves, or it stands in the record already.

    Raises NotYet for a judgement on a reply that is yet to come again.
    """
    if event.organisation != uow.org:
        return False
    if event.stream.rpartition(" ")[2] == uow.org:
        return True
    assignment = uow.rows(store.ASSIGNMENTS).get(UUID(event.data["assignment_id"]))
    return assignment is not None and _stands(event, assignment, uow)


def _stands(event: Event, assignment: Assignment, uow: UnitOfWork) -> bool:
    data, name = event.data, event.contract.name
    if name in JUDGED and data.get("reply_id"):
        reply_id = UUID(data["reply_id"])
        if uow.rows(store.VERDICTS).get(reply_id) is not None:
            return True
        if uow.rows(store.REPLIES).get(reply_id) is None:
            raise NotYet(f"{name} before its reply {reply_id}")
        return False
    if name == "assignment.replied":
        return uow.rows(store.REPLIES).get(UUID(data["reply_id"])) is not None
    if name == "assignment.withdrawn":
        return assignment.stage is AssignmentStage.WITHDRAWN
    if name == "assignment.handed_over":
        return assignment.responsible == Person.of(data["to"])
    if name in NOTED:  # told with milliseconds, kept with microseconds
        at = moment(data[NOTED[name]])
        return bool(
            uow.rows(store.NOTES).where(
                "assignment_id = %s AND at >= %s AND at < %s", assignment.id, at, at + timedelta(milliseconds=1)
            )
        )
    if name in DATED:
        known = getattr(assignment, DATED[name])
        return known is not None and known >= moment(data[DATED[name]])
    return False  # the others are known by ids of their own, and change nothing twice


def restored_issue(event: Event, uow: UnitOfWork) -> None:
    """assignment.issued of ours: the case goes on from it, and the assignment is in the hands of whom it was told to."""
    data, at = event.data, moment(event.data["issued_at"])
    instance = event.stream.rpartition(" ")[2]
    if instance == uow.org or uow.rows(store.ASSIGNMENTS).get(UUID(data["assignment_id"])) is not None:
        return
    known = uow.rows(store.CASES).get(key(event))
    case = store.put_case(uow, _instructed(known, event) if known else _opened(event))
    responsible, author = Person.of(data["responsible"]), Person.of(data["issued_by"])
    instruction_id = UUID(data["instruction_id"])
    if uow.rows(store.INSTRUCTIONS).get(instruction_id) is None:
        uow.rows(store.INSTRUCTIONS).put(
            Instruction(
                id=instruction_id, case_id=case.id, round=data["round"], text=data["text"], author=author, addressees=(responsible,),
                lead=None, joint=(), case_class=data["case_class"], answers=UUID(data["answers"]) if data.get("answers") else None,
                read_at=at, instructed_at=at, **vars(domain.told(data)),
            )
        )  # fmt: skip
    store.put_assignment(
        uow,
        domain.issue(
            assignment_id=UUID(data["assignment_id"]), case_id=case.id, instruction_id=instruction_id, round_number=data["round"],
            part=data["part"], responsible=responsible, issued_by=author, issuer=uow.org,
            instance=store.directory(uow).instance_of(responsible.organisation), now=at,
        )
    )  # fmt: skip


def _instructed(case: Case, event: Event) -> Case:
    data, at = event.data, moment(event.data["issued_at"])
    return replace(
        domain.follow(case, "instruct"), round=max(case.round, data["round"]), title=data["title"], brief=data["brief"],
        category=data["category"], case_class=data["case_class"], read_at=None, reviewed_at=case.reviewed_at or at,
        dispatched_at=case.dispatched_at or at, confidential=domain.told(data).confidential,
    )  # fmt: skip


def _opened(event: Event) -> Case:
    """A case that was registered after the backup: what the assignment says of it is all that is left here."""
    data, at = event.data, moment(event.data["issued_at"])
    return Case(
        id=key(event), origin=event.organisation, stage=CaseStage.INSTRUCTED, number=data["number"], channel=data["channel"],
        category=data["category"], title=data["title"], brief=data["brief"], registered_at=at, round=data["round"],
        case_class=data["case_class"], reviewed_at=at, dispatched_at=at, confidential=domain.told(data).confidential,
    )  # fmt: skip

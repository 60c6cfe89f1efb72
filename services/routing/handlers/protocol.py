"""The assignment protocol between instances: what a superior hands down and what a subordinate sends up.

The same code runs in a county and in a township. Events of the own instance come by too; their effect is there already, but
for those that a neighbour gave back after a restore (`restoring`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Assignment, Bars, Case, Instruction, Reply, Verdict
from services.routing.handlers import signing
from services.routing.handlers.common import bars_of, end_parts, log, note, put_bars
from services.routing.handlers.events import Handler, key, known_case, moment
from services.routing.handlers.restoring import restored_issue, told_here
from services.routing.handlers.work import receipted
from services.routing.workflow import OPEN, AssignmentStage, CaseStage
from shared.contract import signature
from shared.contract.assigned import Assigned
from shared.contract.envelope import Event
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import NotYet, Refused

SIGNED = (*signature.SIGNED, "hash", "key_id", "value")


def _foreign(event: Event, rule: str) -> Refused:
    return Refused("source", rule, "请核对发出方的机构代码与交办关系。", source=event.source)


# -- down: from the superior
# ----------------------------------------------------------------------------------------
def issued(event: Event, uow: UnitOfWork) -> None:
    """assignment.issued.

    Our official is responsible; the case and the instruction are recorded under the same ids.
    """
    if event.organisation == uow.org:
        restored_issue(event, uow)
        return
    data, directory = event.data, store.directory(uow)
    responsible = Person.of(data["responsible"])
    if event.organisation not in list(directory.chain(uow.org))[1:]:
        raise _foreign(event, "来源%(source)s不是本单位的上级，不能向本单位交办。")
    if not directory.within(responsible.organisation, uow.org):
        raise _foreign(event, "来源%(source)s交办的责任人不属于本单位。")
    assignment_id = UUID(data["assignment_id"])
    known = uow.rows(store.CASES).get(key(event))
    if known is not None and known.origin != event.organisation:
        raise _foreign(event, "该件不是由来源%(source)s交来的。")
    if uow.rows(store.ASSIGNMENTS).get(assignment_id) is not None:
        return
    at = moment(data["issued_at"])
    case = store.put_case(uow, _woken(known, event) if known else _opened(event, at))
    instruction = _instruction(event, uow, responsible, at)
    store.put_assignment(
        uow,
        domain.issue(
            assignment_id=assignment_id, case_id=case.id, instruction_id=instruction.id,
            round_number=data["round"],
            part=data["part"], responsible=responsible, issued_by=instruction.author,
            issuer=event.organisation,
            instance=uow.org, now=at,
        )
    )  # fmt: skip
    if (bars := bars_of(uow, case.id)) is not None:
        put_bars(uow, None, bars, bars.admit(responsible.official, directory))


def _opened(event: Event, at: datetime) -> Case:
    data = event.data
    return Case(
        id=key(event), origin=event.organisation, stage=CaseStage.INSTRUCTED, number=data["number"],
        channel=data["channel"], category=data["category"], title=data["title"], brief=data["brief"],
        registered_at=at, confidential=domain.told(data).confidential,
        round=data["round"], case_class=data["case_class"], reviewed_at=at, dispatched_at=at,
    )  # fmt: skip


def _woken(case: Case, event: Event) -> Case:
    """The case at work again, in the words of the latest assignment: the brief may have been corrected since."""
    data = event.data
    return replace(
        domain.follow(case, "assign"), round=max(case.round, data["round"]), title=data["title"], brief=data["brief"],
        category=data["category"], case_class=data["case_class"], confidential=domain.told(data).confidential,
    )  # fmt: skip


def _instruction(event: Event, uow: UnitOfWork, responsible: Person, at: datetime) -> Instruction:
    """The superior's instruction as our instance knows it: its addressees here, for others' are not told."""
    data = event.data
    known = uow.rows(store.INSTRUCTIONS).get(UUID(data["instruction_id"]))
    if known is not None:
        return known
    return uow.rows(store.INSTRUCTIONS).put(
        Instruction(
            id=UUID(data["instruction_id"]), case_id=key(event), round=data["round"], text=data["text"],
            author=Person.of(data["issued_by"]), addressees=(responsible,), lead=None, joint=(),
            case_class=data["case_class"], answers=UUID(data["answers"]) if data.get("answers") else None, read_at=at,
            instructed_at=at, **vars(domain.told(data)),
        )
    )  # fmt: skip


def handed_down(event: Event, uow: UnitOfWork) -> Assignment | None:
    """Our assignment that its issuer speaks of, or None where the effect is there already. Raises NotYet, Refused."""
    if told_here(event, uow):
        return None
    known_case(event, uow)
    return _assignment(event, uow)


def returned(event: Event, uow: UnitOfWork) -> None:
    """assignment.returned: our reply was rejected, with reasons."""
    if assignment := handed_down(event, uow):
        data, by, at = event.data, Person.of(event.data["by"]), moment(event.data["returned_at"])
        reply_id = UUID(data["reply_id"])
        changed = domain.return_reply(assignment, reply_id, by=by, reasons=data["reasons"], now=at)
        store.put_assignment(uow, changed)
        _judged(uow, changed, reply_id, "returned", data["reasons"], by, at)


def approved(event: Event, uow: UnitOfWork) -> None:
    """assignment.approved: our part is done."""
    if assignment := handed_down(event, uow):
        by, at = Person.of(event.data["by"]), moment(event.data["approved_at"])
        told = event.data.get("reply_id") or assignment.reply_id
        if told is None:
            raise Refused("reply_id", "没有可以审核的回复。", "请由交办单位核对。")
        reply_id = UUID(str(told))
        changed = domain.approve(assignment, reply_id, by=by, now=at)
        store.put_assignment(uow, changed)
        _judged(uow, changed, reply_id, "approved", None, by, at)
        end_parts(uow, changed, None)
        _over(uow, event)


def withdrawn(event: Event, uow: UnitOfWork) -> None:
    """assignment.withdrawn: our part is over; for a conflict, nobody here sees the case any longer."""
    if assignment := handed_down(event, uow):
        data = event.data
        at = moment(data["withdrawn_at"])
        changed = store.put_assignment(uow, domain.withdraw(assignment, data["reason"], now=at))
        if data.get("words") and data.get("by"):
            note(uow, changed, event.id, "released", data["words"], Person.of(data["by"]), at)
        end_parts(uow, changed, None)
        if data["reason"] == "conflict" and event.organisation != uow.org:
            before = bars_of(uow, assignment.case_id)
            bars = before or Bars(case_id=assignment.case_id)
            put_bars(uow, None, before, bars.shut(assignment.responsible.official, store.directory(uow)))
        _over(uow, event)


def _over(uow: UnitOfWork, event: Event) -> None:
    """Our case is concluded when nothing of it is open here any longer.

    The superior's conclusion is not ours to tell.
    """
    case = known_case(event, uow)
    if case.origin != uow.org and not any(assignment.stage in OPEN for assignment in store.assignments_of(uow, case.id)):
        store.put_case(uow, domain.follow(case, "conclude"))


def _judged(
    uow: UnitOfWork,
    assignment: Assignment,
    reply_id: UUID,
    verdict: str,
    reasons: str | None,
    by: Person,
    at: datetime,
) -> None:
    uow.rows(store.VERDICTS).put(
        Verdict(reply_id=reply_id, case_id=assignment.case_id, verdict=verdict, reasons=reasons, by=by, at=at)
    )


# -- up: from a subordinate
# -----------------------------------------------------------------------------------------
def _assignment(event: Event, uow: UnitOfWork) -> Assignment:
    """The assignment that another instance speaks of. Raises NotYet, and Refused unless it may say so (`Assigned`)."""
    found = uow.rows(store.ASSIGNMENTS).get(UUID(event.data["assignment_id"]))
    if found is None:
        raise NotYet(f"{event.contract.name} before its assignment {event.data['assignment_id']}")
    known = uow.rows(store.REPLIES).get(UUID(event.data["reply_id"])) if event.contract.name == "assignment.replied" else None
    settled = Assigned(
        case_id=found.case_id, issuer=found.issuer, tellers=(found.instance,), responsible=found.responsible,
        round=found.round, issued_at=found.issued_at, replies=(str(known.id),) if known else (),
    )  # fmt: skip
    settled.check(event, own=uow.org, now=uow.now)
    return found


def sent_up(event: Event, uow: UnitOfWork) -> tuple[Case, Assignment] | None:
    """The assignment that a subordinate speaks of; None where the effect is there already, and for what crossed its withdrawal.

    Raises NotYet; Refused unless the source is the instance in which it is worked on.
    """
    if told_here(event, uow):
        return None
    case = known_case(event, uow)
    assignment = _assignment(event, uow)
    if assignment.stage is AssignmentStage.WITHDRAWN and event.contract.name != "assignment.replied":
        log.info("%s crossed the withdrawal of %s", event.contract.name, assignment.id)
        return None
    return case, assignment


def within(assignment: Assignment, event: Event, field: str, uow: UnitOfWork) -> datetime:
    """When it was done, by a clock that may be off: not before the issue, nor after now."""
    return max(assignment.issued_at, min(moment(event.data[field]), uow.now))


def received(event: Event, uow: UnitOfWork) -> None:
    """assignment.received: the same rule as for a receipt in our own pages."""
    if found := sent_up(event, uow):
        case, assignment = found
        at = within(assignment, event, "received_at", uow)
        receipted(uow, case, store.put_assignment(uow, domain.receive(assignment, Person.of(event.data["by"]), now=at)))


def objected(event: Event, uow: UnitOfWork) -> None:
    """assignment.objected: the office decides on it."""
    if found := sent_up(event, uow):
        by, at = Person.of(event.data["by"]), within(found[1], event, "objected_at", uow)
        changed, note = domain.object_to(found[1], by, event.data["reasons"], note_id=event.id, now=at)
        store.put_assignment(uow, changed)
        uow.rows(store.NOTES).put(note)


def progressed(event: Event, uow: UnitOfWork) -> None:
    """assignment.progressed."""
    if found := sent_up(event, uow):
        by, at = Person.of(event.data["by"]), within(found[1], event, "progressed_at", uow)
        changed, note = domain.progress(found[1], by, event.data["text"], note_id=event.id, now=at)
        store.put_assignment(uow, changed)
        uow.rows(store.NOTES).put(note)


def replied(event: Event, uow: UnitOfWork) -> None:
    """assignment.replied.

    Accepted only over the responsible person's own signature, with a hash that fits (M8).
    """
    found = sent_up(event, uow)
    if found is None:
        return
    case, assignment = found
    data = event.data
    signed = {name: data["signature"][name] for name in SIGNED if data["signature"].get(name)}
    reply = Reply(
        id=UUID(data["reply_id"]), assignment_id=assignment.id, case_id=case.id, round=data["round"],
        outcome=data["outcome"], findings=data["findings"], measures=tuple(data["measures"]),
        answer=data["answer"],
        signature=signed, replied_at=moment(data["replied_at"]), evidence=tuple(data.get("evidence", ())), page=data.get("page"),
    )  # fmt: skip
    signing.check_told(uow, reply, assignment)
    if assignment.stage is not AssignmentStage.WITHDRAWN:  # else it crossed the withdrawal: kept, without effect
        store.put_assignment(uow, domain.replied(assignment, assignment.responsible, reply))
    uow.rows(store.REPLIES).put(reply)


HEARS: dict[str, Handler] = {
    "assignment.issued": issued,
    "assignment.received": received,
    "assignment.objected": objected,
    "assignment.progressed": progressed,
    "assignment.replied": replied,
    "assignment.returned": returned,
    "assignment.approved": approved,
    "assignment.withdrawn": withdrawn,
}

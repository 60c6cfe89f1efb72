"""Review, instruction and dispatch in one transaction: the zero time difference (M6, M7)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Address, Case, Directions, Instruction, Part
from services.routing.handlers import alerting, pausing
from services.routing.handlers.common import bars_of, below, logged, made_before, open_case, take_back
from services.routing.handlers.enclosures import give
from services.routing.handlers.judgement import judge
from services.routing.handlers.passing import pass_down
from services.routing.handlers.standing import check_reviewer
from shared.contract.envelope import instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Refused


@logged
def check_reads(uow: UnitOfWork, case_id: UUID, official: str) -> None:
    """Let the first-in-command pass, or who stands in for him, if neither is barred. Raises Forbidden, NotFound."""
    open_case(uow, case_id, official)
    _by_head(uow, case_id, official)


@logged
def review(uow: UnitOfWork, case_id: UUID, official: str) -> Case:
    """The first-in-command, or who stands in for him, has opened the case and read it.

    Raises Forbidden, NotFound; harmless when repeated.
    """
    case = open_case(uow, case_id, official)
    _, deputy = _by_head(uow, case_id, official)
    store.note_reading(uow, case_id, official)
    return store.put_case(uow, domain.follow_review(case, now=uow.now, deputy=deputy))


@logged
def instruct(
    uow: UnitOfWork, case_id: UUID, author: str, text: str, addressees: Sequence[tuple[str, str]],
    case_class: str, *,
    answers: UUID | None = None, verdict: str = "returned", reasons: str | None = None,
    earlier: str = "goes_on", limit_days: int | None = None, confidential: bool = False,
    enclosures: Sequence[UUID] = (), instruction_id: UUID | None = None, reason: str | None = None,
) -> Instruction:  # fmt: skip
    """The next round: the instruction is recorded and every addressee has it when this commits.

    `author` and the addressees are officials' ids, each addressee with a part (handling, lead, joint).
    `answers` is the reply that the instruction answers; `verdict` returns it (with `reasons`, or else the text) or
    approves it. `earlier` says what becomes of open assignments of others: "goes_on" or "withdrawn"; an
    addressee's own earlier one is replaced. `limit_days` and `confidential`: see `Directions`; `enclosures` of
    those that the author has handed in. The same `instruction_id` a second
    time changes nothing. Raises Forbidden, NotFound, Conflict; Refused also for a case without a brief that is to go to another instance.
    """
    case = open_case(uow, case_id, author)
    known = made_before(
        uow.rows(store.INSTRUCTIONS).get(instruction_id) if instruction_id else None, lambda one: one.case_id == case_id
    )
    if known is not None:
        return known
    person, deputy = _by_head(uow, case_id, author)
    if case.origin != uow.org:
        raise Refused("case", "该件由上级交办，须由责任人署名回复。", "请在“我的承办”中签收并回复。")
    people = _addresses(uow, case_id, addressees)
    domain.check_brief(case, people, store.directory(uow))
    _check_limit(uow, case, case_class, limit_days)
    instruction_id = instruction_id or uuid7()
    given = give(uow, case_id, author, instruction_id, enclosures)
    beside = Directions(limit_days=limit_days, confidential=confidential, enclosures=given)
    escalated = domain.escalation(people)
    changed, instruction = domain.instruct(
        case, instruction_id=instruction_id, author=person, text=text, addressees=people,
        case_class=case_class, answers=answers, now=uow.now, action="escalate" if escalated else "instruct", deputy=deputy,
        beside=beside,
    )  # fmt: skip
    store.put_case(uow, changed)
    uow.rows(store.INSTRUCTIONS).put(instruction)
    if answers is not None:
        judge(uow, case, answers, by=author, verdict=verdict, reasons=reasons or instruction.text)
    _end_earlier(uow, changed, people, earlier, "escalated" if escalated else "replaced", person)
    _tell_round(uow, case, instruction, reason)
    for address in people:
        _issue(uow, changed, instruction, address)
    return instruction


def escalate(
    uow: UnitOfWork, case_id: UUID, author: str, text: str, lead: str, joint: Sequence[str],
    case_class: str = "complex",
    **more: object,
) -> Instruction:  # fmt: skip
    """A county leader takes the lead and joint units join (M7).

    `instruct` with those parts; `more` as there.
    """
    addressees = [(lead, Part.LEAD.value), *((official, Part.JOINT.value) for official in joint)]
    return instruct(uow, case_id, author, text, addressees, case_class, **more)  # type: ignore[arg-type]


def _by_head(uow: UnitOfWork, case_id: UUID, official: str) -> tuple[Person, Person | None]:
    """The first-in-command, or who stands in for him, who is the second too.

    Not in a matter against the own organisation, which is the superior's to instruct; nor does anybody stand in for one from
    whom the case is kept.
    """
    bars, directory = bars_of(uow, case_id), store.directory(uow)
    domain.check_own_matter(bars, directory)
    by = check_reviewer(uow, official)
    if by is None:
        return directory.first_in_command(official), None
    domain.check_not_barred(bars, by.head.official, directory)
    return by.deputy, by.deputy


def _check_limit(uow: UnitOfWork, case: Case, case_class: str, days: int | None) -> None:
    """Against the case's limit, where supervision has told one and the case stays in its class. Raises Refused."""
    known = uow.one(store.SQL["conclusion_limit"], case=case.id) if case_class == case.case_class else None
    domain.check_limit(days, now=uow.now, conclude_by=known["due_at"] if known else None)


def _addresses(uow: UnitOfWork, case_id: UUID, addressees: Sequence[tuple[str, str]]) -> list[Address]:
    directory, bars = store.directory(uow), bars_of(uow, case_id)
    for official, _ in addressees:
        domain.check_addressee(bars, official, directory)
    return [Address(directory.addressee(official), Part(part)) for official, part in addressees]


def _end_earlier(uow: UnitOfWork, case: Case, people: Sequence[Address], earlier: str, reason: str, by: Person) -> None:
    """An addressee owes one reply, not two.

    His earlier assignment is replaced. The others' go on unless withdrawn.
    """
    if case.round == 1:
        return
    addressed = {address.person.official for address in people}
    for assignment in store.open_assignments(uow, case.id):
        if assignment.parent is not None:
            continue  # it goes with the whole
        if assignment.responsible.official in addressed:
            take_back(uow, assignment, "replaced", by)
        elif earlier == "withdrawn":
            take_back(uow, assignment, reason, by)


def _tell_round(uow: UnitOfWork, before: Case, instruction: Instruction, reason: str | None) -> None:
    author, at = instruction.author.as_data(), instant(uow.now)
    told = {
        "instruction_id": str(instruction.id), "round": instruction.round, "text": instruction.text,
        "author": author,
        "addressees": [person.as_data() for person in instruction.addressees],
        "answers": str(instruction.answers) if instruction.answers else None,
        "case_class": instruction.case_class, "instructed_at": at,
        "read_by_deputy": instruction.read_by_deputy.as_data() if instruction.read_by_deputy else None,
        **instruction.beside.as_told(),
    }  # fmt: skip
    uow.tell("case.instructed", before.id, told)
    if before.case_class != instruction.case_class:
        uow.tell("case.classified", before.id, {"case_class": instruction.case_class, "by": author, "at": at})
    if instruction.lead is not None:
        escalated = {
            "round": instruction.round, "lead": instruction.lead.as_data(),
            "joint": [person.as_data() for person in instruction.joint],
            "reason": reason or instruction.text, "by": author, "at": at,
        }  # fmt: skip
        uow.tell("case.escalated", before.id, escalated)


def _answered(uow: UnitOfWork, instruction: Instruction, instance: str) -> str | None:
    """The reply that the instruction answers, for the instance in which it was signed: others know nothing of it."""
    reply = uow.rows(store.REPLIES).get(instruction.answers) if instruction.answers else None
    given = uow.rows(store.ASSIGNMENTS).get(reply.assignment_id) if reply else None
    return str(instruction.answers) if given is not None and given.instance == instance else None


def _issue(uow: UnitOfWork, case: Case, instruction: Instruction, address: Address) -> None:
    """Hand the case to one official.

    In another instance the event carries all that is needed to work on it.
    """
    directory = store.directory(uow)
    assignment = domain.issue(
        assignment_id=uuid7(), case_id=case.id, instruction_id=instruction.id, round_number=instruction.round,
        part=address.part, responsible=address.person, issued_by=instruction.author, issuer=uow.org,
        instance=directory.instance_of(address.person.organisation), now=uow.now,
    )  # fmt: skip
    store.put_assignment(uow, assignment)
    pass_down(uow, bars_of(uow, case.id), assignment.instance)
    told = {
        "assignment_id": str(assignment.id), "instruction_id": str(instruction.id), "round": assignment.round,
        "part": assignment.part, "responsible": assignment.responsible.as_data(),
        "issued_by": assignment.issued_by.as_data(), "issued_at": instant(uow.now), "text": instruction.text,
        "case_class": instruction.case_class, "number": case.number, "channel": case.channel,
        "category": case.category, "title": case.title, "brief": case.brief, "answers": _answered(uow, instruction, assignment.instance),
        **instruction.beside.as_told(),
    }  # fmt: skip
    cause = uow.tell("assignment.issued", case.id, told, addressee=below(assignment, uow))
    alerting.of_assignment(uow, "issued", assignment, cause)
    pausing.tell_of_pause(uow, assignment)

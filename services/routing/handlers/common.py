"""What the use cases share: opening a case under the guard, telling up and down, taking assignments back."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from datetime import datetime
from typing import ParamSpec, TypeVar
from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Assignment, Bars, Case, Directory, Part
from services.routing.handlers import alerting, tries
from services.routing.handlers.passing import pass_on
from services.routing.handlers.standing import standing_in
from services.routing.workflow import AssignmentStage
from shared.contract.envelope import instant
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, Forbidden, NotFound

log = logging.getLogger("zhida.routing")
P = ParamSpec("P")
R = TypeVar("R")
OFFICE = ("first_in_command", "office")


def logged(command: Callable[P, R]) -> Callable[P, R]:
    """Log each try that was forbidden or met the guard, and keep the latter; identifiers of official and case, nobody's name."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (Forbidden, domain.Guarded) as refusal:
            what = [str(arg) for arg in args[1:3]]
            log.warning("refused: %s %s (%s)", command.__name__, " ".join(what), type(refusal).__name__)
            if isinstance(refusal, domain.Guarded):
                tries.note(refusal, command.__name__, what[-1])
            raise

    return run


def open_case(uow: UnitOfWork, case_id: UUID, official: str) -> Case:
    """The case, locked, for an official who may see it. Raises NotFound, also to whoever is barred."""
    case = uow.rows(store.CASES).get(case_id)
    if case is None:
        raise NotFound("case", "没有找到该信访件。", "请核对编号。")
    domain.check_not_barred(bars_of(uow, case_id), official, store.directory(uow))
    return case


def open_assignment(uow: UnitOfWork, assignment_id: UUID, official: str) -> tuple[Case, Assignment]:
    """The assignment with its case, both locked, the case first.

    Raises NotFound, also to whoever is barred.
    """
    case_id = store.case_of(uow, "assignment", assignment_id)
    if case_id is None:
        raise NotFound("assignment", "没有找到该项交办。", "请核对后重试。")
    case = open_case(uow, case_id, official)
    assignment = uow.rows(store.ASSIGNMENTS).get(assignment_id)
    if assignment is None:  # its row cannot go away
        raise NotFound("assignment", "没有找到该项交办。", "请核对后重试。")
    return case, assignment


def bars_of(uow: UnitOfWork, case_id: UUID) -> Bars | None:
    """Who is barred from the case, or None when nobody is."""
    return uow.rows(store.BARS).get(case_id)


def office(directory: Directory, official: str) -> Person:
    """The first-in-command of this instance or somebody of the office. Raises Forbidden."""
    held = directory.active(official).in_post(frozenset({"first_in_command"}), directory.own)
    return held or directory.acting(official, "office")


def worked_here(assignment: Assignment, uow: UnitOfWork) -> None:
    """Raises Conflict when the work is done in another instance.

    There its official signs in, and nowhere else.
    """
    if assignment.instance != uow.org:
        raise Conflict("assignment", "该项交办由承办单位在本单位的系统中办理。", "请在承办单位的系统中登录办理。")


def issued_here(assignment: Assignment, uow: UnitOfWork) -> None:
    """Raises Forbidden when another organisation issued the assignment: it alone decides on the reply."""
    if assignment.issuer != uow.org:
        raise Forbidden("assignment", "该项交办由上级交办，回复由上级审核。", "请等待上级审核。")


def below(assignment: Assignment, uow: UnitOfWork) -> str:
    """Whom events for the person responsible are addressed to.

    His instance, or his unit when that is ours.
    """
    return assignment.instance if assignment.instance != uow.org else assignment.responsible.organisation


def decider(uow: UnitOfWork, assignment: Assignment, by: str) -> Person:
    """`by`, who may decide on what comes of this assignment. Raises Forbidden.

    Of a part that was handed on, the person responsible for the whole, and nobody else; of a joint assignment its lead, where he
    works in this instance; of every one but a part, the first-in-command, who stands in for him, and the office.
    """
    directory = store.directory(uow)
    if assignment.parent is not None:
        whole = uow.rows(store.ASSIGNMENTS).get(assignment.parent)
        if whole is None or whole.responsible.official != by:
            raise Forbidden("official", "分派的事项由分派的责任人本人审核。", "请由责任人本人办理。")
        directory.active(by)
        return whole.responsible
    if assignment.part == Part.JOINT:
        for other in store.assignments_of(uow, assignment.case_id):
            if leads(other, assignment, uow.org) and other.responsible.official == by:
                directory.active(by)
                return other.responsible
    stands, bars = standing_in(uow, by), bars_of(uow, assignment.case_id)
    if stands is None or (bars and bars.bar(stands.head.official, domain.posts_of(stands.head.official, directory))):
        return office(directory, by)  # nobody stands in for one from whom the case is kept
    return stands.deputy


def leads(one: Assignment, joint: Assignment, own: str) -> bool:
    """Whether an assignment is the lead of a joint one, worked on in the instance that issued both."""
    together = (one.case_id, one.round, one.issuer, one.instance) == (joint.case_id, joint.round, own, own)
    return together and joint.issuer == own and one.part == Part.LEAD and one.stage is not AssignmentStage.WITHDRAWN


def take_back(uow: UnitOfWork, assignment: Assignment, reason: str, by: Person | None, *, words: str | None = None) -> Assignment:
    """Withdraw an assignment, with what was handed on of it, and tell its instance. Raises Conflict when it is over."""
    changed = store.put_assignment(uow, domain.withdraw(assignment, reason, now=uow.now))
    data = {
        "assignment_id": str(assignment.id), "reason": reason, "by": by.as_data() if by else None, "words": words,
        "responsible": assignment.responsible.as_data(), "withdrawn_at": instant(uow.now),
    }  # fmt: skip
    cause = uow.tell("assignment.withdrawn", assignment.case_id, data, addressee=below(assignment, uow))
    alerting.of_assignment(uow, "withdrawn", changed, cause)
    end_parts(uow, changed, by)
    return changed


def end_parts(uow: UnitOfWork, whole: Assignment, by: Person | None) -> None:
    """Take back what was handed on of an assignment that is over."""
    for part in store.open_assignments(uow, whole.case_id):
        if part.parent == whole.id:
            take_back(uow, part, "parent_ended", by)


def made_before(known: R | None, belongs: Callable[[R], bool]) -> R | None:
    """What a form's key names, where the form was sent before. Raises Conflict where it is another's: a key is good for one form."""
    if known is not None and not belongs(known):
        raise Conflict("form", "该表单的编号已用于其他事项。", "请刷新页面后重新填写。")
    return known


def noted(uow: UnitOfWork, note_id: UUID | None, assignment: Assignment) -> bool:
    """Whether this note stands beside the assignment already. Raises Conflict where it stands beside another one."""
    known = uow.rows(store.NOTES).get(note_id) if note_id else None
    return made_before(known, lambda one: one.assignment_id == assignment.id) is not None


def note(uow: UnitOfWork, assignment: Assignment, note_id: UUID, kind: str, text: str, by: Person, at: datetime) -> None:
    """Words that are kept beside an assignment."""
    uow.rows(store.NOTES).put(
        domain.Note(id=note_id, assignment_id=assignment.id, case_id=assignment.case_id, kind=kind, text=text, by=by, at=at)
    )


def take_back_open(uow: UnitOfWork, case_id: UUID, reason: str, by: Person | None = None) -> None:
    """Withdraw every assignment of the case that is still open and that we issued."""
    for assignment in store.open_assignments(uow, case_id):
        if assignment.issuer == uow.org:
            take_back(uow, assignment, reason, by)


def put_bars(uow: UnitOfWork, case: Case | None, before: Bars | None, after: Bars) -> None:
    """Put changed bars in force.

    Tell who must not see the case, and take it back from whoever is barred now.
    """
    if before == after or (before is None and not after.organisations and not after.officials):
        return
    uow.rows(store.BARS).put(after)
    told = {
        "organisations": sorted(after.organisations), "officials": sorted(after.officials),
        "barred_at": instant(uow.now),
    }  # fmt: skip
    uow.tell("case.barred", after.case_id, told)
    pass_on(uow, case, before, after)
    if case is not None and case.round:  # else nothing has been handed out yet
        take_back_from_barred(uow, after)


def take_back_from_barred(uow: UnitOfWork, after: Bars) -> None:
    """Take the case back from whoever holds it although these bars keep it from him."""
    directory = store.directory(uow)
    for assignment in store.open_assignments(uow, after.case_id):
        person = assignment.responsible
        posts = domain.posts_of(person.official, directory, person.organisation)
        if assignment.issuer == uow.org and after.bar(person.official, posts):
            take_back(uow, assignment, "conflict", None)

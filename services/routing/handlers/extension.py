"""More time (art. 34): asked for across the link, given once for each case by the issuer's first-in-command, or refused."""

from __future__ import annotations

from uuid import UUID

from services.routing import store
from services.routing.domain import Assignment, Extension, extension
from services.routing.handlers import alerting
from services.routing.handlers.common import below, issued_here, logged, made_before, open_assignment
from services.routing.handlers.events import Handler, moment
from services.routing.handlers.protocol import handed_down, sent_up
from services.routing.handlers.work import mine
from services.routing.workflow import UNDER_WAY, ExtensionStage
from shared.contract.envelope import Event, instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, NotFound


def _known(uow: UnitOfWork, case_id: UUID) -> list[Extension]:
    return uow.rows(store.EXTENSIONS).where("case_id = %s", case_id)


def _missed(uow: UnitOfWork, assignment: Assignment) -> bool:
    found = uow.one(store.SQL["conclusion_missed"], case=assignment.case_id, assignment=assignment.id)
    return bool(found and found["missed"])


@logged
def ask_extension(
    uow: UnitOfWork, assignment_id: UUID, by: str, days: int, reasons: str, *, extension_id: UUID | None = None
) -> Extension:
    """The person responsible asks for more time. The same `extension_id` a second time changes nothing.

    Raises Forbidden, NotFound, Conflict, Refused.
    """
    case, assignment, person = mine(uow, assignment_id, by)
    known = made_before(
        uow.rows(store.EXTENSIONS).get(extension_id) if extension_id else None, lambda one: one.assignment_id == assignment_id
    )
    if known is not None:
        return known
    asked = extension.ask(
        assignment, _known(uow, case.id), person, extension_id=extension_id or uuid7(), days=days, reasons=reasons,
        missed=_missed(uow, assignment), now=uow.now,
    )  # fmt: skip
    uow.rows(store.EXTENSIONS).put(asked)
    told = {
        "assignment_id": str(assignment_id), "extension_id": str(asked.id), "days": days, "reasons": asked.reasons,
        "by": person.as_data(), "at": instant(uow.now),
    }  # fmt: skip
    uow.tell("assignment.extension_requested", case.id, told, addressee=assignment.issuer)
    return asked


@logged
def decide_extension(uow: UnitOfWork, extension_id: UUID, by: str, *, grant: bool, days: int, said: str) -> Extension:
    """The first-in-command gives more time, or not. What is decided already is not decided again.

    Raises Forbidden, NotFound, Conflict, Refused.
    """
    found = uow.one(store.SQL["case_of_extension"], id=extension_id)
    if found is None:
        raise NotFound("extension", "没有找到该项延期申请。", "请核对后重试。")
    case, assignment = open_assignment(uow, found["assignment_id"], by)
    person = store.directory(uow).first_in_command(by)
    issued_here(assignment, uow)
    if case.stage not in UNDER_WAY:
        raise Conflict("days", "本件已不在办理中，不需要决定延期。", "请刷新页面，查看最新进展。")
    known = _known(uow, case.id)
    asked = next(one for one in known if one.id == extension_id)
    if not grant:
        refused = uow.rows(store.EXTENSIONS).put(extension.refuse(asked, person, said=said, now=uow.now))
        told = {
            "assignment_id": str(assignment.id), "extension_id": str(extension_id), "reasons": refused.said,
            "by": person.as_data(), "at": instant(uow.now),
        }  # fmt: skip
        cause = uow.tell("assignment.extension_refused", case.id, told, addressee=below(assignment, uow))
        alerting.of_assignment(uow, "extension_refused", assignment, cause)
        return refused
    concerned = [one for one in store.open_assignments(uow, case.id) if one.issuer == uow.org and one.parent is None]
    if not concerned:
        raise Conflict("days", "本件没有在办的交办，不需要延期。", "请刷新页面，查看最新进展。")
    missed = _missed(uow, assignment)
    granted = extension.grant(asked, known, person, days=days, said=said, missed=missed, now=uow.now)
    uow.rows(store.EXTENSIONS).put(granted)
    _tell_granted(uow, concerned, granted, person)
    return granted


def _tell_granted(uow: UnitOfWork, concerned: list[Assignment], granted: Extension, by: Person) -> None:
    """Each instance that works on the case is told: the limit is the case's."""
    for assignment in concerned:
        told = {
            "assignment_id": str(assignment.id), "extension_id": str(granted.id), "days": granted.days,
            "reasons": granted.said, "authority": by.as_data(), "at": instant(uow.now),
        }  # fmt: skip
        cause = uow.tell("assignment.extended", assignment.case_id, told, addressee=below(assignment, uow))
        alerting.of_assignment(uow, "extended", assignment, cause)


def extension_requested(event: Event, uow: UnitOfWork) -> None:
    """assignment.extension_requested: it waits for our first-in-command."""
    if found := sent_up(event, uow):
        data, key = event.data, UUID(event.data["extension_id"])
        extension.check_days(data["days"])
        if uow.rows(store.EXTENSIONS).get(key) is None:
            uow.rows(store.EXTENSIONS).put(
                Extension(
                    id=key, case_id=found[0].id, assignment_id=found[1].id, stage=ExtensionStage.ASKED, days=data["days"],
                    reasons=data["reasons"], asked_by=Person.of(data["by"]), asked_at=min(moment(data["at"]), uow.now),
                )
            )  # fmt: skip


def extended(event: Event, uow: UnitOfWork) -> None:
    """assignment.extended: our request, or somebody else's in the same case, was granted."""
    if assignment := handed_down(event, uow):
        data, key = event.data, UUID(event.data["extension_id"])
        asked = uow.rows(store.EXTENSIONS).get(key) or Extension(
            id=key, case_id=assignment.case_id, assignment_id=assignment.id, stage=ExtensionStage.ASKED, days=data["days"],
            reasons=data["reasons"],
        )  # fmt: skip
        if asked.stage is ExtensionStage.ASKED:
            by, at = Person.of(data["authority"]), moment(data["at"])
            granted = extension.grant(asked, (), by, days=data["days"], said=data["reasons"], missed=False, now=at)
            uow.rows(store.EXTENSIONS).put(granted)


def extension_refused(event: Event, uow: UnitOfWork) -> None:
    """assignment.extension_refused: no more time, and why."""
    if handed_down(event, uow):
        asked = uow.rows(store.EXTENSIONS).get(UUID(event.data["extension_id"]))
        if asked is not None and asked.stage is ExtensionStage.ASKED:
            by, at = Person.of(event.data["by"]), moment(event.data["at"])
            uow.rows(store.EXTENSIONS).put(extension.refuse(asked, by, said=event.data["reasons"], now=at))


HEARS: dict[str, Handler] = {
    "assignment.extension_requested": extension_requested,
    "assignment.extended": extended,
    "assignment.extension_refused": extension_refused,
}

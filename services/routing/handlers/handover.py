"""When a post changes hands: by the office, or by the successor's signing in; told to the issuer, and no clock moves."""

from __future__ import annotations

import json
from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Assignment, Handover, handover
from services.routing.handlers import alerting
from services.routing.handlers.common import bars_of, logged, made_before, office, open_assignment, take_back, worked_here
from services.routing.handlers.events import Handler, moment
from services.routing.handlers.protocol import sent_up
from services.routing.workflow import OPEN
from shared.contract.envelope import Event, instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, Refused


@logged
def hand_over(uow: UnitOfWork, assignment_id: UUID, by: str, to: str, *, handover_id: UUID | None = None) -> Assignment:
    """The office hands an assignment to who holds the post now. The same `handover_id` a second time changes nothing.

    Raises Forbidden, NotFound, Conflict, Refused.
    """
    case, assignment = open_assignment(uow, assignment_id, by)
    directory = store.directory(uow)
    person = office(directory, by)
    worked_here(assignment, uow)
    known = uow.rows(store.HANDOVERS).get(handover_id) if handover_id else None
    if made_before(known, lambda one: one.assignment_id == assignment_id) is not None:
        return assignment
    reason = handover.vacated(directory, assignment.responsible)
    if reason is None:
        raise Conflict(
            "successor", "%(name)s仍在原职，不需要移交。", "如需换人办理，请另行批示交办。", name=assignment.responsible.name
        )
    found = handover.candidates(directory, assignment.responsible)
    successor = next((one for one in found if one.official == to), None)
    if successor is None:
        raise Refused("successor", "只能移交给本单位的其他同志。", "请从名单中选择接手的同志。")
    domain.check_addressee(bars_of(uow, case.id), to, directory)
    return _hand_over(uow, assignment, successor, by=person, reason=reason, handover_id=handover_id or uuid7())


def take_up(uow: UnitOfWork, official: str) -> int:
    """Whoever signs in as the only holder of a head's post is responsible for what the former holder left open. How many.

    What he is barred from stays where it is, for the office to see to.
    """
    directory = store.directory(uow)
    me = directory.officials.get(official)
    posts = (
        [{"organisation": post.organisation, "title": post.title} for post in me.posts if post.roles & handover.SOLE]
        if me
        else []
    )
    if not posts:
        return 0
    taken = 0
    for row in uow.all(store.SQL["held_by_others"], held=json.dumps(posts), own=uow.org, me=official):
        try:
            _, assignment = open_assignment(uow, row["id"], official)
        except domain.Barred:
            continue
        heir = handover.heir(directory, assignment.responsible)
        if heir is not None and heir.official == official:
            reason = handover.vacated(directory, assignment.responsible) or "left"
            _hand_over(uow, assignment, heir, by=heir, reason=reason, handover_id=uuid7())
            taken += 1
    return taken


def _hand_over(uow: UnitOfWork, assignment: Assignment, to: Person, *, by: Person, reason: str, handover_id: UUID) -> Assignment:
    changed, record = handover.hand_over(assignment, to, by=by, reason=reason, handover_id=handover_id, now=uow.now)
    _keep(uow, changed, record)
    told = {
        "assignment_id": str(assignment.id), "from": record.former.as_data(), "to": to.as_data(), "by": by.as_data(),
        "reason": reason, "at": instant(uow.now),
    }  # fmt: skip
    cause = uow.tell("assignment.handed_over", assignment.case_id, told, addressee=assignment.issuer)
    alerting.of_handover(uow, changed, record.former, by, cause)
    return changed


def _keep(uow: UnitOfWork, changed: Assignment, record: Handover) -> None:
    store.put_assignment(uow, changed)
    uow.rows(store.HANDOVERS).put(record)
    uow.flush()  # what was put is written before the mirror of deadlines is changed beside it
    uow.all(
        store.SQL["move_mirrored"], case=changed.case_id, assignment=changed.id, former=record.former.official,
        to=json.dumps(record.successor.as_data(), ensure_ascii=False),
    )  # fmt: skip


def handed_over(event: Event, uow: UnitOfWork) -> None:
    """assignment.handed_over: another one answers to us. One whom our bars name does not get it."""
    found = sent_up(event, uow)
    if found is not None and found[1].stage in OPEN:  # else it crossed the approval, and is of no effect
        case, assignment = found
        data, to = event.data, Person.of(event.data["to"])
        changed, record = handover.hand_over(
            assignment, to, by=Person.of(data["by"]), reason=data["reason"], handover_id=event.id,
            now=max(assignment.issued_at, min(moment(data["at"]), uow.now)),
        )  # fmt: skip
        _keep(uow, changed, record)
        bars = bars_of(uow, case.id)
        if bars is not None and bars.bar(to.official, domain.posts_of(to.official, store.directory(uow), to.organisation)):
            take_back(uow, changed, "conflict", None)


HEARS: dict[str, Handler] = {"assignment.handed_over": handed_over}

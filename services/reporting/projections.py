"""From events to the read model. Every event that takes effect is archived as it came; its case is drawn anew.

Handlers see each event once, in order for each case and source; in which order sources are heard changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.reporting import facts, picture, search
from services.reporting.picture import CaseRow, CaseUnit
from shared import directory
from shared.contract import Event
from shared.contract.assigned import Assigned, tellers
from shared.database import UnitOfWork
from shared.errors import NotYet, Refused
from shared.rows import Table

# Held shared by whoever projects and alone by a rebuild that switches over, so that no event falls in between.
PROJECTING = 7_431_023_001


@dataclass(frozen=True, kw_only=True)
class CaseText:
    """What is searched of a case."""

    case_id: UUID
    haystack: str
    grams: list  # a bare list, so that it is written as an array and not as JSON


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """That an instruction was given, when and by which organisation's first-in-command."""

    instruction_id: UUID
    case_id: UUID
    organisation: str
    round: int
    instructed_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseBar:
    """Who must never see a case."""

    case_id: UUID
    organisations: frozenset[str]
    officials: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class CaseCharge:
    """Who carries a case, or carried it; `lost`: he handed it over, or is to keep out."""

    charge_id: UUID
    case_id: UUID
    official: str
    lost: bool


CASES = Table("case_row", CaseRow, ("case_id",))
UNITS = Table("case_unit", CaseUnit, ("assignment_id",))
TEXTS = Table("case_text", CaseText, ("case_id",))
INSTRUCTIONS = Table("instruction", Instruction, ("instruction_id",))
BARS = Table("case_bar", CaseBar, ("case_id",))
CHARGES = Table("case_charge", CaseCharge, ("charge_id",))
READ_MODEL = (CASES, UNITS, TEXTS, INSTRUCTIONS, BARS, CHARGES)


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """Archive a batch and load its cases, each in one statement."""
    if not events:
        return
    # Taken before any row is locked: a rebuild that switches waits for us, or we for it, never both.
    uow.all("SELECT pg_advisory_xact_lock_shared(%(key)s)", key=PROJECTING)
    uow.many(
        "INSERT INTO received (event_id, stream, sequence, name, subject, occurred_at, body) VALUES %s"
        " ON CONFLICT (event_id) DO NOTHING",
        [(e.id, e.stream, e.sequence, e.contract.name, e.subject, e.time, e.body) for e in events],
    )
    load(events, uow)


def load(events: Sequence[Event], uow: UnitOfWork) -> None:
    """Load the rows of the cases that these events speak of."""
    uow.rows(CASES).load({case for event in events if (case := _case(event)) is not None})
    uow.rows(UNITS).load({key for event in events if (key := _issued(event)) is not None})


def _case(event: Event) -> UUID | None:
    try:
        return None if event.contract.name in directory.HEARS else UUID(event.subject)
    except ValueError:
        return None  # its own handler says so, and no other event of the batch suffers


def _issued(event: Event) -> UUID | None:
    try:
        return UUID(event.data["assignment_id"]) if event.contract.name == "assignment.issued" else None
    except ValueError:
        return None


def project(event: Event, uow: UnitOfWork) -> None:
    """Add what the event tells to the case's facts, and draw the case anew. Raises ValueError without a case's id."""
    _absorb(event, uow, event.data)


def _absorb(event: Event, uow: UnitOfWork, data: Mapping[str, Any]) -> None:
    case_id = UUID(event.subject)
    before = uow.rows(CASES).get(case_id)
    known = before.facts if before else {}
    after = picture.draw(case_id, facts.absorb(known, event.source, event.contract.name, data))
    uow.rows(CASES).put(after)
    drawn = picture.units(case_id, known)
    for unit in picture.units(case_id, after.facts):
        if unit not in drawn:
            uow.rows(UNITS).put(unit)
    text = _haystack(after)
    if before is None or text != _haystack(before):
        uow.rows(TEXTS).put(CaseText(case_id=case_id, haystack=text, grams=search.grams(text)))


def _haystack(row: CaseRow) -> str:
    return search.normal(" ".join(filter(None, (row.number, row.title, row.brief))))


def instruct(event: Event, uow: UnitOfWork) -> None:
    """case.instructed: counted among the instructions, too."""
    data = event.data
    uow.rows(INSTRUCTIONS).put(
        Instruction(
            instruction_id=UUID(data["instruction_id"]), case_id=UUID(event.subject), organisation=event.organisation,
            round=data["round"], instructed_at=datetime.fromisoformat(data["instructed_at"]),
        )
    )  # fmt: skip
    project(event, uow)


def issue(event: Event, uow: UnitOfWork) -> None:
    """assignment.issued. What it settled stands: issued again, it changes nothing. Raises Refused when it is another's."""
    if _settled(event, uow) is not None:
        return
    elsewhere = uow.rows(UNITS).get(UUID(event.data["assignment_id"]))
    if elsewhere is not None and elsewhere.case_id != UUID(event.subject):
        raise Refused("assignment_id", "该项交办不属于此信访件。", "请核对发送方。")
    if event.organisation != uow.org and event.organisation.startswith(uow.org):
        _check_handed_on(event, uow)
    _absorb(event, uow, {**event.data, "tellers": list(tellers(event, uow.org))})


def _check_handed_on(event: Event, uow: UnitOfWork) -> None:
    """A subordinate hands on what it was handed or registered, to its own people: an issue gives them sight of the case.

    Raises Refused, and NotYet before it is known that it has the case.
    """
    case = uow.rows(CASES).get(UUID(event.subject))
    if not event.data["responsible"]["organisation"].startswith(event.organisation):
        raise Refused("responsible", "来源%(source)s交办的责任人不属于该单位。", "请核对发送方。", source=event.source)
    if case is None or not picture.holds(case.facts, event.organisation):
        raise NotYet(f"{event.source} hands on a case that it is not known to have")


def follow(event: Event, uow: UnitOfWork) -> None:
    """What is told of an assignment later. Raises NotYet before its issue, Refused when routing would not believe it.

    It waits for the issue instead of being kept unverified, because only what took effect is archived: so the figures,
    the dossier and a rebuild, which all rest on the archive, need no second look at it, and as nothing but the issue
    decides on it, the order in which sources arrive still changes nothing.
    """
    if _settled(event, uow) is None:
        raise NotYet(f"{event.contract.name} before its assignment {event.data['assignment_id']}")
    if event.contract.name in facts.FOLDS:
        project(event, uow)


def _settled(event: Event, uow: UnitOfWork) -> Assigned | None:
    """What the assignment's issue settled, the event having been held against it; None before the issue."""
    case = uow.rows(CASES).get(UUID(event.subject))
    found = picture.assigned(case.case_id, case.facts, event.data["assignment_id"]) if case else None
    if found is not None:
        found.check(event, own=uow.org, now=uow.now)
    return found


def bar(event: Event, uow: UnitOfWork) -> None:
    """case.barred: the latest word stands, for every list, page and export at once."""
    data = event.data
    uow.rows(BARS).put(
        CaseBar(
            case_id=UUID(event.subject), organisations=frozenset(data["organisations"]), officials=frozenset(data["officials"])
        )
    )


def carry(event: Event, uow: UnitOfWork) -> None:
    """charge.taken, charge.ended: whoever carries a case may see it, and goes on so when it is over, but not once he handed it over.

    Only this instance's own word gives sight.
    """
    case_id, data = UUID(event.subject), event.data
    if event.organisation == uow.org:
        lost = event.contract.name == "charge.ended" and data["reason"] in ("handed_over", "conflict")
        official = data["leader"]["official"]
        uow.rows(CHARGES).put(CaseCharge(charge_id=UUID(data["charge_id"]), case_id=case_id, official=official, lost=lost))


def archive(event: Event, uow: UnitOfWork) -> None:
    """Nothing but the archive, where the dossier finds it. Raises ValueError without a case's id."""
    UUID(event.subject)


def keep(event: Event, uow: UnitOfWork) -> None:
    """Nothing but the archive, and no case: with it a reply can be held against its signer's key years later."""


Handler = Callable[[Event, UnitOfWork], None]
PROJECTED: dict[str, Handler] = {
    "case.registered": project,
    "case.supplemented": project,
    "case.accepted": project,
    "case.withdrawn": project,
    "case.referred_up": archive,
    "case.concluded_above": archive,
    "case.bars_passed": archive,
    "case.linked": archive,
    "case.unlinked": archive,
    "message.sent": archive,
    "message.failed": archive,
    "case.instructed": instruct,
    "case.barred": bar,
    "case.classified": project,
    "case.escalated": project,
    "assignment.issued": issue,
    "assignment.received": follow,
    "assignment.objected": follow,
    "assignment.objection_decided": follow,
    "assignment.progressed": follow,
    "assignment.extension_requested": follow,
    "assignment.extended": follow,
    "assignment.extension_refused": follow,
    "assignment.paused": follow,
    "assignment.resumed": follow,
    "assignment.handed_over": follow,
    "assignment.replied": follow,
    "assignment.returned": follow,
    "assignment.approved": follow,
    "assignment.withdrawn": follow,
    "accountability.recorded": archive,
    "case.concluded": project,
    "case.reopened": project,
    "deadline.set": project,
    "deadline.approaching": project,
    "deadline.missed": project,
    "deadline.paused": project,
    "deadline.moved": project,
    "deadline.met": project,
    "deadline.withdrawn": project,
    "charge.taken": carry,
    "charge.ended": carry,
    "duty.recorded": archive,
    "score.recorded": archive,
    "skip_level.recorded": archive,
    "skip_level.annulled": archive,
    "supervision.reminded": archive,
    "supervision.noticed": archive,
    "supervision.annulled": archive,
    "interview.called": archive,
    "interview.appointed": archive,
    "interview.held": archive,
    "interview.cancelled": archive,
    "circular.listed": archive,
    "followup.due": archive,
    "followup.recorded": archive,
    "followup.unreachable": archive,
    "followup.checked": archive,
    "case.contested": archive,
    "review.requested": archive,
    "review.assigned": archive,
    "review.decided": archive,
    "charge.proposed": archive,
    "case.satisfied": archive,
    "case.dissatisfied": archive,
    "case.closed": project,
    "case.archived": project,
}
HEARS: dict[str, Handler] = {**PROJECTED, **directory.HEARS, "directory.signing_key_recorded": keep, "period.ended": keep}

"""The picture of a case that follows from what all sources told: the case list's row, and who has it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.reporting.domain.facts import Facts, Part
from shared.contract.assigned import Assigned
from shared.contract.person import Person

_RANK = {"lead": 2, "handling": 1, "joint": 0}
# A joint unit acknowledges and answers for its own part: neither is the case's receipt or reply. Dispatch is to whomever:
# all parts of a round go out in one transaction, and supervision's clocks too run from the first, whichever it is.
MAIN_PARTS = ("handling", "lead")


class Stage(StrEnum):
    """Where a case stands, as far as everybody's word together tells."""

    REGISTERED = "registered"
    INSTRUCTED = "instructed"
    IN_HAND = "in_hand"
    CONCLUDED = "concluded"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    ARCHIVED = "archived"


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """A case as lists show it. Every field but `facts` follows from `facts`; see the migration for what each means."""

    case_id: UUID
    organisation: str | None
    number: str | None
    channel: str | None
    matter_type: str | None
    category: str | None
    place: str | None
    title: str | None
    brief: str | None
    case_class: str | None
    confidential: bool
    stage: Stage
    round: int
    responsible: Person | None
    reply_waiting: bool
    petition_received_at: datetime | None
    registered_at: datetime | None
    accepted_at: datetime | None
    reviewed_at: datetime | None
    dispatched_at: datetime | None
    received_at: datetime | None
    replied_at: datetime | None
    withdrawn_at: datetime | None
    concluded_at: datetime | None
    outcome: str | None
    closed_at: datetime | None
    close_reason: str | None
    archived_at: datetime | None
    conclude_due_at: datetime | None
    reply_due_at: datetime | None
    conclude_limit_at: datetime | None
    reply_limit_at: datetime | None
    facts: Facts


@dataclass(frozen=True, kw_only=True)
class CaseUnit:
    """One assignment: whom the case was handed to, and since when or until when."""

    assignment_id: UUID
    case_id: UUID
    issuer: str | None
    round: int | None
    part: str | None
    official: str
    name: str
    post: str
    unit: str
    issued_at: datetime | None
    received_at: datetime | None
    replied_at: datetime | None
    approved_at: datetime | None
    withdrawn_at: datetime | None


def moment(text: str | None) -> datetime | None:
    """The instant of an event's text. Raises ValueError for one that does not exist in the calendar."""
    return datetime.fromisoformat(text) if text else None


def organisation_of(source: str) -> str:
    """`431023` of `/431023/routing`."""
    return source.split("/")[1]


def owner(facts: Facts) -> str | None:
    """Whose case it is: of the organisation that registered it; else of the topmost one that handed it out."""
    for source, part in sorted(facts.items()):
        if part.get("registered_at"):
            return organisation_of(source)
    handing = [organisation_of(source) for source, part in facts.items() if "round" in part]
    return min(handing, key=lambda code: (len(code), code), default=None)


def assignments(facts: Facts) -> dict[str, Part]:
    """Assignments by id, with the issuer's words and the handler's put together; `issuer` once it is known."""
    found: dict[str, Part] = {}
    for source, part in sorted(facts.items()):
        for key, told in part.get("assignments", {}).items():
            issuer = {"issuer": organisation_of(source)} if "issued_at" in told else {}
            found[key] = {**found.get(key, {}), **told, **issuer}
    return found


def assigned(case_id: UUID, facts: Facts, assignment_id: str) -> Assigned | None:
    """What the issue of an assignment settled, or None before it was told."""
    told = assignments(facts).get(assignment_id, {})
    if not told.get("tellers"):
        return None
    return Assigned(
        case_id=case_id, issuer=told["issuer"], tellers=tuple(told["tellers"]), responsible=_holder(told),
        round=told["round"], issued_at=datetime.fromisoformat(told["issued_at"]),
        replies=tuple(str(UUID(reply_id)) for reply_id in told.get("replies", ())),
    )  # fmt: skip


def _holder(told: Part) -> Person:
    """Who is responsible now: whom it was issued to, or who has the post since."""
    return Person.of(told.get("holder") or told["responsible"])


def holds(facts: Facts, organisation: str) -> bool:
    """Whether an organisation registered the case, or somebody else handed it to its instance."""
    registered = any(part.get("registered_at") for source, part in facts.items() if organisation_of(source) == organisation)
    issued = assignments(facts).values()
    return registered or any(organisation in told.get("tellers", ()) and told["issuer"] != organisation for told in issued)


def draw(case_id: UUID, facts: Facts) -> CaseRow:
    """The row that follows from the facts."""
    own = owner(facts)
    intake, routing, followup = (facts.get(f"/{own}/{name}", {}) for name in ("intake", "routing", "followup"))
    issued = [told for told in assignments(facts).values() if own is not None and _of_the_case(told, own)]
    main = [told for told in issued if told["part"] in MAIN_PARTS]
    described = intake if intake.get("registered_at") else routing.get("described", {})
    closed = _closing_stands(routing, followup)
    conclude, reply = (list(_deadlines(facts, own, obligation)) for obligation in ("conclude", "reply"))
    conclude_limit = _limit(conclude)
    return CaseRow(
        case_id=case_id,
        organisation=own,
        **{name: described.get(name) for name in ("number", "channel", "category", "title", "brief")},
        **{name: intake.get(name) for name in ("matter_type", "place")},
        case_class=routing.get("case_class"),
        confidential=bool(routing.get("confidential")),
        stage=_stage(intake, routing, followup, main, closed),
        round=routing.get("round", 0),
        responsible=_responsible(issued),
        reply_waiting=any(_waits(told) for told in issued),
        petition_received_at=moment(intake.get("received_at")),
        registered_at=moment(intake.get("registered_at")),
        accepted_at=moment(intake.get("accepted_at")),
        withdrawn_at=moment(intake.get("withdrawn_at")),
        reviewed_at=moment(routing.get("reviewed_at")),
        dispatched_at=_first(told.get("issued_at") for told in issued),
        received_at=_first(told.get("received_at") for told in main),
        replied_at=_first(told.get("replied_at") for told in main),
        concluded_at=moment(routing.get("concluded_at")),
        outcome=routing.get("outcome"),
        closed_at=moment(followup.get("closed_at")) if closed else None,
        close_reason=followup.get("close_reason") if closed else None,
        archived_at=moment(followup.get("archived_at")) if closed else None,
        conclude_due_at=None if closed else _owed(conclude),
        reply_due_at=None if closed else _owed(reply),
        conclude_limit_at=conclude_limit,
        # Where no reply deadline stood till it fell due, the reply was due with the conclusion.
        reply_limit_at=_limit(reply) or conclude_limit,
        facts=facts,
    )


def _of_the_case(told: Part, own: str) -> bool:
    """Issued by whose case it is, and not a part that somebody handed on within his organisation."""
    return told.get("issuer") == own and not told.get("parent")


def units(case_id: UUID, facts: Facts) -> list[CaseUnit]:
    """Whom the case was assigned to. An assignment of which only the handler has spoken yet names nobody."""
    return [
        CaseUnit(
            assignment_id=UUID(key),
            case_id=case_id,
            issuer=told.get("issuer"),
            round=told.get("round"),
            part=told.get("part"),
            official=_holder(told).official,
            name=_holder(told).name,
            post=_holder(told).post,
            unit=_holder(told).organisation,
            **{name: moment(told.get(name)) for name in _UNIT_INSTANTS},
        )
        for key, told in assignments(facts).items()
        if "responsible" in told
    ]


_UNIT_INSTANTS = ("issued_at", "received_at", "replied_at", "approved_at", "withdrawn_at")


def _stage(intake: Part, routing: Part, followup: Part, main: Iterable[Part], closed: bool) -> Stage:
    if closed:
        return Stage.ARCHIVED if followup.get("archived_at") else Stage.CLOSED
    if intake.get("withdrawn_at"):
        return Stage.WITHDRAWN
    stage = Stage(routing.get("stage", "registered"))
    in_hand = any(told["round"] == routing.get("round") and told.get("received_at") for told in main)
    return Stage.IN_HAND if stage is Stage.INSTRUCTED and in_hand else stage


def _closing_stands(routing: Part, followup: Part) -> bool:
    """Whether the case is closed. Reopening ends it; at one and the same instant the conclusion tells which came last:
    only a concluded or withdrawn case is closed."""
    closed_at, reopened_at = moment(followup.get("closed_at")), moment(routing.get("reopened_at"))
    if closed_at is None or reopened_at is None or reopened_at != closed_at:
        return closed_at is not None and (reopened_at is None or reopened_at < closed_at)
    return routing["stage"] == Stage.CONCLUDED or followup["close_reason"] == "withdrawn"


def _responsible(issued: Iterable[Part]) -> Person | None:
    """Who answers for the case now: of the latest round the lead, before whoever handles it, before who joins."""
    standing = [told for told in issued if not told.get("withdrawn_at")]
    if not standing:
        return None
    found = min(standing, key=lambda told: (-told["round"], -_RANK[told["part"]], told["issued_at"], str(told["responsible"])))
    return _holder(found)


def _waits(told: Part) -> bool:
    over = told.get("approved_at") or told.get("withdrawn_at")
    return bool(told.get("reply_id")) and not over and told["reply_id"] not in told.get("returned", [])


def _deadlines(facts: Facts, own: str | None, obligation: str) -> Iterator[Part]:
    """Of the instance whose case it is; in an instance that only handles the case, its own."""
    sources = [f"/{own}/supervision"] if f"/{own}/supervision" in facts else sorted(facts)
    for source in sources:
        for told in facts[source].get("deadlines", {}).values():
            if told["obligation"] == obligation:
                yield told


def _owed(deadlines: Iterable[Part]) -> datetime | None:
    return _first(d["due_at"] for d in deadlines if not any(d.get(name) for name in ("met_at", "withdrawn_at", "paused_at")))


def _limit(deadlines: Iterable[Part]) -> datetime | None:
    """The earliest limit that was not taken back before it fell due; met or not, the rates count by it. One that stands
    still has not fallen due."""
    return _first(d["due_at"] for d in deadlines if not _taken_back(d) and not _stands_still(d))


def _stands_still(deadline: Part) -> bool:
    return bool(deadline.get("paused_at")) and not deadline.get("met_at")


def _taken_back(deadline: Part) -> bool:
    withdrawn_at: Any = moment(deadline.get("withdrawn_at"))
    return withdrawn_at is not None and withdrawn_at < moment(deadline["due_at"])


def _first(instants: Iterable[str | None]) -> datetime | None:
    return min((at for at in map(moment, instants) if at is not None), default=None)

"""The picture of a case that follows from what all sources told: the case list's row, and who has it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.reporting.domain.facts import Facts, Part
from services.reporting.domain.limits import first, limits, moment
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
    conclude_owed_by: Person | None
    reply_limit_at: datetime | None
    reply_owed_by: Person | None
    repeat_of: list[str]
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


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """That an instruction was given, when and by which organisation's first-in-command."""

    instruction_id: UUID
    case_id: UUID
    organisation: str
    round: int
    instructed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the petitioner said of a round in the end, himself or as staff wrote down."""

    case_id: UUID
    organisation: str
    round: int
    result: str
    source: str
    answered_at: datetime
    contested_at: datetime | None


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
        dispatched_at=first(told.get("issued_at") for told in issued),
        received_at=first(told.get("received_at") for told in main),
        replied_at=first(told.get("replied_at") for told in main),
        concluded_at=moment(routing.get("concluded_at")),
        outcome=routing.get("outcome"),
        closed_at=moment(followup.get("closed_at")) if closed else None,
        close_reason=followup.get("close_reason") if closed else None,
        archived_at=moment(followup.get("archived_at")) if closed else None,
        **limits(facts, own, closed),
        repeat_of=sorted(set(intake.get("repeats", {}).values())),
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


def instructions(case_id: UUID, facts: Facts) -> list[Instruction]:
    """The instructions that were given on the case, in this instance and elsewhere."""
    return [
        Instruction(
            instruction_id=UUID(key), case_id=case_id, organisation=organisation_of(source), round=told["round"],
            instructed_at=datetime.fromisoformat(told["at"]),
        )
        for source, part in facts.items()
        for key, told in part.get("instructions", {}).items()
    ]  # fmt: skip


def answers(case_id: UUID, facts: Facts) -> list[Answer]:
    """One for each round that the petitioner was asked about and answered, in this instance and elsewhere."""
    return [
        Answer(
            case_id=case_id, organisation=organisation_of(source), round=int(number), result=said["result"], source=said["source"],
            answered_at=datetime.fromisoformat(said["at"]), contested_at=moment(part.get("contested", {}).get(number)),
        )
        for source, part in facts.items()
        for number, said in part.get("answers", {}).items()
    ]  # fmt: skip


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

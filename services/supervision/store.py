"""Rows <-> entities of supervision."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from services.supervision.domain import CalendarChange, Deadline, KnownAssignment, SupervisedCase
from services.supervision.domain.charge import Charge, Evidence, Proposal
from services.supervision.domain.interviews import Interview
from services.supervision.domain.ladder import Annulment, Climb, LadderStep
from services.supervision.domain.scores import Entry, Objection, Occasion
from services.supervision.policy import Obligation, Step
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.rows import Table
from shared.sql import load


@dataclass(frozen=True, kw_only=True)
class Barred:
    """Who must never see a case. The latest word of routing stands."""

    case_id: UUID
    organisations: frozenset[str]
    officials: frozenset[str]
    barred_at: datetime


@dataclass(frozen=True, kw_only=True)
class SkipLevel:
    """That a case was taken to a higher level, when, and who says so; `told` is the event. Nothing of who took it there."""

    id: UUID
    case_id: UUID
    level: str
    on_day: date
    source: str
    by: Person
    at: datetime
    told: UUID
    annulled_at: datetime | None = None
    annulled_by: Person | None = None
    annulled_for: str | None = None


@dataclass(frozen=True, kw_only=True)
class InVain:
    """That a miss turned out to be none, as event `told` says; what it cost is put right once it was judged."""

    deadline_id: UUID
    case_id: UUID
    told: UUID
    corrected_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Received:
    """A step that a superior's ladder sent to an official of this instance; `id` is the step's there."""

    id: UUID
    case_id: UUID
    issuer: str
    step: Step
    obligation: Obligation
    responsible: Person
    by: Person | None
    document: str
    demand: str
    until: date | None
    taken_at: datetime
    interview_id: UUID | None = None
    place: str | None = None
    meets_at: datetime | None = None
    ended_at: datetime | None = None


CASES = Table("supervised_case", SupervisedCase)
DEADLINES = Table("deadline", Deadline, stepwise="stage")
ASSIGNMENTS = Table("known_assignment", KnownAssignment)
BARRED = Table("case_barred", Barred, ("case_id",))
CHARGES = Table("charge", Charge)
PROPOSALS = Table("charge_proposal", Proposal)
DUTIES = Table("duty", Evidence)
OCCASIONS = Table("score_occasion", Occasion, ("cause", "detail"))
ENTRIES = Table("score_entry", Entry)
IN_VAIN = Table("score_in_vain", InVain, ("deadline_id",))
OBJECTIONS = Table("score_objection", Objection)
SKIP_LEVELS = Table("skip_level", SkipLevel)
LADDERS = Table("ladder", Climb)
STEPS = Table("ladder_step", LadderStep)
ANNULMENTS = Table("ladder_annulment", Annulment)
INTERVIEWS = Table("interview", Interview, stepwise="stage")
RECEIVED = Table("ladder_received", Received)
CALENDAR_CHANGES = Table("calendar_change", CalendarChange)

SQL = load(Path(__file__).with_name("queries"))


def may_decide(uow: UnitOfWork, org: str) -> bool:
    """Whether an organisation is ours, or lies above it: what we dispatched first and then referred up is the superior's to decide."""
    found = uow.one(SQL["is_above"], org=org, own=uow.org)
    return org == uow.org or bool(found and found["above"])

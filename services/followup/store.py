"""Rows <-> entities of follow-up."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from services.followup.domain.case import Closing, FollowedCase
from services.followup.domain.checking import Check
from services.followup.domain.review import Review
from services.followup.domain.task import Answer, Task
from services.followup.domain.trying import Try
from shared.contract.person import Person
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
class Handling:
    """Who was responsible for a case."""

    assignment_id: UUID
    official: str
    case_id: UUID
    organisation: str


@dataclass(frozen=True, kw_only=True)
class CarriedCase:
    """The leader who carries a case until it is over. The latest word of supervision stands."""

    case_id: UUID
    charge_id: UUID
    leader: Person
    taken_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ReopenRequest:
    """That a petitioner contested, or asked for the case to go on; the id is the event's."""

    id: UUID
    case_id: UUID
    round: int
    ground: str
    at: datetime
    granted: bool


CASES = Table("followed_case", FollowedCase, stepwise="stage")
TASKS = Table("task", Task, ("case_id", "round"), stepwise="stage")
TRIES = Table("contact_try", Try)
ANSWERS = Table("answer", Answer)
CLOSINGS = Table("closing", Closing, ("case_id", "number"))
CHECKS = Table("answer_check", Check)
REQUESTS = Table("reopen_request", ReopenRequest)
REVIEWS = Table("review", Review, stepwise="stage")
CARRIED = Table("carried_case", CarriedCase, ("case_id",))
HANDLINGS = Table("handling", Handling, ("assignment_id", "official"))
BARRED = Table("case_barred", Barred, ("case_id",))

SQL = load(Path(__file__).with_name("queries"))

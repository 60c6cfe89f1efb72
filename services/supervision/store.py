"""Rows <-> entities of supervision."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from services.supervision.domain import Deadline, KnownAssignment, SupervisedCase
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


CASES = Table("supervised_case", SupervisedCase)
DEADLINES = Table("deadline", Deadline)
ASSIGNMENTS = Table("known_assignment", KnownAssignment)
BARRED = Table("case_barred", Barred, ("case_id",))

SQL = load(Path(__file__).with_name("queries.sql"))


def may_decide(uow: UnitOfWork, org: str) -> bool:
    """Whether an organisation is ours, or lies above it: what we dispatched first and then referred up is the superior's to decide."""
    found = uow.one(SQL["is_above"], org=org, own=uow.org)
    return org == uow.org or bool(found and found["above"])

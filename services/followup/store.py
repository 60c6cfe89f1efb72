"""Rows <-> entities of follow-up."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from services.followup.domain import Answer, Closing, FollowedCase, Task, Try
from shared.rows import Table
from shared.sql import load


@dataclass(frozen=True, kw_only=True)
class Barred:
    """Who must never see a case. The latest word of routing stands."""

    case_id: UUID
    organisations: frozenset[str]
    officials: frozenset[str]
    barred_at: datetime


CASES = Table("followed_case", FollowedCase)
TASKS = Table("task", Task, ("case_id", "round"))
TRIES = Table("contact_try", Try)
ANSWERS = Table("answer", Answer)
CLOSINGS = Table("closing", Closing, ("case_id",))
BARRED = Table("case_barred", Barred, ("case_id",))

SQL = load(Path(__file__).with_name("queries"))

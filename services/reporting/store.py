"""Rows <-> entities of reporting, and its named statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from services.reporting.domain.picture import Answer, CaseRow, CaseUnit, Instruction
from services.reporting.domain.tally import Cell
from shared.rows import Table
from shared.sql import load


@dataclass(frozen=True, kw_only=True)
class CaseText:
    """What is searched of a case."""

    case_id: UUID
    haystack: str
    grams: list  # a bare list, so that it is written as an array and not as JSON


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


@dataclass(frozen=True, kw_only=True)
class PublishedCase:
    """Under which name other agencies are told of a case, since when, and on which days they think that its steps were."""

    case_id: UUID
    public_id: UUID
    told_at: datetime
    read_on: date | None = None
    concluded_on: date | None = None
    closed_on: date | None = None


CASES = Table("case_row", CaseRow, ("case_id",))
UNITS = Table("case_unit", CaseUnit, ("assignment_id",))
TEXTS = Table("case_text", CaseText, ("case_id",))
INSTRUCTIONS = Table("instruction", Instruction, ("instruction_id",))
BARS = Table("case_bar", CaseBar, ("case_id",))
CHARGES = Table("case_charge", CaseCharge, ("charge_id",))
ANSWERS = Table("answer", Answer, ("case_id", "organisation", "round"))
TALLY = Table("tally", Cell, ("organisation", "dimension", "day", "figure", "value", "done"), adds=("n",))
PUBLISHED = Table("published_case", PublishedCase, ("case_id",))
READ_MODEL = (CASES, UNITS, TEXTS, INSTRUCTIONS, BARS, CHARGES, ANSWERS, TALLY)

SQL = load(Path(__file__).with_name("queries"))

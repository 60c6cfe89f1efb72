"""What follows from a case's row, table by table: written when a case changes, and all of it where the model is made anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from services.reporting.domain import picture, search
from services.reporting.domain.picture import Answer, CaseRow, CaseUnit, Instruction
from services.reporting.handlers.filling import Filling
from services.reporting.store import ANSWERS, CASES, INSTRUCTIONS, TEXTS, UNITS, CaseText
from shared.rows import Table


def units(row: CaseRow) -> list[CaseUnit]:
    """Whom the case was assigned to."""
    return picture.units(row.case_id, row.facts)


def instructions(row: CaseRow) -> list[Instruction]:
    """The instructions that were given on it."""
    return picture.instructions(row.case_id, row.facts)


def answers(row: CaseRow) -> list[Answer]:
    """What the petitioner said of each round."""
    return picture.answers(row.case_id, row.facts)


def haystack(row: CaseRow) -> str:
    """In what words of it one searches."""
    return search.normal(" ".join(filter(None, (row.number, row.title, row.brief))))


def text(row: CaseRow) -> CaseText:
    """What is searched of it."""
    words = haystack(row)
    return CaseText(case_id=row.case_id, haystack=words, grams=search.grams(words))


DRAWN: dict[Table[Any], Callable[[CaseRow], Sequence[Any]]] = {UNITS: units, INSTRUCTIONS: instructions, ANSWERS: answers}


def fill(filling: Filling, row: CaseRow) -> None:
    """The row itself and all that follows from it, into tables that are made from nothing."""
    filling.put(CASES, [row])
    filling.put(TEXTS, [text(row)])
    for table, drawn in DRAWN.items():
        filling.put(table, drawn(row))

"""The duty roster: a week or a month of it, with its gaps, and what makes it up."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from services.intake.domain.duty import DAY, Roster
from services.intake.domain.submission import CHINA
from services.intake.handlers import duty
from services.intake.schemas.duty import RosterFilter
from services.intake.store import SQL
from services.intake.web.calls import line_names
from services.intake.web.common import EDITORS, blueprint, site, viewer
from shared.database import UnitOfWork
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import menu
from shared.web.session import Reader

PREVIEWED = timedelta(days=28)


def _faults(reader: Reader) -> int:
    if not site().telephone.lines:
        return 0
    with unit_of_work("intake") as uow:
        return len(duty.gaps_ahead(uow, site().telephone.lines))


menu(blueprint, _("值班表"), ".duty_page", order=13, badge=_faults)


@blueprint.get("/intake/duty")
@allow(*EDITORS, "first_in_command")
def duty_page() -> ResponseReturnValue:
    """A week or a month, day by day; gaps within seven days are a fault."""
    wanted = parse(RosterFilter(), request.args)
    with unit_of_work("intake") as uow:
        today = uow.now.astimezone(CHINA).date()
        day = wanted["day"] if wanted["day"] and abs(wanted["day"].year - today.year) <= 10 else today
        first, count = _span(day, wanted["view"])
        roster = duty.roster(uow, site().telephone.lines, _midnight(first), _midnight(first + count * DAY))
        return render_template(
            "intake/duty.html", days=days(roster, first, count), lines=line_names(), names=names_of(uow), view=wanted["view"],
            first=first, before=first - DAY, after=first + count * DAY, today=today, now=uow.now,
            gaps=duty.gaps_ahead(uow, site().telephone.lines), edits=not viewer().roles.isdisjoint(EDITORS),
            patterns=[found for found in roster.patterns if not found.ends_on or found.ends_on >= today],
            entries=[found for found in roster.entries if found.ends_at > uow.now], swaps=uow.all(SQL["duty_swaps"], limit=20),
        )  # fmt: skip


def _span(day: date, view: str) -> tuple[date, int]:
    """The first day of the week or month that `day` lies in, and how many days it has."""
    if view == "month":
        return day.replace(day=1), calendar.monthrange(day.year, day.month)[1]
    return day - timedelta(days=day.weekday()), 7


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def names_of(uow: UnitOfWork) -> Mapping[str, str]:
    """Every official's name by id; whoever is out of office is called so elsewhere."""
    return {official: row["name"] for official, row in duty.officials(uow).items()}


def days(roster: Roster, first: date, count: int) -> list[dict[str, Any]]:
    """Each day with the pieces of each line: who is on duty, or that nobody is, and who would be were he still in office."""
    found = []
    for number in range(count):
        day = first + number * DAY
        start, end = _midnight(day), _midnight(day + DAY)
        absent = [shift for shift in roster.shifts(start, end) if shift.official not in roster.in_office]
        cells: dict[str, list[dict[str, Any]]] = {line: [] for line in roster.lines}
        for piece in roster.coverage(start, end):
            gone = {
                shift.official for shift in absent
                if shift.line == piece.line and shift.starts_at < piece.ends_at and shift.ends_at > piece.starts_at
            }  # fmt: skip
            cells[piece.line].append({
                "words": f"{piece.starts_at.astimezone(CHINA):%H:%M}–{until(piece.ends_at, end)}", "officials": piece.officials,
                "gone": sorted(gone) if not piece.officials else [], "ends_at": piece.ends_at,
            })  # fmt: skip
        found.append({"day": day, "cells": cells})
    return found


def until(at: datetime, end: datetime) -> str:
    """The end of a piece: the last midnight is 24:00 of the day that it ends."""
    return "24:00" if at == end else f"{at.astimezone(CHINA):%H:%M}"


def preview(uow: UnitOfWork, before: Roster, after: Roster, first: datetime) -> dict[str, Any]:
    """What a change does in the four weeks from its first day: gaps and overlaps before and after, and its first week."""
    start = max(first, uow.now)
    end = start + PREVIEWED
    return {
        "days": days(after, start.astimezone(CHINA).date(), 7),
        "gaps": (before.gaps(start, end), after.gaps(start, end)),
        "overlaps": (before.overlaps(start, end), after.overlaps(start, end)),
    }

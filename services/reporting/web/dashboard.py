"""A leader's overview: what waits, what is late and whose, the course of weeks, periods beside each other, units in a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.reporting.domain.statistics import Figures, Period
from services.reporting.handlers import counting, saving
from services.reporting.handlers.seeing import Sight
from services.reporting.web import words
from services.reporting.web.comparing import compared
from services.reporting.web.dossier import organisation_names
from services.reporting.web.links import Links
from services.reporting.web.parts import blueprint, person, readers, saved_items, sight
from services.reporting.web.statistics import names
from shared.database import UnitOfWork
from shared.web.databases import unit_of_work
from shared.web.frame import local, menu

menu(blueprint, lazy_gettext("总览"), ".dashboard", order=55)
WEEKS = 12
HEIGHT, STEP, BAR = 120, 44, 14  # of the drawing, in its own units
WAITING = ("in_hand", "review", "receipt", "received", "reply", "overdue", "followup")
RATES = ("reply_rate", "closing_rate")


@blueprint.get("/dashboard")
@readers
def dashboard() -> str:
    """The overview, as of now."""
    with unit_of_work("reporting") as uow:
        sees, moment = sight(uow), uow.now
        today = local(moment).date()
        queues = counting.queues(uow, sees, now=moment)
        late = counting.late(uow, sees, now=moment)
        known = organisation_names(uow)
        periods = compared(uow, sees, today.replace(day=1), today, (_("本月至今"), _("上月同期"), _("去年同期")))
        divided = {by: _divided(uow, sees, today, moment, by) for by in (("unit", "place") if sees.everything else ("unit",))}
        weeks = _weeks(uow, sees, today)
        saved = saved_items(saving.saved(uow, person().official))
    for row in late:
        row |= {
            "unit_name": known.get(row["unit"], row["unit"]),
            "href": url_for(".cases", overdue="true", leader=row["official"], owner=row["unit"]),
        }
    return render_template(
        "reporting/dashboard.html", moment_now=moment, words=words, late=late, periods=periods,
        divided=divided, weeks=weeks, everything=sees.everything,
        waiting=[(words.QUEUES[name], queues[name], url_for(".cases", queue=name), name) for name in WAITING],
        drawing={"width": STEP * WEEKS, "height": HEIGHT, "bar": BAR}, saved=saved,
    )  # fmt: skip


def _divided(uow: UnitOfWork, sees: Sight, today: date, now: datetime, by: str) -> list[dict[str, Any]]:
    """Units, or townships, with what they have in hand, and their rates of the last two months; those with the most in hand first."""
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    found = counting.counts(uow, Period.of_days(first, today, now), sees, by)
    named, links = names(uow, by, found), Links(sees, first, today, None)
    rows = [_row(by, value, counted, named, links) for value, counted in found.items() if value]
    return sorted(rows, key=lambda row: (-row["in_hand"][0], row["label"]))


def _row(by: str, value: str, counted: Mapping[str, int], named: Mapping[str, str], links: Links) -> dict[str, Any]:
    figures = Figures.of(counted)
    return {
        "label": named.get(value, value), "in_hand": (counting.in_hand(counted), links.in_hand(by, value)),
        "registered": (figures.registered, links.to("registered", by, value)),
        "rates": [(figures.rate(name), *links.of_rate(name, by, value)) for name in RATES],
    }  # fmt: skip


def _weeks(uow: UnitOfWork, sees: Sight, today: date) -> list[dict[str, Any]]:
    """The last weeks, Monday to Sunday, with what came in and what was closed, and how high to draw that."""
    first = today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))
    days = counting.trend(uow, sees, first, today, ("registered", "closed"))
    weeks: list[dict[str, Any]] = [{"first": first + timedelta(days=7 * n), "registered": 0, "closed": 0} for n in range(WEEKS)]
    for (day, figure), n in days.items():
        weeks[(day - first).days // 7][figure] += n
    most = max((week[figure] for week in weeks for figure in ("registered", "closed")), default=0) or 1
    for n, week in enumerate(weeks):
        week["x"], links = n * STEP, Links(sees, week["first"], week["first"] + timedelta(days=6), None)
        week["hrefs"] = {figure: links.to(figure) for figure in ("registered", "closed")}
        week["bars"] = [
            (figure, BAR * place, round(HEIGHT * week[figure] / most, 1)) for place, figure in enumerate(("registered", "closed"))
        ]
    return weeks

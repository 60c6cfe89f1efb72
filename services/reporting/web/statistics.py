"""The figures of a period, each with its definition and the cases behind it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import Schema, ValidationError, fields, validates_schema

from services.reporting.domain.statistics import Figures, Period
from services.reporting.handlers import counting
from services.reporting.web import words
from services.reporting.web.parts import blueprint, readers, sight
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import local, menu

menu(blueprint, lazy_gettext("统计"), ".statistics", order=70)


class PeriodArguments(Schema):
    """A period by its first and last day in Asia/Shanghai."""

    first = fields.Date(data_key="from", metadata={"label": lazy_gettext("从")})
    last = fields.Date(data_key="to", metadata={"label": lazy_gettext("到")})

    @validates_schema
    def _in_order(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            raise ValidationError("截止日期早于起始日期。 → 请按先后填写日期。", "to")


@blueprint.get("/statistics")
@readers
def statistics() -> str:
    """Counts and the two due-rates; without a period, of the year so far."""
    asked = parse(PeriodArguments(), request.args)
    with unit_of_work("reporting") as uow:
        today = local(uow.now).date()
        last = asked.get("last") or max(today, asked.get("first", today))
        first = asked.get("first") or min(last, today).replace(month=1, day=1)
        period = Period.of_days(first, last, uow.now)
        found = counting.figures(uow, period, sight(uow))
    return render_template(
        "reporting/statistics.html", first=first, last=last, period=period, figures=_linked(found, first, last),
        rates=_rates(found, first, last), shortcuts=_shortcuts(today, first, last), words=words,
        values={"from": first.isoformat(), "to": last.isoformat()},
    )  # fmt: skip


def _days(first: date, last: date) -> dict[str, Any]:
    return {"from": first.isoformat(), "to": last.isoformat()}


def _href(figure: str, first: date, last: date) -> str:
    return url_for(".cases", figure=figure, **_days(first, last))


def _linked(found: Figures, first: date, last: date) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "label": label, "meaning": meaning, "value": getattr(found, name),
            "href": _href("instructed" if name == "instructions" else name, first, last),
        }
        for name, (label, meaning) in words.FIGURES.items()
    }  # fmt: skip


def _rates(found: Figures, first: date, last: date) -> list[dict[str, Any]]:
    return [
        {
            "label": label, "percent": rate.percent, "done": rate.done, "of": rate.of,
            "done_href": _href(f"{name}_done", first, last), "of_href": _href(name, first, last),
        }
        for name, label, rate in (
            ("due_reply", _("到期回复率"), found.reply_rate),
            ("due_closing", _("到期结案率"), found.closing_rate),
        )
    ]  # fmt: skip


def _shortcuts(today: date, first: date, last: date) -> list[dict[str, Any]]:
    week = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    periods = (
        (_("本周"), week, today), (_("上周"), week - timedelta(days=7), week - timedelta(days=1)),
        (_("本月"), month, today), (_("上月"), before, month - timedelta(days=1)),
        (_("近两月"), before, today), (_("本年"), today.replace(month=1, day=1), today),
    )  # fmt: skip
    return [
        {
            "label": label, "current": (start, end) == (first, last),
            "href": url_for(".statistics", **_days(start, end)),
        }
        for label, start, end in periods
    ]  # fmt: skip

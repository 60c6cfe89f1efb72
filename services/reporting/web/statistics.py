"""The figures of a period, each with its definition, divided as one asks, and with the cases behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.reporting.domain.statistics import RATES, Figures, Period
from services.reporting.handlers import counting
from services.reporting.handlers.seeing import Sight
from services.reporting.store import SQL
from services.reporting.web import words
from services.reporting.web.comparing import compared
from services.reporting.web.dossier import organisation_names
from services.reporting.web.links import Links, in_days
from services.reporting.web.parts import blueprint, readers, sight
from shared.database import UnitOfWork
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import local, menu

menu(blueprint, lazy_gettext("统计"), ".statistics", order=70)
COLUMNS = ("registered", "replied", "concluded", "closed")


class PeriodArguments(Schema):
    """A period by its first and last day in Asia/Shanghai, and how its figures are divided."""

    first = fields.Date(data_key="from", metadata={"label": lazy_gettext("从")})
    last = fields.Date(data_key="to", metadata={"label": lazy_gettext("到")})
    by = fields.String(load_default="unit", validate=validate.OneOf(words.DIMENSIONS), metadata={"label": lazy_gettext("分项")})
    organisation = fields.String(data_key="of", validate=validate.Length(max=64), metadata={"label": lazy_gettext("登记机关")})

    @validates_schema
    def _in_order(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            raise ValidationError("截止日期早于起始日期。 → 请按先后填写日期。", "to")


@blueprint.get("/statistics")
@readers
def statistics() -> str:
    """Counts and rates; without a period, of the year so far."""
    asked = parse(PeriodArguments(), request.args)
    with unit_of_work("reporting") as uow:
        today = local(uow.now).date()
        last = asked.get("last") or max(today, asked.get("first", today))
        first = asked.get("first") or min(last, today).replace(month=1, day=1)
        period, sees, by = Period.of_days(first, last, uow.now), sight(uow), asked["by"]
        organisations = _organisations(uow, sees)
        whose = asked.get("organisation") if asked.get("organisation") in organisations else None
        counted: Mapping[str, int] = counting.counts(uow, period, sees, organisation=whose).get("", {})
        divided = counting.counts(uow, period, sees, by, whose)
        named = names(uow, by, divided)
        times = counting.times(uow, sees, period) if whose in (None, uow.org) else {}
        beside = compared(uow, sees, first, last, (_("本期"), _("上一期"), _("去年同期")), whose)
        interviews = counting.interviews(uow, period, sees)
    links = Links(sees, first, last, whose)
    shown = [name for name in words.FIGURES if sees.everything or name not in counting.NOT_OF_UNITS]
    total = Figures.of(counted)
    figures = _linked(total, links, shown)
    figures["in_hand"] = _figure("in_hand", counting.in_hand(counted), links.in_hand())
    if sees.everything and whose in (None, sees.own):
        figures["interviews"] = _figure("interviewed", interviews, links.interviews())
    for step, found in times.items():
        found["href"] = links.to(f"took_{step}")
    return render_template(
        "reporting/statistics.html", first=first, last=last, period=period, figures=figures, words=words,
        rates=rates(total, links, shown), shortcuts=_shortcuts(today, first, last, by), times=times, organisations=organisations, beside=beside,
        table=_table(divided, by, named, links), by=by, columns=COLUMNS, narrowed=sees.everything, below=links.to("registered") is None,
        values={"from": first.isoformat(), "to": last.isoformat(), "by": by, "of": whose or sees.own},
    )  # fmt: skip


def _organisations(uow: UnitOfWork, sees: Sight) -> dict[str, str]:
    """Whose figures the reader may choose from: of the instance, of those below it, and of those that hand cases down to it."""
    known = organisation_names(uow)
    whose = counting.tallied(uow) if sees.everything else []
    return {code: known.get(code, code) for code in sorted({sees.own, *whose})}


def names(uow: UnitOfWork, by: str, divided: Mapping[str, Any]) -> dict[str, str]:
    """What the values of a dimension are called."""
    if by == "channel":
        return {code: str(said) for code, said in words.CHANNELS.items()}
    if by == "leader":
        return {row["code"]: row["name"] for row in uow.all(SQL["officials"], codes=list(divided))}
    return organisation_names(uow) if by in ("unit", "place") else {}


def _linked(found: Figures, links: Links, shown: list[str]) -> dict[str, dict[str, Any]]:
    return {name: _figure(name, getattr(found, name), links.to(name)) for name in shown}


def _figure(name: str, value: int, href: str | None) -> dict[str, Any]:
    label, meaning = words.DEFINED[name]
    return {"label": label, "meaning": meaning, "value": value, "href": href}


def rates(found: Figures, links: Links, shown: list[str]) -> list[dict[str, Any]]:
    """The rates with their denominators, each leading to its cases."""
    told = []
    for name, (done, of) in RATES.items():
        if all(figure in shown for figure in (*done, *of)):
            rate = found.rate(name)
            done_href, of_href = links.of_rate(name)
            told.append(
                {
                    "label": words.RATES[name][0], "of_what": words.RATES[name][1], "percent": rate.percent, "done": rate.done,
                    "of": rate.of, "done_href": done_href, "of_href": of_href,
                }
            )  # fmt: skip
    return told


def _table(divided: counting.Counts, by: str, named: Mapping[str, str], links: Links) -> list[dict[str, Any]]:
    """A row for each value of the dimension, by its name's code; `in_hand` is of now, everything else of the period."""
    rows = []
    for value, counted in sorted(divided.items(), key=lambda pair: (not pair[0], pair[0])):
        found = Figures.of(counted)
        row: dict[str, Any] = {"label": named.get(value, value) if value else _("（无）")}
        row |= {name: (getattr(found, name), links.to(name, by, value)) for name in COLUMNS}
        for name in ("due_reply", "due_closing"):
            rate = found.reply_rate if name == "due_reply" else found.closing_rate
            row[name] = (rate, links.to(f"{name}_done", by, value), links.to(name, by, value))
        row["in_hand"] = (counting.in_hand(counted), links.in_hand(by, value))
        rows.append(row)
    return rows


def _shortcuts(today: date, first: date, last: date, by: str) -> list[dict[str, Any]]:
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
            "href": url_for(".statistics", by=by, **in_days(start, end)),
        }
        for label, start, end in periods
    ]  # fmt: skip

"""The working calendar: what is entered for a year, changes by name and reason, and the limits that a change would move."""

from __future__ import annotations

from calendar import Calendar
from collections import defaultdict
from datetime import date
from typing import Any

from babel.dates import get_month_names
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.supervision.domain.calendar import DayMark, Entry
from services.supervision.handlers import calendar as keeping
from services.supervision.handlers.in_force import calendar_of
from services.supervision.web.common import READERS, WORDS, acting, blueprint, reader_now, sight_of
from services.supervision.working_calendar import WorkingCalendar, local_day
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse, rerender
from shared.web.frame import language

KEEPERS = (Role.SUPERVISION_OFFICE,)
MARKS = {DayMark.DAY_OFF: _("放假"), DayMark.WORKING: _("调休上班"), DayMark.ORDINARY: _("取消录入，恢复平常")}
WORDS["marks"] = {str(mark): words for mark, words in MARKS.items()}


class YearArguments(Schema):
    """What the address of the calendar may say."""

    year = fields.Integer(validate=validate.Range(1970, 2200), metadata={"label": _("年份")})


def _reason(**options: Any) -> fields.String:
    return fields.String(required=True, validate=validate.Length(4, 300), metadata={"label": _("依据和理由")}, **options)


class DaysForm(Schema):
    """Days to be entered. `key` comes with the form, so that sending it twice enters them once."""

    key = fields.UUID(required=True, metadata={"label": _("表单编号")})
    reason = _reason()
    first = fields.Date(required=True, metadata={"label": _("首日")})
    last = fields.Date(metadata={"label": _("末日")})
    mark = fields.String(required=True, validate=validate.OneOf(list(map(str, MARKS))), metadata={"label": _("性质")})
    name = fields.String(load_default="", validate=validate.Length(0, 20), metadata={"label": _("节假日名称")})


class CoverageForm(Schema):
    """How far the calendar has been entered; a key and a reason of its own, for both forms stand on one page."""

    key = fields.UUID(required=True, data_key="reach_key", metadata={"label": _("表单编号")})
    reason = _reason(data_key="grounds")
    until = fields.Date(required=True, metadata={"label": _("覆盖至")})


class RecountForm(Schema):
    """Which limits are counted anew, and why."""

    chosen = fields.List(fields.UUID(), load_default=[], validate=validate.Length(0, keeping.MOST), metadata={"label": _("期限")})
    everything = fields.Boolean(load_default=False, metadata={"label": _("全部")})
    reason = fields.String(required=True, validate=validate.Length(4, 300), metadata={"label": _("决定的理由")})


@blueprint.get("/calendar")
@allow(*READERS)
def calendar() -> ResponseReturnValue:
    """A year of the calendar, who changed it, and how far it reaches."""
    asked = parse(YearArguments(), request.args)
    with unit_of_work("supervision") as uow:
        return render_template("supervision/calendar.html", **_shown(uow, asked.get("year")))


@blueprint.post("/calendar/days")
@allow(*KEEPERS)
def change_days() -> ResponseReturnValue:
    """Enter days off, make-up days or ordinary days. No limit moves by it."""
    try:
        form = parse(DaysForm(), request.form)
        first, last = form["first"], form.get("last") or form["first"]
        with unit_of_work("supervision") as uow:
            found = keeping.change_days(
                uow, form["key"], first=first, last=last, mark=DayMark(form["mark"]), name=form["name"], reason=form["reason"],
                by=acting(uow, *KEEPERS),
            )  # fmt: skip
    except (BadInput, Refused) as fault:
        return _again(fault)
    flash(ngettext("已录入 %(num)d 天。", "已录入 %(num)d 天。", len(found)))
    return redirect(url_for(".calendar", year=first.year), 303)


@blueprint.post("/calendar/coverage")
@allow(*KEEPERS)
def extend_calendar() -> ResponseReturnValue:
    """Say that the calendar is entered until a later day; what waited for it is counted now."""
    try:
        form = parse(CoverageForm(), request.form)
        with unit_of_work("supervision") as uow:
            waited = keeping.extend_calendar(
                uow, form["key"], last=form["until"], reason=form["reason"], by=acting(uow, *KEEPERS)
            )
    except (BadInput, Refused) as fault:
        return _again(fault)
    flash(gettext("工作日历现在覆盖至 %(day)s。", day=form["until"]))
    if waited:
        flash(ngettext("%(num)d 条等待日历的事件正在重新处理。", "%(num)d 条等待日历的事件正在重新处理。", waited))
    return redirect(url_for(".calendar", year=form["until"].year), 303)


@blueprint.get("/calendar/differences")
@allow(*READERS)
def differences() -> ResponseReturnValue:
    """The limits that the calendar now gives another day. Nothing has moved."""
    with unit_of_work("supervision") as uow:
        return render_template("supervision/differences.html", **_differing(uow))


@blueprint.post("/calendar/differences")
@allow(*KEEPERS)
def recount() -> ResponseReturnValue:
    """Count the chosen limits anew, by this person's decision."""
    try:
        form, who = parse(RecountForm(), request.form), sight_of(reader_now())
        with unit_of_work("supervision") as uow:
            chosen = {row["id"] for row in keeping.differences(uow, who, uow.now)} if form["everything"] else set(form["chosen"])
            if not chosen:
                raise Refused("chosen", "没有选择期限。", "请勾选要重新计算的期限，或者勾选全部。")
            moved = keeping.recount(uow, who, chosen, by=acting(uow, *KEEPERS), reason=form["reason"])
    except (BadInput, Refused) as fault:
        with unit_of_work("supervision") as uow:
            return rerender("supervision/differences.html", fault, **_differing(uow))
    flash(ngettext("已重新计算 %(num)d 项期限，并已告知责任人。", "已重新计算 %(num)d 项期限，并已告知责任人。", moved))
    return redirect(url_for(".differences"), 303)


def _again(fault: BadInput | Refused) -> ResponseReturnValue:
    with unit_of_work("supervision") as uow:
        return rerender("supervision/calendar.html", fault, **_shown(uow, None))


def _shown(uow: UnitOfWork, year: int | None) -> dict[str, Any]:
    known, reader = calendar_of(uow), reader_now()
    year = year or local_day(uow.now).year
    left, alarm = keeping.coverage(uow)
    changes = [{"change": each, "entries": list(map(Entry.of, each.entries))} for each in reversed(keeping.history(uow))]
    return {
        "known": known, "year": year, "years": range(known.first.year, max(known.last.year, local_day(uow.now).year) + 2),
        "months": _months(known, year), "named": _named(known, year), "changes": changes, "left": left, "alarm": alarm, "words": WORDS,
        "beyond": keeping.beyond(uow), "differing": len(keeping.differences(uow, sight_of(reader), uow.now)),
        "keeper": reader.may(*KEEPERS), "keys": (uuid7(), uuid7()), "marks": [(str(mark), words) for mark, words in MARKS.items()],
        "worked": _worked(known, year), "month_names": get_month_names("wide", locale=language()),
    }  # fmt: skip


def _differing(uow: UnitOfWork) -> dict[str, Any]:
    reader = reader_now()
    rows = keeping.differences(uow, sight_of(reader), uow.now)
    return {
        "rows": [row for row in rows if row["movable"]], "stuck": [row for row in rows if not row["movable"]], "words": WORDS,
        "keeper": reader.may(*KEEPERS), "most": keeping.MOST, "now": uow.now,
    }  # fmt: skip


def _months(known: WorkingCalendar, year: int) -> list[list[list[dict[str, Any] | None]]]:
    """Weeks of days of each month; None where a day is another month's."""
    return [
        [
            [_cell(known, day) if day.month == month else None for day in week]
            for week in Calendar().monthdatescalendar(year, month)
        ]
        for month in range(1, 13)
    ]  # fmt: skip


def _cell(known: WorkingCalendar, day: date) -> dict[str, Any]:
    entered, covered = known.days.get(day), known.first <= day <= known.last
    worked = day.weekday() < 5 if entered is None else entered
    kind = "makeup" if entered else "holiday" if entered is False else "work" if worked else "weekend"
    return {"day": day, "kind": kind, "name": known.names.get(day, ""), "covered": covered}


def _named(known: WorkingCalendar, year: int) -> list[dict[str, Any]]:
    """The year's entries by holiday, in the order in which they come: the days off among weekdays, and the days worked to make up."""
    found: dict[str, dict[str, Any]] = defaultdict(lambda: {"off": [], "makeup": []})
    for day in sorted(day for day in known.days if day.year == year):
        found[known.names.get(day, "")]["makeup" if known.days[day] else "off"].append(day)
    return [{"name": name, **days} for name, days in found.items()]


def _worked(known: WorkingCalendar, year: int) -> int | None:
    """How many days of the year are worked; None where the calendar does not cover it."""
    if not (known.first.year <= year <= known.last.year and (known.last.month, known.last.day) == (12, 31)):
        return None
    return sum(
        known.is_working(date.fromordinal(n)) for n in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
    )

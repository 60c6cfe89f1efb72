"""Changing the duty roster: each form shows first what it will do, and then does it, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import Schema

from services.intake.domain import rostering as domain
from services.intake.domain.duty import Entry, Pattern, Roster, Turn
from services.intake.domain.submission import CHINA
from services.intake.handlers import duty
from services.intake.schemas.duty import EndForm, EntryForm, PatternForm, SwapForm
from services.intake.store import SQL
from services.intake.web.calls import line_names
from services.intake.web.common import EDITORS, blueprint, explained, site, viewer
from services.intake.web.duty import PREVIEWED, names_of, preview
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse

SWAPPABLE = timedelta(days=35)
Change = Callable[[UnitOfWork, dict[str, Any]], dict[str, Any] | None]


@blueprint.get("/intake/duty/change/<kind>")
@allow(*EDITORS)
def duty_form(kind: str) -> ResponseReturnValue:
    """An empty form, with a key of its own: a single shift, a weekly pattern, or a swap."""
    return _draw(kind) if kind in CHANGES else abort(404)


@blueprint.post("/intake/duty/change/<kind>")
@allow(*EDITORS)
def change_duty(kind: str) -> ResponseReturnValue:
    """Preview or save; what is wrong is told beside the form, which keeps what was typed."""
    if kind not in CHANGES:
        abort(404)
    schema, change = CHANGES[kind]
    try:
        data = parse(schema, request.form)
        with unit_of_work("intake") as uow:
            shown = change(uow, data)
    except (BadInput, Refused) as fault:
        bad = explained(fault)
        return _draw(kind, errors=bad.errors, values=_sent()), bad.code or 422
    if shown is not None:
        return _draw(kind, values=_sent(), preview=shown)
    flash(gettext("值班表已更新。"))
    return redirect(url_for("intake.duty_page"), 303)


@blueprint.post("/intake/duty/patterns/<uuid:pattern_id>/end")
@allow(*EDITORS)
def end_pattern(pattern_id: UUID) -> ResponseReturnValue:
    """A pattern's last day."""
    ends_on = parse(EndForm(), request.form)["ends_on"]
    with unit_of_work("intake") as uow:
        duty.end_pattern(uow, pattern_id, ends_on, viewer().person)
    flash(gettext("值班规律的最后一天已记录。"))
    return redirect(url_for("intake.duty_page"), 303)


@blueprint.post("/intake/duty/entries/<uuid:entry_id>/withdraw")
@allow(*EDITORS)
def withdraw_entry(entry_id: UUID) -> ResponseReturnValue:
    """Take a single shift back."""
    with unit_of_work("intake") as uow:
        duty.withdraw_entry(uow, entry_id, viewer().person)
    flash(gettext("班次已撤销，这段时间恢复按规律值班。"))
    return redirect(url_for("intake.duty_page"), 303)


def _sent() -> dict[str, Any]:
    return request.form.to_dict() | {"weekdays": request.form.getlist("weekdays")}


def _entry(uow: UnitOfWork, data: dict[str, Any]) -> dict[str, Any] | None:
    starts_at, ends_at = (data[name].replace(tzinfo=CHINA) for name in ("starts_at", "ends_at"))
    entry = Entry(
        id=data["key"], line=data["line"], starts_at=starts_at, ends_at=ends_at, official=data["on_duty"],
        recorded_by=viewer().person, recorded_at=uow.now,
    )  # fmt: skip
    if data["step"] == "save":
        duty.add_entry(uow, entry, site().telephone.lines)
        return None
    before = _roster(uow, starts_at)
    domain.check_entry(entry, lines=before.lines, in_office=before.in_office, now=uow.now)
    return preview(uow, before, replace(before, entries=(*before.entries, entry)), starts_at)


def _pattern(uow: UnitOfWork, data: dict[str, Any]) -> dict[str, Any] | None:
    names = {row["official"]: row["name"] for row in uow.all(SQL["officials"])}
    given = {name: data[name] for name in ("line", "begins_on", "ends_on")}
    pattern = Pattern(
        id=data["key"], weekdays=tuple(sorted(set(data["weekdays"]))), slots=tuple(data["slots"]), turn=Turn(data["turn"]),
        officials=tuple(domain.official_named(text, names) for text in data["on_duty"]), recorded_by=viewer().person,
        recorded_at=uow.now, **given,
    )  # fmt: skip
    if data["step"] == "save":
        duty.add_pattern(uow, pattern, site().telephone.lines)
        return None
    begins = datetime.combine(pattern.begins_on, time(), CHINA)
    before = _roster(uow, begins)
    domain.check_pattern(pattern, lines=before.lines, in_office=before.in_office, now=uow.now)
    return preview(uow, before, replace(before, patterns=(*before.patterns, pattern)), begins)


def _swap(uow: UnitOfWork, data: dict[str, Any]) -> dict[str, Any] | None:
    lines, given = site().telephone.lines, {"swap_id": data["key"], "by": viewer().person}
    if data["step"] == "save":
        duty.swap(uow, lines, data["first"], data["second"], reason=data["swap_reason"], **given)
        return None
    before, one, other, officials = duty.plan_swap(uow, lines, data["first"], data["second"], **given)
    others = tuple(entry for entry in before.entries if entry.id not in (one.id, other.id))
    after = replace(before, entries=(*others, one, other))
    return preview(uow, before, after, min(one.starts_at, other.starts_at)) | {
        "swap": ((officials[0], one), (officials[1], other))
    }


CHANGES: dict[str, tuple[Schema, Change]] = {
    "entry": (EntryForm(), _entry), "pattern": (PatternForm(), _pattern), "swap": (SwapForm(), _swap),
}  # fmt: skip


def _roster(uow: UnitOfWork, start: datetime) -> Roster:
    begin = max(start, uow.now)
    return duty.roster(uow, site().telephone.lines, begin, begin + PREVIEWED)


def _draw(kind: str, **context: Any) -> str:
    values = {"key": str(uuid4())} | context.pop("values", {})
    with unit_of_work("intake") as uow:
        names = names_of(uow)
        end = uow.now + SWAPPABLE
        shifts = duty.roster(uow, site().telephone.lines, uow.now, end).shifts(uow.now, end) if kind == "swap" else []
        page = {
            "kind": kind, "values": values, "lines": line_names(), "names": names, "officials": uow.all(SQL["officials"]),
            "shifts": [shift for shift in shifts if shift.starts_at > uow.now], "today": uow.now.astimezone(CHINA).date(),
            "preview": None, "now": uow.now,
        }  # fmt: skip
        return render_template(f"intake/duty_{kind}.html", **page | context)

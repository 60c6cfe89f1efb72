"""Skip-level petitions: what is recorded of them, by day. There is no list by petitioner, and nothing here by which to make one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.supervision.handlers import scores as commands
from services.supervision.handlers.in_force import policy_in_force
from services.supervision.score_rules import Kind
from services.supervision.store import SQL
from services.supervision.web.answering import problem, status_of
from services.supervision.web.charge_forms import ReasonsForm, SkipLevelForm
from services.supervision.web.common import READERS, WORDS, blueprint, case_sight, reader_now
from services.supervision.working_calendar import local_day
from shared.contract.envelope import uuid7
from shared.errors import Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse

RECORDS = (Role.SUPERVISION_OFFICE, Role.OFFICE, Role.FIRST_IN_COMMAND)


@blueprint.get("/skip-levels")
@allow(*READERS)
def skip_levels() -> ResponseReturnValue:
    """What was recorded, the latest day first, and what it means."""
    return _page()


def _page(**more: Any) -> str:
    reader = reader_now()
    with unit_of_work("supervision") as uow:
        rows = uow.all(SQL["skip_levels_listed"], **case_sight(reader))
        today, scores = local_day(uow.now), policy_in_force(uow).scores
    counts = any(rule.kind is Kind.SKIP_LEVEL for rule in scores.rules) if scores else False
    return render_template(
        "supervision/skip_levels.html", rows=rows, today=today, counts=counts, words=WORDS, key=uuid7(), records=reader.may(*RECORDS),
        **more,
    )  # fmt: skip


@blueprint.post("/skip-levels")
@allow(*RECORDS)
def record_skip_level() -> ResponseReturnValue:
    """Record that a case was taken to a higher level."""
    me = reader_now().official_id
    try:
        form = parse(SkipLevelForm(), request.form)
        with unit_of_work("supervision") as uow:
            commands.record_skip_level(
                uow, form["number"], me, record_id=form["key"], level=form["level"], on_day=form["on_day"], source=form["source"]
            )
    except (BadInput, Refused) as fault:
        return _page(**problem(fault)), status_of(fault)
    flash(gettext("已记录。"))
    return redirect(url_for(".skip_levels"), 303)


@blueprint.post("/skip-levels/<uuid:record_id>/annul")
@allow(*RECORDS)
def annul_skip_level(record_id: UUID) -> ResponseReturnValue:
    """It was recorded wrongly."""
    me = reader_now().official_id
    try:
        form = parse(ReasonsForm(), request.form)
        with unit_of_work("supervision") as uow:
            commands.annul_skip_level(uow, record_id, me, form["words"])
    except (BadInput, Refused) as fault:
        return _page(**problem(fault), at=record_id), status_of(fault)
    flash(gettext("记录已撤销，计分已更正。"))
    return redirect(url_for(".skip_levels"), 303)

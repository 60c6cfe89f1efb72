"""What this instance may not instruct itself: handed up to the superior, and what became of it there (art. 30, 46)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.routing import domain, handlers, store
from services.routing.web.case_view import case_seen
from services.routing.web.common import blueprint, problem, reader, seen, status_of
from services.routing.web.deciding import tabs
from services.routing.web.forms import ConcludeForm, ReferForm
from shared.errors import Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.get("/routing/refer-up")
@allow(Role.OFFICE)
def refer_up() -> ResponseReturnValue:
    """Cases against this organisation or its first-in-command, and those that went up already."""
    with unit_of_work("routing") as uow:
        rows, referred = seen(uow, "must_be_referred_up"), seen(uow, "referred")
        names = {code: one.name for code, one in store.directory(uow).organisations.items()}
    return render_template("routing/refer_up.html", rows=rows, referred=referred, names=names, tabs=tabs())


@blueprint.get("/routing/refer-up/<uuid:case_id>")
@allow(Role.OFFICE)
def referral(case_id: UUID) -> ResponseReturnValue:
    """One of them: the brief that the superior will see, and to whom it goes."""
    return _page(case_id, {})


def _page(case_id: UUID, more: dict[str, Any]) -> str:
    with unit_of_work("routing") as uow:
        case, directory = case_seen(uow, case_id), store.directory(uow)
        record, bars = uow.rows(store.REFERRALS).get(case_id), uow.rows(store.BARS).get(case_id)
        superior = record.superior if record else domain.superior_of(directory)
        context = {
            "case": case, "record": record, "superior": directory.organisations[superior].name if superior else None,
            "due_up": case["origin"] == uow.org and record is None and domain.must_go_up(bars, directory),
            "writers": [] if case["brief"].strip() else directory.writers(),
            "on_paper": record is not None and record.superior is None and case["concluded_at"] is None,
        }  # fmt: skip
    return render_template("routing/referral.html", **context | more)


@blueprint.post("/routing/refer-up/<uuid:case_id>")
@allow(Role.OFFICE)
def refer(case_id: UUID) -> ResponseReturnValue:
    """Hand the case up."""
    try:
        form = parse(ReferForm(), request.form)
        with unit_of_work("routing") as uow:
            handlers.refer_up(uow, case_id, reader().official_id, **form)
    except (BadInput, Refused) as fault:
        return _page(case_id, problem(fault)), status_of(fault)
    flash(gettext("已报上级，由上级批阅。"))
    return redirect(url_for("routing.refer_up"), 303)


@blueprint.post("/routing/refer-up/<uuid:case_id>/conclude")
@allow(Role.OFFICE)
def conclude_referred(case_id: UUID) -> ResponseReturnValue:
    """Write down how the superior concluded what went to it on paper."""
    try:
        form = parse(ConcludeForm(), request.form)
        with unit_of_work("routing") as uow:
            handlers.conclude_referred(uow, case_id, reader().official_id, **form)
    except (BadInput, Refused) as fault:
        return _page(case_id, problem(fault)), status_of(fault)
    flash(gettext("上级的处理结果已登记，转回访。"))
    return redirect(url_for("routing.refer_up"), 303)

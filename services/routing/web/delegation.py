"""Who reads for the first-in-command while he is away."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from services.routing import handlers, store
from services.routing.domain import delegation as domain
from services.routing.web.common import MANY, blueprint, fresh, problem, reader, status_of
from services.routing.web.forms import DelegationForm
from shared.errors import Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu

CHINA = ZoneInfo("Asia/Shanghai")


@blueprint.get("/routing/delegation")
@allow(Role.FIRST_IN_COMMAND, Role.OFFICE, Role.AUDITOR)
def delegation() -> ResponseReturnValue:
    """Every delegation; the first-in-command makes and ends them, office and auditor read."""
    return _page({})


def _page(more: dict[str, Any]) -> str:
    with unit_of_work("routing") as uow:
        me = reader()
        context = {
            "rows": uow.all(store.SQL["delegations"], limit=MANY), "moment_now": uow.now, "delegation_id": fresh(),
            "head": me.may(Role.FIRST_IN_COMMAND),
            "deputies": [(one.official, f"{one.name} {one.posts[0].title}") for one in domain.eligible(store.directory(uow), me.official_id)],
        }  # fmt: skip
    return render_template("routing/delegation.html", **context | more)


@blueprint.post("/routing/delegation")
@allow(Role.FIRST_IN_COMMAND)
def delegate() -> ResponseReturnValue:
    """Let somebody read and instruct, from the first day to the end of the last."""
    try:
        form = parse(DelegationForm(), request.form)
        starts = datetime.combine(form["starts_on"], time(0), CHINA)
        ends = datetime.combine(form["ends_on"], time(0), CHINA) + timedelta(days=1)
        with unit_of_work("routing") as uow:
            made = handlers.delegate(
                uow, reader().official_id, form["deputy"], starts, ends, form["reason"], delegation_id=form["delegation_id"]
            )
    except (BadInput, Refused) as fault:
        return _page(problem(fault)), status_of(fault)
    flash(gettext("已委托%(name)s代为批阅。", name=made.deputy.name))
    return redirect(url_for("routing.delegation"), 303)


@blueprint.post("/routing/delegation/<uuid:delegation_id>/end")
@allow(Role.FIRST_IN_COMMAND)
def end_delegation(delegation_id: UUID) -> ResponseReturnValue:
    """The first-in-command is back."""
    try:
        with unit_of_work("routing") as uow:
            handlers.end_delegation(uow, delegation_id, reader().official_id)
    except Refused as fault:
        return _page(problem(fault)), status_of(fault)
    flash(gettext("委托已结束，由您本人批阅。"))
    return redirect(url_for("routing.delegation"), 303)


menu(blueprint, lazy_gettext("代阅委托"), ".delegation", order=83)

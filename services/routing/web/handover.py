"""Assignments whose person responsible has left his post: the office hands them to who holds it now."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.routing import handlers, store
from services.routing.domain import handover
from services.routing.web.cases import ACTING
from services.routing.web.common import blueprint, fresh, problem, reader, seen, status_of
from services.routing.web.deciding import tabs
from services.routing.web.protocol_forms import HandOverForm
from services.routing.web.protocol_view import barred
from shared.contract.person import Person
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.get("/routing/handovers")
@allow(*ACTING)
def handovers() -> ResponseReturnValue:
    """What is open in the name of somebody who no longer holds the post, and who may take it over."""
    return _page({})


def _page(more: dict[str, Any]) -> str:
    with unit_of_work("routing") as uow:
        directory, rows = store.directory(uow), seen(uow, "vacated")
        for row in rows:
            former = Person.of(row["responsible"])
            bars = uow.rows(store.BARS).get(row["case_id"])
            row["reason"] = handover.vacated(directory, former)
            row["handover_id"] = fresh()
            row["candidates"] = [one for one in handover.candidates(directory, former) if not barred(bars, one, directory)]
    return render_template("routing/handovers.html", rows=rows, tabs=tabs(), **more)


@blueprint.post("/routing/handovers/<uuid:assignment_id>")
@allow(*ACTING)
def hand_over(assignment_id: UUID) -> ResponseReturnValue:
    """Hand an assignment over; the clock goes on."""
    try:
        form = parse(HandOverForm(), request.form)
        with unit_of_work("routing") as uow:
            done = handlers.hand_over(
                uow, assignment_id, reader().official_id, form["successor"], handover_id=form["handover_id"]
            )
    except (BadInput, Refused) as fault:
        return _page(problem(fault, addressees="successor")), status_of(fault)
    flash(gettext("已移交给%(name)s，期限照常计算。", name=done.responsible.name))
    return redirect(url_for("routing.handovers"), 303)

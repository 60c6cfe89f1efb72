"""Recusal (art. 28): recuse oneself, record another's, end one. What the person holds of the case is taken back at once."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.routing import handlers, store
from services.routing.web.assignments import WORKERS, assignment_page, assignment_seen
from services.routing.web.cases import ACTING, page
from services.routing.web.common import blueprint, problem, reader, status_of
from services.routing.web.forms import EndRecusalForm, OwnRecusalForm, RecusalForm
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.post("/routing/assignments/<uuid:assignment_id>/recuse")
@allow(*WORKERS)
def recuse_self(assignment_id: UUID) -> ResponseReturnValue:
    """The reader recuses himself: the assignment ends, and he never sees the case again."""
    me = reader().official_id
    try:
        form = parse(OwnRecusalForm(), request.form)
        with unit_of_work("routing") as uow:
            row = assignment_seen(uow, assignment_id)
            handlers.recuse(uow, row["case_id"], me, official=me, **form)
    except (BadInput, Refused) as fault:
        return assignment_page(assignment_id, problem(fault)), status_of(fault)
    flash(gettext("已回避，该件不再由您办理。"))
    return redirect(url_for("routing.assignments"), 303)


@blueprint.post("/routing/cases/<uuid:case_id>/recusals")
@allow(*ACTING)
def recuse(case_id: UUID) -> ResponseReturnValue:
    """Record that somebody recuses himself, or must."""
    me = reader().official_id
    try:
        form = parse(RecusalForm(), request.form)
        with unit_of_work("routing") as uow:
            handlers.recuse(uow, case_id, me, **form)
    except (BadInput, Refused) as fault:
        return page(case_id, problem(fault, official="recused")), status_of(fault)
    flash(gettext("回避已记录。"))
    return redirect(url_for("routing.desk" if form["official"] == me else "routing.case", case_id=case_id), 303)


@blueprint.post("/routing/recusals/<uuid:recusal_id>/end")
@allow(Role.FIRST_IN_COMMAND)
def end_recusal(recusal_id: UUID) -> ResponseReturnValue:
    """End a recusal, with reasons. Nothing is handed back by itself."""
    with unit_of_work("routing") as uow:
        case_id = store.case_of(uow, "recusal", recusal_id)
    if case_id is None:
        raise NotFound("recusal", "没有找到该项回避记录。", "请核对后重试。")
    try:
        form = parse(EndRecusalForm(), request.form)
        with unit_of_work("routing") as uow:
            handlers.end_recusal(uow, recusal_id, reader().official_id, form["reason"])
    except (BadInput, Refused) as fault:
        return page(case_id, problem(fault)), status_of(fault)
    flash(gettext("回避已解除。"))
    return redirect(url_for("routing.case", case_id=case_id), 303)

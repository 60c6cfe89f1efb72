"""Replies that wait for a decision: approve, or return with reasons."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.routing import handlers
from services.routing.web.cases import page
from services.routing.web.common import blueprint, problem, reader, seen, status_of
from services.routing.web.deciding import tabs
from services.routing.web.forms import VerdictForm
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.get("/routing/replies")
@allow(Role.FIRST_IN_COMMAND, Role.OFFICE)
def replies() -> ResponseReturnValue:
    """Replies that wait, oldest first."""
    with unit_of_work("routing") as uow:
        return render_template("routing/replies.html", rows=seen(uow, "replies_waiting"), tabs=tabs())


@blueprint.post("/routing/replies/<uuid:reply_id>")
@allow(Role.FIRST_IN_COMMAND, Role.OFFICE)
def decide(reply_id: UUID) -> ResponseReturnValue:
    """Approve a reply or return it; back to the list, or to the case it was decided in."""
    with unit_of_work("routing") as uow:
        case_id = handlers.case_of_reply(uow, reply_id)
    if case_id is None:
        raise NotFound("reply", "没有找到该份回复。", "请核对后重试。")
    try:
        form = parse(VerdictForm(), request.form)
        with unit_of_work("routing") as uow:
            if form["verdict"] == "approved":
                handlers.approve(uow, reply_id, reader().official_id)
            else:
                handlers.return_reply(uow, reply_id, reader().official_id, form["reasons"])
    except (BadInput, Refused) as fault:
        return page(case_id, problem(fault)), status_of(fault)
    flash(gettext("回复已审核通过。") if form["verdict"] == "approved" else gettext("回复已退回重办。"))
    return redirect(url_for("routing.case", case_id=case_id), 303)

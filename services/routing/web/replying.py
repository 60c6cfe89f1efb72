"""A reply is written, looked over and signed: its draft saves itself, its checklist is made here and needs no script."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.routing import handlers
from services.routing.domain.scans import read_scan
from services.routing.handlers import drafts
from services.routing.handlers.work import check_owed
from services.routing.web import reply_form
from services.routing.web.assignments import WORKERS, assignment_page, assignment_seen
from services.routing.web.case_view import case_seen
from services.routing.web.common import blueprint, problem, reader, status_of
from services.routing.web.forms import ReplyForm
from shared.errors import Refused
from shared.web.access import allow
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.post("/routing/assignments/<uuid:assignment_id>/reply")
@allow(*WORKERS)
@limiter.limit("60 per minute")
def reply(assignment_id: UUID) -> ResponseReturnValue:
    """`do`: keep the draft (`save`), look it over (`check`), or sign it, which is final.

    Whatever comes of it, what was typed and the page that came with it are kept first.
    """
    values = request.form.to_dict()
    try:
        brief = _keep(assignment_id, values)
        if request.form.get("do") in ("save", "check"):
            flash(gettext("草稿已保存。"))
            return redirect(url_for("routing.assignment", assignment_id=assignment_id, _anchor="reply"), 303)
        _sign(assignment_id, values, brief)
    except (BadInput, Refused) as fault:
        return assignment_page(assignment_id, problem(fault) | {"values": values}), status_of(fault)
    flash(gettext("已署名回复。"))
    return redirect(url_for("routing.assignment", assignment_id=assignment_id), 303)


def _keep(assignment_id: UUID, values: dict[str, str]) -> str:
    """Keep the page that came with the form, and the draft; the brief that the reply is to answer. Raises Refused, NotFound."""
    me, sent = reader().official_id, request.files.get("scan")
    with unit_of_work("routing") as uow:
        row = assignment_seen(uow, assignment_id)
        brief: str = case_seen(uow, row["case_id"])["brief"]
        check_owed(uow, assignment_id, me, reply_form.id_in(values, "reply_id"))
        if row["stage"] in reply_form.OWED:
            if sent is not None and sent.filename:
                values["page"] = str(drafts.keep_page(uow, assignment_id, me, read_scan(sent.filename, sent.read())))
            if typed := drafts.typed(values):
                drafts.save(uow, assignment_id, me, typed)
    return brief


def _sign(assignment_id: UUID, values: dict[str, str], brief: str) -> None:
    """The signature. Raises BadInput, Refused; what the checklist warns of has to have been read."""
    me = reader().official_id
    form = parse(ReplyForm(), request.form)
    lacks = reply_form.lacks_of(values, brief)
    if blocking := next((lack for lack in lacks if lack["blocks"]), None):
        raise BadInput([{"label": "", **{name: blocking[name] for name in ("field", "rule", "remedy")}}], values)
    if lacks and form["warned"] != "yes":
        rule = gettext("回复可能有 %(num)d 处缺项。", num=len(lacks))
        raise BadInput([{"field": "warned", "label": "", "rule": rule, "remedy": gettext("请补充，或勾选“仍要署名”。")}], values)
    signer = reply_form.open_key(me, form["pin"])
    said = {name: form[name] for name in ("reply_id", "outcome", "findings", "measures", "evidence", "answer")}
    with unit_of_work("routing") as uow:
        assignment_seen(uow, assignment_id)
        chosen = drafts.page_for(uow, assignment_id, me, reply_form.id_in(values, "page"))
        handlers.reply(uow, assignment_id, me, **said, page=chosen, signer=signer)
        drafts.drop(uow, assignment_id)


@blueprint.post("/routing/assignments/<uuid:assignment_id>/reply/draft")
@allow(*WORKERS)
def save_reply_draft(assignment_id: UUID) -> ResponseReturnValue:
    """To the script that saves while somebody types: nothing."""
    with unit_of_work("routing") as uow:
        assignment_seen(uow, assignment_id)
        if typed := drafts.typed(request.form.to_dict()):
            drafts.save(uow, assignment_id, reader().official_id, typed)
    return "", 204

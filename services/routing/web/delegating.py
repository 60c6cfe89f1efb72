"""What a person responsible has others do: parts that he hands on, joint units' replies, words of theirs that he cites."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import Schema

from services.routing import handlers
from services.routing.handlers import drafts
from services.routing.handlers.work import check_mine
from services.routing.web.assignments import WORKERS, assignment_page, assignment_seen
from services.routing.web.common import blueprint, log, problem, reader, status_of
from services.routing.web.protocol_forms import BelowForm, HandOnForm, ReleaseForm, TakeBackForm
from services.routing.web.protocol_view import Row, below
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse

FIELDS = {"reasons": "return_reasons"}


def _mine(uow: UnitOfWork, assignment_id: UUID, wanted: UUID | None, key: str) -> Row:
    """Of what comes to the reader under his own assignment, the one wanted. Raises NotFound, and logs the try."""
    row = assignment_seen(uow, assignment_id)
    found = below(uow, row) if row["responsible"]["official"] == reader().official_id else []
    chosen = next((one for one in found if one[key] == wanted), None)
    if chosen is None:
        log.warning("not theirs: below assignment %s %s", assignment_id, reader().official_id)
        raise NotFound("assignment", "没有找到该项交办。", "请核对后重试。")
    return chosen


@blueprint.post("/routing/assignments/<uuid:assignment_id>/hand-on")
@allow(*WORKERS)
def hand_on(assignment_id: UUID) -> ResponseReturnValue:
    """Hand a part on to somebody of the own organisation."""
    try:
        form = parse(HandOnForm(), request.form)
        with unit_of_work("routing") as uow:
            assignment_seen(uow, assignment_id)
            part = handlers.hand_on(uow, assignment_id, reader().official_id, form["to"], form["text"], part_id=form["part_id"])
    except (BadInput, Refused) as fault:
        return assignment_page(assignment_id, problem(fault, addressees="receiver")), status_of(fault)
    flash(gettext("已分派给%(name)s，其回复由您审核。", name=part.responsible.name))
    return _back(assignment_id)


@blueprint.post("/routing/assignments/<uuid:assignment_id>/below")
@allow(*WORKERS)
def decide_below(assignment_id: UUID) -> ResponseReturnValue:
    """Approve the reply of a part or of a joint unit, or return it with reasons."""
    try:
        form = parse(BelowForm(), request.form)
        with unit_of_work("routing") as uow:
            _mine(uow, assignment_id, form["reply"], "reply_id")
            if form["verdict"] == "approved":
                handlers.approve(uow, form["reply"], reader().official_id)
            else:
                handlers.return_reply(uow, form["reply"], reader().official_id, form["reasons"])
    except (BadInput, Refused) as fault:
        return assignment_page(assignment_id, problem(fault, **FIELDS)), status_of(fault)
    flash(gettext("回复已审核通过。") if form["verdict"] == "approved" else gettext("回复已退回重办。"))
    return _back(assignment_id)


@blueprint.post("/routing/assignments/<uuid:assignment_id>/take-back")
@allow(*WORKERS)
def take_back(assignment_id: UUID) -> ResponseReturnValue:
    """Take a part back."""
    form = _parsed(TakeBackForm())
    with unit_of_work("routing") as uow:
        _mine(uow, assignment_id, form["part"], "id")
        handlers.withdraw(uow, form["part"], reader().official_id)
    flash(gettext("分派已撤回。"))
    return _back(assignment_id)


def _parsed(schema: Schema) -> dict[str, UUID]:
    return parse(schema, request.form)


@blueprint.post("/routing/assignments/<uuid:assignment_id>/release")
@allow(*WORKERS)
def release(assignment_id: UUID) -> ResponseReturnValue:
    """The lead no longer waits for a joint unit's reply, and says why."""
    try:
        form = parse(ReleaseForm(), request.form)
        with unit_of_work("routing") as uow:
            _mine(uow, assignment_id, form["joint"], "id")
            handlers.release(uow, form["joint"], reader().official_id, form["reasons"])
    except (BadInput, Refused) as fault:
        return assignment_page(assignment_id, problem(fault)), status_of(fault)
    flash(gettext("不再等待该会办单位的回复，理由已记录。"))
    return _back(assignment_id)


def _back(assignment_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("routing.assignment", assignment_id=assignment_id), 303)


@blueprint.post("/routing/assignments/<uuid:assignment_id>/cite")
@allow(*WORKERS)
def cite(assignment_id: UUID) -> ResponseReturnValue:
    """Into the draft of the reply, behind what is typed so far: the findings and measures of a part's or a joint unit's reply."""
    wanted, me = request.form.get("cite", type=UUID), reader().official_id
    with unit_of_work("routing") as uow:
        cited = next((one for one in _mine(uow, assignment_id, wanted, "reply_id")["replies"] if one["id"] == wanted), None)
        check_mine(uow, assignment_id, me)
        values = request.form.to_dict()
        if cited is not None:
            signed = {name: cited["signature"][name] for name in ("name", "post")}
            words = gettext("引%(name)s（%(post)s）的回复：%(text)s", **signed, text=cited["findings"])
            values["findings"] = "\n".join(filter(None, (values.get("findings", "").strip(), words)))
            values["measures"] = "\n".join(filter(None, (values.get("measures", "").strip(), *cited["measures"])))
            drafts.save(uow, assignment_id, me, drafts.typed(values))
    return redirect(url_for("routing.assignment", assignment_id=assignment_id, _anchor="reply"), 303)

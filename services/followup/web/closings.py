"""Closing without a satisfied petitioner: what stands where that may be decided, and the decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.followup import handlers
from services.followup.domain.deciding import LONGEST
from services.followup.handlers import listing
from services.followup.web.common import (
    LABELS,
    WORDS,
    blueprint,
    person,
    posts_of,
    problem,
    reader_here,
    sight_of,
    status_of,
)
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu

DECIDERS = (Role.FIRST_IN_COMMAND, Role.OFFICE)

menu(blueprint, _("决定结案"), ".closings", order=42)


class ClosingForm(Schema):
    """Who decided, and why."""

    authority = fields.String(required=True, validate=validate.Length(max=200), metadata={"label": LABELS["authority"]})
    reasons = fields.String(required=True, validate=validate.Length(max=LONGEST), metadata={"label": LABELS["reasons"]})


@blueprint.get("/closings")
@allow(*DECIDERS)
def closings() -> ResponseReturnValue:
    """Cases whose petitioner was not reached, or is not satisfied while no new round has begun."""
    with unit_of_work("followup") as uow:
        rows = listing.decidable(uow, sight_of(reader_here()))
        return render_template("followup/closings.html", rows=rows, most=listing.MOST, words=WORDS, now=uow.now)


@blueprint.get("/closings/<uuid:case_id>")
@allow(*DECIDERS)
def closing(case_id: UUID) -> ResponseReturnValue:
    """One case, and the form of the decision. What the petitioner answered, beyond that, stands nowhere here."""
    with unit_of_work("followup") as uow:
        return render_template("followup/closing.html", **_shown(uow, case_id))


@blueprint.post("/closings/<uuid:case_id>")
@allow(*DECIDERS)
def decide_closing(case_id: UUID) -> ResponseReturnValue:
    """Close by a decision. The petitioner is told the reasons, and of the review."""
    try:
        form = parse(ClosingForm(), request.form)
        with unit_of_work("followup") as uow:
            _seen(uow, case_id)
            handlers.close_by_decision(uow, case_id, by=person(), posts=sorted(posts_of(reader_here())), **form)
    except (BadInput, Refused) as fault:
        wrong = problem(fault)
        with unit_of_work("followup") as uow:
            return render_template("followup/closing.html", **_shown(uow, case_id), **wrong), status_of(fault)
    flash(str(_("已决定结案；理由和申请复查的办法已告知信访人。")))
    return redirect(url_for(".closing", case_id=case_id), 303)


def _seen(uow: UnitOfWork, case_id: UUID) -> dict[str, Any]:
    found = listing.decidable(uow, sight_of(reader_here()), only=case_id)
    if not found:
        current_app.extensions["zhida"].refused(request.endpoint, reader_here().official_id, "case not visible")
        raise NotFound("case", "没有找到这件信访件。", "请返回列表，重新选择。")
    return found[0]


def _shown(uow: UnitOfWork, case_id: UUID) -> dict[str, Any]:
    case = _seen(uow, case_id)
    return {
        "case": case, "open": case["open"], "words": WORDS, "labels": LABELS, "now": uow.now,
        "own": case["concluded_by"]["official"] == reader_here().official_id,
    }  # fmt: skip

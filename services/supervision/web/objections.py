"""Objections: made by whoever is scored, decided by somebody else, put right by a further entry."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import fields

from services.supervision import store
from services.supervision.handlers import scores as commands
from services.supervision.handlers.in_force import policy_of
from services.supervision.store import SQL
from services.supervision.web.answering import problem, status_of
from services.supervision.web.charge_forms import DecideForm, ReasonsForm
from services.supervision.web.common import READERS, WORDS, blueprint, case_sight, reader_now
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse

SCORED = (Role.LEADER, Role.FIRST_IN_COMMAND, Role.UNIT_HEAD)
DECIDE = (Role.SUPERVISION_OFFICE, Role.FIRST_IN_COMMAND)


class ObjectForm(ReasonsForm):
    """Why an entry is held to be wrong."""

    key = fields.UUID(required=True)


@blueprint.get("/scores/entries/<uuid:entry_id>/objection")
@allow(*SCORED)
def objecting(entry_id: UUID) -> ResponseReturnValue:
    """The form for an objection."""
    return _form(entry_id)


def _form(entry_id: UUID, **more: Any) -> str:
    reader = reader_now()
    with unit_of_work("supervision") as uow:
        row = uow.one(SQL["objection_to"], entry=entry_id, **case_sight(reader))
        if row is None or row["code"] not in commands.standing_for(uow, reader.official_id):
            raise NotFound("entry", "没有找到该条计分。", "请核对后重试。")
        rule, entry = _rule(uow, row), uow.rows(store.ENTRIES).get(entry_id)
        named = entry is not None and entry_id in commands.shown(uow, [entry], case_sight(reader), own=True)
    return render_template("supervision/objection.html", row=row, rule=rule, named=named, key=uuid7(), **more)


def _rule(uow: UnitOfWork, row: dict[str, Any]) -> Any:
    scores = policy_of(uow, row["policy"]).scores
    return scores.rule(row["rule"]) if scores else None


@blueprint.post("/scores/entries/<uuid:entry_id>/objection")
@allow(*SCORED)
def object_to_entry(entry_id: UUID) -> ResponseReturnValue:
    """Object to an entry."""
    me = reader_now().official_id
    try:
        form = parse(ObjectForm(), request.form)
        with unit_of_work("supervision") as uow:
            commands.object_to(uow, entry_id, me, objection_id=form["key"], reasons=form["words"])
    except (BadInput, Refused) as fault:
        return _form(entry_id, **problem(fault)), status_of(fault)
    flash(gettext("异议已提出，等待审定。"))
    return redirect(url_for(".score_cards"), 303)


@blueprint.get("/scores/objections")
@allow(*READERS)
def objections() -> ResponseReturnValue:
    """Objections, those that wait first."""
    return _list()


def _list(**more: Any) -> str:
    reader = reader_now()
    with unit_of_work("supervision") as uow:
        rows = uow.all(SQL["objections_listed"], **case_sight(reader))
        own = commands.standing_for(uow, reader.official_id)
        rules = {row["id"]: _rule(uow, row) for row in rows}
        hidden = _hidden(uow, [row["entry_id"] for row in rows if row["code"] in own])
    decides = reader.may(*DECIDE)
    return render_template(
        "supervision/objections.html", rows=rows, rules=rules, own=own, hidden=hidden, decides=decides, words=WORDS, **more
    )


def _hidden(uow: UnitOfWork, mine: list[UUID]) -> set[UUID]:
    """Of the entries by which the reader himself is scored, those of which he is not told the case."""
    uow.rows(store.ENTRIES).load(mine)
    entries = [entry for each in mine if (entry := uow.rows(store.ENTRIES).get(each)) is not None]
    return set(mine) - commands.shown(uow, entries, case_sight(reader_now()), own=True).keys()


@blueprint.post("/scores/objections/<uuid:objection_id>")
@allow(*DECIDE)
def decide_objection(objection_id: UUID) -> ResponseReturnValue:
    """Decide on an objection."""
    me = reader_now().official_id
    try:
        form = parse(DecideForm(), request.form)
        with unit_of_work("supervision") as uow:
            commands.decide(
                uow, objection_id, me, upheld=form["decision"] == "upheld", becomes=form["becomes"], words=form["words"]
            )
    except (BadInput, Refused) as fault:
        return _list(**problem(fault), at=objection_id), status_of(fault)
    flash(gettext("异议已审定。"))
    return redirect(url_for(".objections"), 303)

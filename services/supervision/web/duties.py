"""A charge with its duty log: what was done for each of the five duties, and what lacks."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.supervision.domain.charge import FORMS
from services.supervision.domain.wording import doubts
from services.supervision.handlers import charge as commands
from services.supervision.handlers.acting import leaders, may_carry
from services.supervision.store import SQL
from services.supervision.web.answering import problem, status_of
from services.supervision.web.charge import CARRIES
from services.supervision.web.charge_forms import EvidenceForm, PassForm, ReasonsForm
from services.supervision.web.common import READERS, WORDS, blueprint, case_sight, reader_now
from services.supervision.working_calendar import local_day
from shared.contract.envelope import uuid7
from shared.contract.supervision import DUTIES
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.get("/charges/<uuid:charge_id>")
@allow(*READERS, Role.LEADER)
def charge(charge_id: UUID) -> ResponseReturnValue:
    """Who carries the case since when, what was done for each duty, and what lacks. For whoever carries it and those who oversee it."""
    return _page(charge_id)


def _page(charge_id: UUID, **more: Any) -> str:
    reader = reader_now()
    with unit_of_work("supervision") as uow:
        row = uow.one(SQL["charge_seen"], charge=charge_id, **case_sight(reader))
        mine = bool(row and row["official"] == reader.official_id)
        if row is None or not (mine or (reader.may(*READERS) and reader.sees(row["leader"]["organisation"]))):
            raise NotFound("charge", "没有找到该包案。", "请核对后重试。")
        log, known, now = uow.all(SQL["evidence_of"], charge=charge_id), leaders(uow), uow.now
        others = [one for one in may_carry(uow, row["case_id"]) if one.official != row["official"]]
    running = row["ended_at"] is None
    context = {
        "charge": row, "log": log, "now": now, "today": local_day(now), "words": WORDS, "key": uuid7(), "forms": FORMS, "asked": "",
        "duties": [(duty, [each for each in log if each["duty"] == duty]) for duty in DUTIES],
        "records": running and (mine or reader.may(Role.OFFICE)), "decides": running and reader.may(Role.FIRST_IN_COMMAND),
        "others": [(one.official, f"{one.name} {one.post}") for one in others], "gone": running and row["official"] not in known,
    }  # fmt: skip
    return render_template("supervision/charge.html", **context | more)


def _done(charge_id: UUID, do: Callable[[], None], said: str) -> ResponseReturnValue:
    try:
        do()
    except (BadInput, Refused) as fault:
        return _page(charge_id, **problem(fault), **_asked(fault)), status_of(fault)
    flash(said)
    return redirect(url_for(".charge", charge_id=charge_id), 303)


@blueprint.post("/charges/<uuid:charge_id>/duties")
@allow(*CARRIES, Role.OFFICE)
def record_duty(charge_id: UUID) -> ResponseReturnValue:
    """What was done for a duty."""
    me = reader_now().official_id

    def do() -> None:
        form = parse(EvidenceForm(), request.form)
        sure, key = form.pop("sure"), form.pop("key")
        _ask(f"{form['words']} {form['place']}", sure)
        with unit_of_work("supervision") as uow:
            commands.record(uow, charge_id, me, evidence_id=key, **form)

    return _done(charge_id, do, gettext("已记入五包台账。"))


def _ask(text: str, sure: str) -> None:
    """Raises BadInput where the words may name the petitioner, until the writer says that they do not."""
    found = doubts(text)
    if found and sure != _mark(text):
        rule = gettext("“%(words)s”像是信访人的姓名。", words="”“".join(found))
        remedy = gettext("信访人的身份只在登记处保管：请删去；确实不是的，勾选后再提交。")
        raise BadInput([{"field": "words", "label": gettext("落实情况"), "rule": rule, "remedy": remedy, "mark": _mark(text)}])


def _mark(text: str) -> str:
    """What the writer says is nobody's name: these words, and no others put in their place."""
    return sha256(text.encode()).hexdigest()[:16]


def _asked(fault: BadInput | Refused) -> dict[str, str]:
    errors = fault.errors if isinstance(fault, BadInput) else []
    return {"asked": next((error["mark"] for error in errors if "mark" in error), "")}


@blueprint.post("/charges/<uuid:charge_id>/end")
@allow(Role.FIRST_IN_COMMAND)
def end_charge(charge_id: UUID) -> ResponseReturnValue:
    """The charge ends without a settlement, with reasons."""
    me = reader_now().official_id

    def do() -> None:
        form = parse(ReasonsForm(), request.form)
        with unit_of_work("supervision") as uow:
            commands.end_by_decision(uow, charge_id, me, form["words"])

    return _done(charge_id, do, gettext("包案已结束。"))


@blueprint.post("/charges/<uuid:charge_id>/hand-over")
@allow(Role.FIRST_IN_COMMAND)
def hand_over_charge(charge_id: UUID) -> ResponseReturnValue:
    """Another leader carries the case from now on, with reasons."""
    me = reader_now().official_id

    def do() -> None:
        form = parse(PassForm(), request.form)
        with unit_of_work("supervision") as uow:
            commands.hand_over(uow, charge_id, form["to"], me, new_id=form["key"], words=form["words"])

    return _done(charge_id, do, gettext("已移交。"))

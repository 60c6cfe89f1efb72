"""Who carries which case, who carries none, and what waits for a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from services.supervision.domain.charge import lacking
from services.supervision.handlers import charge as commands
from services.supervision.handlers.acting import leaders, may_carry
from services.supervision.store import SQL
from services.supervision.web.answering import problem, status_of
from services.supervision.web.charge_forms import ProposeForm, ReasonsForm, TakeForm
from services.supervision.web.common import READERS, WORDS, blueprint, case_sight, reader_now
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu
from shared.web.session import Reader

MANY = 200
PROPOSES = (Role.SUPERVISION_OFFICE, Role.OFFICE, Role.FIRST_IN_COMMAND)
CARRIES = (Role.LEADER, Role.FIRST_IN_COMMAND)


def _waiting(reader: Reader) -> int | None:
    """For the first-in-command what is proposed, for a leader his charges that lack something."""
    with unit_of_work("supervision") as uow:
        if reader.may(Role.FIRST_IN_COMMAND):
            return len(uow.all(SQL["proposals_open"], **case_sight(reader)))
        own = _listed(uow, reader, of=reader.official_id) if reader.may(Role.LEADER) else []
        return sum(1 for row in own if row["lacking"]) if own else None


menu(blueprint, _("领导包案"), ".charges", order=32, badge=_waiting)


def _listed(uow: UnitOfWork, reader: Reader, *, running: bool = True, of: str | None = None) -> list[dict[str, Any]]:
    rows = uow.all(SQL["charges_listed"], running=running, of=of, limit=MANY, **case_sight(reader))
    seen = [row for row in rows if reader.sees(row["leader"]["organisation"]) or row["official"] == reader.official_id]
    return [{**row, "lacking": lacking(row["done"])} for row in seen]


@blueprint.get("/charges")
@allow(*READERS, Role.LEADER)
def charges() -> ResponseReturnValue:
    """Who carries what and who carries none; a leader who does not oversee it sees what is his, and what he could take on."""
    reader = reader_now()
    whole = reader.may(*READERS)
    with unit_of_work("supervision") as uow:
        known, now = leaders(uow), uow.now
        carried = {row["official"]: row["carried"] for row in uow.all(SQL["carried_by"])}
        context: dict[str, Any] = {
            "rows": _listed(uow, reader, of=None if whole else reader.official_id),
            "over": _listed(uow, reader, running=False, of=None if whole else reader.official_id)[:50],
            "proposals": uow.all(SQL["proposals_open"], **case_sight(reader)) if whole or reader.may(*CARRIES) else [],
            "free": uow.all(SQL["carriable"], limit=50, **case_sight(reader)),
        }
    people = [leader for leader in known.values() if reader.sees(leader.organisation)]
    context |= {
        "whole": whole, "known": known, "now": now, "words": WORDS, "people": [(one, carried.get(one.official, 0)) for one in people],
        "idle": [one for one in people if one.official not in carried],
        "opens": reader.may(*PROPOSES, *CARRIES),
    }  # fmt: skip
    return render_template("supervision/charges.html", **context)


@blueprint.get("/cases/<uuid:case_id>/charge")
@allow(*READERS, Role.LEADER)
def case_charge(case_id: UUID) -> ResponseReturnValue:
    """Who carries this case and who did; propose it, decide it, take it on."""
    return _case_page(case_id)


def _case_page(case_id: UUID, **more: Any) -> str:
    reader = reader_now()
    with unit_of_work("supervision") as uow:
        case = uow.one(SQL["case_to_carry"], case=case_id, **case_sight(reader))
        if case is None:
            raise NotFound("case", "没有找到该信访件。", "请核对编号。")
        history = uow.all(SQL["charges_of_case"], case=case_id)
        proposal = next((row for row in uow.all(SQL["proposals_open"], **case_sight(reader)) if row["case_id"] == case_id), None)
        may = may_carry(uow, case_id)
    context = {
        "case": case, "history": history, "proposal": proposal, "words": WORDS, "key": uuid7(), "me": reader.official_id,
        "leaders": [(one.official, f"{one.name} {one.post}") for one in may], "head": reader.may(Role.FIRST_IN_COMMAND),
        "proposes": reader.may(*PROPOSES), "carries": any(one.official == reader.official_id for one in may),
    }  # fmt: skip
    return render_template("supervision/case_charge.html", **context | more)


def _done(case_id: UUID, do: Callable[[], None], said: str, to: str | None = None) -> ResponseReturnValue:
    try:
        do()
    except (BadInput, Refused) as fault:
        return _case_page(case_id, **problem(fault)), status_of(fault)
    flash(said)
    return redirect(to or url_for(".case_charge", case_id=case_id), 303)


@blueprint.post("/cases/<uuid:case_id>/charge")
@allow(*CARRIES)
def take_charge(case_id: UUID) -> ResponseReturnValue:
    """The first-in-command decides who carries the case, or a leader takes it on himself."""
    me = reader_now().official_id

    def do() -> None:
        form = parse(TakeForm(), request.form)
        with unit_of_work("supervision") as uow:
            commands.take(uow, case_id, form["leader"] or me, me, charge_id=form["key"], ground=form["ground"])

    return _done(case_id, do, gettext("已确定包案领导。"))


@blueprint.post("/cases/<uuid:case_id>/proposal")
@allow(*PROPOSES)
def propose_charge(case_id: UUID) -> ResponseReturnValue:
    """Propose that a leader carries the case."""
    me = reader_now().official_id

    def do() -> None:
        form = parse(ProposeForm(), request.form)
        with unit_of_work("supervision") as uow:
            commands.propose_by(uow, case_id, me, proposal_id=form["key"], reason=form["ground"], words=form["words"])

    return _done(case_id, do, gettext("已提请包案，等待一把手决定。"))


@blueprint.post("/cases/<uuid:case_id>/proposal/<uuid:proposal_id>/decline")
@allow(Role.FIRST_IN_COMMAND)
def decline_charge(case_id: UUID, proposal_id: UUID) -> ResponseReturnValue:
    """Nobody carries the case, with reasons."""
    me = reader_now().official_id

    def do() -> None:
        form = parse(ReasonsForm(), request.form)
        with unit_of_work("supervision") as uow:
            commands.decline(uow, proposal_id, me, form["words"])

    return _done(case_id, do, gettext("已决定不包案。"), url_for(".charges"))

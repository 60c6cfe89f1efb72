"""The issuer's side of the protocol: objections, more time, and clocks that stand still."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.routing import handlers, store
from services.routing.web.assignments import WORKERS, assignment_page, assignment_seen
from services.routing.web.cases import ACTING, page
from services.routing.web.common import blueprint, problem, reader, seen, status_of
from services.routing.web.deciding import tabs
from services.routing.web.protocol_forms import AskForm, GrantForm, ObjectionForm, PauseForm, ResumeForm
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


def _waiting() -> dict[str, list[dict[str, Any]]]:
    with unit_of_work("routing") as uow:
        return {name: seen(uow, name) for name in ("objections_waiting", "extensions_asked", "nobody_responsible")}


@blueprint.get("/routing/decisions")
@allow(*ACTING)
def decisions() -> ResponseReturnValue:
    """Objections, requests for more time, and cases that nobody is responsible for since an objection was upheld."""
    return render_template("routing/decisions.html", head=reader().may(Role.FIRST_IN_COMMAND), tabs=tabs(), **_waiting())


@blueprint.post("/routing/assignments/<uuid:assignment_id>/objection")
@allow(*WORKERS)
def decide_objection(assignment_id: UUID) -> ResponseReturnValue:
    """Uphold an objection, which takes the assignment back and leads on to a new instruction, or dismiss it with reasons."""
    with unit_of_work("routing") as uow:
        row = assignment_seen(uow, assignment_id)
        above = _above(uow, row)
    try:
        form = parse(ObjectionForm(), request.form)
        with unit_of_work("routing") as uow:
            handlers.decide_objection(
                uow, assignment_id, reader().official_id, form["decision"], form["reasons"], note_id=form["note_id"]
            )
    except (BadInput, Refused) as fault:
        again = problem(fault, reasons="decision_reasons")
        return (assignment_page(above, again) if above else page(row["case_id"], again)), status_of(fault)
    upheld = form["decision"] == "upheld"
    flash(gettext("异议成立，交办已撤回。") if upheld else gettext("异议不成立，已通知承办人，期限照常计算。"))
    if above:
        return redirect(url_for("routing.assignment", assignment_id=above), 303)
    if upheld and reader().may(Role.FIRST_IN_COMMAND):
        return redirect(url_for("routing.review", case=row["case_id"]), 303)
    return redirect(url_for("routing.case", case_id=row["case_id"]), 303)


def _above(uow: Any, row: dict[str, Any]) -> UUID | None:
    """The reader's own assignment that this one is a part of, or the lead of; None for whoever sees the whole case."""
    if row["parent"] is not None:
        return UUID(str(row["parent"]))
    if reader().may(*ACTING):
        return None
    every = uow.all(store.SQL["assignments_of_case"], case=row["case_id"])
    mine = (
        one["id"] for one in every
        if one["part"] == "lead" and one["round"] == row["round"] and one["responsible"]["official"] == reader().official_id
    )  # fmt: skip
    return next(mine, row["id"])


@blueprint.post("/routing/assignments/<uuid:assignment_id>/extension")
@allow(*WORKERS)
def ask_extension(assignment_id: UUID) -> ResponseReturnValue:
    """The person responsible asks for more time."""
    try:
        form = parse(AskForm(), request.form)
        with unit_of_work("routing") as uow:
            assignment_seen(uow, assignment_id)
            handlers.ask_extension(
                uow, assignment_id, reader().official_id, form["days"], form["reasons"], extension_id=form["extension_id"]
            )
    except (BadInput, Refused) as fault:
        return assignment_page(assignment_id, problem(fault)), status_of(fault)
    flash(gettext("延期申请已提交；决定之前期限照常计算。"))
    return redirect(url_for("routing.assignment", assignment_id=assignment_id), 303)


@blueprint.post("/routing/extensions/<uuid:extension_id>")
@allow(Role.FIRST_IN_COMMAND)
def decide_extension(extension_id: UUID) -> ResponseReturnValue:
    """More time given, which the petitioner is told with the reasons, or not."""
    with unit_of_work("routing") as uow:
        found = uow.one(store.SQL["case_of_extension"], id=extension_id)
        if found is None:
            raise NotFound("extension", "没有找到该项延期申请。", "请核对后重试。")
    try:
        form = parse(GrantForm(), request.form)
        granted = form["decision"] == "granted"
        with unit_of_work("routing") as uow:
            handlers.decide_extension(
                uow, extension_id, reader().official_id, grant=granted, days=form["days"], said=form["said"]
            )
    except (BadInput, Refused) as fault:
        return page(found["case_id"], problem(fault)), status_of(fault)
    flash(gettext("已准予延期，信访人将收到告知。") if granted else gettext("已答复不予延期。"))
    return redirect(url_for("routing.case", case_id=found["case_id"]), 303)


@blueprint.post("/routing/cases/<uuid:case_id>/pause")
@allow(Role.FIRST_IN_COMMAND)
def pause(case_id: UUID) -> ResponseReturnValue:
    """The clocks of the case stand still, for a category and with reasons."""
    try:
        form = parse(PauseForm(), request.form)
        with unit_of_work("routing") as uow:
            handlers.pause(uow, case_id, reader().official_id, form["category"], form["reasons"], pause_id=form["pause_id"])
    except (BadInput, Refused) as fault:
        return page(case_id, problem(fault)), status_of(fault)
    flash(gettext("期限已暂停。"))
    return redirect(url_for("routing.case", case_id=case_id), 303)


@blueprint.post("/routing/cases/<uuid:case_id>/resume")
@allow(*ACTING)
def resume(case_id: UUID) -> ResponseReturnValue:
    """The clocks go on."""
    try:
        form = parse(ResumeForm(), request.form)
        with unit_of_work("routing") as uow:
            handlers.resume(uow, case_id, reader().official_id, form["reasons"])
    except (BadInput, Refused) as fault:
        return page(case_id, problem(fault)), status_of(fault)
    flash(gettext("已恢复计时。"))
    return redirect(url_for("routing.case", case_id=case_id), 303)

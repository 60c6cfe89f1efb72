"""The handling of one case: rounds, replies, conclusion."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.routing import handlers, store
from services.routing.domain import Directory, Part
from services.routing.web.case_view import accountability_of, case_seen, linked_with, rounds_of
from services.routing.web.common import RECUSAL, blueprint, fresh, opens, problem, reader, status_of
from services.routing.web.forms import ConcludeForm, WithdrawForm
from services.routing.web.protocol_view import of_case
from services.routing.workflow import UNDER_WAY
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse

ACTING = (Role.FIRST_IN_COMMAND, Role.OFFICE)


@blueprint.get("/routing/cases/<uuid:case_id>")
@allow(*ACTING, Role.SUPERVISION_OFFICE, Role.AUDITOR)
def case(case_id: UUID) -> ResponseReturnValue:
    """Everything that was done about a case here. Supervision office and auditor read only."""
    with unit_of_work("routing") as uow:
        case_seen(uow, case_id)
        store.note_reading(uow, case_id, reader().official_id)
    return page(case_id, {})


def page(case_id: UUID, more: dict[str, Any]) -> str:
    """The case's page, with the errors and values of a form that was refused."""
    with unit_of_work("routing") as uow:
        row, directory = case_seen(uow, case_id), store.directory(uow)
        rounds, linked = rounds_of(uow, case_id), linked_with(uow, case_id)
        context = of_case(uow, case_id) | {
            "case": row, "rounds": rounds, "bars": _barred(uow, case_id, directory), "directory": directory,
            "recusals": uow.all(store.SQL["recusals_of_case"], case=case_id) if reader().may(*RECUSAL) else [],
            "recusal_id": fresh(),
            **accountability_of(uow, case_id),
            "acting": reader().may(*ACTING) and row["origin"] == uow.org, "record_id": fresh(),
            "head": reader().may(Role.FIRST_IN_COMMAND), "dossier": dossier(case_id), "concludable": row["stage"] in UNDER_WAY,
            "suggested": _suggested(rounds, linked["lead"]), "linked": linked,
            "organisations": [(o.code, o.name) for o in directory.organisations.values()],
            "officials": [(o.official, f"{o.name} {o.posts[0].title}") for o in directory.officials.values() if o.posts],
        }  # fmt: skip
    return render_template("routing/case.html", **context | more)


def dossier(case_id: UUID) -> str | None:
    """Where the case's dossier is, if this process serves it."""
    path = f"/reporting/cases/{case_id}"
    return path if opens(path) else None


def _barred(uow: UnitOfWork, case_id: UUID, directory: Directory) -> list[str]:
    """Who is barred, by name, for those who manage it; why is not shown. To all others nobody is named."""
    bars = uow.one(store.SQL["bars_of_case"], case=case_id) if reader().may(*RECUSAL) else None
    if bars is None:
        return []
    organisations = [directory.organisations[code].name for code in bars["organisations"] if code in directory.organisations]
    officials = [directory.officials[code].name for code in bars["officials"] if code in directory.officials]
    return [*organisations, *officials]


def _suggested(rounds: list[dict[str, Any]], lead: dict[str, Any] | None) -> dict[str, str]:
    """What the last approved reply says, to start the conclusion from; of a merged case without one, what its lead was answered.

    Parts and joint units reply to whoever is responsible, who approves that before he replies himself: it ends nothing.
    """
    approved = [
        reply
        for instruction in rounds
        for assignment in instruction["assignments"]
        if not assignment["parent"] and assignment["part"] != Part.JOINT
        for reply in assignment["replies"]
        if reply["verdict"] == "approved"
    ]
    if not approved and lead is not None and lead["concluded_at"]:
        return {name: lead[name] for name in ("outcome", "summary", "answer")}
    if not approved:
        return {"outcome": "", "summary": "", "answer": ""}
    last = max(approved, key=lambda reply: reply["replied_at"])
    return {"outcome": last["outcome"], "summary": "\n".join(last["measures"]), "answer": last["answer"]}


def _done(case_id: UUID, words: str) -> ResponseReturnValue:
    flash(words)
    return redirect(url_for("routing.case", case_id=case_id), 303)


@blueprint.post("/routing/cases/<uuid:case_id>/conclude")
@allow(*ACTING)
def conclude(case_id: UUID) -> ResponseReturnValue:
    """Conclude the case."""
    try:
        form = parse(ConcludeForm(), request.form)
        with unit_of_work("routing") as uow:
            handlers.conclude(uow, case_id, reader().official_id, **form)
    except (BadInput, Refused) as fault:
        return page(case_id, problem(fault)), status_of(fault)
    return _done(case_id, gettext("已办结，转回访。"))


@blueprint.post("/routing/cases/<uuid:case_id>/withdraw")
@allow(*ACTING)
def withdraw(case_id: UUID) -> ResponseReturnValue:
    """Take an assignment back, as after a justified objection."""
    try:
        form = parse(WithdrawForm(), request.form)
        with unit_of_work("routing") as uow:
            case_seen(uow, case_id)
            handlers.withdraw(uow, form["assignment"], reader().official_id)
    except (BadInput, Refused) as fault:
        return page(case_id, problem(fault)), status_of(fault)
    return _done(case_id, gettext("交办已撤回。"))

"""Who is complained of: looked up in the directory, in steps that need no script, and put down."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.intake.handlers import casework, looking
from services.intake.schemas.casework import ConflictForm, DirectoryForm
from services.intake.store import SQL
from services.intake.web.common import EDITORS, blueprint, drawn_again, viewer
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import language

SHOWN = 40  # of the units that are found, and of the officials


@blueprint.get("/intake/petitions/<uuid:case_id>/conflict")
@allow(*EDITORS)
def conflict_form(case_id: UUID) -> ResponseReturnValue:
    """The search, and nobody chosen yet."""
    return _draw(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/conflict/find")
@allow(*EDITORS)
def find_complained_of(case_id: UUID) -> ResponseReturnValue:
    """Who of the directory is meant. Sent in a form: an address would tell whom a petition is about."""
    try:
        data = parse(DirectoryForm(), request.form)
    except BadInput as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context))
    return _draw(case_id, sought=data["who"], values=request.form.to_dict())


@blueprint.post("/intake/petitions/<uuid:case_id>/conflict")
@allow(*EDITORS)
def save_conflict(case_id: UUID) -> ResponseReturnValue:
    """Who is complained of. Whoever says so of himself is led away from the case at once."""
    try:
        data = parse(ConflictForm(), request.form)
        if not data["organisations"] and not data["officials"]:
            raise Refused("officials", "没有勾选单位或人员。", "请查找并勾选被反映的单位或人员。")
        with unit_of_work("intake") as uow:
            casework.set_conflict(uow, case_id, viewer(), organisations=data["organisations"], officials=data["officials"])
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context))
    flash(gettext("已记录，被反映的单位和人员看不到这件信访件。"))
    if not viewer().codes.isdisjoint({*data["organisations"], *data["officials"]}):
        return redirect(url_for("intake.desk_page"), 303)
    return redirect(url_for("intake.petition_page", case_id=case_id), 303)


def names_of_codes(uow: UnitOfWork, codes: Collection[str]) -> dict[str, str]:
    """What the directory calls units and officials."""
    rows = uow.all(SQL["names_of_codes"], codes=list(codes))
    return {row["code"]: row["name" if language() == "zh" else "name_en"] for row in rows}


def _draw(case_id: UUID, *, sought: str = "", **context: Any) -> str:
    chosen = {name: request.form.getlist(name) for name in ("organisations", "officials")}
    with unit_of_work("intake") as uow:
        case, _ = looking.open_petition(uow, case_id, viewer())
        named = {row["code"] for row in uow.all(SQL["bars_of_case"], case_id=case_id) if row["named"]}
        words = [f"%{looking.literal(word)}%" for word in sought.split()]
        known = {*named, *chosen["organisations"], *chosen["officials"]}
        found = {
            kind: [row for row in uow.all(SQL[f"{kind}_like"], words=words, limit=SHOWN + len(known) + 1) if row["code"] not in known]
            for kind in chosen
        } if words else {}  # fmt: skip
        names = names_of_codes(uow, known)
        units = [row["name" if language() == "zh" else "name_en"] for row in uow.all(SQL["organisations"])]
    return render_template(
        "intake/conflict.html", case=case, found=found, shown=SHOWN, sought=sought, chosen=chosen, names=names, named=named, units=units, **context
    )  # fmt: skip

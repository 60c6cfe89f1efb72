"""Accountability: recorded in the case, listed for the office and the discipline office, shown to whom it concerns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from services.routing import handlers, store
from services.routing.domain import Following
from services.routing.domain import accountability as policy
from services.routing.handlers.accountability import carry_out
from services.routing.web.accounts import EVERYBODY
from services.routing.web.cases import ACTING, page
from services.routing.web.common import blueprint, problem, reader, seen, status_of
from services.routing.web.forms import AccountabilityForm, CarryOutForm, FollowForm
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu

READING = (Role.AUDITOR, Role.SUPERVISION_OFFICE)
ROWS = 3  # lines of the form for what follows


@blueprint.post("/routing/cases/<uuid:case_id>/accountability")
@allow(*ACTING)
def record_accountability(case_id: UUID) -> ResponseReturnValue:
    """Record a proposal or decision to hold somebody to account, with what follows."""
    try:
        form, follows = parse(AccountabilityForm(), request.form), list(_following())
        with unit_of_work("routing") as uow:
            form["person"] = _named(uow, form, "person")
            following = [
                Following(one["official"], _named(uow, one, f"follow_person_{row}"), one["measure"], one["until"])
                for row, one in follows
            ]
            handlers.record_accountability(uow, case_id, reader().official_id, **form, follows=following)
    except (BadInput, Refused) as fault:
        return page(case_id, problem(fault, follows="follow_until_1")), status_of(fault)
    flash(gettext("问责已记录。"))
    return redirect(url_for("routing.case", case_id=case_id, _anchor="accountability"), 303)


def _following() -> Iterator[tuple[int, dict[str, Any]]]:
    """What follows, by the row of the form that it stands in; empty rows are none. Raises BadInput at the row's own boxes."""
    names = FollowForm().fields
    for row in range(1, ROWS + 1):
        sent = MultiDict({name: request.form.get(f"follow_{name}_{row}", "") for name in names})
        if any(value.strip() for value in sent.values()):
            try:
                yield row, parse(FollowForm(), sent)
            except BadInput as fault:
                raise BadInput(
                    [error | {"field": f"follow_{error['field']}_{row}"} for error in fault.errors], request.form.to_dict()
                ) from fault


def _named(uow: UnitOfWork, form: dict[str, Any], field: str) -> str:
    """The person's name: as it was typed, or else as the directory has it. Raises Refused for nobody at all."""
    if name := str(form["person"]).strip():
        return name
    found = store.directory(uow).officials.get(form["official"] or "")
    if found is None:
        raise Refused(field, "没有写明是谁。", "请选择通讯录中的人员，或写明姓名。")
    return found.name


@blueprint.get("/routing/accountability")
@allow(*EVERYBODY)
def accountability() -> ResponseReturnValue:
    """What was decided and what follows: all of it for those who oversee it, what concerns the reader for everybody else.

    Never of a case that the reader is barred from, so whoever is complained of hears of it from the discipline office and not here.
    """
    return _page()


def _page(**more: Any) -> str:
    with unit_of_work("routing") as uow:
        acts = _oversees(uow)
        whole = acts or reader().may(*READING)
        mine = None if whole else reader().official_id
        rows = seen(uow, "consequences_listed", official=mine)
        records = seen(uow, "accountability_listed", official=mine)
        names = {code: one.name for code, one in store.directory(uow).organisations.items()}
    for row in rows:
        row["due_at"] = policy.ends_at(row["until"])
        row["own"] = row["official"] == reader().official_id
    opens = reader().may(*ACTING, *READING)
    return render_template(
        "routing/accountability.html", rows=rows, records=records, names=names, whole=whole, acts=acts, opens=opens, **more
    )


def _oversees(uow: UnitOfWork) -> bool:
    return policy.overseer(store.directory(uow), reader().official_id) is not None


@blueprint.post("/routing/accountability/<uuid:consequence_id>/done")
@allow(*EVERYBODY)
def carried_out(consequence_id: UUID) -> ResponseReturnValue:
    """What followed for somebody is done; for the office and the discipline office."""
    try:
        form = parse(CarryOutForm(), request.form)
        with unit_of_work("routing") as uow:
            carry_out(uow, consequence_id, reader().official_id, done_on=form["done_on"])
    except (BadInput, Refused) as fault:
        return _page(**problem(fault)), status_of(fault)
    flash(gettext("已登记完成。"))
    return redirect(url_for("routing.accountability"), 303)


menu(blueprint, lazy_gettext("问责"), ".accountability", *ACTING, *READING, Role.LEADER, order=40)

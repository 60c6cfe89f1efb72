"""Changing the directory by page: units added, changed, dissolved; officials appointed, removed, transferred."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import Schema

from services.routing.domain.roster import Roster, Unit
from services.routing.domain.terms import GUARDED, Term
from services.routing.handlers import appointments, contacts, gathering, roster
from services.routing.handlers.appointments import Editing
from services.routing.web import directory_forms as forms
from services.routing.web.common import blueprint, fresh, problem, reader, status_of
from services.routing.web.directory import EDITORS, OPEN, announcements
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web import session
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse

Data = dict[str, Any]
Do = Callable[[UnitOfWork, Editing, Data], bool]


@blueprint.get("/routing/directory/change/<kind>")
@allow(*EDITORS)
def directory_form(kind: str) -> ResponseReturnValue:
    """An empty form with a key of its own."""
    return _draw(kind) if kind in CHANGES else abort(404)


@blueprint.post("/routing/directory/change/<kind>")
@allow(*EDITORS)
def change_directory(kind: str) -> ResponseReturnValue:
    """Do the change; what is wrong is told beside the form, which keeps what was typed."""
    if kind not in CHANGES:
        abort(404)
    schema, do = CHANGES[kind]
    try:
        data = parse(schema(), request.form)
        with unit_of_work("routing") as uow:
            done = do(uow, editing(data), data)
    except (BadInput, Refused) as fault:
        told = problem(fault, from_on="on", until_on="until")
        return _draw(kind, errors=told["errors"], values=_sent()), status_of(fault)
    flash(gettext("通讯录已更新。") if done else gettext("这项变动已经办理过，没有重复办理。"))
    return redirect(_home(data), 303)


def editing(data: Data) -> Editing:
    """Who changes the directory and why."""
    return Editing(by=reader().official_id, key=data["key"], reason=data["reason"], now=session.web.real_now())


def _home(data: Data) -> str:
    if official := data.get("official") or data.get("new_code"):
        return url_for("routing.official", official=official)
    return url_for("routing.organisation", code=data.get("organisation") or data["code"])


def _sent() -> Data:
    many = {name: request.form.getlist(name) for name in ("roles", "terms")}
    return request.form.to_dict() | many


def _draw(kind: str, **more: Any) -> str:
    """The form; what it is about stands in the address at first and in its fields after."""
    values = more.get("values") or {name: request.args[name] for name in ("organisation", "official") if name in request.args}
    with unit_of_work("routing") as uow:
        known, day = roster.read(uow), roster.today(uow)
        contact = gathering.contact_of(uow, values.get("official", "")) if kind == "contact" else None
    unit, official = known.units.get(values.get("organisation", "")), values.get("official", "")
    if kind in NEEDS_UNIT and unit is None:
        abort(404)
    if kind in NEEDS_OFFICIAL and official not in known.names:
        abort(404)
    terms = [term for term in known.terms_of(official) if term.on(day) in OPEN]
    context: Data = {
        "kind": kind, "unit": unit, "official": official, "name": known.names.get(official, ""), "today": day, "key": fresh(),
        "units": [(u.code, f"{u.name} {u.code}") for u in known.units.values() if u.dissolved_on is None],
        "people": _people(known), "terms": [(str(t.id), f"{known.units[t.organisation].name} {t.title}") for t in terms],
        "administrator": reader().may(Role.ADMINISTRATOR), "guarded": GUARDED, "values": values, "contact": contact,
    }  # fmt: skip
    return render_template("routing/directory_change.html", **context | more)


def _people(known: Roster) -> list[tuple[str, str]]:
    """Everybody by name, with the post that he signs with, so that namesakes are told apart."""
    found = []
    for official, name in sorted(known.names.items(), key=lambda pair: pair[1]):
        terms = known.terms_of(official)
        found.append((official, f"{name} {terms[0].title if terms else official}"))
    return found


# -- the changes ----------------------------------------------------------------------------------------------------
UNIT_FIELDS = ("name", "name_en", "superior", "has_instance", "kind")


def _term(data: Data, official: str) -> Term:
    return Term(
        id=data["key"], official=official, organisation=data["organisation"], title=data["title"], roles=frozenset(data["roles"]),
        from_on=data["on"], until_on=data["until"],
    )  # fmt: skip


def _add(uow: UnitOfWork, who: Editing, data: Data) -> bool:
    return appointments.add_unit(uow, who, Unit(code=data["code"], **{name: data[name] for name in UNIT_FIELDS}), data["on"])


def _edit(uow: UnitOfWork, who: Editing, data: Data) -> bool:
    return appointments.change_unit(uow, who, data["organisation"], data["on"], **{name: data[name] for name in UNIT_FIELDS})


def _dissolve(uow: UnitOfWork, who: Editing, data: Data) -> bool:
    return appointments.dissolve(uow, who, data["organisation"], data["on"])


def _appoint(uow: UnitOfWork, who: Editing, data: Data) -> bool:
    new, known = data["new_code"], data["official"]
    if (new is None) == (known is None):
        raise Refused("official", "请选择一位人员，或者填写新人员的代码和姓名，二者取一。", "请核对后重新提交。")
    if new is not None and data["new_name"] is None:
        raise Refused("new_name", "新人员须有姓名。", "请填写姓名。")
    term = _term(data, new or known)
    return appointments.appoint(uow, who, term, name=data["new_name"] if new else None, first=data["first"])


def _transfer(uow: UnitOfWork, who: Editing, data: Data) -> bool:
    return appointments.transfer(uow, who, data["terms"], _term(data, data["official"]))


def _end(uow: UnitOfWork, who: Editing, data: Data) -> bool:
    return appointments.end(uow, who, data["official"], data["terms"], data["on"])


def _leave(uow: UnitOfWork, who: Editing, data: Data) -> bool:
    return appointments.leave(uow, who, data["official"], data["on"])


def _rename(uow: UnitOfWork, who: Editing, data: Data) -> bool:
    return appointments.rename(uow, who, data["official"], data["name"], data["on"])


def _contact(uow: UnitOfWork, who: Editing, data: Data) -> bool:
    return contacts.record(uow, who, data["official"], data["on"], mail=data["mail"], webhook=data["webhook"])


CHANGES: dict[str, tuple[type[Schema], Do]] = {
    "add": (forms.NewUnitForm, _add),
    "edit": (forms.OldUnitForm, _edit),
    "dissolve": (forms.DissolveForm, _dissolve),
    "appoint": (forms.AppointForm, _appoint),
    "transfer": (forms.TransferForm, _transfer),
    "end": (forms.EndForm, _end),
    "leave": (forms.LeaveForm, _leave),
    "rename": (forms.RenameForm, _rename),
    "contact": (forms.ContactForm, _contact),
}
NEEDS_UNIT = ("edit", "dissolve")
NEEDS_OFFICIAL = ("transfer", "end", "leave", "rename", "contact")


# -- what other instances told ----------------------------------------------------------------------------------------
@blueprint.get("/routing/directory/announcements")
@allow(*EDITORS)
def directory_announcements() -> ResponseReturnValue:
    """What other instances told of units that both know, as far as it differs here."""
    return _announcements()


def _announcements(**more: Any) -> str:
    with unit_of_work("routing") as uow:
        known, day = roster.read(uow), roster.today(uow)
        rows = announcements(uow, known, day)
    keys = {row["id"]: fresh() for row in rows}
    may = reader().may(Role.ADMINISTRATOR)
    return render_template("routing/announcements.html", rows=rows, keys=keys, administrator=may, own=known.own, **more)


@blueprint.post("/routing/directory/announcements/<uuid:announcement_id>")
@allow(Role.ADMINISTRATOR)
def answer_announcement(announcement_id: UUID) -> ResponseReturnValue:
    """Take it over, or decline it with a reason."""
    try:
        data = parse(forms.AnswerForm(), request.form)
        with unit_of_work("routing") as uow:
            if data["answer"] == "take":
                appointments.take_over(uow, editing(data), announcement_id)
            else:
                appointments.decline(uow, editing(data), announcement_id)
    except (BadInput, Refused) as fault:
        return _announcements(**problem(fault)), status_of(fault)
    flash(gettext("已采用通报的变动。") if data["answer"] == "take" else gettext("已记录：不采用该项通报。"))
    return redirect(url_for("routing.directory_announcements"), 303)

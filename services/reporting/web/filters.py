"""A reader's own filters of the case list: kept under names, opened, renamed, deleted."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import Schema, fields, validate

from services.reporting.domain.saved import LONGEST, MOST
from services.reporting.handlers import saving
from services.reporting.web.asked import ListArguments, in_words, names_in, narrowing, standing
from services.reporting.web.parts import blueprint, person, readers
from shared.errors import Refused
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse, rerender


class NameForm(Schema):
    """A filter's name; `replace`: it may take the place of another of this name."""

    name = fields.String(load_default="", validate=validate.Length(max=200), metadata={"label": lazy_gettext("名称")})
    replace = fields.Boolean(load_default=False, metadata={"label": lazy_gettext("代替同名的筛选")})


NAME = NameForm()


@blueprint.get("/filters")
@readers
def filters() -> str:
    """All that the reader keeps, and the filter of this address to be kept, if it has one."""
    return render_template("reporting/filters.html", **_shown())


@blueprint.post("/filters")
@readers
def save_filter() -> ResponseReturnValue:
    """Keep the filter of this address."""
    try:
        form, asked = parse(NAME, request.form), _asked()
        with unit_of_work("reporting") as uow:
            name = saving.save(uow, person().official, form["name"], asked, replace=form["replace"])
    except (BadInput, Refused) as fault:
        asks = isinstance(fault, Refused) and fault.field == "replace"
        return rerender("reporting/filters.html", _labelled(fault), **{**_shown(), "asks": asks})
    flash(_("筛选“%(name)s”已保存。", name=name))
    return redirect(url_for(".cases", **asked), 303)


@blueprint.get("/filters/<int:filter_id>")
@readers
def open_filter(filter_id: int) -> ResponseReturnValue:
    """The list that it describes, as far as it still does: what names nothing any more is told and does not stand in the way."""
    with unit_of_work("reporting") as uow:
        found = saving.found(uow, person().official, filter_id)
        asked, gone = standing(uow, found["filter"])
    if gone:
        what = _("、").join(gone)
        flash(_("筛选“%(name)s”里有的条件所指已不存在：%(what)s。请核对后重新保存。", name=found["name"], what=what), "warning")
    return redirect(url_for(".cases", **asked), 302)


@blueprint.post("/filters/<int:filter_id>/rename")
@readers
def rename_filter(filter_id: int) -> ResponseReturnValue:
    """Another name for it."""
    try:
        with unit_of_work("reporting") as uow:
            name = saving.rename(uow, person().official, filter_id, parse(NAME, request.form)["name"])
    except (BadInput, Refused) as fault:
        if isinstance(fault, Refused) and fault.status == 404:
            raise
        return rerender("reporting/filters.html", _labelled(fault), **{**_shown(), "renamed": filter_id})
    flash(_("已改名为“%(name)s”。", name=name))
    return redirect(url_for(".filters"), 303)


@blueprint.post("/filters/<int:filter_id>/delete")
@readers
def delete_filter(filter_id: int) -> ResponseReturnValue:
    """It is needed no more; done twice it is the same."""
    with unit_of_work("reporting") as uow:
        name = saving.delete(uow, person().official, filter_id)
    if name is not None:
        flash(_("筛选“%(name)s”已删除。", name=name))
    return redirect(url_for(".filters"), 303)


def _labelled(fault: BadInput | Refused) -> BadInput:
    if isinstance(fault, BadInput):
        return fault
    labels = {
        field.data_key or name: str(field.metadata["label"])
        for form in (NAME, ListArguments())
        for name, field in form.fields.items()
    }
    rule, remedy = (_(text, **fault.values) for text in (fault.rule, fault.remedy))
    return BadInput([{"field": fault.field, "label": labels[fault.field], "rule": rule, "remedy": remedy}], status=fault.status)


def _asked() -> dict[str, Any]:
    return narrowing(parse(ListArguments(), request.args))


def _shown() -> dict[str, Any]:
    asked = _asked()
    with unit_of_work("reporting") as uow:
        rows = saving.saved(uow, person().official)
        named = names_in(uow, [asked, *(row["filter"] for row in rows)])
    for row in rows:
        row["said"] = in_words(row["filter"], named)
    return {
        "rows": rows,
        "asked": asked,
        "said": in_words(asked, named),
        "most": MOST,
        "longest": LONGEST,
        "asks": False,
        "renamed": None,
    }

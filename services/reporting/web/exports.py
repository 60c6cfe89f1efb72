"""The auditor's page: who took which list away as a file, when, by which filter, and how long it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from flask_babel import gettext, lazy_gettext
from marshmallow import Schema, fields, validate

from services.reporting.handlers.exporting import exports
from services.reporting.web import words
from services.reporting.web.cases import PAGE, ListArguments
from services.reporting.web.parts import blueprint, sight
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import menu

menu(blueprint, lazy_gettext("导出记录"), ".exports_page", order=60)
# Which words the codes of a filter have; everything else stands as it was asked.
WORDS: dict[str, Mapping[Any, Any]] = {
    "queue": words.QUEUES, "stage": words.STAGES, "channel": words.CHANNELS, "class": words.CLASSES, "sort": words.SORTS,
    "figure": {name: label for name, (label, _) in words.FIGURES.items()} | {"instructed": words.FIGURES["instructions"][0]},
    "overdue": {True: lazy_gettext("只看超期")},
}  # fmt: skip
OF_REPORTS = {"report": lazy_gettext("报告"), "form": lazy_gettext("格式")}


class ExportArguments(Schema):
    """What the address of the log may say."""

    who = fields.String(load_default="", validate=validate.Length(max=64), metadata={"label": lazy_gettext("导出人")})
    page = fields.Integer(load_default=1, validate=validate.Range(1, 1_000_000), metadata={"label": lazy_gettext("页码")})


@blueprint.get("/exports")
@allow(Role.AUDITOR)
def exports_page() -> str:
    """A page of the log."""
    asked = parse(ExportArguments(), request.args)
    with unit_of_work("reporting") as uow:
        rows, total = exports(uow, sight(uow), who=asked["who"], limit=PAGE, offset=(asked["page"] - 1) * PAGE)
    for row in rows:
        row["asked"] = None if row["filter"] is None else in_words(row["filter"])
    return render_template(
        "reporting/exports.html", rows=rows, total=total, page=asked["page"], pages=-(-total // PAGE),
        values=request.args.to_dict(),
    )  # fmt: skip


def in_words(asked: Mapping[str, Any]) -> str:
    """A filter as a person reads it: each box of the form, in the form's order, with what was chosen in it."""
    labels = {field.data_key or name: field.metadata["label"] for name, field in ListArguments().fields.items()} | OF_REPORTS
    parts = (
        gettext("%(label)s：%(value)s", label=label, value=WORDS.get(name, {}).get(asked[name], asked[name]))
        for name, label in labels.items()
        if name in asked
    )
    return gettext("；").join(parts)

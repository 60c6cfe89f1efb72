"""The auditor's page: who took which list away as a file, when, by which filter, and how long it was."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import lazy_gettext
from marshmallow import Schema, fields, validate

from services.reporting.handlers.exporting import exports
from services.reporting.web.asked import in_words, names_in
from services.reporting.web.cases import PAGE
from services.reporting.web.parts import blueprint, sight
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import menu

menu(blueprint, lazy_gettext("导出记录"), ".exports_page", order=60)


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
        named = names_in(uow, [row["filter"] for row in rows if row["filter"]])
    for row in rows:
        row["asked"] = None if row["filter"] is None else in_words(row["filter"], named)
    return render_template(
        "reporting/exports.html", rows=rows, total=total, page=asked["page"], pages=-(-total // PAGE),
        values=request.args.to_dict(),
    )  # fmt: skip

"""Reports: their list, each as its document, to be issued, corrected and taken away as a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response

from services.reporting.documents import docx, pdf, xlsx
from services.reporting.documents.official import Document
from services.reporting.documents.writing import write
from services.reporting.domain import reports as frozen
from services.reporting.handlers import issuing, preparing
from services.reporting.handlers.exporting import note_export
from services.reporting.web import words
from services.reporting.web.parts import blueprint, person, readers, sight
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse, rerender
from shared.web.frame import menu

PAGE = 30
ISSUERS = (Role.OFFICE, Role.SUPERVISION_OFFICE, Role.FIRST_IN_COMMAND)
FORMS: dict[str, tuple[str, Callable[[frozen.Data, Document], bytes]]] = {
    "pdf": ("application/pdf", lambda _, document: pdf.set_as_pdf(document)),
    "docx": (docx.MIME, lambda _, document: docx.as_docx(document)),
    "xlsx": (xlsx.MIME, xlsx.as_xlsx),
}
menu(blueprint, lazy_gettext("报告"), ".reports", order=72, also=(".report",))


class ReportsArguments(Schema):
    """What the address of the list may say."""

    kind = fields.String(load_default="", validate=validate.OneOf(("", *frozen.KINDS)), metadata={"label": lazy_gettext("种类")})
    page = fields.Integer(load_default=1, validate=validate.Range(1, 1_000_000), metadata={"label": lazy_gettext("页码")})


class AnewForm(Schema):
    """Why a report is prepared anew."""

    reasons = fields.String(required=True, validate=validate.Length(2, 500), metadata={"label": lazy_gettext("原因")})


@blueprint.get("/reports")
@readers
def reports() -> str:
    """The list, the latest first; drafts for those who see the whole instance."""
    asked = parse(ReportsArguments(), request.args)
    with unit_of_work("reporting") as uow:
        sees = sight(uow)
        rows = issuing.listed(uow, sees, kind=asked["kind"], limit=PAGE + 1, offset=(asked["page"] - 1) * PAGE)
        failing = issuing.failing(uow, sees)
    kinds = [("", _("全部")), *((kind, str(words.REPORTS[kind])) for kind in frozen.KINDS)]
    tabs = [
        {"label": label, "href": url_for(".reports", kind=kind or None), "current": asked["kind"] == kind}
        for kind, label in kinds
    ]
    return render_template(
        "reporting/reports.html", rows=rows[:PAGE], more=len(rows) > PAGE, page=asked["page"], tabs=tabs, failing=failing,
        words=words, word=words.word,
    )  # fmt: skip


@blueprint.get("/reports/<int:report_id>")
@readers
def report(report_id: int) -> str:
    """One report as far as the reader may see the cases that it lists."""
    return render_template("reporting/report.html", **_shown(report_id))


def _shown(report_id: int) -> dict[str, Any]:
    with unit_of_work("reporting") as uow:
        sees = sight(uow)
        found = issuing.found(uow, sees, report_id)
        document = write(issuing.readable(uow, sees, found), issuing.issue_of(found))
        may, anew = issuing.may_issue(sees, found["kind"]), issuing.may_prepare(sees, found["kind"])
        later = preparing.heard_since(uow, found, sees) if anew else 0
        listed = preparing.listed_since(uow, found, sees) if anew else 0
    return {
        "report": found, "document": document, "may": may, "anew": anew, "later": later, "listed": listed,
    }  # fmt: skip


@blueprint.post("/reports/<int:report_id>/issue")
@allow(*ISSUERS)
def issue_report(report_id: int) -> ResponseReturnValue:
    """Issue a draft under the reader's name."""
    try:
        with unit_of_work("reporting") as uow:
            number = issuing.issue(uow, sight(uow), person(), report_id)
    except Refused as fault:
        return _again(report_id, fault)
    flash(_("已签发：%(number)s。", number=number))
    return redirect(url_for(".report", report_id=report_id), 303)


@blueprint.post("/reports/<int:report_id>/anew")
@allow(*ISSUERS)
def prepare_report_anew(report_id: int) -> ResponseReturnValue:
    """Prepare it once more: a draft in place of a draft, or one that corrects what was issued."""
    try:
        form = parse(AnewForm(), request.form)
        with unit_of_work("reporting") as uow:
            anew = issuing.prepare_anew(uow, sight(uow), person(), report_id, form["reasons"])
    except (BadInput, Refused) as fault:
        return _again(report_id, fault)
    return redirect(url_for(".report", report_id=anew), 303)


def _again(report_id: int, fault: BadInput | Refused) -> ResponseReturnValue:
    if isinstance(fault, Refused) and fault.status in (403, 404):
        raise fault
    return rerender("reporting/report.html", fault, **_shown(report_id))


@blueprint.get("/reports/<int:report_id>.<form>")
@readers
def report_file(report_id: int, form: str) -> Response:
    """The document, or the lists behind it; noted among what was taken away in the transaction that reads it."""
    if form not in FORMS:
        raise NotFound("form", "没有这种格式。", "请选择PDF、DOCX或XLSX。")
    with unit_of_work("reporting") as uow:
        sees = sight(uow)
        found = issuing.found(uow, sees, report_id)
        data = issuing.readable(uow, sees, found)
        document = write(data, issuing.issue_of(found))
        asked = {"report": found["number"] or f"{document.title}（{_('草稿')}）", "form": form}
        note_export(uow, person(), asked, [UUID(case) for case in frozen.cases_of(data)])
    mime, made = FORMS[form]
    return _file(mime, made(data, document), document, form)


def _file(mime: str, body: bytes, document: Document, form: str) -> Response:
    name = quote(f"{document.number or document.draft}{document.title}.{form}")
    return Response(body, mimetype=mime, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})

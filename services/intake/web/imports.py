"""Old cases from lists: hand a file in, see what is wrong with it, start it, watch it, take home what has to be corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any
from uuid import UUID, uuid4

from flask import Response, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from services.intake.domain.headings import HEADINGS, REQUIRED, read_headings
from services.intake.handlers import imports
from services.intake.handlers.imports import Faulty
from services.intake.schemas.imports import COLUMNS, ActForm, FaultFilter, FindForm, ImportFilter, UploadForm
from services.intake.sheets import writing
from services.intake.web.common import EDITORS, PAGE, blueprint, drawn_again, explained, site, vault, viewer
from services.intake.web.uploads import stream
from services.intake.web.words import WORDS
from services.intake.workflow import IMPORT_ALIVE, IMPORT_AT_WORK, ImportStage
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import language, menu

menu(blueprint, _("导入旧件"), ".imports_page", order=62)
AT_ONCE = 1_000  # rows that are opened at once
PART = 5_000  # rows in one workbook of rows to be corrected; as text there is no limit
FORM = 2**16  # bytes of an upload that are not its file
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.url_value_preprocessor
def _room_for_a_list(endpoint: str | None, values: Any) -> None:
    """A list may be larger than other files, and stands as veiled as they do while it comes in."""
    if endpoint == "intake.upload_import":
        request.max_content_length = site().imports.largest + FORM
        request._get_file_stream = stream  # type: ignore[method-assign]


@blueprint.get("/intake/imports")
@allow(*EDITORS)
def imports_page() -> ResponseReturnValue:
    """The imports so far, and the form for another."""
    return _draw()


@blueprint.post("/intake/imports")
@allow(*EDITORS)
def upload_import() -> ResponseReturnValue:
    """Keep a file and have it checked; the same form again leads to the same import."""
    try:
        data, file = parse(UploadForm(), request.form), request.files.get("file")
        if file is None:
            raise Refused("file", "请选择文件，不能是空文件。", "请选择 xlsx、xls、ods 或 csv 文件，可先下载模板。")
        with unit_of_work("intake") as uow:
            job = imports.hand_in(
                uow,
                vault(),
                file.stream,
                job_id=data["key"],
                source=data["source"],
                largest=site().imports.largest,
                by=viewer().person,
            )
    except (BadInput, Refused) as fault:
        return drawn_again(fault, _draw)
    return redirect(url_for("intake.import_page", job_id=job.id), 303)


@blueprint.post("/intake/imports/find")
@allow(*EDITORS)
def find_import() -> ResponseReturnValue:
    """The case that had a number in an old system."""
    try:
        data = parse(FindForm(), request.form)
        with unit_of_work("intake") as uow:
            found = imports.find_old(uow, vault(), viewer(), data["old_number"])
        if found is None:
            raise Refused("old_number", "没有找到这个原编号。", "请核对编号，或确认是否已经导入。")
    except (BadInput, Refused) as fault:
        return drawn_again(fault, _draw)
    return redirect(url_for("intake.petition_page", case_id=found), 303)


@blueprint.get("/intake/imports/template.xlsx")
@allow(*EDITORS)
def import_template() -> ResponseReturnValue:
    """An empty list to be filled in, in the reader's language."""
    at = 1 if language() == "en" else 0
    headings = [(names[at], column in REQUIRED) for column, names in HEADINGS.items()]
    guide = [[gettext("列"), gettext("必填"), gettext("怎么填")]]
    guide += [
        [names[at], gettext("是") if column in REQUIRED else "", str(WORDS["import_guide"].get(column, ""))]
        for column, names in HEADINGS.items()
    ]
    content = writing.template(gettext("旧件"), headings, guide, gettext("填写说明"))
    return _download(content, "zhida-import.xlsx", XLSX)


@blueprint.get("/intake/imports/<uuid:job_id>")
@allow(*EDITORS)
def import_page(job_id: UUID) -> ResponseReturnValue:
    """How an import stands, and the rows that are not registered."""
    return _draw_job(job_id)


@blueprint.get("/intake/imports/<uuid:job_id>/progress")
@allow(*EDITORS)
def import_progress(job_id: UUID) -> ResponseReturnValue:
    """The part of the page that moves. When it moves no more, the whole page is asked for."""
    with unit_of_work("intake") as uow:
        job, now = imports.read_job(uow, job_id, viewer()), uow.now
    response = Response(
        render_template("intake/_import_progress.html", job=job, silent=job.silent(now), at_work=job.stage in IMPORT_AT_WORK)
    )
    if job.stage not in IMPORT_AT_WORK:
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.post("/intake/imports/<uuid:job_id>")
@allow(*EDITORS)
def act_on_import(job_id: UUID) -> ResponseReturnValue:
    """Start, pause, go on, cancel."""
    try:
        act = parse(ActForm(), request.form)["act"]
        with unit_of_work("intake") as uow:
            imports.act(uow, job_id, viewer(), act)
    except (BadInput, Refused) as fault:
        bad = explained(fault)
        return _draw_job(job_id, errors=bad.errors), bad.code or 422
    return redirect(url_for("intake.import_page", job_id=job_id), 303)


@blueprint.post("/intake/imports/<uuid:job_id>/faults")
@allow(*EDITORS)
def download_faults(job_id: UUID) -> ResponseReturnValue:
    """The rows that are not registered, with what is wrong with each: to be corrected and handed in again. The look is logged."""
    whole, after = "after" not in request.form, parse(FaultFilter(), request.form)["after"]
    with unit_of_work("intake") as uow:
        imports.read_job(uow, job_id, viewer())
        headings, _rows = imports.faulty(uow, vault(), job_id, viewer(), limit=1)
        imports.log_download(uow, job_id, viewer())
    titles = [*headings, gettext("行号"), gettext("错误")]
    rows = _to_correct(job_id, len(headings), after)
    if whole:
        lines = stream_with_context(writing.lines(chain([titles], rows)))
        return _download(lines, f"zhida-import-{job_id}.csv", "text/csv; charset=utf-8")
    content = writing.workbook(gettext("旧件"), [titles, *islice(rows, PART)])
    return _download(content, f"zhida-import-{job_id}-{after}.xlsx", XLSX)


def _to_correct(job_id: UUID, width: int, after: int) -> Iterator[Sequence[str]]:
    """The cells of each row as the file has them, its number, and all that is wrong with it."""
    while True:
        with unit_of_work("intake") as uow:
            _headings, rows = imports.faulty(uow, vault(), job_id, viewer(), limit=AT_ONCE, after=after)
        if not rows:
            return
        for row in rows:
            after = row.number
            cells = [*row.cells, *[""] * (width - len(row.cells))][:width]
            yield [*cells, str(row.number), " ".join(": ".join(said.values()) for said in _said(row))]


def _said(row: Faulty) -> list[dict[str, str]]:
    """What is wrong with a row, in the reader's language."""
    said = []
    for wrong in row.wrong:
        rule, remedy = (gettext(text, **wrong["values"]) for text in (wrong["rule"], wrong["remedy"]))
        said.append({"label": str(COLUMNS.get(wrong["field"], gettext("整行"))), "rule": rule, "remedy": remedy})
    return said


def _download(content: bytes | Iterator[bytes], name: str, kind: str) -> Response:
    """A file to be kept."""
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _draw(**context: Any) -> str:
    page = parse(ImportFilter(), request.args)["page"]
    with unit_of_work("intake") as uow:
        rows, total = imports.jobs(uow, viewer(), page=page, size=PAGE)
        sources = imports.sources(uow)
    context.setdefault("values", {})
    return render_template(
        "intake/imports.html", rows=rows, total=total, page=page, pages=-(-total // PAGE), sources=sources, largest=site().imports.largest // 2**20,
        key=context["values"].get("key") or uuid4(), **context,
    )  # fmt: skip


def _draw_job(job_id: UUID, **context: Any) -> str:
    after = parse(FaultFilter(), request.args)["after"]
    headings: list[str] = []
    faults: list[Faulty] = []
    total, parts = 0, list[int]()
    with unit_of_work("intake") as uow:
        job, now = imports.read_job(uow, job_id, viewer()), uow.now
        if not job.purged_at:
            headings, faults = imports.faulty(uow, vault(), job_id, viewer(), limit=PAGE + 1, after=after)
            total, parts = imports.faulty_parts(uow, job_id, viewer(), PART)
    known = read_headings(headings)
    code, _blank, detail = job.fault.partition(" ")
    return render_template(
        "intake/import_job.html", job=job, silent=job.silent(now), at_work=job.stage in IMPORT_AT_WORK,
        may_cancel=job.stage in IMPORT_ALIVE, asks=job.stage is ImportStage.CHECKED,
        others=list(known.others) if known else [], total=total, parts=parts, after=after,
        faults=[{"id": row.number, "said": _said(row)} for row in faults[:PAGE]], more=len(faults) > PAGE, columns=COLUMNS,
        fault=code, fault_row=detail if detail.isdigit() else "", fault_columns=[COLUMNS[name] for name in detail.split(",") if name in COLUMNS],
        **context,
    )  # fmt: skip

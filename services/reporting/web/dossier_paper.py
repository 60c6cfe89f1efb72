"""The dossier as PDF: a table of contents, the course, the list of files, and the history's chain; its record lies within it."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from flask import current_app, render_template
from werkzeug.wrappers import Response

from services.reporting.documents.pdf import pdf_of, styles
from services.reporting.domain import chain, dossier
from services.reporting.handlers import archive
from services.reporting.web import words
from services.reporting.web.dossier import open_dossier, organisation_names, shown
from services.reporting.web.parts import blueprint, reader, readers
from shared.web.databases import unit_of_work

RECORD = "dossier.json"


@blueprint.get("/cases/<uuid:case_id>/dossier.pdf")
@readers
def case_paper(case_id: UUID) -> Response:
    """What the reader sees of a case, as the page shows it; that he read it is noted."""
    with unit_of_work("reporting") as uow:
        row, entries, sees = open_dossier(uow, case_id)
        moment, names = uow.now, organisation_names(uow)
        hashes = {key: chain.of_body(body) for key, (body, _) in archive.bodies(uow, str(case_id)).items()}
    record = chain.record(row["number"], str(case_id), entries, hashes)
    page = render_template(
        "reporting/dossier_paper.html", case=row, entries=[shown(entry, names) for entry in entries], hashes=hashes, head=record["head"],
        deadlines=dossier.deadlines(entries), enclosures=dossier.enclosures(entries), names=names, words=words, word=words.word,
        instant=datetime.fromisoformat, moment_now=moment, printed_by=reader().name, styles=styles("dossier-paper.css"),
        instance=names.get(sees.own, current_app.extensions["zhida"].settings.org_name), record=RECORD,
    )  # fmt: skip
    body = pdf_of(page, {RECORD: chain.as_text(record)})
    name = quote(f"{row['number']}.pdf")
    return Response(body, mimetype="application/pdf", headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})

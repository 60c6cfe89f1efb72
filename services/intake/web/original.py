"""The mail as it came, for staff who have to read its scan: a download that no browser runs, for a purpose that is logged."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.intake.domain.submission import ORIGINAL_PURPOSES, Purpose
from services.intake.domain.viewing import OPENERS
from services.intake.handlers import originals
from services.intake.handlers.originals import File
from services.intake.schemas.casework import OriginalForm, UnreadOriginalForm
from services.intake.web import unread
from services.intake.web.common import blueprint, drawn_again, explained, vault, viewer
from services.intake.web.words import WORDS
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.get("/intake/petitions/<uuid:case_id>/original")
@allow(*OPENERS)
def original_form(case_id: UUID) -> ResponseReturnValue:
    """Ask which file is wanted, and what for."""
    return _draw(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/original")
@allow(*OPENERS)
def open_original(case_id: UUID) -> ResponseReturnValue:
    """The mail or one of its attachments; the look is logged."""
    try:
        data = parse(OriginalForm(), request.form)
        with unit_of_work("intake") as uow:
            case, found = originals.read_original(
                uow, vault(), case_id, viewer(), part=data["part"], purpose=Purpose(data["purpose"])
            )
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context))
    return download(found, f"{case.number}-{data['part']}")


@blueprint.post("/intake/unread/<uuid:mail_id>/original")
@allow(*OPENERS)
def open_unread_original(mail_id: UUID) -> ResponseReturnValue:
    """A kept mail or one of its attachments, to make out what it says; the look is logged."""
    try:
        part = parse(UnreadOriginalForm(), request.form)["part"]
        with unit_of_work("intake") as uow:
            found = originals.read_unread_original(uow, vault(), mail_id, viewer(), part=part)
    except (BadInput, Refused) as fault:
        bad = explained(fault)
        return unread.draw(mail_id, errors=bad.errors), bad.code or 422
    return download(found, f"mail-{mail_id}-{part}")


def download(found: File, name: str) -> Response:
    """Bytes to be kept, never shown in place: a stranger wrote them. The name is ours; the sender's may hold anything."""
    response = Response(found.content, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}{found.ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _draw(case_id: UUID, **context: Any) -> str:
    with unit_of_work("intake") as uow:
        case, attachments = originals.contents(uow, vault(), case_id, viewer())
    purposes = [(purpose, WORDS["purposes"][purpose]) for purpose in ORIGINAL_PURPOSES]
    action = url_for("intake.open_original", case_id=case_id)
    return render_template(
        "intake/original.html", case=case, attachments=attachments, purposes=purposes, action=action, **context
    )

"""The mails of a case: those that a clerk has not read yet, the originals, and what became of the messages to the petitioner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.intake.domain import texts, threads
from services.intake.domain.petition import Petition
from services.intake.domain.submission import ORIGINAL_PURPOSES, Purpose
from services.intake.domain.viewing import OPENERS, Viewer
from services.intake.handlers import correspondence
from services.intake.handlers.looking import Words
from services.intake.schemas.casework import OriginalForm
from services.intake.schemas.correspondence import SeenForm
from services.intake.store import SQL
from services.intake.web.common import EDITORS, blueprint, drawn_again, site, vault, viewer
from services.intake.web.original import download
from services.intake.web.words import WORDS
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import language


@blueprint.post("/intake/petitions/<uuid:case_id>/mails/seen")
@allow(*EDITORS)
def see_mails(case_id: UUID) -> ResponseReturnValue:
    """The mails that stood on the page were read."""
    try:
        data = parse(SeenForm(), request.form)
        with unit_of_work("intake") as uow:
            correspondence.see(uow, case_id, viewer(), mails=data["mails"])
    except BadInput:
        flash(gettext("没有要标记的邮件。"))
    else:
        flash(gettext("已标为看过。"))
    return redirect(url_for("intake.petition_page", case_id=case_id), 303)


@blueprint.get("/intake/petitions/<uuid:case_id>/mails/<uuid:mail_id>/original")
@allow(*OPENERS)
def mail_original_form(case_id: UUID, mail_id: UUID) -> ResponseReturnValue:
    """Ask which file of the mail is wanted, and what for."""
    return _draw(case_id, mail_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/mails/<uuid:mail_id>/original")
@allow(*OPENERS)
def open_mail_original(case_id: UUID, mail_id: UUID) -> ResponseReturnValue:
    """The mail as it came or one of its files; the look is logged."""
    try:
        data = parse(OriginalForm(), request.form)
        with unit_of_work("intake") as uow:
            case, found = correspondence.read_original(
                uow, vault(), case_id, mail_id, viewer(), part=data["part"], purpose=Purpose(data["purpose"])
            )
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, mail_id, **context))
    return download(found, f"{case.number}-mail-{data['part']}")


def messages_to(uow: UnitOfWork, case: Petition) -> list[dict[str, Any]]:
    """The messages to the petitioner in the reader's language, the latest first, each with what became of it."""
    own = site().texts
    return [
        {
            "at": row["requested_at"], "text": texts.say(row["template"], language(), row["params"], case.number, own=own)[1],
            "stage": row["stage"], "failure": row["failure"], "status": row["status"],
        }
        for row in uow.all(SQL["messages_of_case"], case_id=case.id)
    ]  # fmt: skip


def mentioned(uow: UnitOfWork, words: Words | None, case: Petition, reader: Viewer) -> list[dict[str, Any]]:
    """The petitions whose numbers a mail's title names, as far as the reader may see them; never joined by that alone."""
    numbers = [found for found in threads.mentioned(words.title) if found != case.number] if words else []
    known = uow.all(SQL["cases_of_numbers"], numbers=numbers, codes=list(reader.codes)) if numbers else []
    ids = {row["number"]: row["id"] for row in known}
    return [{"number": number, "id": ids.get(number)} for number in numbers]


def _draw(case_id: UUID, mail_id: UUID, **context: Any) -> str:
    with unit_of_work("intake") as uow:
        case, attachments = correspondence.contents(uow, vault(), case_id, mail_id, viewer())
    purposes = [(purpose, WORDS["purposes"][purpose]) for purpose in ORIGINAL_PURPOSES]
    action = url_for("intake.open_mail_original", case_id=case_id, mail_id=mail_id)
    return render_template(
        "intake/original.html", case=case, attachments=attachments, purposes=purposes, action=action, **context
    )

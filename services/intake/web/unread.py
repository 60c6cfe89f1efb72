"""Mails that could not be registered: a clerk reads what can be read, and registers by hand or dismisses with a reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.intake.handlers.mails import dismiss_unread, read_unread, unread
from services.intake.schemas.casework import DismissForm, LookFilter
from services.intake.web.common import EDITORS, PAGE, blueprint, explained, vault, viewer
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.get("/intake/unread")
@allow(*EDITORS)
def unread_mails() -> ResponseReturnValue:
    """The mails that wait, the oldest first."""
    page = parse(LookFilter(only=["page"]), request.args)["page"]
    with unit_of_work("intake") as uow:
        rows, total = unread(uow, page=page, size=PAGE)
    return render_template("intake/unread.html", rows=rows, total=total, page=page, pages=-(-total // PAGE))


@blueprint.get("/intake/unread/<uuid:mail_id>")
@allow(*EDITORS)
def unread_mail(mail_id: UUID) -> ResponseReturnValue:
    """One mail, as far as it can be read; the look is logged."""
    return draw(mail_id)


@blueprint.post("/intake/unread/<uuid:mail_id>/dismiss")
@allow(*EDITORS)
def dismiss_mail(mail_id: UUID) -> ResponseReturnValue:
    """It asks for nothing; it stays kept."""
    try:
        data = parse(DismissForm(), request.form)
        with unit_of_work("intake") as uow:
            dismiss_unread(uow, mail_id, reason=data["reason"], viewer=viewer())
    except (BadInput, Refused) as fault:
        bad = explained(fault)
        return draw(mail_id, errors=bad.errors), bad.code or 422
    flash(gettext("来件已作不登记处理，原件仍加密保存。"))
    return redirect(url_for("intake.unread_mails"), 303)


def draw(mail_id: UUID, errors: Any = ()) -> str:
    """The mail's page; the look is logged."""
    with unit_of_work("intake") as uow:
        kept = read_unread(uow, vault(), mail_id, viewer())
    return render_template(
        "intake/unread_mail.html", mail=kept.mail, made_out=kept.made_out, preview=kept.preview, attachments=kept.attachments,
        errors=list(errors),
    )  # fmt: skip

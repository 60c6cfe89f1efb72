"""The clerk's forms: one for each of the five channels, with what only that channel has."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from services.intake.domain.drafts import Draft
from services.intake.domain.submission import Channel
from services.intake.handlers import attachments, drafts
from services.intake.handlers.attachments import Prepared
from services.intake.handlers.casework import accept
from services.intake.handlers.mails import register_unread
from services.intake.handlers.registration import Receipt, register
from services.intake.schemas.petition import CLERK_FORMS, PARTICULARS, DraftForm
from services.intake.web.common import (
    EDITORS,
    blueprint,
    cabinet,
    category_groups,
    channel_of,
    drawn_again,
    places,
    registered,
    submitted,
    vault,
    viewer,
)
from services.intake.web.receipts import clerks_receipt
from services.intake.web.uploads import taken_in, takes_files
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu

menu(blueprint, _("登记"), ".register_form", order=11)


@blueprint.get("/intake/register")
@blueprint.get("/intake/register/<channel>")
@allow(*EDITORS)
def register_form(channel: str = "letter") -> ResponseReturnValue:
    """The empty form of a channel; a call has its own.

    `?mail=` names what was kept and is registered by hand, `?draft=` what was typed before.
    """
    kind, mail = channel_of(channel), request.args.get("mail", "")
    if kind is Channel.CALL and not mail and "draft" not in request.args:
        return redirect(url_for("intake.call_form"), 303)
    if "draft" not in request.args:
        return _draw(kind, values={"key": mail or str(uuid4())}, mail=mail)
    key = parse(DraftForm(), MultiDict({"key": request.args["draft"]}))["key"]
    with unit_of_work("intake") as uow:
        found = drafts.resume(uow, vault(), viewer(), key)
    if found.form != kind:
        return redirect(url_for("intake.register_form", channel=found.form, draft=key), 303)
    if kind is Channel.CALL and "mail" not in found.fields:
        return redirect(url_for("intake.call_form", draft=key), 303)
    return _draw(kind, values=dict(found.fields) | {"key": str(key)}, mail=found.fields.get("mail", ""), draft=found)


@blueprint.post("/intake/register/<channel>")
@takes_files
@allow(*EDITORS)
def register_petition(channel: str) -> ResponseReturnValue:
    """Register, and show the receipt that the petitioner is handed."""
    kind = channel_of(channel)
    mail = request.form.get("mail", "")
    try:
        data = parse(CLERK_FORMS[kind], request.form, longest=100_000)
        files = taken_in()
        receipt = _register(kind, data, files, by_mail=bool(mail))
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(kind, mail=mail, **context))
    if not mail:
        return clerks_receipt(receipt, kind, files)
    registered(receipt, kind)
    flash(gettext("来件已登记，编号 %(number)s。", number=receipt.number))
    return redirect(url_for("intake.petition_page", case_id=receipt.case_id), 303)


def _register(kind: Channel, data: dict[str, Any], files: list[Prepared], *, by_mail: bool) -> Receipt:
    clerk = viewer()
    with unit_of_work("intake") as uow:
        given = attachments.with_files(vault(), submitted(uow, data, kind), files)
        if by_mail:  # the kept mail's id is the form's key
            receipt = register_unread(uow, vault(), data["key"], given, clerk)
        else:
            receipt = register(uow, vault(), given, key=data["key"], by=clerk.person)
        if not receipt.again:
            attachments.add(uow, cabinet().store, vault(), receipt.case_id, files, by=clerk.person)
        drafts.drop(uow, clerk, data["key"])
        if data["accept"]:
            accept(uow, receipt.case_id, clerk)
    return receipt


def _draw(channel: Channel, *, mail: str = "", draft: Draft | None = None, **context: Any) -> str:
    context["values"].setdefault("key", str(uuid4()))
    with unit_of_work("intake") as uow:
        return render_template(
            "intake/register.html", channel=channel, channels=list(Channel), particulars=PARTICULARS[channel], places=places(uow),
            categories=category_groups(uow), mail=mail, draft=draft, **context,
        )  # fmt: skip

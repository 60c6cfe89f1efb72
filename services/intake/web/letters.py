"""What is printed on paper: the slip that goes with a letter, and the answer that goes to who has no e-mail."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import segno
from babel.dates import format_date
from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from markupsafe import Markup

from services.intake.handlers import attachments, letters, looking
from services.intake.handlers.groups import answer_to
from services.intake.schemas.letters import PostedForm
from services.intake.store import SQL
from services.intake.web.common import EDITORS, acted, blueprint, drawn_again, vault, viewer
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import local


@blueprint.app_template_global("tracking_address")
def tracking_address() -> str:
    """Where a petitioner tracks a case, as it is printed."""
    public: str = getattr(current_app.extensions["zhida"].settings, "public_url", "").rstrip("/")
    return f"{public}{url_for('intake.track')}" if public else url_for("intake.track", _external=True)


@blueprint.app_template_global("number_code")
def number_code(number: str) -> Markup:
    """A case's number as a QR code: a telephone opens the tracking page by it, the desk's search the case. Never the secret code."""
    code = segno.make_qr(f"{tracking_address()}?number={number}", error="m")
    return Markup(code.svg_inline(border=2, svgclass="qr", lineclass=None, omitsize=True))  # noqa: S704  (segno's own markup)


@blueprint.app_template_filter("long_day")
def long_day(moment: datetime) -> str:
    """The day in China as a letter writes it: 2016年11月7日, November 7, 2016."""
    return str(format_date(local(moment).date(), "long", get_locale()))


@blueprint.get("/intake/petitions/<uuid:case_id>/slip")
@allow(*EDITORS)
def registration_slip(case_id: UUID) -> ResponseReturnValue:
    """The slip that is put with the paper: number and QR code, nothing of what was written and nothing of who wrote."""
    with unit_of_work("intake") as uow:
        case, _ = looking.open_petition(uow, case_id, viewer())
        files = attachments.count(uow, case_id)
    return render_template("intake/slip.html", case=case, files=files)


@blueprint.get("/intake/petitions/<uuid:case_id>/answer")
@allow(*EDITORS)
def answer_page(case_id: UUID) -> ResponseReturnValue:
    """The answer as it stands, how it was delivered so far, and what to do to post it."""
    return _draw(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/answer/letter")
@allow(*EDITORS)
def answer_letter(case_id: UUID) -> ResponseReturnValue:
    """The letter with its address, to be printed; the look at the address is logged."""
    try:
        with unit_of_work("intake") as uow:
            case, who, answer = letters.addressed(uow, vault(), case_id, viewer())
    except Refused as fault:
        return drawn_again(fault, partial(_draw, case_id))
    return render_template("intake/answer_letter.html", case=case, who=who, answer=answer)


@blueprint.post("/intake/petitions/<uuid:case_id>/answer/posted")
@allow(*EDITORS)
def answer_posted(case_id: UUID) -> ResponseReturnValue:
    """The letter was posted; the petitioner sees it on the tracking page."""

    def act(uow: UnitOfWork) -> None:
        data = parse(PostedForm(), request.form)
        letters.note_posted(uow, case_id, viewer(), posted_on=data["posted_on"], key=data["key"])

    said = gettext("已记录寄出日期，查询页面会告知信访人。")
    return acted(act, partial(_draw, case_id), said=said, back=url_for("intake.answer_page", case_id=case_id))


def _draw(case_id: UUID, **context: Any) -> str:
    with unit_of_work("intake") as uow:
        case = letters.answerable(uow, case_id, viewer())
        answer = answer_to(uow, vault(), case)
        posted = [row for row in uow.all(SQL["messages_of_case"], case_id=case_id) if row["template"] == "answer_letter"]
    return render_template("intake/answer.html", case=case, answer=answer, posted=posted, key=str(uuid4()), **context)

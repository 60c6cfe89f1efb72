"""The answer under a post: approved, sent by the process that fetches, or copied and posted by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.intake.handlers import board_replies
from services.intake.schemas.boards import PostedForm, ReplyForm
from services.intake.web.boards import board_of, titles
from services.intake.web.common import EDITORS, blueprint, drawn_again, vault, viewer
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.get("/intake/petitions/<uuid:case_id>/board-reply")
@allow(*EDITORS)
def board_reply(case_id: UUID) -> ResponseReturnValue:
    """The case's answer, to be made into words that everybody may read."""
    return _draw(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/board-reply")
@allow(*EDITORS)
def approve_board_reply(case_id: UUID) -> ResponseReturnValue:
    """Approve the words."""
    try:
        text = parse(ReplyForm(), request.form)["reply"]
        with unit_of_work("intake") as uow:
            reply = board_replies.approve(
                uow, vault(), case_id, viewer(), text=text, sends=lambda name: bool((found := board_of(name)) and found.reply)
            )
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context))
    sends = reply.stage != "by_hand"
    flash(gettext("已批准，系统将自动回帖。") if sends else gettext("已批准。请复制文字到原帖下回复，再填回帖网址。"))
    return _back(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/board-reply/again")
@allow(*EDITORS)
def send_board_reply_anew(case_id: UUID) -> ResponseReturnValue:
    """Try once more what the board did not take."""
    try:
        with unit_of_work("intake") as uow:
            board_replies.send_anew(uow, case_id, viewer())
    except Refused as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context))
    return _back(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/board-reply/posted")
@allow(*EDITORS)
def posted_by_hand(case_id: UUID) -> ResponseReturnValue:
    """A clerk posted it, and says where."""
    try:
        link = parse(PostedForm(), request.form)["link"]
        with unit_of_work("intake") as uow:
            board_replies.posted_by_hand(uow, vault(), case_id, viewer(), link=link)
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context))
    flash(gettext("已记录回帖。"))
    return _back(case_id)


def _back(case_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("intake.board_reply", case_id=case_id), 303)


def _draw(case_id: UUID, **context: Any) -> str:
    settings = current_app.extensions["zhida"].settings
    with unit_of_work("intake") as uow:
        desk = board_replies.desk(uow, vault(), case_id, viewer())
    board = board_of(desk.item.board)
    return render_template(
        "intake/board_reply.html", desk=desk, titles=titles(), sends=bool(board and board.reply),
        suggestion=f"{desk.answer}\n\n{settings.org_name}", **context,
    )  # fmt: skip

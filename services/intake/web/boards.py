"""Posts on the boards that the county names: how each board stands, what waits, one post after the other."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from services.intake.domain.boards import AsideReason
from services.intake.domain.submission import MatterType
from services.intake.handlers import board_items, board_replies
from services.intake.handlers.board_items import Choice
from services.intake.metrics import record_registration
from services.intake.schemas.boards import AsideForm, BoardFilter, BoardItemForm, RevisionForm
from services.intake.site.boards import Board
from services.intake.web.common import (
    EDITORS,
    PAGE,
    acted,
    blueprint,
    category_groups,
    drawn_again,
    places,
    site,
    today,
    vault,
    viewer,
    viewer_of,
)
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu
from shared.web.session import Reader


def _waiting(reader: Reader) -> int:
    with unit_of_work("intake") as uow:
        return sum(board_items.counts(uow, viewer_of(reader)).values())


menu(blueprint, _("网络来贴"), ".boards_page", order=13, badge=_waiting)


def board_of(name: str) -> Board | None:
    """A board as the county names it now; None for one that it no longer names."""
    return next((board for board in site().boards if board.name == name), None)


def titles() -> dict[str, str]:
    """What pages call the boards."""
    return {board.name: board.title for board in site().boards}


@blueprint.get("/intake/boards")
@allow(*EDITORS)
def boards_page() -> ResponseReturnValue:
    """A queue of posts, with counts, and how each board stands."""
    wanted = parse(BoardFilter(), request.args)
    with unit_of_work("intake") as uow:
        rows, total = board_items.listed(uow, vault(), viewer(), size=PAGE, **wanted)
        return render_template(
            "intake/boards.html", rows=rows, total=total, wanted=wanted, pages=-(-total // PAGE), counts=board_items.counts(uow, viewer()),
            boards=site().boards, standing=board_items.boards(uow), titles=titles(),
        )  # fmt: skip


@blueprint.get("/intake/boards/replies")
@allow(*EDITORS)
def board_replies_page() -> ResponseReturnValue:
    """Answered cases that began on a board, those without an answer there first."""
    page = parse(BoardFilter(only=["page"]), request.args)["page"]
    with unit_of_work("intake") as uow:
        rows, total = board_replies.replies(uow, viewer(), page=page, size=PAGE)
        counts = board_items.counts(uow, viewer())
    return render_template(
        "intake/board_replies.html", rows=rows, total=total, page=page, pages=-(-total // PAGE), counts=counts, titles=titles()
    )


@blueprint.get("/intake/boards/items/<uuid:item_id>")
@allow(*EDITORS)
def board_item(item_id: UUID) -> ResponseReturnValue:
    """One post; the look is logged."""
    return _draw(item_id)


@blueprint.post("/intake/boards/items/<uuid:item_id>/register")
@allow(*EDITORS)
def register_board_item(item_id: UUID) -> ResponseReturnValue:
    """It asks the county for something."""
    try:
        data = parse(BoardItemForm(), request.form, longest=100_000)
        choice = Choice(
            title=data["title"], matter_type=MatterType(data["matter_type"]), category=data["category"], place=data["place"],
            text=data["text"],
        )  # fmt: skip
        with unit_of_work("intake") as uow:
            site().tree.check(data["category"], today(uow))
            case_id, again = board_items.register_item(
                uow, vault(), item_id, viewer(), revision=data["revision"], choice=choice, board_of=board_of
            )
    except (BadInput, Refused) as fault:
        return drawn_again(fault, partial(_draw, item_id))
    if not again:
        record_registration("post")
    flash(gettext("已登记。请写交办摘要。"))
    return redirect(url_for("intake.petition_page", case_id=case_id), 303)


@blueprint.post("/intake/boards/items/<uuid:item_id>/aside")
@allow(*EDITORS)
def set_board_item_aside(item_id: UUID) -> ResponseReturnValue:
    """It asks for nothing; the next one follows."""
    try:
        data = parse(AsideForm(), request.form)
        with unit_of_work("intake") as uow:
            board_items.set_aside(uow, item_id, viewer(), revision=data["revision"], reason=AsideReason(data["aside"]))
    except (BadInput, Refused) as fault:
        return drawn_again(fault, partial(_draw, item_id))
    flash(gettext("已搁置。发帖人再改，会重新回到待处理。"))
    return _next()


@blueprint.post("/intake/boards/items/<uuid:item_id>/take-up")
@allow(*EDITORS)
def take_up_board_item(item_id: UUID) -> ResponseReturnValue:
    """A clerk thinks better of it."""
    back = url_for("intake.board_item", item_id=item_id)
    said = gettext("这条帖子重新待处理。")
    return acted(lambda uow: board_items.take_up(uow, item_id, viewer()), partial(_draw, item_id), said=said, back=back)


@blueprint.post("/intake/boards/items/<uuid:item_id>/read")
@allow(*EDITORS)
def note_board_item_read(item_id: UUID) -> ResponseReturnValue:
    """A clerk has read what the author wrote since it became a petition."""

    def act(uow: UnitOfWork) -> None:
        board_items.note_read(uow, item_id, viewer(), revision=parse(RevisionForm(), request.form)["revision"])

    return acted(act, partial(_draw, item_id), said=gettext("已记为看过。"), back=url_for("intake.boards_page", queue="edited"))


def _next() -> ResponseReturnValue:
    with unit_of_work("intake") as uow:
        item_id = board_items.next_item(uow)
    return redirect(url_for("intake.board_item", item_id=item_id) if item_id else url_for("intake.boards_page"), 303)


def _draw(item_id: UUID, **context: Any) -> str:
    with unit_of_work("intake") as uow:
        opened = board_items.read_item(uow, vault(), item_id, viewer())
        return render_template(
            "intake/board_item.html", item=opened.item, texts=opened.texts, post=opened.newest,
            next_item=board_items.next_item(uow, item_id), titles=titles(), places=places(uow),
            categories=category_groups(uow), **context,
        )  # fmt: skip

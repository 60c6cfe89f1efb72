"""The resource by which a board's own system hands posts in: signed, and harmless when it is called twice."""

from __future__ import annotations

from typing import Any

from flask import request

from services.intake.domain.boards import Post, called
from services.intake.handlers.boards import hold, take_posts
from services.intake.metrics import record_board_failure, record_board_items, record_board_success
from services.intake.schemas.boards import LONGEST_POST, HandedInSchema, HookBody, HookItem, post_of
from services.intake.site.boards import HOOK, Board
from services.intake.store import BOARDS
from services.intake.web.api import api
from services.intake.web.common import public_rate, site, vault
from services.intake.web.signing import check_signed
from shared.errors import NotFound
from shared.signed import HEADER
from shared.web.access import public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, ProblemSchema, parse

BODY, ITEM = HookBody(), HookItem()


@api.route("/boards/<name>", methods=["POST"])
@api.doc(
    requestBody={"required": True, "content": {"application/json": {"schema": HookBody}}},
    parameters=[
        {
            "in": "header", "name": HEADER, "required": True, "schema": {"type": "string"},
            "description": "t=<seconds of the epoch>,v1=<HMAC-SHA256 of t, path and body, dots between, in hex>",
        }
    ],
)  # fmt: skip
@api.alt_response(200, schema=HandedInSchema, description="What became of each post, in the order in which they were sent.")
@api.alt_response(401, schema=ProblemSchema, description="The signature is wrong or older than five minutes; nothing was taken.")
@api.alt_response(404, schema=ProblemSchema, description="There is no such board.")
@limiter.limit(public_rate)
@public
def take_board_items(name: str) -> dict[str, Any]:
    """Hand in posts of a board.

    Answers with what became of each: waiting, unread, registered, edited, repeated, passed_over, or refused with the reason.
    """
    board = _signed_board(name)
    given = parse(BODY, request.get_json(), longest=LONGEST_POST)["items"]
    checked = [_checked(item) for item in given]
    posts = [item for item in checked if isinstance(item, Post)]
    with unit_of_work("intake") as uow:
        results = take_posts(uow, vault(), board, posts)
        uow.rows(BOARDS).put(called(hold(uow, board.name), uow.now))
        at = uow.now
    record_board_success(board.name, at)
    for result in results:
        record_board_items(board.name, {result: 1})
    told = iter(results)
    return {"items": [{"id": one.guid, "result": next(told)} if isinstance(one, Post) else one for one in checked]}


def _signed_board(name: str) -> Board:
    """The board that this request comes from. Raises NotFound; BadInput (401) unless it signed the request."""
    board = next((board for board in site().boards if board.name == name and board.kind == HOOK), None)
    if board is None:
        raise NotFound("board", "没有这个版块。", "请核对地址；版块由县里在配置中列明。")
    try:
        check_signed(request.get_data(), board.secrets.read())
    except BadInput:
        record_board_failure(board.name, "signature")
        raise
    return board


def _checked(item: Any) -> Post | dict[str, Any]:
    """The post, or what is wrong with it."""
    try:
        return post_of(parse(ITEM, item, longest=LONGEST_POST))
    except BadInput as fault:
        given = item.get("id") if isinstance(item, dict) else None
        return {"id": given if isinstance(given, str) else None, "result": "refused", "errors": fault.errors}

"""What a board's own system sends, and what clerks send who look after boards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, fields, validate

from services.intake.domain.boards import AsideReason, Post
from services.intake.domain.replies import LONGEST_REPLY
from services.intake.domain.submission import LONGEST_TITLE, MatterType
from services.intake.schemas import petition
from services.intake.schemas.fields import choice_field, text_field
from services.intake.schemas.petition import category_field
from shared.web.forms import FaultSchema
from shared.web_addresses import Unfetched, target

LABELS: dict[str, Any] = {
    "posted": _("发帖时间"), "reply": _("回帖"), "reply_consent": _("公开确认"), "link": _("回帖网址"), "aside": _("搁置理由"), "revision": _("帖子版本"),
}  # fmt: skip
MOST_ITEMS = 100
LONGEST_POST = 200_000


def check_address(value: str) -> None:
    """Raises ValidationError unless it is empty or an address that a browser may be sent to."""
    try:
        if value:
            target(value)
    except Unfetched:
        raise ValidationError("Not a valid URL.") from None


class HookItem(Schema):
    """One post, as a board's own system sends it."""

    id = text_field(_("帖子编号"), 500, required=True)
    title = text_field(petition.LABELS["title"], 300)
    text = text_field(petition.LABELS["text"], LONGEST_POST)
    author = text_field(petition.LABELS["alias"], 50)
    url = fields.String(load_default="", validate=[validate.Length(0, 2000), check_address])
    posted_at = fields.AwareDateTime(load_default=None, format="iso")


class HookBody(Schema):
    """A batch. Its items are looked at one by one, so that one that is wrong keeps no other away."""

    items = fields.List(fields.Raw(), required=True, validate=validate.Length(1, MOST_ITEMS))


class OutcomeSchema(Schema):
    """What became of one post; `id` is null where none could be read, `errors` say why it was refused."""

    id = fields.String(required=True, allow_none=True)
    result = fields.String(required=True)
    errors = fields.List(fields.Nested(FaultSchema))


class HandedInSchema(Schema):
    """What became of a batch."""

    items = fields.List(fields.Nested(OutcomeSchema), required=True)


def post_of(item: Mapping[str, Any]) -> Post:
    """A checked item as a post."""
    return Post(
        guid=item["id"], url=item["url"], title=" ".join(item["title"].split()), text=item["text"], author=item["author"].strip(),
        posted_at=item["posted_at"],
    )  # fmt: skip


class BoardItemForm(Schema):
    """What a clerk adds to a post that becomes a petition. `text` only for one that could not be read."""

    title = text_field(petition.LABELS["title"], LONGEST_TITLE, required=True)
    text = text_field(petition.LABELS["text"], 100_000)
    matter_type = choice_field(petition.LABELS["matter_type"], MatterType, required=True)
    category = category_field()
    place = petition.place_field()
    revision = fields.Integer(required=True, validate=validate.Range(1, 1000), metadata={"label": LABELS["revision"]})


class RevisionForm(Schema):
    """Which of a post's texts a clerk had before him."""

    revision = fields.Integer(required=True, validate=validate.Range(1, 1000), metadata={"label": LABELS["revision"]})


class AsideForm(RevisionForm):
    """Why a post is no petition."""

    aside = choice_field(LABELS["aside"], AsideReason, required=True)


class ReplyForm(Schema):
    """The public words of an answer."""

    reply = text_field(LABELS["reply"], LONGEST_REPLY, required=True)
    reply_consent = fields.Boolean(required=True, validate=validate.Equal(True), metadata={"label": LABELS["reply_consent"]})


class PostedForm(Schema):
    """Where a clerk posted the answer."""

    link = fields.String(required=True, validate=[validate.Length(1, 2000), check_address], metadata={"label": LABELS["link"]})


class BoardFilter(Schema):
    """What the list of posts is filtered by."""

    queue = fields.String(load_default="", validate=validate.OneOf(["", "unread", "edited", "aside"]))
    board = text_field(petition.LABELS["board"], 40)
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))

"""What a petitioner sends from the tracking page."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.intake.domain.rating import LONGEST as MOST_WORDS
from services.intake.domain.supplements import LONGEST
from services.intake.schemas.fields import text_field

LABELS: dict[str, Any] = {
    "number": _("编号"), "code": _("查询码"), "settled": _("事情是否解决"), "satisfied": _("是否满意"), "round": _("轮次"),
    "words": _("您想说的话"), "contest_words": _("您的说明"), "reopen_words": _("重新办理的理由"), "review_words": _("申请的理由"),
    "level": _("复查复核"), "token": _("链接"), "confirm": _("确认"), "supplement": _("补充内容"), "supplement_key": _("表单编号"),
}  # fmt: skip


class TrackForm(Schema):
    """Number and secret code."""

    number = text_field(LABELS["number"], 40, required=True)
    code = text_field(LABELS["code"], 60, required=True)


class RatingForm(Schema):
    """The two answers that every policy asks for, and the petitioner's own words; further ones are read by the policy's codes."""

    settled = fields.Boolean(required=True, metadata={"label": LABELS["settled"]})
    satisfied = fields.Boolean(required=True, metadata={"label": LABELS["satisfied"]})
    words = text_field(LABELS["words"], MOST_WORDS)


class LinkForm(RatingForm):
    """The same by a link; its token is in the form, not in the address that the form is sent to."""

    token = text_field(LABELS["token"], 100, required=True)


class RoundForm(TrackForm):
    """What the petitioner says of a round."""

    round = fields.Integer(required=True, validate=validate.Range(1, 1000), metadata={"label": LABELS["round"]})


class AnswerForm(RatingForm, RoundForm):
    """The answer to the follow-up of a round."""


class ContestForm(RoundForm):
    """That he contests what staff wrote, and why."""

    contest_words = text_field(LABELS["contest_words"], MOST_WORDS)


class ReopenForm(RoundForm):
    """That he wants the closed case to go on, and why."""

    reopen_words = text_field(LABELS["reopen_words"], MOST_WORDS, required=True)


class ReviewForm(TrackForm):
    """That he asks for a review, and why."""

    level = fields.String(required=True, validate=validate.OneOf(["review", "final"]), metadata={"label": LABELS["level"]})
    review_words = text_field(LABELS["review_words"], MOST_WORDS, required=True)


class SupplementForm(TrackForm):
    """What the petitioner adds, and the key that makes a retry harmless."""

    supplement = text_field(LABELS["supplement"], LONGEST, required=True)
    supplement_key = fields.UUID(required=True, metadata={"label": LABELS["supplement_key"]})


class WithdrawForm(TrackForm):
    """A withdrawal, confirmed."""

    confirm = fields.Boolean(required=True, validate=validate.Equal(True), metadata={"label": LABELS["confirm"]})

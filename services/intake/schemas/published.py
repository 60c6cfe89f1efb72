"""What the office sends to publish an answer, and what the public looks for."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.intake.domain.published import Consent, TakeBackReason
from services.intake.domain.submission import LONGEST_TITLE
from services.intake.schemas import petition
from services.intake.schemas.fields import choice_field, text_field
from services.intake.schemas.petition import LONGEST_FORM_TEXT, category_field

LABELS: dict[str, Any] = {
    "published_title": _("公开的标题"), "published_brief": _("公开的诉求摘要"), "answer": _("公开的答复"), "consent": _("信访人是否同意公开"),
    "reread": _("逐字核对"), "take_back_reason": _("撤下原因"), "published": _("公开答复"),
}  # fmt: skip


class PublishForm(Schema):
    """The words for the public, the consent, and that somebody read them once more."""

    published_title = text_field(LABELS["published_title"], LONGEST_TITLE, required=True)
    published_brief = text_field(LABELS["published_brief"], LONGEST_FORM_TEXT, required=True)
    answer = text_field(LABELS["answer"], LONGEST_FORM_TEXT, required=True)
    consent = choice_field(LABELS["consent"], Consent, required=True)
    reread = fields.Boolean(required=True, validate=validate.Equal(True), metadata={"label": LABELS["reread"]})


class TakeBackForm(Schema):
    """Why an answer is taken off the pages."""

    take_back_reason = choice_field(
        LABELS["take_back_reason"], [one for one in TakeBackReason if one != "changed"], required=True
    )


class AnswersFilter(Schema):
    """What the public's list is filtered by."""

    q = text_field(petition.LABELS["title"], 100)
    category = category_field()
    place = text_field(petition.LABELS["place"], 12)
    year = fields.Integer(load_default=None, validate=validate.Range(2000, 2999))
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))

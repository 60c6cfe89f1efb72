"""The form for a call while somebody talks, and the forms of ringing back."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.intake.domain.calls import GivenUpFor, Outcome, Result
from services.intake.domain.submission import LONGEST_TITLE, Identity
from services.intake.schemas import petition
from services.intake.schemas.fields import choice_field, text_field
from services.intake.schemas.petition import PublicForm

LABELS: dict[str, Any] = {
    "call": _("这次通话"), "outcome": _("通话结果"), "result": _("回电结果"), "give_up_reason": _("结束理由"), "at": _("时间"),
    "call_back": _("回电任务"), "Zhida-Signature": _("签名"),
}  # fmt: skip


class CallForm(PublicForm):
    """A call as it is typed. The title may be left out, and so may everything that there was no time to ask for."""

    call = fields.UUID(load_default=None, metadata={"label": LABELS["call"]})
    line = text_field(petition.LABELS["line"], 32)
    received_at = fields.NaiveDateTime(load_default=None, metadata={"label": petition.LABELS["received_at"]})
    text = text_field(petition.LABELS["text"], 100_000)
    title = text_field(petition.LABELS["title"], LONGEST_TITLE)
    identity = choice_field(petition.LABELS["identity"], ["", *Identity], load_default="")
    accept = fields.Boolean(load_default=False, metadata={"label": petition.LABELS["accept"]})
    outcome = choice_field(LABELS["outcome"], Outcome, required=True)


class AttemptForm(Schema):
    """What came of ringing back."""

    key = fields.UUID(required=True, metadata={"label": petition.LABELS["key"]})
    result = choice_field(LABELS["result"], Result, required=True)


class GiveUpForm(Schema):
    """Why nobody rings back any more."""

    give_up_reason = choice_field(LABELS["give_up_reason"], GivenUpFor, required=True)


class CallFilter(Schema):
    """What the list of calls is filtered by."""

    queue = fields.String(load_default="", validate=validate.OneOf(["", "unwritten", "all"]))
    line = text_field(petition.LABELS["line"], 32)
    outcome = choice_field(LABELS["outcome"], ["", *Outcome], load_default="")
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))

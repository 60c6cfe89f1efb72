"""What a petitioner sends from the tracking page."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.intake.domain.supplements import LONGEST
from services.intake.schemas.fields import text_field

LABELS: dict[str, Any] = {
    "number": _("编号"), "code": _("查询码"), "settled": _("事情是否解决"), "satisfied": _("是否满意"), "round": _("轮次"),
    "confirm": _("确认"), "supplement": _("补充内容"), "supplement_key": _("表单编号"),
}  # fmt: skip


class TrackForm(Schema):
    """Number and secret code."""

    number = text_field(LABELS["number"], 40, required=True)
    code = text_field(LABELS["code"], 60, required=True)


class AnswerForm(TrackForm):
    """The answer to the follow-up of a round."""

    round = fields.Integer(required=True, validate=validate.Range(1, 1000), metadata={"label": LABELS["round"]})
    settled = fields.Boolean(required=True, metadata={"label": LABELS["settled"]})
    satisfied = fields.Boolean(required=True, metadata={"label": LABELS["satisfied"]})


class SupplementForm(TrackForm):
    """What the petitioner adds, and the key that makes a retry harmless."""

    supplement = text_field(LABELS["supplement"], LONGEST, required=True)
    supplement_key = fields.UUID(required=True, metadata={"label": LABELS["supplement_key"]})


class WithdrawForm(TrackForm):
    """A withdrawal, confirmed."""

    confirm = fields.Boolean(required=True, validate=validate.Equal(True), metadata={"label": LABELS["confirm"]})

"""What the forms of the assignment protocol take."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.routing.web.forms import _choice, _text
from shared.contract.cases import PAUSES


class ObjectionForm(Schema):
    """What the issuer decides on an objection."""

    note_id = fields.UUID(required=True)
    decision = _choice(_("决定"), ("upheld", "dismissed"), required=True)
    reasons = _text(_("决定理由"), required=True, data_key="decision_reasons")


class AskForm(Schema):
    """More time."""

    extension_id = fields.UUID(required=True)
    days = fields.Integer(required=True, metadata={"label": _("延期天数")})
    reasons = _text(_("延期理由"), required=True, data_key="extension_reasons")


class GrantForm(Schema):
    """More time given, or not; the reasons of a grant go to the petitioner."""

    decision = _choice(_("决定"), ("granted", "refused"), required=True)
    days = fields.Integer(required=True, metadata={"label": _("延期天数")})
    said = _text(_("理由"), 2000, required=True)


class PauseForm(Schema):
    """The clocks stand still."""

    pause_id = fields.UUID(required=True)
    category = _choice(_("暂停事由"), PAUSES, required=True)
    reasons = _text(_("暂停理由"), required=True, data_key="pause_reasons")


class ResumeForm(Schema):
    """The clocks go on."""

    reasons = _text(_("恢复计时的理由"), required=True, data_key="pause_reasons")


class HandOnForm(Schema):
    """A part for somebody of the own organisation."""

    part_id = fields.UUID(required=True)
    to = _text(_("分派给"), 64, required=True, data_key="receiver")
    text = _text(_("分派要求"), required=True, data_key="task")


class BelowForm(Schema):
    """What is decided on a reply of a part or of a joint unit."""

    reply = fields.UUID(required=True)
    verdict = _choice(_("审核意见"), ("returned", "approved"), required=True)
    reasons = _text(_("退回理由"), load_default="", data_key="return_reasons")


class TakeBackForm(Schema):
    """A part taken back."""

    part = fields.UUID(required=True)


class ReleaseForm(Schema):
    """A joint unit whose reply is no longer awaited."""

    joint = fields.UUID(required=True)
    reasons = _text(_("不再等待的理由"), required=True, data_key="release_reasons")


class HandOverForm(Schema):
    """Who is responsible from now on."""

    handover_id = fields.UUID(required=True)
    successor = fields.String(required=True, validate=validate.Length(1, 64), metadata={"label": _("接手的同志")})

"""The duty roster's forms. Each carries its own key; `step` is `save` once the preview was seen."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.intake.domain.duty import Turn
from services.intake.schemas.fields import Lines, choice_field, text_field

LABELS: dict[str, Any] = {
    "starts_at": _("开始时间"), "ends_at": _("结束时间"), "on_duty": _("值班人员"), "weekdays": _("星期"),
    "slots": _("班次时段"), "turn": _("轮班方式"), "begins_on": _("从哪天开始"), "ends_on": _("最后一天"), "first": _("一个班次"),
    "second": _("另一个班次"), "swap_reason": _("换班理由"), "step": _("步骤"), "pattern": _("值班规律"), "entry": _("班次"),
}  # fmt: skip
STEPS = ("preview", "save")


class Keyed(Schema):
    """What makes a double submit harmless, and whether the preview was seen."""

    key = fields.UUID(required=True)
    step = choice_field(LABELS["step"], STEPS, load_default="preview")


class EntryForm(Keyed):
    """One shift; the times are those of China."""

    line = text_field(_("来电线路"), 32, required=True)
    starts_at = fields.NaiveDateTime(required=True, metadata={"label": LABELS["starts_at"]})
    ends_at = fields.NaiveDateTime(required=True, metadata={"label": LABELS["ends_at"]})
    on_duty = text_field(LABELS["on_duty"], 64, required=True)


class PatternForm(Keyed):
    """Shifts that come again each week."""

    line = text_field(_("来电线路"), 32, required=True)
    weekdays = fields.List(
        fields.Integer(validate=validate.Range(1, 7)), load_default=list, metadata={"label": LABELS["weekdays"]}
    )
    slots = Lines(
        fields.String(validate=validate.Length(1, 20)), load_default=list, validate=validate.Length(0, 24),
        metadata={"label": LABELS["slots"]},
    )  # fmt: skip
    on_duty = Lines(
        fields.String(validate=validate.Length(1, 64)), load_default=list, validate=validate.Length(0, 100),
        metadata={"label": LABELS["on_duty"]},
    )  # fmt: skip
    turn = choice_field(LABELS["turn"], Turn, required=True)
    begins_on = fields.Date(required=True, metadata={"label": LABELS["begins_on"]})
    ends_on = fields.Date(load_default=None, metadata={"label": LABELS["ends_on"]})


class EndForm(Schema):
    """A pattern's last day."""

    ends_on = fields.Date(required=True, metadata={"label": LABELS["ends_on"]})


class SwapForm(Keyed):
    """Two shifts that change hands."""

    first = text_field(LABELS["first"], 300, required=True)
    second = text_field(LABELS["second"], 300, required=True)
    swap_reason = text_field(LABELS["swap_reason"], 100)


class RosterFilter(Schema):
    """Which week or month is shown, by a day in it."""

    view = fields.String(load_default="week", validate=validate.OneOf(["week", "month"]))
    day = fields.Date(load_default=None)

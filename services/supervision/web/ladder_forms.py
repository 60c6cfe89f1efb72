"""What the ladder's and the interviews' forms may say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, fields, validate

from services.supervision.policy import Step
from services.supervision.working_calendar import ZONE

BY_OFFICE = (Step.NOTICE, Step.SUGGESTION, Step.CIRCULAR, Step.BUNDLE)
LONGEST = 2000


class LocalMoment(fields.String):
    """A date and time as a browser's box has it, of Asia/Shanghai; an instant in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            at = datetime.fromisoformat(text)
            return (at if at.tzinfo else at.replace(tzinfo=ZONE)).astimezone(UTC)
        except (ValueError, OverflowError) as fault:
            raise ValidationError("Not a valid datetime.") from fault


class Lines(fields.String):
    """A box of lines: one item for each that is not empty."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        return tuple(line.strip() for line in text.splitlines() if line.strip())


def _text(label: Any, longest: int = LONGEST, *, required: bool = True) -> fields.String:
    more: dict[str, Any] = {"required": True} if required else {"load_default": ""}
    return fields.String(validate=validate.Length(int(required), longest), metadata={"label": label}, **more)


class ListArguments(Schema):
    """What the address of the work list may say."""

    step = fields.String(
        load_default="", metadata={"label": _("步骤")},
        validate=validate.OneOf([*(str(step) for step in Step if step is not Step.REMINDER), "in_vain"]),
    )  # fmt: skip
    later = fields.Boolean(load_default=False, metadata={"label": _("尚未到期")})


class PagedArguments(Schema):
    """What the address of a list of documents may say."""

    step = fields.String(load_default=Step.NOTICE.value, metadata={"label": _("步骤")}, validate=validate.OneOf(list(Step)))
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000), metadata={"label": _("页码")})


class IssueForm(Schema):
    """A step for some misses, or for `all` that are due. `key` comes with the form, so that sending it twice does it once."""

    key = fields.UUID(required=True, metadata={"label": _("表单编号")})
    step = fields.String(required=True, validate=validate.OneOf(BY_OFFICE), metadata={"label": _("步骤")})
    all = fields.Boolean(load_default=False, metadata={"label": _("全部")})
    ids = fields.List(fields.UUID(), load_default=list, metadata={"label": _("事项")})
    demand = _text(_("督办要求"), required=False)
    reasons = _text(_("理由"), required=False)


class CallForm(Schema):
    """Somebody is called in about some misses."""

    key = fields.UUID(required=True, metadata={"label": _("表单编号")})
    ids = fields.List(fields.UUID(), required=True, metadata={"label": _("事项")})
    reasons = _text(_("约谈事由"))


class ReasonsForm(Schema):
    """Why something is annulled or called off."""

    reasons = _text(_("理由"))


class AppointForm(Schema):
    """Where and when."""

    place = _text(_("地点"), 200)
    meets_at = LocalMoment(required=True, metadata={"label": _("时间")})


class HoldForm(Schema):
    """What came of it."""

    held_at = LocalMoment(required=True, metadata={"label": _("约谈时间")})
    attended = Lines(required=True, validate=validate.Length(1, 50), metadata={"label": _("参加人")})
    record = _text(_("谈话记录"), 10_000)
    demands = _text(_("整改要求"))
    until = fields.Date(required=True, metadata={"label": _("整改期限")})

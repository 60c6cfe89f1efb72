"""What whoever plans the reception calendar sends: an order of each kind."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, fields, validate

from services.intake.domain.planning import END, Order, rule_order
from services.intake.domain.reception import Act, Key, Reason, RuleKind
from services.intake.schemas import duty
from services.intake.schemas.fields import choice_field, text_field

LABELS: dict[str, Any] = {
    "officials_in_turn": _("接访领导"), "weeks": _("每月第几个"), "starts": _("开始时间"),
    "ends": _("结束时间"), "slot_minutes": _("每位时间（分钟）"), "room": _("接访地点"), "from_on": _("开始日期"),
    "until_on": _("截止日期"), "last_on": _("最后一天"), "rule": _("接访安排"), "session": _("场次"), "other_session": _("对调的场次"),
    "to_on": _("日期"), "cancel_reason": _("取消原因"), "day_name": _("停止接访的缘由"), "plan_revision": _("接访安排"),
}  # fmt: skip
CANCELLATIONS = tuple(reason for reason in Reason if reason not in (Reason.ENDED, Reason.CLOSED))
LONGEST_ROTA = 12


class SessionKey(fields.Field[Key]):
    """A session's name as a form holds it: `<rule>/<day on which it was planned>`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Key:
        try:
            rule, _slash, day = str(value).partition("/")
            return Key(UUID(rule), date.fromisoformat(day))
        except ValueError as fault:
            raise ValidationError("Invalid value.") from fault


def key_text(key: Key) -> str:
    """The same the other way round."""
    return f"{key.rule}/{key.planned_on.isoformat()}"


class OrderForm(Schema):
    """What every order has: the form's own key, what was looked at, and whether it is to be saved or only shown."""

    key = fields.UUID(required=True)
    plan_revision = fields.Integer(load_default=None, validate=validate.Range(0))
    do = fields.String(load_default="preview", validate=validate.OneOf(["preview", "save"]))


class RuleForm(OrderForm):
    """A fixed day, or a rota."""

    officials_in_turn = fields.List(
        fields.String(validate=validate.Length(1, 64)), required=True, validate=validate.Length(1, LONGEST_ROTA),
        metadata={"label": LABELS["officials_in_turn"]},
    )  # fmt: skip
    weekdays = fields.List(
        fields.Integer(), required=True, validate=[validate.Length(1, 7), validate.ContainsOnly(range(1, 8))],
        metadata={"label": duty.LABELS["weekdays"]},
    )  # fmt: skip
    weeks = fields.List(
        fields.Integer(), load_default=list, validate=validate.ContainsOnly([1, 2, 3, 4, -1]), metadata={"label": LABELS["weeks"]}
    )
    starts = fields.Time(required=True, metadata={"label": LABELS["starts"]})
    ends = fields.Time(required=True, metadata={"label": LABELS["ends"]})
    slot_minutes = fields.Integer(load_default=15, validate=validate.Range(5, 120), metadata={"label": LABELS["slot_minutes"]})
    room = text_field(LABELS["room"], 40, required=True)
    from_on = fields.Date(required=True, metadata={"label": LABELS["from_on"]})
    until_on = fields.Date(load_default=None, metadata={"label": LABELS["until_on"]})


class EndForm(OrderForm):
    """A rule's last day."""

    rule = fields.UUID(required=True, metadata={"label": LABELS["rule"]})
    last_on = fields.Date(required=True, metadata={"label": LABELS["last_on"]})


class RestoreForm(OrderForm):
    """One session, as its rule has it."""

    session = SessionKey(required=True, metadata={"label": LABELS["session"]})


class CancelForm(RestoreForm):
    """One session does not take place, and why."""

    cancel_reason = choice_field(LABELS["cancel_reason"], CANCELLATIONS, required=True)


class MoveForm(RestoreForm):
    """One session at another time or in another room."""

    to_on = fields.Date(required=True, metadata={"label": LABELS["to_on"]})
    starts = fields.Time(required=True, metadata={"label": LABELS["starts"]})
    room = text_field(LABELS["room"], 40, required=True)


class SwapForm(RestoreForm):
    """Two officials change days."""

    other_session = SessionKey(required=True, metadata={"label": LABELS["other_session"]})


class OpenForm(OrderForm):
    """A closed day is none any more."""

    to_on = fields.Date(required=True, metadata={"label": LABELS["to_on"]})


class CloseForm(OpenForm):
    """A day without receptions, and what it is called."""

    day_name = text_field(LABELS["day_name"], 40, required=True)


ORDER_FORMS: dict[str, Schema] = {
    RuleKind.FIXED: RuleForm(), RuleKind.ROTA: RuleForm(), END: EndForm(), Act.CANCEL: CancelForm(), Act.MOVE: MoveForm(),
    Act.RESTORE: RestoreForm(), Act.SWAP: SwapForm(), Act.CLOSE_DAY: CloseForm(), Act.OPEN_DAY: OpenForm(),
}  # fmt: skip


def order(kind: str, data: dict[str, Any]) -> Order:
    """The order of a checked form."""
    rest = {name: value for name, value in data.items() if name not in ("key", "plan_revision", "do")}
    if kind in set(RuleKind):
        return rule_order(RuleKind(kind), rest.pop("officials_in_turn"), id=data["key"], **rest)
    if kind == END:
        return Order(kind=END, id=data["key"], values=rest)
    values: dict[str, Any] = {name: rest[name] for name in ("to_on", "starts", "room") if name in rest}
    if session := rest.get("session"):
        values |= {"rule": session.rule, "planned_on": session.planned_on}
    if other := rest.get("other_session"):
        values |= {"other_rule": other.rule, "other_planned_on": other.planned_on}
    if "cancel_reason" in rest:
        values["reason"] = Reason(rest["cancel_reason"])
    if "day_name" in rest:
        values["name"] = rest["day_name"]
    return Order(kind=kind, id=data["key"], values=values)

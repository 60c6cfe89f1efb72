"""What comes in over HTTP: the public form, the resource, the clerk's forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask_babel import lazy_gettext as _
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from services.intake.domain.barring import LiftReason
from services.intake.domain.petition import Means, WithdrawalReason
from services.intake.domain.submission import (
    CHINA,
    IDENTITY_PURPOSES,
    LONGEST_TITLE,
    ORIGINAL_PURPOSES,
    Category,
    Channel,
    Identity,
    MatterType,
    Petitioner,
    Submission,
)
from services.intake.workflow import Stage

LONGEST_FORM_TEXT = 20_000
# What only one channel has; the words stand with the petition's text, encrypted.
PARTICULARS: dict[Channel, tuple[str, ...]] = {
    Channel.LETTER: ("postmark", "mail_number"),
    Channel.VISIT: ("reception_room", "received_by"),
    Channel.CALL: ("line", "answered_by"),
    Channel.EMAIL: ("sent",),
    Channel.POST: ("board", "url"),
}
LABELS: dict[str, Any] = {
    "title": _("标题"), "text": _("内容"), "matter_type": _("信访目的"), "category": _("问题类别"), "place": _("发生地"),
    "place_detail": _("具体地点"), "identity": _("身份"), "group_size": _("人数"), "representatives": _("代表"),
    "name": _("姓名"),
    "alias": _("署名或网名"), "phone": _("电话"), "id_number": _("证件号码"), "address": _("住址"), "email": _("电子邮箱"),
    "received_at": _("收到时间"), "brief_title": _("摘要标题"), "brief": _("交办摘要"), "key": _("表单编号"),
    "accept": _("当场受理"),
    "number": _("编号"), "code": _("查询码"), "settled": _("事情是否解决"), "satisfied": _("是否满意"), "round": _("轮次"),
    "confirm": _("确认"), "purpose": _("用途"), "organisations": _("被反映的单位"), "officials": _("被反映的人员"),
    "reason": _("理由"), "lifted": _("更正的对象"), "lift_reason": _("更正理由"), "authority": _("决定机关"),
    "means": _("信访人如何提出撤回"), "withdrawal_reason": _("撤回原因"), "part": _("文件"),
    "postmark": _("邮戳日期和地点"), "mail_number": _("挂号或快递单号"), "reception_room": _("接访地点"),
    "received_by": _("接访人"),
    "line": _("来电线路"), "answered_by": _("接听人"), "sent": _("发件时间"), "board": _("论坛或平台"), "url": _("网址"),
}  # fmt: skip


def _text(name: str, longest: int, *, required: bool = False, pattern: str = "") -> fields.String:
    rules: list[Any] = [validate.Length(1 if required else 0, longest)]
    if pattern:
        rules.append(validate.Regexp(pattern))
    more: dict[str, Any] = {"required": True} if required else {"load_default": ""}
    return fields.String(validate=rules, metadata={"label": LABELS[name]}, **more)


def _choice(name: str, kind: Any, **more: Any) -> fields.String:
    return fields.String(validate=validate.OneOf([str(value) for value in kind]), metadata={"label": LABELS[name]}, **more)


class PetitionSchema(Schema):
    """A petition as its petitioner submits it."""

    title = _text("title", LONGEST_TITLE, required=True)
    text = _text("text", LONGEST_FORM_TEXT, required=True)
    matter_type = _choice("matter_type", MatterType, load_default="other")
    category = _choice("category", Category, load_default="")
    place = _text("place", 12, pattern=r"^(\d{6,12})?$")
    place_detail = _text("place_detail", 200)
    identity = _choice("identity", Identity, required=True)
    group_size = fields.Integer(load_default=1, validate=validate.Range(1, 100_000), metadata={"label": LABELS["group_size"]})
    representatives = fields.List(
        fields.String(validate=validate.Length(1, 50)), load_default=list, metadata={"label": LABELS["representatives"]}
    )
    name = _text("name", 50)
    alias = _text("alias", 50)
    phone = _text("phone", 30, pattern=r"^(\+?[0-9][0-9 \-()]{4,28})?$")
    id_number = _text("id_number", 30, pattern=r"^([0-9A-Za-z]{6,30})?$")
    address = _text("address", 200)
    email = fields.Email(load_default="", validate=validate.Length(0, 254), metadata={"label": LABELS["email"]})


class Lines(fields.List):
    """A box of lines: one item for each line that is not empty."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        text = value[0] if isinstance(value, list) and value else value
        if not isinstance(text, str):
            raise ValidationError("Not a valid string.")
        lines = [line.strip() for line in text.splitlines()]
        return super()._deserialize([line for line in lines if line], attr, data, **kwargs)


class PublicForm(PetitionSchema):
    """The public page's form: the petition, and the key that makes a retry harmless."""

    key = fields.UUID(required=True, metadata={"label": LABELS["key"]})
    representatives = Lines(
        fields.String(validate=validate.Length(1, 50)), load_default=list, metadata={"label": LABELS["representatives"]}
    )


class ClerkForm(PublicForm):
    """A clerk's form: when it came, the redacted words if they are written at once, acceptance on the spot (art. 23)."""

    text = _text("text", 100_000, required=True)
    received_at = fields.NaiveDateTime(load_default=None, metadata={"label": LABELS["received_at"]})
    brief_title = _text("brief_title", LONGEST_TITLE)
    brief = _text("brief", LONGEST_FORM_TEXT)
    accept = fields.Boolean(load_default=False, metadata={"label": LABELS["accept"]})


CLERK_FORMS: dict[Channel, Schema] = {
    channel: ClerkForm.from_dict(
        cast("dict[str, Any]", {name: _text(name, 300) for name in names}), name=f"Clerk{channel.title()}"
    )()
    for channel, names in PARTICULARS.items()
}


class KeyHeader(Schema):
    """The header that makes a retry harmless; without it nothing is registered."""

    class Meta:
        """Other headers are not ours."""

        unknown = EXCLUDE

    key = fields.UUID(
        required=True, data_key="Idempotency-Key", metadata={"description": "A UUID of the sender's, new for each petition."}
    )


class ReceiptSchema(Schema):
    """What a petitioner is given."""

    number = fields.String()
    code = fields.String()
    registered_at = fields.AwareDateTime(format="iso")


class TrackForm(Schema):
    """Number and secret code."""

    number = _text("number", 40, required=True)
    code = _text("code", 60, required=True)


class AnswerForm(TrackForm):
    """The answer to the follow-up of a round."""

    round = fields.Integer(required=True, validate=validate.Range(1, 1000), metadata={"label": LABELS["round"]})
    settled = fields.Boolean(required=True, metadata={"label": LABELS["settled"]})
    satisfied = fields.Boolean(required=True, metadata={"label": LABELS["satisfied"]})


class WithdrawForm(TrackForm):
    """A withdrawal, confirmed."""

    confirm = fields.Boolean(required=True, validate=validate.Equal(True), metadata={"label": LABELS["confirm"]})


class BriefForm(Schema):
    """The redacted title and brief, and the codes."""

    title = _text("brief_title", LONGEST_TITLE, required=True)
    brief = _text("brief", LONGEST_FORM_TEXT, required=True)
    category = _choice("category", [kind for kind in Category if kind], required=True)
    place = _text("place", 12, pattern=r"^(\d{6,12})?$")
    revision = fields.Integer(required=True, validate=validate.Range(0, 1_000_000))


class StaffWithdrawalForm(Schema):
    """How the petitioner's wish to withdraw is known, and why."""

    means = _choice("means", Means, required=True)
    withdrawal_reason = _choice("withdrawal_reason", WithdrawalReason, required=True)


class ConflictForm(Schema):
    """Who is complained of, by the directory's codes."""

    organisations = fields.List(
        fields.String(validate=validate.Length(1, 64)), load_default=list, metadata={"label": LABELS["organisations"]}
    )
    officials = fields.List(
        fields.String(validate=validate.Length(1, 64)), load_default=list, metadata={"label": LABELS["officials"]}
    )


class LiftForm(Schema):
    """Which names were put down by mistake, why, and who decided so."""

    lifted = fields.List(
        fields.String(validate=validate.Length(1, 64)), required=True, validate=validate.Length(1),
        metadata={"label": LABELS["lifted"]},
    )  # fmt: skip
    lift_reason = _choice("lift_reason", LiftReason, required=True)
    authority = _text("authority", 200, required=True)


class PurposeForm(Schema):
    """What an identity is looked at for."""

    purpose = _choice("purpose", IDENTITY_PURPOSES, required=True)


class UnreadOriginalForm(Schema):
    """Which file of a mail: 0 is the whole of it, its attachments count from 1."""

    part = fields.Integer(required=True, validate=validate.Range(0, 1000), metadata={"label": LABELS["part"]})


class OriginalForm(UnreadOriginalForm):
    """The same of a registered mail, and what for."""

    purpose = _choice("purpose", ORIGINAL_PURPOSES, required=True)


DISMISSALS = ("spam", "automatic", "duplicate", "no_request", "empty")


class DismissForm(Schema):
    """Why a mail that could not be read asks for nothing."""

    reason = _choice("reason", DISMISSALS, required=True)


class DeskFilter(Schema):
    """What a clerk's list is filtered by."""

    queue = fields.String(load_default="", validate=validate.OneOf(["", "unbriefed", "unaccepted"]))
    q = _text("number", 100)
    channel = _choice("title", ["", *Channel], load_default="")
    stage = _choice("title", ["", *Stage], load_default="")
    category = _choice("category", Category, load_default="")
    place = _text("place", 12)
    since = fields.Date(load_default=None)
    until = fields.Date(load_default=None)
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))


class LookFilter(Schema):
    """What the auditor's list is filtered by."""

    number = _text("number", 40)
    official = _text("name", 64)
    what = fields.String(load_default="", validate=validate.OneOf(["", "text", "identity", "mail", "original"]))
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))


def submission(data: Mapping[str, Any], channel: Channel, *, language: str) -> Submission:
    """A petition out of a checked form or body."""
    received_at = data.get("received_at")
    who = ("name", "alias", "phone", "id_number", "address", "email")
    particulars = {name: data[name] for name in PARTICULARS[channel] if data.get(name)}
    return Submission(
        channel=channel, title=data["title"], text=data["text"], matter_type=MatterType(data["matter_type"]),
        category=Category(data["category"]), place=data["place"], place_detail=data["place_detail"],
        identity=Identity(data["identity"]), group_size=data["group_size"],
        petitioner=Petitioner(**{name: data[name] for name in who}, representatives=tuple(data["representatives"])),
        particulars=particulars, received_at=received_at.replace(tzinfo=CHINA) if received_at else None, language=language,
        brief_title=data.get("brief_title", ""), brief=data.get("brief", ""),
    )  # fmt: skip

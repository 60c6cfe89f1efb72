"""A petition as it comes in: the public form, the resource, the clerk's forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask_babel import lazy_gettext as _
from marshmallow import EXCLUDE, Schema, fields, validate

from services.intake.domain.categories import PATTERN
from services.intake.domain.submission import (
    CHINA,
    LONGEST_TITLE,
    PLACE,
    Channel,
    Identity,
    MatterType,
    Petitioner,
    Submission,
)
from services.intake.schemas.fields import Lines, choice_field, text_field

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
    "name": _("姓名"), "alias": _("署名或网名"), "phone": _("电话"), "id_number": _("证件号码"), "address": _("住址"),
    "email": _("电子邮箱"), "received_at": _("收到时间"), "brief_title": _("摘要标题"), "brief": _("交办摘要"), "key": _("表单编号"),
    "accept": _("当场受理"), "postmark": _("邮戳日期和地点"), "mail_number": _("挂号或快递单号"), "reception_room": _("接访地点"),
    "received_by": _("接访人"), "line": _("来电线路"), "answered_by": _("接听人"), "sent": _("发件时间"), "board": _("论坛或平台"),
    "url": _("网址"),
}  # fmt: skip


def category_field(*, required: bool = False) -> fields.String:
    """A code of the tree of categories, which is data: that it may be chosen today is checked with the site at hand."""
    pattern = rf"^{PATTERN}\Z" if required else rf"^({PATTERN})?\Z"
    return text_field(LABELS["category"], 64, required=required, pattern=pattern)


def place_field() -> fields.String:
    """The code of a place. Not any digits: somebody's telephone number would stand in the clear."""
    return text_field(LABELS["place"], 12, pattern=rf"^({PLACE})?\Z")


class PetitionSchema(Schema):
    """A petition as its petitioner submits it."""

    title = text_field(LABELS["title"], LONGEST_TITLE, required=True)
    text = text_field(LABELS["text"], LONGEST_FORM_TEXT, required=True)
    matter_type = choice_field(LABELS["matter_type"], MatterType, load_default="other")
    category = category_field()
    place = place_field()
    place_detail = text_field(LABELS["place_detail"], 200)
    identity = choice_field(LABELS["identity"], Identity, required=True)
    group_size = fields.Integer(load_default=1, validate=validate.Range(1, 100_000), metadata={"label": LABELS["group_size"]})
    representatives = fields.List(
        fields.String(validate=validate.Length(1, 50)), load_default=list, metadata={"label": LABELS["representatives"]}
    )
    name = text_field(LABELS["name"], 50)
    alias = text_field(LABELS["alias"], 50)
    phone = text_field(LABELS["phone"], 30, pattern=r"^(\+?[0-9][0-9 \-()]{4,28})?$")
    id_number = text_field(LABELS["id_number"], 30, pattern=r"^([0-9A-Za-z]{6,30})?$")
    address = text_field(LABELS["address"], 200)
    email = fields.Email(load_default="", validate=validate.Length(0, 254), metadata={"label": LABELS["email"]})


class PublicForm(PetitionSchema):
    """The public page's form: the petition, and the key that makes a retry harmless."""

    key = fields.UUID(required=True, metadata={"label": LABELS["key"]})
    representatives = Lines(
        fields.String(validate=validate.Length(1, 50)), load_default=list, metadata={"label": LABELS["representatives"]}
    )


class ClerkForm(PublicForm):
    """A clerk's form: when it came, the redacted words if they are written at once, acceptance on the spot (art. 23)."""

    text = text_field(LABELS["text"], 100_000, required=True)
    received_at = fields.NaiveDateTime(load_default=None, metadata={"label": LABELS["received_at"]})
    brief_title = text_field(LABELS["brief_title"], LONGEST_TITLE)
    brief = text_field(LABELS["brief"], LONGEST_FORM_TEXT)
    accept = fields.Boolean(load_default=False, metadata={"label": LABELS["accept"]})


CLERK_FORMS: dict[Channel, Schema] = {
    channel: ClerkForm.from_dict(
        cast("dict[str, Any]", {name: text_field(LABELS[name], 300) for name in names}), name=f"Clerk{channel.title()}"
    )()
    for channel, names in PARTICULARS.items()
}


class DraftForm(Schema):
    """Of a form that is kept as it is: its key."""

    key = fields.UUID(required=True, metadata={"label": LABELS["key"]})


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


def submission(data: Mapping[str, Any], channel: Channel, *, language: str) -> Submission:
    """A petition out of a checked form or body."""
    received_at = data.get("received_at")
    who = ("name", "alias", "phone", "id_number", "address", "email")
    particulars = {name: data[name] for name in PARTICULARS[channel] if data.get(name)}
    return Submission(
        channel=channel, title=data["title"], text=data["text"], matter_type=MatterType(data["matter_type"]),
        category=data["category"], place=data["place"], place_detail=data["place_detail"],
        identity=Identity(data["identity"]), group_size=data["group_size"],
        petitioner=Petitioner(**{name: data[name] for name in who}, representatives=tuple(data["representatives"])),
        particulars=particulars, received_at=received_at.replace(tzinfo=CHINA) if received_at else None, language=language,
        brief_title=data.get("brief_title", ""), brief=data.get("brief", ""),
    )  # fmt: skip

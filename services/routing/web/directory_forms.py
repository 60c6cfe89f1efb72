"""What the directory's forms take."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.routing.domain.roster import KINDS, UNIT
from services.routing.schemas import MAIL_ADDRESS, OFFICIAL_CODE, RECIPIENT, ROLES, UNIT_CODE


def text(label: Any, longest: int, **more: Any) -> fields.String:
    """A line of text."""
    return fields.String(validate=validate.Length(1, longest), metadata={"label": label}, **more)


def code(label: Any, pattern: str, **more: Any) -> fields.String:
    """A code; the pattern's rule is told in words."""
    rule = _("代码的格式不对。 → 单位代码如 431023-epb，人员代码如 o-431023-epb-li：小写字母、数字和连字符。")
    return fields.String(validate=validate.Regexp(pattern, error=rule), metadata={"label": label}, **more)


class ChangeForm(Schema):
    """What every change carries: the form's key, its reason and its day."""

    key = fields.UUID(required=True)
    reason = text(_("依据或事由"), 500, required=True)
    on = fields.Date(required=True, metadata={"label": _("日期")})


class UnitForm(ChangeForm):
    """A unit's names and place in the tree."""

    name = text(_("单位名称"), 100, required=True)
    name_en = text(_("英文名称"), 100, required=True)
    superior = code(_("上级单位"), UNIT_CODE, load_default=None)
    has_instance = fields.Boolean(load_default=False, metadata={"label": _("自有系统")})
    kind = fields.String(load_default=UNIT, validate=validate.OneOf(KINDS), metadata={"label": _("单位类别")})


class NewUnitForm(UnitForm):
    """A unit that is new here."""

    code = code(_("单位代码"), UNIT_CODE, required=True)


class OldUnitForm(UnitForm):
    """A unit that is known."""

    organisation = code(_("单位"), UNIT_CODE, required=True)


class DissolveForm(ChangeForm):
    """A unit that is no more."""

    organisation = code(_("单位"), UNIT_CODE, required=True)


class PostFields(ChangeForm):
    """A post that somebody takes, from `on`, up to the day of removal if that is known already."""

    organisation = code(_("单位"), UNIT_CODE, required=True)
    title = text(_("职务"), 100, required=True)
    roles = fields.List(fields.String(validate=validate.OneOf(ROLES)), load_default=list, metadata={"label": _("角色")})
    until = fields.Date(load_default=None, metadata={"label": _("免职日期")})


class AppointForm(PostFields):
    """Somebody of the directory, or somebody new with a code and a name."""

    official = code(_("人员"), OFFICIAL_CODE, load_default=None)
    new_code = code(_("新人员代码"), OFFICIAL_CODE, load_default=None)
    new_name = text(_("新人员姓名"), 50, load_default=None)
    first = fields.Boolean(load_default=False, metadata={"label": _("署名时用此职务")})


class TransferForm(PostFields):
    """From these posts to another."""

    official = code(_("人员"), OFFICIAL_CODE, required=True)
    terms = fields.List(fields.UUID(), load_default=list, metadata={"label": _("免去的职务")})


class EndForm(ChangeForm):
    """From these posts."""

    official = code(_("人员"), OFFICIAL_CODE, required=True)
    terms = fields.List(fields.UUID(), load_default=list, metadata={"label": _("免去的职务")})


class LeaveForm(ChangeForm):
    """From every post."""

    official = code(_("人员"), OFFICIAL_CODE, required=True)


class RenameForm(ChangeForm):
    """Another name."""

    official = code(_("人员"), OFFICIAL_CODE, required=True)
    name = text(_("姓名"), 50, required=True)


class ContactForm(ChangeForm):
    """Under what he is told; empty: no more."""

    official = code(_("人员"), OFFICIAL_CODE, required=True)
    mail = fields.String(
        load_default="", metadata={"label": _("邮件地址")},
        validate=validate.Regexp(MAIL_ADDRESS, error=_("邮件地址的格式不对。 → 如 li.ming@example.org。")),
    )  # fmt: skip
    webhook = fields.String(
        load_default="", metadata={"label": _("接收人编号")},
        validate=validate.Regexp(RECIPIENT, error=_("编号只能有 64 个以内的字母、数字和符号。 → 请按网关给出的编号填写。")),
    )  # fmt: skip


class AnswerForm(Schema):
    """What is done with an announcement."""

    key = fields.UUID(required=True)
    reason = text(_("依据或事由"), 500, required=True)
    answer = fields.String(required=True, validate=validate.OneOf(("take", "decline")), metadata={"label": _("处理")})


class LinkForm(Schema):
    """Whose identity it is."""

    key = fields.UUID(required=True)
    reason = text(_("依据或事由"), 500, required=True)
    official = code(_("人员"), OFFICIAL_CODE, required=True)


class ImportForm(Schema):
    """A file's text: shown first, then taken over."""

    key = fields.UUID(required=True)
    text = fields.String(load_default="", metadata={"label": _("文件内容")})
    reason = fields.String(load_default="", validate=validate.Length(0, 500), metadata={"label": _("依据或事由")})
    step = fields.String(load_default="preview", validate=validate.OneOf(("preview", "save")))

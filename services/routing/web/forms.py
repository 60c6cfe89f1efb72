"""What the pages' forms take. A schema's own words are "rule → remedy" message ids, which the frame translates."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.routing.domain.case import CASE_CLASSES
from services.routing.domain.delegation import LONGEST_REASON
from services.routing.domain.directions import MOST_DAYS
from services.routing.domain.recusal import GROUNDS, LONGEST_NOTE
from services.routing.domain.referral import LONGEST_REFERENCE
from services.routing.domain.reply import OUTCOMES


def _text(label: Any, longest: int = 10_000, **more: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, longest), metadata={"label": label}, **more)


def _choice(label: Any, values: tuple[str, ...], **more: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(values), metadata={"label": label}, **more)


class InstructForm(Schema):
    """The first-in-command's instruction; a lead, with joint units or without, makes it an escalation."""

    instruction_id = fields.UUID(required=True)
    text = _text(_("批示"), load_default="")  # what an empty one lacks depends on what is enclosed: the use case says it
    case_class = _choice(_("件别"), CASE_CLASSES, required=True)
    addressees = fields.List(fields.String(), load_default=list, metadata={"label": _("交办对象")})
    lead = fields.String(load_default=None, metadata={"label": _("牵头领导")})
    joint = fields.List(fields.String(), load_default=list, metadata={"label": _("会办单位")})
    answers = fields.UUID(load_default=None, metadata={"label": _("所针对的回复")})
    verdict = _choice(_("对回复的意见"), ("returned", "approved"), load_default="returned")
    earlier = _choice(_("此前的交办"), ("goes_on", "withdrawn"), load_default="goes_on")
    limit_days = fields.Integer(load_default=None, validate=validate.Range(1, MOST_DAYS), metadata={"label": _("批示期限（日）")})
    confidential = fields.Boolean(load_default=False, metadata={"label": _("保密件")})
    enclosures = fields.List(fields.UUID(), load_default=list, metadata={"label": _("附件")})

    @post_load
    def parts(self, data: dict[str, Any], **_more: Any) -> dict[str, Any]:
        """Each addressee with his part; who is ticked twice is meant once, in the higher part."""
        lead = data.pop("lead")
        people = dict.fromkeys([lead], "lead") if lead else {}
        for part in ("joint", "addressees"):
            for official in data.pop(part):
                people.setdefault(official, "joint" if part == "joint" else "handling")
        return data | {"addressees": list(people.items())}


class ProgressForm(Schema):
    """A progress report."""

    note_id = fields.UUID(required=True)
    text = _text(_("办理进展"), required=True, data_key="progress")


class ObjectForm(Schema):
    """An objection to jurisdiction."""

    note_id = fields.UUID(required=True)
    reasons = _text(_("异议理由"), required=True)


class ReplyForm(Schema):
    """A signed reply; `sign` is the box that says: I sign this."""

    reply_id = fields.UUID(required=True)
    outcome = _choice(_("处理结果"), OUTCOMES, required=True)
    findings = _text(_("调查情况"), required=True)
    measures = fields.String(load_default="", metadata={"label": _("采取的措施")})
    evidence = fields.String(load_default="", metadata={"label": _("证据材料")})
    answer = _text(_("给信访人的答复"), required=True)
    sign = fields.String(load_default="", metadata={"label": _("署名")})
    warned = fields.String(load_default="")
    pin = fields.String(load_default="", validate=validate.Length(0, 64), metadata={"label": _("签名口令")})

    @post_load
    def signed(self, data: dict[str, Any], **_more: Any) -> dict[str, Any]:
        """Measures and evidence by line. Raises ValidationError when the box is not ticked."""
        if data.pop("sign") != "yes":
            raise ValidationError("回复须由责任人本人署名。 → 请勾选“本人署名”后提交。", "sign")
        return data | {
            name: [line.strip() for line in data[name].split("\n") if line.strip()] for name in ("measures", "evidence")
        }


class PinForm(Schema):
    """A signing PIN, typed twice, and the account's password."""

    current = fields.String(load_default="", validate=validate.Length(0, 200), metadata={"label": _("当前密码")})
    pin = _text(_("签名口令"), 64, required=True)
    again = _text(_("再次输入签名口令"), 64, required=True)

    @post_load
    def same(self, data: dict[str, Any], **_more: Any) -> dict[str, Any]:
        """Raises ValidationError when the two differ."""
        if data.pop("again") != data["pin"]:
            raise ValidationError("两次输入的签名口令不一致。 → 请重新输入。", "again")
        return data


class EndKeyForm(Schema):
    """Why a key ends."""

    reason = _choice(_("停用原因"), ("lost", "left", "suspected"), required=True)


class VerdictForm(Schema):
    """Approve a reply, or return it with reasons."""

    verdict = _choice(_("审核意见"), ("returned", "approved"), required=True)
    reasons = _text(_("退回理由"), load_default="")


class WithdrawForm(Schema):
    """Take an assignment back."""

    assignment = fields.UUID(required=True)


class AccountabilityForm(Schema):
    """A proposal or decision to hold somebody to account."""

    record_id = fields.UUID(required=True)
    kind = _choice(_("类别"), ("proposal", "decision"), required=True)
    official = _text(_("通讯录中的人员"), 64, load_default=None)
    person = _text(_("被问责人"), 100, load_default="")
    organisation = _text(_("所在单位"), 32, required=True)
    measure = _text(_("问责措施"), 2000, required=True)
    decided_by = _text(_("决定机关"), 200, required=True)
    meeting = _text(_("会议"), 200, load_default=None)
    decided_on = fields.Date(required=True, metadata={"label": _("决定日期")})
    answers = fields.UUID(load_default=None, metadata={"label": _("所针对的建议")})


class FollowForm(Schema):
    """What follows from a decision for one person."""

    official = _text(_("通讯录中的人员"), 64, load_default=None)
    person = _text(_("何人"), 100, load_default="")
    measure = _text(_("事项"), 500, required=True)
    until = fields.Date(required=True, metadata={"label": _("期限")})


class CarryOutForm(Schema):
    """When it was done."""

    done_on = fields.Date(required=True, metadata={"label": _("完成日期")})


class ConcludeForm(Schema):
    """The conclusion of a case."""

    outcome = _choice(_("处理结果"), OUTCOMES, required=True, data_key="concluded")
    summary = _text(_("办理情况"), required=True)
    answer = _text(_("给信访人的答复"), required=True)


class OwnRecusalForm(Schema):
    """The reader recuses himself."""

    recusal_id = fields.UUID(required=True)
    ground = _choice(_("回避事由"), GROUNDS, required=True)
    note = _text(_("情况说明"), LONGEST_NOTE, load_default="")


class RecusalForm(OwnRecusalForm):
    """Somebody recuses himself, or must."""

    official = _text(_("回避人员"), 64, required=True, data_key="recused")


class DelegationForm(Schema):
    """Who reads for the first-in-command, from the first day to the end of the last."""

    delegation_id = fields.UUID(required=True)
    deputy = _text(_("代阅人"), 64, required=True)
    starts_on = fields.Date(required=True, metadata={"label": _("开始日期")})
    ends_on = fields.Date(required=True, metadata={"label": _("结束日期")})
    reason = _text(_("事由"), LONGEST_REASON, required=True)


class ReferForm(Schema):
    """A case goes up; where the superior has no instance, to whom it went on paper."""

    reference = _text(_("报送机关和文号"), LONGEST_REFERENCE, load_default="")


class EndRecusalForm(Schema):
    """A recusal ends."""

    reason = _text(_("解除理由"), LONGEST_NOTE, required=True)


class AuditFilter(Schema):
    """What an auditor asks for."""

    number = _text(_("编号"), 64, load_default="")
    official = _text(_("人员"), 64, load_default="")
    page = fields.Integer(load_default=1, validate=validate.Range(1, 10_000), metadata={"label": _("页码")})


class SignInForm(Schema):
    """Name and password."""

    official = _text(_("账号"), 64, required=True)
    password = _text(_("密码"), 200, required=True)


class PasswordForm(Schema):
    """A new password, typed twice."""

    current = fields.String(load_default="", validate=validate.Length(0, 200), metadata={"label": _("当前密码")})
    password = _text(_("新密码"), 200, required=True)
    again = _text(_("再次输入新密码"), 200, required=True)

    @post_load
    def same(self, data: dict[str, Any], **_more: Any) -> dict[str, Any]:
        """Raises ValidationError when the two differ."""
        if data.pop("again") != data["password"]:
            raise ValidationError("两次输入的新密码不一致。 → 请重新输入。", "again")
        return data


class CodeForm(Schema):
    """A code of the app, or a recovery code."""

    code = _text(_("口令"), 40, required=True)


class CurrentForm(Schema):
    """The account's password once more; who has none leaves it empty."""

    current = fields.String(load_default="", validate=validate.Length(0, 200), metadata={"label": _("当前密码")})


class ResetForm(Schema):
    """An administrator does something with somebody's account."""

    key = fields.UUID(required=True)
    reason = _text(_("依据或事由"), 500, required=True)

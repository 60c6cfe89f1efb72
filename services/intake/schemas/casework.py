"""What staff send who work on a petition, and what their lists are filtered by."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.intake.domain.barring import LiftReason
from services.intake.domain.petition import Means, WithdrawalReason
from services.intake.domain.rating import LONGEST as MOST_WORDS
from services.intake.domain.rating import WISHES
from services.intake.domain.submission import IDENTITY_PURPOSES, LONGEST_TITLE, ORIGINAL_PURPOSES, Channel
from services.intake.schemas import petition, tracking
from services.intake.schemas.fields import choice_field, text_field
from services.intake.schemas.petition import LONGEST_FORM_TEXT, category_field
from services.intake.workflow import Stage

LABELS: dict[str, Any] = {
    "purpose": _("用途"), "organisations": _("被反映的单位"), "officials": _("被反映的人员"), "reason": _("理由"),
    "who": _("查找单位或人员"), "lifted": _("更正的对象"), "lift_reason": _("更正理由"), "authority": _("决定机关"), "means": _("信访人如何提出撤回"),
    "withdrawal_reason": _("撤回原因"), "part": _("文件"), "taken_up": _("补充材料"), "checked": _("核对证件"),
    "wish": _("信访人提出"), "wish_means": _("信访人如何提出"), "wish_words": _("信访人说的理由"),
}  # fmt: skip


def added_field() -> fields.List[Any]:
    """Which of the petitioner's additions the clerk had before his eyes."""
    return fields.List(fields.UUID(), load_default=list, metadata={"label": LABELS["taken_up"]})


class BriefForm(Schema):
    """The redacted title and brief, and the codes; and which additions are taken up by it."""

    title = text_field(petition.LABELS["brief_title"], LONGEST_TITLE, required=True)
    brief = text_field(petition.LABELS["brief"], LONGEST_FORM_TEXT, required=True)
    category = category_field(required=True)
    place = petition.place_field()
    revision = fields.Integer(required=True, validate=validate.Range(0, 1_000_000))
    taken_up = added_field()


class TakeUpForm(Schema):
    """Which additions call for no other brief."""

    taken_up = added_field()


class StaffWithdrawalForm(Schema):
    """How the petitioner's wish to withdraw is known, and why."""

    means = choice_field(LABELS["means"], Means, required=True)
    withdrawal_reason = choice_field(LABELS["withdrawal_reason"], WithdrawalReason, required=True)


class WishForm(Schema):
    """What a petitioner says after the conclusion who does not use the tracking page."""

    wish = fields.String(required=True, validate=validate.OneOf(WISHES), metadata={"label": LABELS["wish"]})
    wish_means = choice_field(LABELS["wish_means"], Means, required=True)
    wish_words = text_field(LABELS["wish_words"], MOST_WORDS, required=True)


class ConflictForm(Schema):
    """Who is complained of, by the directory's codes."""

    organisations = fields.List(
        fields.String(validate=validate.Length(1, 64)), load_default=list, metadata={"label": LABELS["organisations"]}
    )
    officials = fields.List(
        fields.String(validate=validate.Length(1, 64)), load_default=list, metadata={"label": LABELS["officials"]}
    )


class DirectoryForm(Schema):
    """Whom to look for in the directory: words of a name, a post or a unit."""

    who = text_field(LABELS["who"], 60, required=True)


class LiftForm(Schema):
    """Which names were put down by mistake, why, and who decided so."""

    lifted = fields.List(
        fields.String(validate=validate.Length(1, 64)), required=True, validate=validate.Length(1),
        metadata={"label": LABELS["lifted"]},
    )  # fmt: skip
    lift_reason = choice_field(LABELS["lift_reason"], LiftReason, required=True)
    authority = text_field(LABELS["authority"], 200, required=True)


class NewCodeForm(Schema):
    """A new secret code: that the papers were checked, and the key that makes a retry harmless."""

    key = fields.UUID(required=True, metadata={"label": petition.LABELS["key"]})
    checked = fields.Boolean(required=True, validate=validate.Equal(True), metadata={"label": LABELS["checked"]})


class PurposeForm(Schema):
    """What an identity is looked at for."""

    purpose = choice_field(LABELS["purpose"], IDENTITY_PURPOSES, required=True)


class UnreadOriginalForm(Schema):
    """Which file of a mail: 0 is the whole of it, its attachments count from 1."""

    part = fields.Integer(required=True, validate=validate.Range(0, 1000), metadata={"label": LABELS["part"]})


class OriginalForm(UnreadOriginalForm):
    """The same of a registered mail, and what for."""

    purpose = choice_field(LABELS["purpose"], ORIGINAL_PURPOSES, required=True)


DISMISSALS = ("spam", "automatic", "duplicate", "no_request", "empty")


class DismissForm(Schema):
    """Why a mail that could not be read asks for nothing."""

    reason = choice_field(LABELS["reason"], DISMISSALS, required=True)


class DeskFilter(Schema):
    """What a clerk's list is filtered by."""

    queue = fields.String(
        load_default="", validate=validate.OneOf(["", "unbriefed", "unaccepted", "supplemented", "mailed", "repeat"])
    )
    q = text_field(tracking.LABELS["number"], 100)
    channel = choice_field(petition.LABELS["title"], ["", *Channel], load_default="")
    stage = choice_field(petition.LABELS["title"], ["", *Stage], load_default="")
    category = category_field()
    place = text_field(petition.LABELS["place"], 12)
    since = fields.Date(load_default=None)
    until = fields.Date(load_default=None)
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))


class LookFilter(Schema):
    """What the auditor's list is filtered by."""

    number = text_field(tracking.LABELS["number"], 40)
    official = text_field(petition.LABELS["name"], 64)
    what = fields.String(load_default="", validate=validate.OneOf(["", "text", "identity", "mail", "original"]))
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))

"""What the forms of charges and of the score book take."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from shared.contract.supervision import DUTIES, EVIDENCE, GROUNDS, LEVELS

LONGEST = 2_000


def _key() -> fields.UUID:
    return fields.UUID(required=True, metadata={"label": _("表单编号")})


def _words(label: Any, longest: int = LONGEST, **more: Any) -> fields.String:
    return fields.String(
        **{"required": True, **more},
        validate=validate.Length(1, longest),
        metadata={"label": label},
    )


def _choice(label: Any, values: tuple[str, ...], **more: Any) -> fields.String:
    return fields.String(**{"required": True, **more}, validate=validate.OneOf(values), metadata={"label": label})


class TakeForm(Schema):
    """Who carries the case; without a leader the reader himself."""

    key = _key()
    leader = fields.String(load_default=None, validate=validate.Length(1, 64), metadata={"label": _("包案领导")})
    ground = _choice(_("包案事由"), GROUNDS)


class ProposeForm(Schema):
    """Why somebody should carry the case."""

    key = _key()
    ground = _choice(_("包案事由"), GROUNDS)
    words = _words(_("说明"))


class ReasonsForm(Schema):
    """A decision's reasons."""

    words = _words(_("理由"))


class PassForm(ReasonsForm):
    """Who carries the case from now on."""

    key = _key()
    to = fields.String(required=True, validate=validate.Length(1, 64), metadata={"label": _("接手领导")})


class EvidenceForm(Schema):
    """What was done for a duty. `sure` holds what the writer was asked about and says is nobody's name."""

    key = _key()
    duty = _choice(_("五包责任"), DUTIES)
    form = _choice(_("落实形式"), EVIDENCE)
    done_on = fields.Date(required=True, metadata={"label": _("日期")})
    place = _words(_("地点"), 200)
    words = _words(_("落实情况"))
    sure = fields.String(load_default="")


class CardArguments(Schema):
    """Whose card, of which period, as the book stood when."""

    code = fields.String(validate=validate.Length(1, 64), metadata={"label": _("领导或单位")})
    first = fields.Date(data_key="from", metadata={"label": _("起")})
    last = fields.Date(data_key="until", metadata={"label": _("止")})
    cut = fields.AwareDateTime(metadata={"label": _("截止时刻")})
    kind = fields.String(data_key="as", validate=validate.OneOf(("csv", "json")), metadata={"label": _("格式")})


class DecideForm(ReasonsForm):
    """What becomes of an objection."""

    decision = _choice(_("审定结果"), ("upheld", "dismissed"))
    becomes = fields.Integer(load_default=None, validate=validate.Range(-100, 100), metadata={"label": _("改计")})


class SkipLevelForm(Schema):
    """A case that was taken to a higher level. There is no field for who took it there."""

    key = _key()
    number = _words(_("信访件编号"), 100)
    level = _choice(_("层级"), LEVELS)
    on_day = fields.Date(required=True, metadata={"label": _("日期")})
    source = _words(_("来源"), 200)

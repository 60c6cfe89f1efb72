"""What the rules' forms take."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.routing.domain.rules import MOST_RULES
from services.routing.schemas import CATEGORY, CODE, LONGEST_KEYWORD, LONGEST_NOTE, MOST_KEYWORDS, PLACE
from shared.contract.cases import CHANNELS

_DIVIDED = re.compile(r"[\n,，、;；]+")


def _code(label: Any, pattern: str, message: Any, **more: Any) -> fields.String:
    return fields.String(validate=validate.Regexp(rf"^{pattern}\Z", error=message), metadata={"label": label}, **more)


def _category(**more: Any) -> fields.String:
    return _code(
        _("类别"), CATEGORY, _("类别代码由小写字母、数字和下划线组成。 → 请从列表中选择，如 environment.water。"), **more
    )


def _place(**more: Any) -> fields.String:
    return _code(_("地点"), PLACE, _("地点是 6、9 或 12 位的区划代码。 → 请从列表中选择。"), **more)


def _number(**more: Any) -> fields.Integer:
    return fields.Integer(validate=validate.Range(1, MOST_RULES), metadata={"label": _("排在第几条")}, **more)


class RuleForm(Schema):
    """A rule. Keywords stand in lines, or are divided by commas."""

    revision = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))
    number = _number(load_default=None)
    organisation = _code(_("推荐单位"), CODE, _("须从列出的单位中选择。 → 请选择一个单位。"), required=True)
    category = _category(load_default=None)
    place = _place(load_default=None)
    channel = fields.String(load_default=None, validate=validate.OneOf(CHANNELS), metadata={"label": _("渠道")})
    keywords = fields.String(load_default="", metadata={"label": _("关键词")})
    every_keyword = fields.String(
        load_default="any", validate=validate.OneOf(("any", "all")), metadata={"label": _("关键词的关系")}
    )
    note = fields.String(load_default="", validate=validate.Length(0, LONGEST_NOTE), metadata={"label": _("说明")})

    @post_load
    def divided(self, data: dict[str, Any], **_more: Any) -> dict[str, Any]:
        """The keywords one by one, each once. Raises ValidationError for too many, and for one that is too long."""
        found = list(dict.fromkeys(word.strip() for word in _DIVIDED.split(data["keywords"]) if word.strip()))
        if len(found) > MOST_KEYWORDS or any(len(word) > LONGEST_KEYWORD for word in found):
            raise ValidationError("关键词最多 30 个，每个最多 20 个字。 → 请删减，或分成几条规则。", "keywords")
        return data | {"keywords": tuple(found), "every_keyword": data["every_keyword"] == "all" and len(found) > 1}


class MoveForm(Schema):
    """The number at which a rule is to stand."""

    number = _number(required=True)


class SwitchForm(Schema):
    """On or off."""

    active = fields.String(required=True, validate=validate.OneOf(("on", "off")))


class TryForm(Schema):
    """A case that might come."""

    title = fields.String(load_default="", validate=validate.Length(0, 200), metadata={"label": _("标题")})
    brief = fields.String(load_default="", validate=validate.Length(0, 4000), metadata={"label": _("摘要")})
    category = _category(load_default="other")
    place = _place(load_default="")
    channel = fields.String(load_default="letter", validate=validate.OneOf(CHANNELS), metadata={"label": _("渠道")})

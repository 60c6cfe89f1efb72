"""What comes in from a file: the directory, the rules, the checklist of replies."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from services.routing.domain import checklist
from services.routing.domain.reply import OUTCOMES
from services.routing.domain.roster import KINDS
from services.routing.domain.rules import MOST_RULES
from shared.contract.cases import CHANNELS

ROLES = (
    "clerk", "first_in_command", "leader", "unit_head", "officer", "office", "supervision_office", "followup",
    "auditor", "administrator",
)  # fmt: skip


UNIT_CODE = r"^[0-9]{6}[0-9a-z-]{0,26}\Z"
OFFICIAL_CODE = r"^o-[0-9a-z-]{3,60}\Z"
# Empty: none any more. A recipient's id at the county's gateway is the gateway's to make.
MAIL_ADDRESS = r"^([A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,8})?\Z"
RECIPIENT = r"^[!-~]{0,64}\Z"


class _Strict(Schema):
    """A misspelt key is an error, not a silence."""

    class Meta:
        """Unknown keys are refused."""

        unknown = RAISE


class Day(fields.Date):
    """A calendar day, which YAML has read already where it was not quoted."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        known = isinstance(value, date) and not isinstance(value, datetime)
        return value if known else super()._deserialize(value, attr, data, **kwargs)


class PostEntry(_Strict):
    """A post and the roles that it gives; `until` is the day of removal, on which it is no longer held."""

    organisation = fields.String(required=True, validate=validate.Regexp(UNIT_CODE))
    title = fields.String(required=True, validate=validate.Length(1, 100))
    roles = fields.List(fields.String(validate=validate.OneOf(ROLES)), required=True)
    from_on = Day(load_default=None, allow_none=True, data_key="from")
    until_on = Day(load_default=None, allow_none=True, data_key="until")


class OrganisationEntry(_Strict):
    """An organisation by its national code (GB/T 2260, GB/T 10114, departments with a suffix)."""

    code = fields.String(required=True, validate=validate.Regexp(UNIT_CODE))
    name = fields.String(required=True, validate=validate.Length(1, 100))
    name_en = fields.String(required=True, validate=validate.Length(1, 100))
    superior = fields.String(load_default=None, allow_none=True)
    has_instance = fields.Boolean(load_default=False)
    kind = fields.String(validate=validate.OneOf(KINDS))
    dissolved_on = Day(allow_none=True)


class OfficialEntry(_Strict):
    """An official with his posts, the first being the one signed with."""

    official = fields.String(required=True, validate=validate.Regexp(OFFICIAL_CODE))
    name = fields.String(required=True, validate=validate.Length(1, 50))
    active = fields.Boolean(load_default=True)
    mail = fields.String(validate=validate.Regexp(MAIL_ADDRESS))
    webhook = fields.String(validate=validate.Regexp(RECIPIENT))
    posts = fields.List(fields.Nested(PostEntry), required=True, validate=validate.Length(1))


class DirectoryFile(_Strict):
    """The whole file."""

    organisations = fields.List(fields.Nested(OrganisationEntry), required=True)
    officials = fields.List(fields.Nested(OfficialEntry), required=True)


CATEGORY = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?"
PLACE = r"[1-8][0-9]{5}(?:[0-9]{3}){0,2}"
CODE = r"[0-9]{6}[0-9a-z-]{0,26}"
MOST_KEYWORDS, LONGEST_KEYWORD, LONGEST_NOTE = 30, 20, 200
WORD = r"[^\x00-\x1f\x7f\ud800-\udfff]+"  # in one line


def _words() -> fields.List[str]:
    word = fields.String(validate=[validate.Length(1, LONGEST_KEYWORD), validate.Regexp(rf"^{WORD}\Z"), said])
    return fields.List(word, load_default=list, validate=validate.Length(1, MOST_KEYWORDS))


def said(text: str) -> None:
    """Raises ValidationError for a word of nothing but blanks."""
    if not text.strip():
        raise ValidationError("关键词不能为空。 → 请删去空的关键词。")


class RuleEntry(_Strict):
    """A rule: the conditions that must hold, and the organisation that it leads to. Of `any` one word is enough, of `all` each is wanted."""

    organisation = fields.String(required=True, validate=validate.Regexp(rf"^{CODE}\Z"))
    category = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(rf"^{CATEGORY}\Z"))
    place = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(rf"^{PLACE}\Z"))
    channel = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(CHANNELS))
    any = _words()
    all = _words()
    active = fields.Boolean(load_default=True)
    note = fields.String(load_default="", validate=[validate.Length(0, LONGEST_NOTE), validate.Regexp(rf"^({WORD})?\Z")])

    @validates_schema
    def one_kind(self, data: dict[str, Any], **_more: Any) -> None:
        """Raises ValidationError when both lists of words are given."""
        if data["any"] and data["all"]:
            raise ValidationError("any 和 all 只能写一个", "all")


class RuleFile(_Strict):
    """The whole file, in the order in which rules are looked at."""

    rules = fields.List(fields.Nested(RuleEntry), required=True, validate=validate.Length(0, MOST_RULES))


class WordsEntry(_Strict):
    """A rule and its remedy in one language."""

    rule = fields.String(required=True, validate=validate.Length(1, 200))
    remedy = fields.String(required=True, validate=validate.Length(1, 200))


def _is_pattern(text: str) -> None:
    try:
        re.compile(text)
    except re.error as fault:
        raise ValidationError(f"not a regular expression: {fault}") from fault


class ChecklistEntry(_Strict):
    """One thing that a reply is looked over for (`domain/checklist.py`)."""

    code = fields.String(required=True, validate=validate.Regexp(r"^[a-z_]{3,40}\Z"))
    kind = fields.String(required=True, validate=validate.OneOf(checklist.KINDS))
    field = fields.String(required=True, validate=validate.OneOf(checklist.FIELDS))
    looks_in = fields.List(fields.String(validate=validate.OneOf(checklist.FIELDS)), required=True, validate=validate.Length(1))
    outcomes = fields.List(fields.String(validate=validate.OneOf(OUTCOMES)), load_default=list)
    patterns = fields.List(fields.String(validate=_is_pattern), load_default=list)
    least = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 10_000))
    share = fields.Float(load_default=0.0, validate=validate.Range(0, 1))
    blocks = fields.Boolean(load_default=False)
    words = fields.Dict(
        keys=fields.String(validate=validate.OneOf(("zh", "en"))), values=fields.Nested(WordsEntry), required=True
    )

    @validates_schema
    def complete(self, data: dict[str, Any], **_more: Any) -> None:
        """Chinese words are there, and patterns where the kind looks for some."""
        if "zh" not in data["words"]:
            raise ValidationError("Missing data for required field.", "words.zh")
        if data["kind"] in ("lacks", "only") and not data["patterns"]:
            raise ValidationError("Missing data for required field.", "patterns")

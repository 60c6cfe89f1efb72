"""What comes in from a file: the directory."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

ROLES = (
    "clerk", "first_in_command", "leader", "unit_head", "officer", "office", "supervision_office", "followup",
    "auditor", "administrator",
)  # fmt: skip


class _Strict(Schema):
    """A misspelt key is an error, not a silence."""

    class Meta:
        """Unknown keys are refused."""

        unknown = RAISE


class PostEntry(_Strict):
    """A post and the roles that it gives."""

    organisation = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{6}[0-9a-z-]{0,26}\Z"))
    title = fields.String(required=True, validate=validate.Length(1, 100))
    roles = fields.List(fields.String(validate=validate.OneOf(ROLES)), required=True)


class OrganisationEntry(_Strict):
    """An organisation by its national code (GB/T 2260, GB/T 10114, departments with a suffix)."""

    code = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{6}[0-9a-z-]{0,26}\Z"))
    name = fields.String(required=True, validate=validate.Length(1, 100))
    name_en = fields.String(required=True, validate=validate.Length(1, 100))
    superior = fields.String(load_default=None, allow_none=True)
    has_instance = fields.Boolean(load_default=False)


class OfficialEntry(_Strict):
    """An official with his posts, the first being the one signed with."""

    official = fields.String(required=True, validate=validate.Regexp(r"^o-[0-9a-z-]{3,60}\Z"))
    name = fields.String(required=True, validate=validate.Length(1, 50))
    active = fields.Boolean(load_default=True)
    posts = fields.List(fields.Nested(PostEntry), required=True, validate=validate.Length(1))


class DirectoryFile(_Strict):
    """The whole file."""

    organisations = fields.List(fields.Nested(OrganisationEntry), required=True)
    officials = fields.List(fields.Nested(OfficialEntry), required=True)

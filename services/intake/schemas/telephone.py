"""What a telephone system sends."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate


class MessageSchema(Schema):
    """A message about a call; `kind` is ringing, answered, missed, ended or recorded. Other fields are kept, and mean nothing to us."""

    class Meta:
        """Other fields are not ours."""

        unknown = EXCLUDE

    event_id = fields.String(required=True, validate=validate.Length(1, 200))
    kind = fields.String(required=True, validate=validate.Length(1, 40))
    call_id = fields.String(required=True, validate=validate.Length(1, 200))
    at = fields.AwareDateTime(required=True)
    caller = fields.String(load_default="", data_key="from", allow_none=True, validate=validate.Length(0, 100))
    extension = fields.String(load_default="", allow_none=True, validate=validate.Length(0, 40))
    recording = fields.String(load_default="", allow_none=True, validate=validate.Length(0, 2000))


class TakenSchema(Schema):
    """What became of a message: `taken` (`again`: it was here before), or `kept` for a clerk to look at."""

    taken = fields.Boolean()
    again = fields.Boolean()
    kept = fields.Boolean()

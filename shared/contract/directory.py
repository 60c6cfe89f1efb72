"""Events of the directory: organisations, officials in their posts, sessions that ended. Told by routing."""

from marshmallow import EXCLUDE, Schema
from marshmallow import fields as f

from shared.contract import fields
from shared.contract.catalogue import event

EVERYONE_ELSE = "intake supervision followup reporting"


class PostSchema(Schema):
    """A post that an official holds, with the roles that it gives in the system."""

    class Meta:
        """Unknown fields are ignored."""

        unknown = EXCLUDE

    organisation = fields.code()
    title = f.String(required=True)
    roles = f.List(f.String(), required=True)


event(
    "directory.organisation_recorded", "An organisation was added to the directory or changed.",
    told_by="routing", heard_by=EVERYONE_ELSE, local=True,
    fields={
        "code": fields.code(), "name": fields.text(), "name_en": fields.text(), "superior": fields.code(required=False),
        "has_instance": fields.flag(),
    },
)  # fmt: skip
event(
    "directory.official_recorded", "An official, the posts held and the roles that they give, was added or changed.",
    told_by="routing", heard_by=EVERYONE_ELSE, local=True,
    fields={
        "official": fields.code(), "name": fields.text(), "active": fields.flag(),
        "posts": f.List(f.Nested(PostSchema), required=True),
    },
)  # fmt: skip
event(
    "directory.session_ended", "A sign-in session, or every session of an official begun before an instant, is over.",
    told_by="routing", heard_by=EVERYONE_ELSE, local=True,
    fields={"session": fields.code(required=False), "official": fields.code(), "before": fields.instant()},
)  # fmt: skip

"""Events of the directory: organisations, officials in their posts, sessions that ended. Told by routing."""

from typing import Any

from marshmallow import fields as f

from shared.contract import fields
from shared.contract.catalogue import EventSchema, event

EVERYONE_ELSE = "intake supervision followup reporting"


# A post that an official holds, with the roles that it gives in the system.
POST: dict[str, f.Field[Any]] = {"organisation": fields.code(), "title": f.String(required=True), "roles": f.List(f.String(),
required=True)}  # fmt: skip
DAYS: Any = {"from_on": fields.Day(allow_none=True), "until_on": fields.Day(allow_none=True)}
HEAD: Any = {"official": fields.code(), "name": fields.text(), "title": fields.text(), **DAYS}

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
        "posts": f.List(f.Nested(EventSchema.from_dict(POST, name="PostSchema")), required=True),
    },
)  # fmt: skip
event(
    "directory.session_ended", "A sign-in session, or every session of an official begun before an instant, is over.",
    told_by="routing", heard_by=EVERYONE_ELSE, local=True,
    fields={"session": fields.code(required=False), "official": fields.code(), "before": fields.instant()},
)  # fmt: skip
event(
    "directory.signing_key_recorded", "A key that an official signs replies with was made or has ended; a superior believes its subtree alone.",
    told_by="routing", heard_by="routing reporting",
    fields={
        "official": fields.code(), "key_id": fields.identifier(), "alg": fields.code("ed25519"), "public": fields.text(),
        "from": fields.instant(), "until": fields.instant(required=False), "reason": fields.code("replaced", "lost", "left", "suspected",
        required=False),
    },
)  # fmt: skip
event(
    "directory.unit_announced", "What an instance records of a unit that another one knows too: its names, and who heads it from when to when.",
    told_by="routing", heard_by="routing",
    fields={
        "code": fields.code(), "name": fields.text(), "name_en": fields.text(), "reason": fields.text(), "by": fields.person(required=False),
        "heads": f.List(f.Nested(EventSchema.from_dict(HEAD, name="HeadSchema")), required=True), "at": fields.instant(),
    },
)  # fmt: skip

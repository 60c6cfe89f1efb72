"""What other agencies are told, on the exchange `case.public`: codes, days, stages and counts.

A schema here lists what an agency may see. Every field is a code, a day or a number: words do not fit into one.
A breaking change is a new version beside the old one, as everywhere.
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields as f
from marshmallow import validate

from shared.contract import fields
from shared.contract.cases import CASE_CLASSES, CHANNELS, OUTCOMES, PARTS
from shared.contract.catalogue import event

STAGES = ("registered", "instructed", "in_hand", "concluded", "reopened", "withdrawn", "closed", "archived")
OWED = ("receive", "progress", "reply", "conclude")
CODE = r"[0-9A-Za-z][0-9A-Za-z_.-]{0,39}\Z"  # of an organisation, a place or a category


def _code(*, nullable: bool = True) -> f.String:
    return f.String(required=True, allow_none=nullable, validate=validate.Regexp(CODE))


def _choice(*values: str) -> f.String:
    return f.String(required=True, allow_none=True, validate=validate.OneOf(values))


def _day() -> fields.Day:
    return fields.Day(required=True, allow_none=True)


def _some() -> f.Integer:
    """A count; null when it is too small to be told."""
    return f.Integer(required=True, allow_none=True, strict=True, validate=validate.Range(0))


# Every event of a case tells how the case stands, so whoever begins late or misses some needs no history.
CASE: dict[str, f.Field[Any]] = {
    "case": fields.identifier(), "organisation": _code(nullable=False), "channel": _choice(*CHANNELS), "category": _code(), "township": _code(),
    "case_class": _choice(*CASE_CLASSES), "stage": fields.choice(*STAGES), "round": fields.count(), "outcome": _choice(*OUTCOMES),
    **{f"{name}_on": _day() for name in ("registered", "read", "dispatched", "replied", "reply_due", "conclude_due", "concluded", "closed")},
}  # fmt: skip
UNIT: dict[str, f.Field[Any]] = {"unit": _code(), "part": _choice(*PARTS)}


def _public(name: str, meaning: str, **more: f.Field[Any]) -> None:
    event(f"public.{name}", meaning, told_by="reporting", heard_by="", local=True, fields=CASE | more)


_public("case.registered", "A case that may be told has been read by the first-in-command; the first that is told of it.")
_public("case.instructed", "The first-in-command wrote an instruction: a round begins.")
_public("case.concluded", "The case is concluded.")
_public("case.reopened", "The case goes on with a new round.")
_public("case.withdrawn", "The petition was withdrawn.")
_public("case.closed", "The case is closed.")
_public("case.archived", "The dossier is complete.")
_public("assignment.issued", "The case was handed to a unit.", **UNIT)
_public("assignment.received", "The unit acknowledged receipt.", **UNIT)
_public("assignment.replied", "The unit replied.", **UNIT)
_public("assignment.returned", "The unit's reply was rejected.", **UNIT)
_public("assignment.approved", "The unit's reply was accepted.", **UNIT)
_public("assignment.withdrawn", "The unit has to do with the case no longer.", **UNIT)
_public("deadline.missed", "A limit has passed.", obligation=fields.choice(*OWED), due_on=fields.day(), unit=_code())
event(
    "public.figures.counted",
    "A month of an organisation: cases read, concluded and closed, those included that are not told one by one. Below three: null.",
    told_by="reporting", heard_by="", local=True,
    fields={"organisation": _code(nullable=False), "month": fields.day(), "read": _some(), "concluded": _some(), "closed": _some()},
)  # fmt: skip

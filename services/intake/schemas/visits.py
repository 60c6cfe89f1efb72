"""What petitioners send who book a place, and clerks who run the reception room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.intake.domain.queueing import STEPS
from services.intake.domain.submission import LONGEST_TITLE, Channel, Identity, MatterType, Petitioner, Submission
from services.intake.domain.visits import LONGEST_MATTER, EndedFor, Ending, Outcome, Record, Visitor
from services.intake.schemas import petition, tracking
from services.intake.schemas.fields import Lines, choice_field, text_field

LABELS: dict[str, Any] = {
    "matter": _("来访事由"), "slot": _("时间"), "case_number": _("信访件编号"), "case_code": _("信访件查询码"),
    "inside": _("进入接访室的人数"), "action": _("操作"), "said": _("接访记录"), "spot_answer": _("答复或理由"), "visit_outcome": _("接访结果"),
    "official": _("实际接访人"), "amend_reason": _("更正理由"), "on": _("日期"), "ended_for": _("原因"), "visitor": _("查找来访人"),
}  # fmt: skip
LONGEST_RECORD, LONGEST_REASON = 20_000, 500


class WalkInForm(Schema):
    """Whoever comes without a booking."""

    key = fields.UUID(required=True, metadata={"label": petition.LABELS["key"]})
    name = text_field(petition.LABELS["name"], 50)
    phone = text_field(petition.LABELS["phone"], 30, pattern=r"^(\+?[0-9][0-9 \-()]{4,28})?$")
    matter = text_field(LABELS["matter"], LONGEST_MATTER, required=True)
    group_size = fields.Integer(
        load_default=1, validate=validate.Range(1, 100_000), metadata={"label": petition.LABELS["group_size"]}
    )
    representatives = Lines(
        fields.String(validate=validate.Length(1, 50)), load_default=list, metadata={"label": petition.LABELS["representatives"]}
    )
    case_number = text_field(LABELS["case_number"], 40)
    session = fields.UUID(load_default=None)
    inside = fields.Integer(load_default=1, validate=validate.Range(1, 100_000), metadata={"label": LABELS["inside"]})


class ClerkBookingForm(WalkInForm):
    """A booking that a clerk writes down."""

    class Meta:
        """The address names the session, and nobody goes in yet."""

        exclude = ("session", "inside")

    slot = fields.Integer(load_default=None, validate=validate.Range(0, 500), metadata={"label": LABELS["slot"]})


class BookingForm(ClerkBookingForm):
    """A booking by the petitioner, who proves with the case's code that the case is theirs."""

    case_code = text_field(LABELS["case_code"], 60)


class RebookForm(tracking.TrackForm):
    """Another session, by the petitioner."""

    session = fields.UUID(required=True)


class SessionForm(Schema):
    """Another session, by a clerk; none: whoever is at the counter."""

    session = fields.UUID(load_default=None)


class CheckInForm(Schema):
    """How many go in."""

    inside = fields.Integer(required=True, validate=validate.Range(1, 100_000), metadata={"label": LABELS["inside"]})


class StepForm(Schema):
    """A step in the reception room."""

    action = choice_field(LABELS["action"], STEPS, required=True)


class ClosingForm(Schema):
    """Why a visit ends without a reception."""

    ended_for = choice_field(LABELS["ended_for"], ["", *EndedFor], load_default="")


class DayForm(Schema):
    """A day of the queue; none: today."""

    on = fields.Date(load_default=None, metadata={"label": LABELS["on"]})


class VisitorForm(DayForm):
    """Who is at the counter: a name, a telephone number or its end, a ticket, or a booking's number."""

    visitor = text_field(LABELS["visitor"], 50, required=True)


class EndingForm(Schema):
    """How a reception ended."""

    visit_outcome = choice_field(LABELS["visit_outcome"], Outcome, required=True)
    official = text_field(LABELS["official"], 64)
    said = text_field(LABELS["said"], LONGEST_RECORD, required=True)
    spot_answer = text_field(LABELS["spot_answer"], LONGEST_RECORD)
    case_number = text_field(LABELS["case_number"], 40)
    title = text_field(petition.LABELS["title"], LONGEST_TITLE)
    matter_type = choice_field(petition.LABELS["matter_type"], MatterType, load_default="appeal")
    category = petition.category_field()
    place = petition.place_field()
    identity = choice_field(petition.LABELS["identity"], Identity, load_default="named")
    name = text_field(petition.LABELS["name"], 50)
    phone = text_field(petition.LABELS["phone"], 30, pattern=r"^(\+?[0-9][0-9 \-()]{4,28})?$")


class AmendForm(Schema):
    """What a record should say, and why it is changed."""

    key = fields.UUID(required=True, metadata={"label": petition.LABELS["key"]})
    said = text_field(LABELS["said"], LONGEST_RECORD, required=True)
    spot_answer = text_field(LABELS["spot_answer"], LONGEST_RECORD)
    amend_reason = text_field(LABELS["amend_reason"], LONGEST_REASON, required=True)


def visitor(data: Mapping[str, Any]) -> Visitor:
    """Who comes, out of a checked form."""
    return Visitor(
        name=data["name"], phone=data["phone"], representatives=tuple(data["representatives"]), matter=data["matter"],
        group_size=data["group_size"],
    )  # fmt: skip


def ending(data: Mapping[str, Any], *, language: str) -> Ending:
    """How a reception ended, out of a checked form; what belongs to a case is taken only when one is made."""
    outcome = Outcome(data["visit_outcome"])
    made = None
    if outcome is Outcome.REGISTERED:
        made = Submission(
            channel=Channel.VISIT, title=data["title"], text=data["said"], matter_type=MatterType(data["matter_type"]),
            category=data["category"], place=data["place"], identity=Identity(data["identity"]), language=language,
            petitioner=Petitioner(name=data["name"], phone=data["phone"]),
        )  # fmt: skip
    record = Record(outcome=outcome, said=data["said"], answer=data["spot_answer"])
    return Ending(record=record, official=data["official"], case_number=data["case_number"], submission=made)

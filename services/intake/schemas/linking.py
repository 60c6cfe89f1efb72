"""What staff send who say that petitions belong together, or do not."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.intake.domain.linking import CHOICES, MOST_PARTS, WHYS, UndoneFor
from services.intake.domain.submission import LONGEST_TITLE
from services.intake.schemas.fields import choice_field, text_field

LABELS: dict[str, Any] = {
    "other": _("另一件"), "relation": _("关联的类别"), "why": _("关联的理由"), "undone_for": _("撤销的理由"), "parts": _("分出的信访件"),
}  # fmt: skip


class PairForm(Schema):
    """The other petition, by its number."""

    other = text_field(LABELS["other"], 40, required=True)
    relation = choice_field(LABELS["relation"], ["", *CHOICES], load_default="")


class LinkForm(Schema):
    """What two petitions are to each other, and why."""

    other = text_field(LABELS["other"], 40, required=True)
    relation = choice_field(LABELS["relation"], CHOICES, required=True)
    why = choice_field(LABELS["why"], WHYS, required=True)


class UnlikeForm(Schema):
    """Which petition is about something else."""

    other = fields.UUID(required=True, metadata={"label": LABELS["other"]})


class UndoForm(Schema):
    """Why a link is undone."""

    undone_for = choice_field(LABELS["undone_for"], UndoneFor, required=True)


class _SplitForm(Schema):
    """For each part a title and the numbers of its sentences. `sure`: the preview was seen."""

    key = fields.UUID(required=True)
    sure = fields.Boolean(load_default=False)


def _part(number: int) -> dict[str, Any]:
    chosen = fields.Integer(validate=validate.Range(0, 100_000))
    return {
        f"title_{number}": text_field(LABELS["parts"], LONGEST_TITLE),
        f"sentences_{number}": fields.List(chosen, load_default=list, metadata={"label": LABELS["parts"]}),
    }


PARTS = range(1, MOST_PARTS + 1)
SPLIT_FORM: Schema = _SplitForm.from_dict(
    {name: field for number in PARTS for name, field in _part(number).items()}, name="SplitForm"
)()

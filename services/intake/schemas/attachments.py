"""What staff send who work on a petition's files. The files themselves come beside the form."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.intake.domain.attachment import Kind
from services.intake.domain.submission import ORIGINAL_PURPOSES
from services.intake.schemas.fields import choice_field

LABELS: dict[str, Any] = {
    "files": _("附件"), "scans": _("信件扫描件"), "envelope": _("信封"), "attachment": _("附件"), "file_kind": _("附件类别"),
    "order": _("顺序"), "open_purpose": _("用途"), "removed": _("移出的附件"),
}  # fmt: skip
_PURPOSE = _("用途")


class ViewForm(Schema):
    """What the pages are looked at for."""

    purpose = choice_field(_PURPOSE, ORIGINAL_PURPOSES, required=True)


class OpenForm(Schema):
    """Which file is opened as it came, and what for; the page asks this beside the other form's purpose."""

    open_purpose = choice_field(LABELS["open_purpose"], ORIGINAL_PURPOSES, required=True)

    attachment = fields.UUID(required=True, metadata={"label": LABELS["attachment"]})


class AddForm(Schema):
    """What the files that come along are; empty: what their bytes say."""

    file_kind = choice_field(LABELS["file_kind"], ["", *Kind], load_default="")


class ArrangeForm(Schema):
    """For each file, in the order of the list: its place and what it is."""

    id = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 1000))
    order = fields.List(
        fields.Integer(validate=validate.Range(0, 10_000)), required=True, metadata={"label": LABELS["order"]}
    )  # fmt: skip
    kind = fields.List(choice_field(LABELS["file_kind"], Kind), required=True, metadata={"label": LABELS["file_kind"]})

    @validates_schema
    def _rows(self, data: dict[str, Any], **_: Any) -> None:
        if not len(data["id"]) == len(data["order"]) == len(data["kind"]):
            raise ValidationError("每个附件都要写顺序。 → 请补上空着的顺序。", "order")


class RemoveForm(Schema):
    """Which file is taken off the list."""

    removed = fields.UUID(required=True, metadata={"label": LABELS["removed"]})

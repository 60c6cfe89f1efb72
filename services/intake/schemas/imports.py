"""What is sent to import a list of old cases, and what its columns are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.intake.domain.headings import Column
from services.intake.schemas import petition, tracking
from services.intake.schemas.fields import choice_field, text_field

COLUMNS: dict[str, Any] = {
    Column.NUMBER: _("原编号"), Column.CHANNEL: _("渠道"), Column.RECEIVED: _("收到日期"), Column.REGISTERED: _("登记日期"),
    Column.UNIT: _("承办单位"), Column.OUTCOME: _("处理结果"), Column.ANSWER: _("答复"), Column.CONCLUDED: _("办结日期"),
    Column.CLOSED: _("结案日期"), Column.SATISFIED: tracking.LABELS["satisfied"],
    **{name: petition.LABELS[name] for name in (
        Column.MATTER, Column.CATEGORY, Column.PLACE, Column.PLACE_DETAIL, Column.IDENTITY, Column.NAME, Column.PHONE, Column.ADDRESS,
        Column.EMAIL, Column.ID_NUMBER, Column.GROUP_SIZE, Column.TITLE, Column.TEXT, Column.BRIEF_TITLE, Column.BRIEF,
    )},
}  # fmt: skip
LABELS: dict[str, Any] = {
    "source": _("原系统名称"), "file": _("文件"), "old_system": _("原系统"), "old_number": _("原编号"), "old_unit": _("原承办单位"),
    "old_registered_on": _("原登记日期"), "old_outcome": _("原处理结果"), "old_answer": _("原答复"), "old_concluded_on": _("原办结日期"),
}  # fmt: skip


class UploadForm(Schema):
    """A list: the system that it comes from, and the import's own key, so that a file sent twice is one import."""

    key = fields.UUID(required=True, metadata={"label": petition.LABELS["key"]})
    source = text_field(LABELS["source"], 60, required=True)


class ActForm(Schema):
    """What is to become of an import."""

    act = choice_field(petition.LABELS["key"], ("start", "pause", "go_on", "cancel"), required=True)


class FindForm(Schema):
    """A number of an old system."""

    old_number = text_field(LABELS["old_number"], 100, required=True)


class ImportFilter(Schema):
    """Which page of a list."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))


class FaultFilter(Schema):
    """The row after which faulty rows are shown, or taken home."""

    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))

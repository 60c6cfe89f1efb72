"""What the address of a list may say, as a filter and in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.reporting.domain.statistics import Period
from services.reporting.handlers import listing
from services.reporting.handlers.listing import Filter
from services.reporting.store import SQL
from services.reporting.web import words
from services.reporting.web.dossier import organisation_names
from shared.database import UnitOfWork


class ListArguments(Schema):
    """What the address of a list may say. Days are those of Asia/Shanghai, both included."""

    queue = fields.String(validate=validate.OneOf(listing.QUEUES), metadata={"label": lazy_gettext("分组")})
    stage = fields.String(validate=validate.OneOf(words.STAGES), metadata={"label": lazy_gettext("阶段")})
    channel = fields.String(validate=validate.OneOf(words.CHANNELS), metadata={"label": lazy_gettext("渠道")})
    class_ = fields.String(data_key="class", validate=validate.OneOf(words.CLASSES), metadata={"label": lazy_gettext("件别")})
    unit = fields.String(validate=validate.Length(max=64), metadata={"label": lazy_gettext("承办单位")})
    organisation = fields.String(data_key="of", validate=validate.Length(max=64), metadata={"label": lazy_gettext("登记机关")})
    category = fields.String(validate=validate.Length(max=64), metadata={"label": lazy_gettext("类别")})
    place = fields.String(validate=validate.Length(max=64), metadata={"label": lazy_gettext("属地")})
    owner = fields.String(validate=validate.Length(max=64), metadata={"label": lazy_gettext("责任单位")})
    leader = fields.String(validate=validate.Length(max=64), metadata={"label": lazy_gettext("责任人")})
    overdue = fields.Boolean(load_default=False, metadata={"label": lazy_gettext("超期")})
    first = fields.Date(data_key="from", metadata={"label": lazy_gettext("从")})
    last = fields.Date(data_key="to", metadata={"label": lazy_gettext("到")})
    figure = fields.String(validate=validate.OneOf(listing.BEHIND), metadata={"label": lazy_gettext("指标")})
    text = fields.String(data_key="q", validate=validate.Length(max=100), metadata={"label": lazy_gettext("搜索")})
    sort = fields.String(load_default="newest", validate=validate.OneOf(listing.ORDERS), metadata={"label": lazy_gettext("排序")})
    page = fields.Integer(load_default=1, validate=validate.Range(1, 1_000_000), metadata={"label": lazy_gettext("页码")})

    @validates_schema
    def _in_order(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            raise ValidationError("截止日期早于起始日期。 → 请按先后填写日期。", "to")
        if data.get("figure") and not (data.get("first") and data.get("last")):
            raise ValidationError("按指标查看时须有起止日期。 → 请填写起止日期。", "from")


# Which words the codes of a filter have; everything else stands as it was asked, or under its name in the directory.
WORDS: dict[str, Mapping[Any, Any]] = {
    "queue": words.QUEUES, "stage": words.STAGES, "channel": words.CHANNELS, "class": words.CLASSES, "sort": words.SORTS,
    "figure": {name: label for name, (label, _) in words.DEFINED.items()},
    "overdue": {True: lazy_gettext("只看超期")},
}  # fmt: skip
OF_FILES = {"report": lazy_gettext("报告"), "form": lazy_gettext("格式")}
ORGANISATIONS = ("unit", "of", "owner")
PLACES = ("place",)


def filter_of(asked: dict[str, Any], uow: UnitOfWork) -> Filter:
    """The filter that an address describes."""
    first, last = asked.get("first"), asked.get("last")
    period = Period.of_days(first or date.min, last or date.max, uow.now) if first or last else None
    names = ("queue", *listing.NARROWED, "overdue", "figure", "text")
    return Filter(period=period, **{name: asked[name] for name in names if name in asked})


def in_address(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The address's arguments for checked ones, in what JSON knows, without the page."""
    return {name: value for name, value in ListArguments().dump(asked).items() if value and name != "page"}


def narrowing(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Those of them that differ from the list as it is opened."""
    return {name: value for name, value in in_address(asked).items() if (name, value) != ("sort", "newest")}


def names_in(uow: UnitOfWork, filters: Collection[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """What the codes in these filters are called, by argument."""
    units = organisation_names(uow)
    leaders = list({asked["leader"] for asked in filters if "leader" in asked})
    people = {row["code"]: row["name"] for row in uow.all(SQL["officials"], codes=leaders)} if leaders else {}
    return {**dict.fromkeys((*ORGANISATIONS, *PLACES), units), "leader": people}


def in_words(asked: Mapping[str, Any], named: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """A filter as a person reads it: each box of the form, in the form's order, with what was chosen in it."""
    labels = {field.data_key or name: field.metadata["label"] for name, field in ListArguments().fields.items()} | OF_FILES
    called = {**WORDS, **(named or {})}
    parts = (
        gettext("%(label)s：%(value)s", label=label, value=called.get(name, {}).get(asked[name], asked[name]))
        for name, label in labels.items()
        if name in asked
    )
    return gettext("；").join(parts)


def standing(uow: UnitOfWork, kept: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Of a kept filter what a list can still be asked for, and the labels of what names something that is no more.

    What no list understands any more is left out; who left office, and a unit that is gone, are asked for all the same: cases may be
    theirs still.
    """
    schema, good, gone = ListArguments(), dict(kept), []
    while wrong := schema.validate(good):
        bad = [name for name in good if name in wrong] or list(good)
        gone += bad
        good = {name: value for name, value in good.items() if name not in bad}
    units = organisation_names(uow)
    gone += [name for name in ORGANISATIONS if good.get(name, "-") not in {"-", *units}]
    leader = good.get("leader", "-")
    if leader != "-" and not (uow.one(SQL["leader_known"], leader=leader) or {})["known"]:
        gone.append("leader")
    labels = {field.data_key or name: str(field.metadata["label"]) for name, field in schema.fields.items()}
    return good, [labels.get(name, name) for name in gone]

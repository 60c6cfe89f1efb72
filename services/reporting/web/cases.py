"""The case list: filters in the address, counts by queue, paging, export of exactly what is listed."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from werkzeug.wrappers import Response

from services.reporting.domain.statistics import Period
from services.reporting.handlers import counting, listing
from services.reporting.handlers.exporting import note_export
from services.reporting.handlers.listing import Filter
from services.reporting.store import SQL
from services.reporting.web import words
from services.reporting.web.export import as_csv
from services.reporting.web.parts import blueprint, person, readers, sight
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import limit, local, menu

PAGE = 50
MOST_EXPORTED = 20_000
menu(blueprint, lazy_gettext("信访件"), ".cases", order=60)


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


def filter_of(asked: dict[str, Any], uow: UnitOfWork) -> Filter:
    """The filter that an address describes."""
    first, last = asked.get("first"), asked.get("last")
    period = Period.of_days(first or date.min, last or date.max, uow.now) if first or last else None
    names = ("queue", *listing.NARROWED, "overdue", "figure", "text")
    return Filter(period=period, **{name: asked[name] for name in names if name in asked})


@blueprint.get("/cases")
@readers
def cases() -> str:
    """The list."""
    asked = parse(ListArguments(), request.args)
    with unit_of_work("reporting") as uow:
        sees, only, moment = sight(uow), filter_of(asked, uow), uow.now
        counts = counting.queues(uow, sees, now=moment)
        total = counts["all"] if only == Filter() else listing.count(uow, sees, only, now=moment)
        pages = max(1, -(-total // PAGE))
        page = min(asked["page"], pages)
        rows = listing.cases(uow, sees, only, now=moment, sort=asked["sort"], limit=PAGE, offset=(page - 1) * PAGE)
        units = [(row["code"], row["name"]) for row in uow.all(SQL["units_known"])] if sees.everything else []
    for row in rows:
        row["id"] = row["case_id"]
    return render_template(
        "reporting/cases.html", rows=rows, total=total, page=page, pages=pages, tabs=_tabs(asked, counts), units=units,
        words=words, word=words.word, values=_values(), figure=asked.get("figure"), moment_now=moment,
        narrowed=bool(set(asked) - {"overdue", "sort", "page"} or asked["overdue"]), most=MOST_EXPORTED,
    )  # fmt: skip


def _tabs(asked: dict[str, Any], counts: dict[str, int]) -> list[dict[str, Any]]:
    queues = [(None, _("全部")), *((name, str(words.QUEUES[name])) for name in listing.QUEUES)]
    return [
        {
            "label": label, "href": url_for(".cases", queue=name), "current": asked.get("queue") == name,
            "count": counts.get(name or "all", 0), "tone": "bad" if name == "overdue" and counts.get(name) else "",
        }
        for name, label in queues
    ]  # fmt: skip


def _values() -> dict[str, str]:
    return {key: value.strip() for key, value in request.args.items()}


@blueprint.get("/cases.csv")
@readers
def export() -> Response:
    """Exactly the filtered list, noted among what was read in the transaction that reads it.

    Raises Refused when it is longer than can be exported at once: never a part of it.
    """
    asked = parse(ListArguments(), request.args)
    with unit_of_work("reporting") as uow:
        sees, only, moment = sight(uow), filter_of(asked, uow), uow.now
        rows = listing.cases(uow, sees, only, now=moment, sort=asked["sort"], limit=MOST_EXPORTED + 1)
        if len(rows) > MOST_EXPORTED:
            raise Refused("q", "筛选结果超过 %(most)d 件，不能一次导出。", "请缩小筛选范围后分次导出。", most=MOST_EXPORTED)
        asked_for = {name: value for name, value in ListArguments().dump(asked).items() if value and name != "page"}
        note_export(uow, person(), asked_for, [row["case_id"] for row in rows])
    head = (
        _("编号"), _("标题"), _("交办摘要"), _("渠道"), _("件别"), _("阶段"), _("轮次"), _("责任人"), _("职务"), _("承办单位"),
        _("登记时间"), _("批示时间"), _("交办时间"), _("签收时间"), _("首次回复时间"), _("办结时间"), _("结案时间"), _("期限"),
    )  # fmt: skip
    body = as_csv(head, (_line(row) for row in rows))
    name = f"cases-{local(moment):%Y%m%d-%H%M}.csv"
    return Response(body, mimetype="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _line(row: dict[str, Any]) -> list[object]:
    who = row["responsible"] or {}
    instants = (
        "registered_at",
        "reviewed_at",
        "dispatched_at",
        "received_at",
        "replied_at",
        "concluded_at",
        "closed_at",
    )
    return [
        row["number"], row["title"] or (_("保密件") if row["confidential"] else None), row["brief"], words.word(words.CHANNELS, row["channel"]),
        words.word(words.CLASSES, row["case_class"]), words.word(words.STAGES, row["stage"]), row["round"],
        who.get("name"), who.get("post"), row["responsible_unit"] or who.get("organisation"),
        *(f"{local(row[name]):%Y-%m-%d %H:%M}" if row[name] else "" for name in instants),
        limit(row["due_at"]) if row["due_at"] else "",
    ]  # fmt: skip

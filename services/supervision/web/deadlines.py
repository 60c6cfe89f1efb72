"""What is owed, and how urgently."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.supervision.handlers import listing
from services.supervision.handlers.calendar import coverage
from services.supervision.web.common import READERS, WORDS, blueprint, sight_of
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import menu
from shared.web.session import Reader, current_reader

PAGE = 50
QUEUES = {"overdue": _("已超期"), "today": _("今日到期"), "approaching": _("临近到期"), "open": _("全部未办")}


class ListArguments(Schema):
    """What the address of the list may say."""

    queue = fields.String(validate=validate.OneOf(list(QUEUES)), metadata={"label": _("分组")})
    unit = fields.String(validate=validate.Length(max=32), metadata={"label": _("承办单位")})
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000), metadata={"label": _("页码")})


def _overdue(reader: Reader) -> int | None:
    with unit_of_work("supervision") as uow:
        return listing.counts(uow, sight_of(reader), uow.now)["overdue"]


menu(blueprint, _("督办"), ".deadlines", order=30, badge=_overdue)


@blueprint.get("/deadlines")
@allow(*READERS)
def deadlines() -> ResponseReturnValue:
    """What is owed, by queue and unit; without a queue the first one, by urgency, that is not empty."""
    asked = parse(ListArguments(), request.args)
    who, unit = sight_of(current_reader()), asked.get("unit")
    with unit_of_work("supervision") as uow:
        now = uow.now
        counts = listing.counts(uow, who, now, unit)
        queue = asked.get("queue") or next((name for name in QUEUES if counts[name]), "open")
        pages = max(1, -(-counts[queue] // PAGE))
        page = min(asked["page"], pages)
        rows = listing.page(uow, who, now, queue, unit=unit, limit=PAGE, offset=(page - 1) * PAGE)
        units = listing.units(uow, who)
        left, alarm = coverage(uow)
    return render_template(
        "supervision/deadlines.html", rows=rows, counts=counts, queue=queue, queues=QUEUES, units=units, unit=unit,
        page=page, pages=pages, words=WORDS, now=now, values=dict(request.args), left=left, alarm=alarm,
    )  # fmt: skip

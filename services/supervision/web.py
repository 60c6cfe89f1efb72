"""Supervision's pages: what is owed and how urgently, and the policy in force in words."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.supervision import listing
from services.supervision.in_force import calendar_of, policy_in_force
from services.supervision.policy import Rule
from services.supervision.store import SQL
from services.supervision.working_calendar import DayKind
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import menu
from shared.web.session import Reader, current_reader

blueprint = Blueprint("supervision", __name__, template_folder="templates", url_prefix="/supervision")

PAGE = 50
READERS = (Role.SUPERVISION_OFFICE, Role.OFFICE, Role.FIRST_IN_COMMAND, Role.AUDITOR)
QUEUES = {"overdue": _("已超期"), "today": _("今日到期"), "approaching": _("临近到期"), "open": _("全部未办")}
WORDS: dict[str, dict[str, Any]] = {
    "obligations": {
        "receive": _("签收"), "objection": _("提出异议"), "progress": _("报告进展"), "reply": _("署名回复"), "conclude": _("办结"),
    },
    "classes": {"ordinary": _("一般件"), "complex": _("复杂件")},
    "parts": {"handling": _("承办"), "lead": _("牵头"), "joint": _("会办")},
    "starts": {
        "first_dispatch": _("首次交办"), "assignment": _("每次交办"), "receipt": _("签收"), "reopening": _("重新办理"),
    },
}  # fmt: skip


class ListArguments(Schema):
    """What the address of the list may say."""

    queue = fields.String(validate=validate.OneOf(list(QUEUES)), metadata={"label": _("分组")})
    unit = fields.String(validate=validate.Length(max=32), metadata={"label": _("承办单位")})
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000), metadata={"label": _("页码")})


def _sight(reader: Reader | None) -> dict[str, Any]:
    if reader is None:
        raise RuntimeError("no reader on a page that is open to readers only")
    return listing.sight(reader.official_id, {reader.org, *(post["org"] for post in reader.posts)}, reader.scope)


def _overdue(reader: Reader) -> int | None:
    with unit_of_work("supervision") as uow:
        return listing.counts(uow, _sight(reader), uow.now)["overdue"]


menu(blueprint, _("督办"), ".deadlines", order=30, badge=_overdue)
menu(blueprint, _("期限规定"), ".policy", order=80)


@blueprint.get("/deadlines")
@allow(*READERS)
def deadlines() -> ResponseReturnValue:
    """What is owed, by queue and unit; without a queue the first one, by urgency, that is not empty."""
    asked = parse(ListArguments(), request.args)
    who, unit = _sight(current_reader()), asked.get("unit")
    with unit_of_work("supervision") as uow:
        now = uow.now
        counts = listing.counts(uow, who, now, unit)
        queue = asked.get("queue") or next((name for name in QUEUES if counts[name]), "open")
        pages = max(1, -(-counts[queue] // PAGE))
        page = min(asked["page"], pages)
        rows = listing.page(uow, who, now, queue, unit=unit, limit=PAGE, offset=(page - 1) * PAGE)
        units = listing.units(uow, who)
    return render_template(
        "supervision/deadlines.html", rows=rows, counts=counts, queue=queue, queues=QUEUES, units=units, unit=unit,
        page=page, pages=pages, words=WORDS, now=now, values=dict(request.args),
    )  # fmt: skip


@blueprint.get("/policy")
@allow(*READERS)
def policy() -> ResponseReturnValue:
    """The limits in force, in words, with what each rests on, and how far the working calendar reaches."""
    with unit_of_work("supervision") as uow:
        current, calendar = policy_in_force(uow), calendar_of(uow)
        since = uow.all(SQL["policy_in_force"])
    return render_template(
        "supervision/policy.html", policy=current, calendar=calendar, since=since[0]["since"] if since else None,
        words=WORDS, limit=_limit,
    )  # fmt: skip


def _limit(rule: Rule) -> str:
    if rule.days is None:
        return gettext("随办结期限")
    if rule.kind is DayKind.WORKING:
        return ngettext("%(num)d 个工作日", "%(num)d 个工作日", rule.days)
    return ngettext("%(num)d 日", "%(num)d 日", rule.days)

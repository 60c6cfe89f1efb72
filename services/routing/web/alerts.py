"""我的提醒: what the reader was told and what was sent of it, how he wants to be told, and what could not be delivered."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext, lazy_gettext
from marshmallow import Schema, fields

from services.routing.domain import alerts as domain
from services.routing.handlers import contacts, gathering
from services.routing.web.accounts import EVERYBODY
from services.routing.web.common import blueprint, opens, problem, reader, seen, site, status_of
from services.routing.web.review import badge
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu

Row = dict[str, Any]
KEEPERS = (Role.OFFICE, Role.ADMINISTRATOR)  # they mend addresses


class ChoiceForm(Schema):
    """What is ticked is wanted."""

    mail = fields.Boolean(load_default=False)
    webhook = fields.Boolean(load_default=False)
    digest = fields.Boolean(load_default=False)


@blueprint.get("/routing/alerts")
@allow(*EVERYBODY)
def alerts() -> ResponseReturnValue:
    """What the reader was told, what others left unread that he was told of, and how he is told."""
    return _page({})


def _page(more: Row) -> str:
    with unit_of_work("routing") as uow:
        rows, raised = seen(uow, "alerts_of"), seen(uow, "alerts_raised")
        contact = gathering.contact_of(uow, reader().official_id)
    telling = site().telling
    rows = [row | {"says": _says(row), "sent": _sent(row)} for row in rows]
    return render_template(
        "routing/alerts.html", rows=rows, raised=[row | {"says": _says(row)} for row in raised],
        contact=contact, habits=telling.habits, webhook=telling.webhook is not None, keeper=reader().may(*KEEPERS), **more,
    )  # fmt: skip


def _sent(row: Row) -> list[Row]:
    return [one | {"at": datetime.fromisoformat(one["at"])} for one in row["sent"]]


def _says(row: Row) -> str:
    zh, en = domain.words(row["kind"], "", row.get("figures", {}))
    return zh if get_locale().language == "zh" else en


@blueprint.get("/routing/alerts/<uuid:alert_id>")
@allow(*EVERYBODY)
def alert(alert_id: UUID) -> ResponseReturnValue:
    """To the page that it is about; with that it is read."""
    with unit_of_work("routing") as uow:
        found = seen(uow, "alert_seen", alert=alert_id)
        if not found:
            raise NotFound("alert", "没有找到该条提醒。", "请从“我的提醒”中打开。")
        gathering.read(uow, alert_id)
    path = page_of(found[0])
    return redirect(path if opens(path) else url_for("routing.alerts"), 303)


def page_of(row: Row) -> str:
    """The page that an alert is about."""
    kind, case_id, about = row["kind"], row["case_id"], row["about"]
    if kind == "waiting":
        return url_for("routing.review" if reader().may(Role.FIRST_IN_COMMAND) else "routing.replies")
    elsewhere = {
        "charge_proposed": f"/supervision/cases/{case_id}/charge", "charge_taken": f"/supervision/charges/{about}",
        "review_assigned": f"/followup/reviews/{about}", "unread": url_for("routing.alerts") + "#raised",
    }  # fmt: skip
    if kind in elsewhere:
        return elsewhere[kind]
    if kind in domain.OF_REVIEW:
        return "/followup/reviews"
    if kind in domain.SUPERVISED or about is None:
        return url_for("routing.assignments")
    return url_for("routing.assignment", assignment_id=about)


@blueprint.post("/routing/alerts/choice")
@allow(*EVERYBODY)
def choose_alerts() -> ResponseReturnValue:
    """How the reader wants to be told, within what the county leaves to him."""
    try:
        form, habits = parse(ChoiceForm(), request.form), site().telling.habits
        with unit_of_work("routing") as uow:
            contacts.choose(
                uow, reader().official_id, mail_on=form["mail"], webhook_on=form["webhook"], digest=form["digest"],
                may_switch_off=habits.may_switch_off,
            )  # fmt: skip
    except (BadInput, Refused) as fault:
        return _page(problem(fault)), status_of(fault)
    flash(gettext("提醒方式已保存。"))
    return redirect(url_for("routing.alerts"), 303)


@blueprint.get("/routing/alerts/undelivered")
@allow(*KEEPERS)
def undelivered_alerts() -> ResponseReturnValue:
    """Who is told in vain, and why; who could not be told at all."""
    with unit_of_work("routing") as uow:
        failed, unreachable = seen(uow, "undelivered"), seen(uow, "unreachable")
    return render_template("routing/alerts_undelivered.html", failed=failed, unreachable=unreachable)


menu(
    blueprint,
    lazy_gettext("我的提醒"),
    ".alerts",
    order=24,
    badge=badge("alerts_unread_count"),
    also=(".undelivered_alerts",),
)

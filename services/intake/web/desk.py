"""The clerk's desk: what waits, with counts, and every petition by filter."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from services.intake.domain import notices
from services.intake.domain.submission import CHINA, Channel
from services.intake.handlers import drafts
from services.intake.handlers.looking import Desk, case_of_number, counts, desk, repeats
from services.intake.handlers.today import today
from services.intake.schemas.casework import DeskFilter
from services.intake.web.common import EDITORS, PAGE, blueprint, category_groups, places, site, viewer, viewer_of
from services.intake.workflow import Stage
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import menu
from shared.web.session import Reader

NUMBER = re.compile(r"(?<![\w-])\d{6,12}-\d{4}-\d{6,}(?![\w-])", re.ASCII)


def _waiting(reader: Reader) -> int:
    with unit_of_work("intake") as uow:
        return sum(counts(uow, viewer_of(reader)).values())


menu(blueprint, _("登记台"), ".desk_page", order=10, badge=_waiting)


@blueprint.get("/intake/desk")
@allow(*EDITORS)
def desk_page() -> ResponseReturnValue:
    """Queues with counts, filters in the address. A whole number, typed or read from a slip by a scanner, opens its case."""
    wanted = parse(DeskFilter(), request.args)
    if number := NUMBER.search(wanted["q"]):
        with unit_of_work("intake") as uow:
            case_id = case_of_number(uow, viewer(), number[0])
        if case_id is not None:
            return redirect(url_for("intake.petition_page", case_id=case_id))
    sought = Desk(**wanted | {"since": _midnight(wanted["since"], 0), "until": _midnight(wanted["until"], 1)}, size=PAGE)
    with unit_of_work("intake") as uow:
        rows, total = desk(uow, viewer(), sought)
        for row in rows:
            row |= _owed(row, uow.now)
        return render_template(
            "intake/desk.html", rows=rows, total=total, counts=counts(uow, viewer()), drafts=drafts.count(uow, viewer()), wanted=wanted,
            values=request.args.to_dict(), repeats=repeats(uow, viewer()), today=today(uow, viewer(), site().telephone.lines),
            narrowed=sum(bool(value) for name, value in wanted.items() if name not in ("queue", "page")),
            pages=-(-total // PAGE), places=places(uow), channels=list(Channel), stages=list(Stage), categories=category_groups(uow),
        )  # fmt: skip


def _owed(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """When the petitioner must know of the acceptance, while that is owed."""
    if row["accepted_at"] or row["stage"] not in (Stage.REGISTERED, Stage.HANDLING):
        return {"notice_due": None}
    received = row["received_at"]
    return {"notice_due": notices.due(received), "tell_at_once": notices.on_the_spot(Channel(row["channel"]), received, now)}


def _midnight(day: date | None, later: int) -> datetime | None:
    if day is None or not 1900 < day.year < 2200:
        return None
    return datetime.combine(day, time(), CHINA) + timedelta(days=later)

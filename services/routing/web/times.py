"""What "zero time difference" comes to: how long cases took from registration to review, dispatch and receipt (M6)."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from services.routing.web.common import blueprint, seen
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.frame import menu

BACK = timedelta(weeks=26)


@blueprint.get("/routing/times")
@allow(Role.FIRST_IN_COMMAND, Role.OFFICE, Role.SUPERVISION_OFFICE, Role.AUDITOR)
def times() -> ResponseReturnValue:
    """By week of registration for half a year, and over all of it: median, nine out of ten, longest."""
    with unit_of_work("routing") as uow:
        rows = seen(uow, "times", since=uow.now - BACK)
    return render_template("routing/times.html", rows=[row for row in rows if row["cases"]])


def span(seconds: float | None) -> str:
    """A span in the two units that tell it, as `3 天 4 小时`; a dash for none."""
    if seconds is None:
        return "—"
    whole = round(seconds)
    for size, below, words in ((86400, 3600, gettext("%(a)d 天 %(b)d 小时")), (3600, 60, gettext("%(a)d 小时 %(b)d 分"))):
        if whole >= size:
            return words % {"a": whole // size, "b": whole % size // below}
    if whole >= 60:
        return gettext("%(a)d 分 %(b)d 秒") % {"a": whole // 60, "b": whole % 60}
    return gettext("%(num)d 秒", num=whole)


blueprint.add_app_template_filter(span, "span")
menu(blueprint, lazy_gettext("批阅用时"), ".times", order=84)

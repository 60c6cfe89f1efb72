"""The auditor's pages: what the guard refused, and who opened which case (decision 5: what was read before a bar is known)."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from services.routing.web.common import blueprint, seen
from services.routing.web.forms import AuditFilter
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import menu

PAGE = 50


@blueprint.get("/routing/refused-tries")
@allow(Role.AUDITOR)
def refused_tries() -> ResponseReturnValue:
    """Who tried to give a case to whom it is kept from, or to get at one that is kept from himself."""
    return log_page("refused_tries")


@blueprint.get("/routing/readings")
@allow(Role.AUDITOR)
def readings() -> ResponseReturnValue:
    """Who opened which case, and who of them is barred from it by now (`?barred=true`)."""
    return log_page("readings", only_barred=request.args.get("barred") == "true")


def log_page(name: str, **more: Any) -> ResponseReturnValue:
    """A page of a log, narrowed by case and official."""
    wanted = parse(AuditFilter(), request.args)
    page = wanted.pop("page")
    with unit_of_work("routing") as uow:
        rows = seen(uow, name, size=PAGE, offset=(page - 1) * PAGE, **wanted, **more)
    total = rows[0]["total"] if rows else 0
    return render_template(
        f"routing/{name}.html", rows=rows, total=total, page=page, pages=-(-total // PAGE), values=request.args.to_dict()
    )


menu(blueprint, lazy_gettext("拦截记录"), ".refused_tries", order=58)
menu(blueprint, lazy_gettext("阅件记录"), ".readings", order=58)

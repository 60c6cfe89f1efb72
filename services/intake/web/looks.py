"""The auditor's page: who looked at which petition's text or identity, when and what for."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from services.intake.handlers.looking import looks
from services.intake.schemas.casework import LookFilter
from services.intake.web.common import PAGE, blueprint, viewer
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import menu

menu(blueprint, _("查阅记录"), ".looks_page", order=60)


@blueprint.get("/intake/looks")
@allow(Role.AUDITOR)
def looks_page() -> ResponseReturnValue:
    """A page of the log; filters stand in the address. It tells who looked, and nothing of what was seen."""
    wanted = parse(LookFilter(), request.args)
    with unit_of_work("intake") as uow:
        rows, total = looks(uow, viewer(), size=PAGE, **wanted)
    return render_template(
        "intake/looks.html", rows=rows, total=total, wanted=wanted, values=request.args.to_dict(), pages=-(-total // PAGE)
    )

"""The notice of acceptance (art. 23) on paper: for the clerk who hands it over, and for the petitioner."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from services.intake.handlers import notices
from services.intake.handlers.casework import case_of_code
from services.intake.handlers.notices import Notice
from services.intake.schemas.tracking import TrackForm
from services.intake.web.common import EDITORS, blueprint, drawn_again, public_rate, vault, viewer
from services.intake.web.track import ask
from shared.errors import Refused
from shared.web.access import allow, public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.get("/intake/petitions/<uuid:case_id>/notice")
@allow(*EDITORS)
def notice_page(case_id: UUID) -> ResponseReturnValue:
    """The notice without a name, and the button that fills it in."""
    with unit_of_work("intake") as uow:
        return _draw(notices.preview(uow, case_id, viewer()), for_staff=True)


@blueprint.post("/intake/petitions/<uuid:case_id>/notice")
@allow(*EDITORS)
def addressed_notice(case_id: UUID) -> ResponseReturnValue:
    """The notice with name and address; the look is logged."""
    with unit_of_work("intake") as uow:
        return _draw(notices.addressed(uow, vault(), case_id, viewer()), for_staff=True, addressed=True)


@blueprint.post("/track/notice")
@public
@limiter.limit(public_rate)
def tracked_notice() -> ResponseReturnValue:
    """The notice for whoever has number and code; it names nobody."""
    try:
        known = parse(TrackForm(), request.form)
        with unit_of_work("intake") as uow:
            found = notices.of_petitioner(uow, case_of_code(uow, number=known["number"], code=known["code"]))
    except (BadInput, Refused) as fault:
        return drawn_again(fault, ask)
    return _draw(found)


def _draw(notice: Notice, *, for_staff: bool = False, addressed: bool = False) -> str:
    return render_template("intake/notice.html", case=notice.case, to=notice.to, for_staff=for_staff, addressed=addressed)

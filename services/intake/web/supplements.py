"""What the petitioner adds on the tracking page, and the clerk who takes it up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.intake.handlers import attachments, supplements
from services.intake.schemas.casework import TakeUpForm
from services.intake.schemas.tracking import SupplementForm
from services.intake.web.common import EDITORS, blueprint, cabinet, vault, viewer
from services.intake.web.track import act_on_case
from services.intake.web.uploads import files_rate, taken_in, takes_files
from shared.database import UnitOfWork
from shared.web.access import allow, public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import parse


@blueprint.post("/track/supplement")
@takes_files
@public
@limiter.limit(files_rate)
def add_supplement() -> ResponseReturnValue:
    """The petitioner adds something, with files if there are any; the same form sent twice adds it once."""

    def act(uow: UnitOfWork, case_id: UUID, data: dict[str, Any]) -> str:
        files = data["files"]
        if supplements.add(uow, vault(), case_id, data["supplement"], key=data["supplement_key"], files=files):
            attachments.add(uow, cabinet().store, vault(), case_id, files, by=None)
        return gettext("补充材料已收到，工作人员会尽快处理。")

    return act_on_case(SupplementForm(), act, before=lambda: {"files": taken_in()})


@blueprint.post("/intake/petitions/<uuid:case_id>/supplements")
@allow(*EDITORS)
def take_up_supplements(case_id: UUID) -> ResponseReturnValue:
    """What was added calls for no other brief; what came meanwhile goes on waiting."""
    data = parse(TakeUpForm(), request.form)
    with unit_of_work("intake") as uow:
        supplements.take_up(uow, case_id, viewer(), ids=data["taken_up"])
    flash(gettext("补充材料已记为处理过。"))
    return redirect(url_for("intake.petition_page", case_id=case_id), 303)

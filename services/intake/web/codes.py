"""A lost secret code is replaced at the counter, and printed on a slip."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import render_template, request
from flask.typing import ResponseReturnValue

from services.intake.handlers import looking
from services.intake.handlers.casework import relatives
from services.intake.handlers.codes import replace_code
from services.intake.schemas.casework import NewCodeForm
from services.intake.web.common import EDITORS, blueprint, drawn_again, vault, viewer
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.get("/intake/petitions/<uuid:case_id>/code")
@allow(*EDITORS)
def code_form(case_id: UUID) -> ResponseReturnValue:
    """What has to be done before there is a new code, and the form that gives one."""
    return _draw(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/code")
@allow(*EDITORS)
def replace(case_id: UUID) -> ResponseReturnValue:
    """The slip with the new code; the same one when the form is sent again."""
    try:
        data = parse(NewCodeForm(), request.form)
        with unit_of_work("intake") as uow:
            receipt = replace_code(uow, vault(), case_id, viewer(), key=data["key"])
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context))
    return render_template("intake/code_slip.html", receipt=receipt), 201


def _draw(case_id: UUID, **context: Any) -> str:
    with unit_of_work("intake") as uow:
        case = looking.identifiable(uow, case_id, viewer())
        several = len(relatives(uow, [case_id])) > 1
    return render_template("intake/code.html", case=case, several=several, key=uuid4(), **context)

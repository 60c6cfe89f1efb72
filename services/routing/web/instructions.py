"""An instruction to read by itself: on paper, with all that it says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from services.routing import handlers, store
from services.routing.web.accounts import EVERYBODY
from services.routing.web.assignments import organisations_of
from services.routing.web.case_view import rounds_of
from services.routing.web.common import blueprint, check_readable, log, reader, seen_one
from services.routing.web.verification import RECORD
from shared.database import UnitOfWork
from shared.errors import NotFound
from shared.web.access import allow
from shared.web.databases import unit_of_work


def instruction_seen(uow: UnitOfWork, instruction_id: UUID) -> dict[str, Any]:
    """An instruction to read: by whoever keeps the record, whoever it was given to, and his unit while that stands; of a confidential
    one by the persons responsible, the first-in-command and the office alone. Raises NotFound, Forbidden, and logs the try.
    """
    row, me = seen_one(uow, "instruction_seen", instruction=instruction_id), reader()
    units = organisations_of(store.directory(uow))
    given = any(one["official"] == me.official_id or one["organisation"] in units for one in row["given_to"])
    if not (given or me.may(*RECORD) or handlers.standing_in(uow, me.official_id)):
        log.warning("not theirs: instruction %s %s", instruction_id, me.official_id)
        raise NotFound("instruction", "没有找到该批示。", "请核对后重试。")
    check_readable(row)
    return row


@blueprint.get("/routing/instructions/<uuid:instruction_id>/print")
@allow(*EVERYBODY)
def print_instruction(instruction_id: UUID) -> ResponseReturnValue:
    """The instruction on A4."""
    with unit_of_work("routing") as uow:
        row = instruction_seen(uow, instruction_id)
        shown = next(one for one in rounds_of(uow, row["case_id"]) if one["id"] == instruction_id)
        names = {code: one.name for code, one in store.directory(uow).organisations.items()}
        store.note_reading(uow, row["case_id"], reader().official_id)
    issuer = names.get(row["origin"], row["origin"])
    return render_template(
        "routing/instruction_print.html", instruction=shown, number=row["number"], title=row["title"], issuer=issuer
    )

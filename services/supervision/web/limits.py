"""Why the limits of a case fall when they do: step by step, for whoever supervises it and for whoever has to meet them."""

from __future__ import annotations

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from services.supervision.handlers import listing
from services.supervision.handlers.explaining import explained
from services.supervision.web.common import READERS, WORDS, blueprint, reader_now, sight_of, tongue
from services.supervision.wording import sentences
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work

HOLDERS = (Role.LEADER, Role.UNIT_HEAD, Role.OFFICER)


@blueprint.get("/cases/<uuid:case_id>/limits")
@allow(*READERS, *HOLDERS)
def limits(case_id: UUID) -> ResponseReturnValue:
    """Every limit of a case with its reckoning. Who only holds assignments sees his own and his organisations'."""
    reader = reader_now()
    who = sight_of(reader)
    if not reader.may(*READERS):
        who = listing.sight(reader.official_id, who["posts"], who["posts"])
    with unit_of_work("supervision") as uow:
        case, found = explained(uow, case_id, who)
        now = uow.now
    shown = [
        {
            "deadline": one.deadline, "sentences": sentences([step for step in one.steps if step.kind != "due"], tongue()),
            "result": sentences([step for step in one.steps if step.kind == "due"], tongue()), "days": one.days,
        }
        for one in found
    ]  # fmt: skip
    return render_template("supervision/limits.html", case=case, limits=shown, words=WORDS, now=now)

"""Handwriting and dictation beside an instruction, on the pages: handed in, looked at, and who looked."""

from __future__ import annotations

import io
from uuid import UUID

from flask import send_file
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from services.routing.handlers import enclosures
from services.routing.web.accounts import EVERYBODY
from services.routing.web.auditing import log_page
from services.routing.web.common import blueprint, log, reader, seen_one
from services.routing.web.instructions import instruction_seen
from shared.errors import NotFound
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.frame import menu

MIME = {
    "jpeg": "image/jpeg", "m4a": "audio/mp4", "mp3": "audio/mpeg", "ogg": "audio/ogg", "wav": "audio/wav", "webm": "audio/webm",
    "amr": "audio/amr", "3gp": "audio/3gpp", "aac": "audio/aac",
}  # fmt: skip


@blueprint.get("/routing/enclosures/<uuid:enclosure_id>")
@allow(*EVERYBODY)
def enclosure(enclosure_id: UUID) -> ResponseReturnValue:
    """One of them, to whoever may read the instruction, and the look is noted; one that waits is its author's alone."""
    me = reader().official_id
    with unit_of_work("routing") as uow:
        row = seen_one(uow, "enclosure_seen", enclosure=enclosure_id)
        if row["instruction_id"] is not None:
            instruction_seen(uow, row["instruction_id"])
            enclosures.note_look(uow, enclosure_id, me)
        elif row["official"] != me:
            log.warning("not theirs: enclosure %s %s", enclosure_id, me)
            raise NotFound("enclosures", "没有找到该附件。", "请核对后重试。")
    name = row["name"] or f"{row['kind']}.{row['form']}"
    return send_file(io.BytesIO(bytes(row["content"])), mimetype=MIME[row["form"]], download_name=name, max_age=0)


@blueprint.get("/routing/enclosure-looks")
@allow(Role.AUDITOR)
def enclosure_looks() -> ResponseReturnValue:
    """Who looked at which handwriting or dictation."""
    return log_page("enclosure_looks")


menu(blueprint, lazy_gettext("批示附件查看记录"), ".enclosure_looks", order=58)

"""Files that come with a form: how large it may be, known before anything reads it; meanwhile they stand in memory and on no disk.

Those of an instruction are kept before its form is looked at, so that a form that is refused loses none.
"""

from __future__ import annotations

import io
from typing import IO, Any
from uuid import UUID

from flask import current_app, request

from services.routing.domain import scans
from services.routing.domain.enclosures import TOGETHER
from services.routing.handlers import check_reviewer, enclosures
from services.routing.web.common import blueprint, reader
from shared.web.databases import unit_of_work

WORDS = 2**20  # bytes of a form beside its files
ROOM = {"routing.reply": scans.LARGEST, "routing.instruct": TOGETHER}


@blueprint.url_value_preprocessor
def make_room(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Before anything reads the form."""
    if request.method == "POST" and endpoint in ROOM:
        most = current_app.config["MAX_CONTENT_LENGTH"] or 0
        room = ROOM[endpoint] + WORDS
        request.max_content_length = min(most, room) if most else room
        request._get_file_stream = _in_memory  # type: ignore[method-assign]


def _in_memory(*_sizes: Any, **_named: Any) -> IO[bytes]:
    return io.BytesIO()


def sent(field: str) -> list[bytes]:
    """The files of one box of the form."""
    return [file.read() for file in request.files.getlist(field) if file.filename]


def handed_in(case_id: UUID) -> list[str]:
    """Keep what came with the form, whatever becomes of it; what the form ticked and what has just come. Raises Refused, Forbidden."""
    me, ticked, contents = reader().official_id, ticked_ones(), sent("files")
    if not contents:
        return ticked
    with unit_of_work("routing") as uow:  # nothing is decoded for who may not instruct
        check_reviewer(uow, me)
        before = {row["id"] for row in enclosures.waiting(uow, case_id, me)}
    found = enclosures.prepare(contents)
    with unit_of_work("routing") as uow:
        kept = enclosures.keep(uow, case_id, me, found)
    return [str(key) for key in kept if str(key) in ticked or key not in before]


def ticked_ones() -> list[str]:
    """Those that the form ticked of what was handed in before."""
    return request.form.getlist("enclosures")

"""Recordings of calls: taken in from the telephone system, and opened by staff for a purpose."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.intake.domain.attachment import Kind
from services.intake.domain.submission import Purpose
from services.intake.domain.viewing import OPENERS
from services.intake.files import sniffing
from services.intake.handlers.attachments import prepare
from services.intake.handlers.recordings import keep_recording, read_recording
from services.intake.metrics import record_telephone
from services.intake.schemas.attachments import ViewForm
from services.intake.schemas.telephone import TakenSchema
from services.intake.web.api import api
from services.intake.web.common import blueprint, cabinet, explained, vault, viewer
from services.intake.web.telephone import SIGNED, answer, signed_line, telephone_rate
from services.intake.web.uploads import make_room, received, takes_files
from shared.errors import Refused
from shared.web.access import accepts, allow, public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, ProblemSchema, parse

LONGEST_CALL_ID = 200
BODY = {
    "schema": {
        "type": "object", "required": ["call_id", "file"],
        "properties": {"call_id": {"type": "string", "maxLength": LONGEST_CALL_ID}, "file": {"type": "string", "format": "binary"}},
    }
}  # fmt: skip
api.url_value_preprocessor(make_room)


@api.route("/telephone/<line>/recordings", methods=["POST"])
@api.doc(requestBody={"required": True, "content": {"multipart/form-data": BODY}}, parameters=[SIGNED])
@api.alt_response(200, schema=TakenSchema, description="Taken, now or before.")
@api.alt_response(401, schema=ProblemSchema, description="The signature is missing, wrong, or older than five minutes.")
@takes_files
@accepts("multipart/form-data")
@limiter.limit(telephone_rate)
@public
def telephone_recording(line: str) -> tuple[dict[str, Any], int]:
    """Send the recording of a call, before or after what is told of it.

    Signed is not the body but `<call_id>.<SHA-256 of the file as hex>`. The call's id is a field: it may be the caller's number, and
    addresses stand in logs.
    """
    call_id = request.form.get("call_id", "")
    uploads = received("file")
    content = uploads[0].content if uploads else b""
    signed_line(line, f"{call_id}.{hashlib.sha256(content).hexdigest()}".encode())
    try:
        if not 1 <= len(call_id) <= LONGEST_CALL_ID:
            raise Refused(
                "call_id",
                "通话编号必填，最多 %(max)s 个字符。",
                "请以 multipart/form-data 的 call_id 部分发送。",
                max=LONGEST_CALL_ID,
            )
        if len(uploads) != 1:
            raise Refused("file", "须有一个录音文件。", "请以 multipart/form-data 的 file 部分发送。")
        [file] = prepare(cabinet(), uploads)
        if file.kind is not Kind.RECORDING:
            raise Refused("file", "这不是录音文件。", "请发送 mp3、wav、amr、ogg、m4a 或 aac 格式的录音。")
    except Refused as fault:
        raise explained(fault) from fault
    with unit_of_work("intake") as uow:
        again = keep_recording(uow, cabinet().store, vault(), line, call_id, file)
    record_telephone("repeat" if again else "taken")
    return answer(again)


@blueprint.post("/intake/calls/<uuid:call_id>/recordings/<uuid:recording_id>")
@allow(*OPENERS)
def open_recording(call_id: UUID, recording_id: UUID) -> ResponseReturnValue:
    """The recording of a call that became no case, as a download, for a purpose that is logged."""
    try:
        purpose = Purpose(parse(ViewForm(), request.form)["purpose"])
        with unit_of_work("intake") as uow:
            form, content = read_recording(uow, vault(), call_id, recording_id, viewer(), purpose=purpose)
    except (BadInput, Refused) as fault:
        bad = explained(fault)
        flash(f"{bad.errors[0]['rule']}{bad.errors[0]['remedy']}", "bad")
        return redirect(url_for("intake.call_page", call_id=call_id), 303)
    response = Response(content, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{recording_id}{sniffing.ending(form, macros=False)}"'
    return response

"""The resource by which telephone systems report calls: signed, and each message counts once."""

from __future__ import annotations

from typing import Any

from flask import abort, request

from services.intake.domain.call_reports import LARGEST, message_of
from services.intake.handlers.telephone import keep_message, take
from services.intake.mail.reading import Unreadable
from services.intake.metrics import record_telephone
from services.intake.schemas.telephone import MessageSchema, TakenSchema
from services.intake.site.telephone import Line
from services.intake.web.api import api
from services.intake.web.common import explained, site, vault
from services.intake.web.signing import check_signed
from shared.errors import NotFound, Refused
from shared.signed import HEADER
from shared.web.access import public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, ProblemSchema, parse

MESSAGE = MessageSchema()
SIGNED = {
    "in": "header", "name": HEADER, "required": True, "schema": {"type": "string"},
    "description": "t=<seconds of the epoch>,v1=<HMAC-SHA256 as hex>; see docs/telephone.md.",
}  # fmt: skip


def telephone_rate() -> str:
    """How many messages one address may send."""
    return site().telephone.rate


@api.route("/telephone/<line>", methods=["POST"])
@api.doc(requestBody={"required": True, "content": {"application/json": {"schema": MessageSchema}}}, parameters=[SIGNED])
@api.alt_response(200, schema=TakenSchema, description="Taken, now or before.")
@api.alt_response(202, schema=TakenSchema, description="Not understood; kept for a clerk. Do not send it again.")
@api.alt_response(401, schema=ProblemSchema, description="The signature is missing, wrong, or older than five minutes.")
@limiter.limit(telephone_rate)
@public
def telephone_message(line: str) -> tuple[dict[str, Any], int]:
    """Report what happens to a call.

    Messages may come late, twice and in any order. What is signed and cannot be used is kept for a clerk, also after 422.
    """
    raw = request.get_data()
    if len(raw) > LARGEST:
        abort(413)
    signed_line(line, raw)
    body: Any = request.get_json(silent=True)
    try:
        data = parse(MESSAGE, body)
        message = message_of({name: "" if value is None else value for name, value in data.items()}, body)
        with unit_of_work("intake") as uow:
            again = take(uow, vault(), line, message, raw, site().telephone.limits)
    except Unreadable as fault:
        return _kept(raw, fault.reason)
    except (BadInput, Refused) as fault:
        _kept(raw, "malformed")
        raise explained(fault) from fault
    record_telephone("repeat" if again else "taken")
    return answer(again)


def answer(again: bool) -> tuple[dict[str, Any], int]:
    """What a telephone system is told after the commit."""
    return {"taken": True, "again": again}, 200


def _kept(raw: bytes, reason: str) -> tuple[dict[str, Any], int]:
    with unit_of_work("intake") as uow:
        again = keep_message(uow, vault(), raw, reason)
    record_telephone("unread")
    return {"taken": False, "again": again, "kept": True}, 202


def signed_line(line: str, payload: bytes) -> Line:
    """The line. Raises NotFound when no telephone system reports to it, and BadInput (401) unless this request is signed for it."""
    known = site().telephone.lines.get(line)
    if known is None or not known.secrets.files:
        raise NotFound("line", "没有“%(line)s”这条线路，或它没有配置密钥。", "请核对地址中的线路代码。", line=line)
    check_signed(payload, known.secrets.read())
    return known

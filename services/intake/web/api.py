"""The resource by which another system submits a petition."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask_smorest import Blueprint

from services.intake.domain.submission import Channel
from services.intake.handlers.registration import register
from services.intake.schemas.petition import KeyHeader, PetitionSchema, ReceiptSchema
from services.intake.web.common import public_rate, registered, submitted, vault
from shared.contract.envelope import instant
from shared.web.access import public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import ProblemSchema, parse

KEY = "Idempotency-Key"
BODY, HEADER = PetitionSchema(), KeyHeader()
api = Blueprint("intake-api", __name__, url_prefix="/api/intake", description="Petitions")


@api.route("/petitions", methods=["POST"])
@api.doc(
    requestBody={"required": True, "content": {"application/json": {"schema": PetitionSchema}}},
    parameters=[
        {
            "in": "header", "name": KEY, "required": True, "schema": {"type": "string", "format": "uuid"},
            "description": "New for each petition; a retry sends the same one.",
        }
    ],
)  # fmt: skip
@api.alt_response(201, schema=ReceiptSchema, description="Registered, now or at an earlier try.")
@api.alt_response(409, schema=ProblemSchema, description="The key was used for another content; nothing was registered.")
@limiter.limit(public_rate)
@public
def submit() -> tuple[dict[str, Any], int]:
    """Register a petition.

    The same Idempotency-Key with the same content answers with the same receipt; with another content 409.
    """
    # Parsed by hand: the library's own way costs a fifth of a registration's time in the web process.
    body = parse(BODY, request.get_json())
    key = _key(request.headers.get(KEY))
    with unit_of_work("intake") as uow:
        receipt = register(uow, vault(), submitted(uow, body, Channel.POST), key=key)
    registered(receipt, Channel.POST)
    return {"number": receipt.number, "code": receipt.code, "registered_at": instant(receipt.registered_at)}, 201


def _key(sent: str | None) -> UUID:
    """The submission's key. Raises BadInput, as every schema does."""
    try:
        return UUID(sent)
    except (ValueError, TypeError):  # the schema says what is wrong with it, or with its absence
        found: UUID = parse(HEADER, {} if sent is None else {KEY: sent})["key"]
        return found

"""The resource by which another system submits a petition."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from services.intake.domain.submission import Channel
from services.intake.handlers.registration import Receipt, register
from services.intake.metrics import record_registration
from services.intake.schemas import KeyHeader, PetitionSchema, ReceiptSchema, submission
from services.intake.web.common import public_rate, vault
from shared.web.access import public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.frame import language

api = Blueprint("intake-api", __name__, url_prefix="/api/intake", description="Petitions")


@public
@api.route("/petitions")
class Petitions(MethodView):
    """Petitions, as anybody submits them."""

    decorators = [limiter.limit(public_rate)]

    @api.arguments(KeyHeader(), location="headers")
    @api.arguments(PetitionSchema())
    @api.response(201, ReceiptSchema())
    def post(self, headers: dict[str, Any], body: dict[str, Any]) -> Receipt:
        """Register a petition.

        The same Idempotency-Key with the same content answers with the same receipt; with another content 409.
        """
        with unit_of_work("intake") as uow:
            receipt = register(uow, vault(), submission(body, Channel.POST, language=language()), key=headers["key"])
        if not receipt.again:
            record_registration(Channel.POST)
        return receipt

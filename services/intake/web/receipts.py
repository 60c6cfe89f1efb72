"""What a clerk sees when a petition was registered, by whatever channel: its receipt, and what it may be a repeat of."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template
from flask.typing import ResponseReturnValue

from services.intake.domain.submission import Channel
from services.intake.handlers.attachments import Prepared
from services.intake.handlers.likeness import suggest
from services.intake.handlers.looking import open_petition
from services.intake.handlers.registration import Receipt
from services.intake.web.common import registered, vault, viewer
from shared.web.databases import unit_of_work


def clerks_receipt(receipt: Receipt, channel: Channel, files: Sequence[Prepared] = ()) -> ResponseReturnValue:
    """The receipt, while the petitioner is still at the counter or on the line."""
    registered(receipt, channel)
    with unit_of_work("intake") as uow:
        case, identifies = open_petition(uow, receipt.case_id, viewer())
        suggestions = suggest(uow, vault(), case, viewer(), identifies=identifies)
    return render_template("intake/receipt.html", receipt=receipt, channel=channel, files=files, suggestions=suggestions), 201

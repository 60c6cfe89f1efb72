"""What the guard refuses on these pages is kept, whichever page met it and however it answered."""

from __future__ import annotations

from flask import Response

from services.routing.handlers import tries
from services.routing.web.common import blueprint, log
from shared.errors import Unavailable
from shared.web.databases import unit_of_work


@blueprint.before_request
def begin() -> None:
    """Gather the refusals of this request."""
    tries.begin()


@blueprint.after_request
def keep(response: Response) -> Response:
    """Keep them. A database that is away costs the record, which the log has too, never the answer."""
    if met := tries.gathered():
        try:
            with unit_of_work("routing") as uow:
                tries.keep(uow, met)
        except Unavailable:
            log.exception("refused tries were not kept")
    return response

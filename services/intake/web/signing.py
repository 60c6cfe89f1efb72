"""What other systems sign: the request is theirs, or it is answered 401."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request

from services.intake.vault.signed import check_signature
from services.intake.web.common import explained
from shared.errors import Refused
from shared.signed import HEADER, addressed
from shared.web.forms import BadInput
from shared.web.session import web


def check_signed(payload: bytes, secrets: Sequence[bytes]) -> None:
    """Raises BadInput (401) unless this request is signed for its path and the payload by one of the secrets."""
    try:
        check_signature(request.headers.get(HEADER), addressed(request.path, payload), secrets, web.real_now())
    except Refused as fault:
        raise BadInput(explained(fault).errors, status=401) from fault

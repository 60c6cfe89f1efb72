"""What a telephone system sends: signed, so that nobody else can; read with nothing trusted.

The signature is that of `signed`, by the line's secret. Of a recording not the body is signed but `<call id>.<SHA-256 of the file>`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.intake.domain import masks

KNOWN = frozenset({"event_id", "kind", "call_id", "at", "from", "extension", "recording"})
LARGEST = 64 * 2**10  # bytes of a message
_SIP = re.compile(r"^\s*(?:sips?|tel):", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, repr=False)
class CallReport:
    """A telephone system's message about a call. `number` is empty when the caller withheld it; `unknown`: fields of its own."""

    event_id: str
    kind: str
    call_id: str
    at: datetime
    number: str
    extension: str
    unknown: int
    content: bytes  # the same for the same message, however it was written


def message_of(data: Mapping[str, Any], body: Mapping[str, Any]) -> CallReport:
    """The message out of checked `data`; `body` is all that was sent."""
    return CallReport(
        event_id=data["event_id"], kind=data["kind"], call_id=data["call_id"], at=data["at"], number=number_of(data["caller"]),
        extension=data["extension"], unknown=len(body.keys() - KNOWN),
        content=json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(),
    )  # fmt: skip


def number_of(caller: str) -> str:
    """The number to ring back, as digits with a leading + if there was one; empty for `anonymous` and the like."""
    bare = _SIP.sub("", caller).partition("@")[0].partition(";")[0]
    digits = re.sub(r"[^0-9]", "", bare)
    if not 5 <= len(digits) <= 20 or re.search(r"[A-Za-z]", bare):
        return ""
    return "+" * bare.strip().startswith("+") + digits


def unknown_fields(raw: bytes, number: str) -> str:
    """What a message holds that we do not know, as JSON; the caller's number, which has a mask of its own, is blotted out."""
    fields = {name: value for name, value in json.loads(raw).items() if name not in KNOWN}
    return masks.within(json.dumps(fields, ensure_ascii=False), [number, number[-11:]])

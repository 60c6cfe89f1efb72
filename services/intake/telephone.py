"""What a telephone system sends: signed, so that nobody else can; read with nothing trusted.

The signature is HMAC-SHA256 over `<seconds of the epoch>.<body>` with the line's secret, in `Zhida-Signature: t=...,v1=...`. While a
secret is changed there may be a `v1` for each. Of a recording not the body is signed but `<call id>.<SHA-256 of the file>`.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.intake import masks
from shared.errors import Refused

HEADER = "Zhida-Signature"
WINDOW = timedelta(minutes=5)
KNOWN = frozenset({"event_id", "kind", "call_id", "at", "from", "extension", "recording"})
LARGEST = 64 * 2**10  # bytes of a message
_PART = re.compile(r"\s*(t|v1)=([0-9A-Za-z]{1,64})\s*")
_SIP = re.compile(r"^\s*(?:sips?|tel):", re.IGNORECASE)


def sign(secret: bytes, at: int, payload: bytes) -> str:
    """The header's value for a payload sent at `at`, in seconds of the epoch."""
    return f"t={at},v1={hmac.digest(secret, b'%d.' % at + payload, 'sha256').hex()}"


def check_signature(header: str | None, payload: bytes, secrets: Sequence[bytes], now: datetime) -> None:
    """Raise Refused unless one of the secrets signed this payload within five minutes of `now`."""
    parts = [found.groups() for part in (header or "").split(",")[:5] if (found := _PART.fullmatch(part))]
    times = [value for name, value in parts if name == "t" and value.isascii() and value.isdecimal() and len(value) <= 12]
    given = [value for name, value in parts if name == "v1"]
    if len(times) != 1 or not given:
        raise Refused(HEADER, "须带签名。", "请按说明加上请求头 Zhida-Signature: t=…,v1=…。")
    at = int(times[0])
    # Every pair is compared, and only then is anything said: what fits where takes the same time.
    fits = [
        hmac.compare_digest(sign(secret, at, payload).partition("v1=")[2].encode(), value.encode())
        for secret in secrets for value in given
    ]  # fmt: skip
    if not any(fits):
        raise Refused(HEADER, "签名不对。", "请核对线路的密钥，并对原样的请求正文签名。")
    if abs(now.timestamp() - at) > WINDOW.total_seconds():
        raise Refused(HEADER, "签名的时间与现在相差超过 5 分钟。", "请核对电话系统的时钟，重发时重新签名。")


@dataclass(frozen=True, kw_only=True, repr=False)
class Message:
    """A telephone system's message about a call. `number` is empty when the caller withheld it; `unknown`: fields of its own."""

    event_id: str
    kind: str
    call_id: str
    at: datetime
    number: str
    extension: str
    unknown: int
    content: bytes  # the same for the same message, however it was written


def message_of(data: Mapping[str, Any], body: Mapping[str, Any]) -> Message:
    """The message out of checked `data`; `body` is all that was sent."""
    return Message(
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

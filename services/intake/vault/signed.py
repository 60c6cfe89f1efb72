"""Whether a request was signed by one who has the secret, and of late (`shared/signed.py`). The time is handed in."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.errors import Refused
from shared.signed import HEADER, sign

WINDOW = timedelta(minutes=5)  # by which the clocks of both sides may differ, either way
_PART = re.compile(r"\s*(t|v1)=([0-9A-Za-z]{1,64})\s*")


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
        raise Refused(HEADER, "签名不对。", "请核对密钥，并对原样的请求正文签名。")
    if abs(now.timestamp() - at) > WINDOW.total_seconds():
        raise Refused(HEADER, "签名的时间与现在相差超过 5 分钟。", "请核对发送方的时钟，重发时重新签名。")

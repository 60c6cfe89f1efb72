"""Signed requests between this system and others: HMAC-SHA256 over the time, a dot and the body as it is sent.

    Zhida-Signature: t=1479780000,v1=5f3a...

A signature counts for five minutes, so that what was overheard cannot be sent again next week. While a secret is being changed
two of them count; further `v1` may stand in one header, for senders that change theirs. Pure functions: the time is handed in.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

HEADER = "Zhida-Signature"
WINDOW = 300  # seconds by which the clocks of both sides may differ, either way
MOST_SIGNATURES = 5


def sign(secret: bytes, body: bytes, at: int) -> str:
    """The header for a body that is sent at `at`, in seconds of the epoch."""
    return f"t={at},v1={_digest(secret, at, body)}"


def verify(secrets: Sequence[bytes], header: str, body: bytes, now: int) -> bool:
    """Whether one of `secrets` signed this body within the window around `now`. Never raises; takes as long for any wrong one."""
    at, given = _parts(header)
    if at is None or abs(now - at) > WINDOW:
        return False
    right = [_digest(secret, at, body) for secret in secrets]
    return any([hmac.compare_digest(one, other) for one in right for other in given])  # noqa: C419 - all of them, always


def _digest(secret: bytes, at: int, body: bytes) -> str:
    return hmac.digest(secret, f"{at}.".encode() + body, "sha256").hex()


def _parts(header: str) -> tuple[int | None, list[str]]:
    """The time and the signatures of a header of any quality."""
    at: int | None = None
    given: list[str] = []
    for part in header[:1000].split(","):
        name, _, value = part.strip().partition("=")
        if name == "t" and at is None and value.isascii() and value.isdigit() and len(value) <= 12:
            at = int(value)
        elif name == "v1" and value.isascii() and len(given) < MOST_SIGNATURES:
            given.append(value.lower())
    return at, given

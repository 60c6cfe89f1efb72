"""Signed requests between this system and others: HMAC-SHA256 over time, path and payload (most often the body as it is sent), a dot between.

    Zhida-Signature: t=1479780000,v1=5f3a...

The path is in it, so that what was signed for one line or board counts for no other that has the same secret. A signature counts
for five minutes, so that what was overheard cannot be sent again next week. While a secret is being changed two of them count; for
senders that change theirs there may be a `v1` for each.
"""

from __future__ import annotations

import hmac

HEADER = "Zhida-Signature"


def sign(secret: bytes, at: int, payload: bytes) -> str:
    """The header's value for a payload sent at `at`, in seconds of the epoch."""
    return f"t={at},v1={hmac.digest(secret, b'%d.' % at + payload, 'sha256').hex()}"


def addressed(path: str, payload: bytes) -> bytes:
    """What is signed of a payload that goes to a path."""
    return f"{path}.".encode() + payload

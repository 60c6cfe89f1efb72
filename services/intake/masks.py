"""What of a name, a number or an address may stand on a page before its mask is lifted. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONG_ENOUGH = 2  # a single character would mask half of a Chinese text


def name(text: str) -> str:
    """The first character, and a star for each other: 张** for 张小明."""
    return text[:1] + "*" * (len(text) - 1)


def phone(text: str) -> str:
    """The first three and the last four digits: 138****1234; of a short number only the last two."""
    digits = re.sub(r"\D", "", text)
    if len(digits) < 9:
        return "*" * max(len(digits) - 2, 0) + digits[-2:]
    return f"{digits[:3]}{'*' * (len(digits) - 7)}{digits[-4:]}"


def id_number(text: str) -> str:
    """The first three and the last two characters; of a short one only stars."""
    return f"{text[:3]}{'*' * (len(text) - 5)}{text[-2:]}" if len(text) > 9 else "*" * len(text)


def email(text: str) -> str:
    """The first character and the domain: z***@example.org."""
    user, at, domain = text.rpartition("@")
    return f"{user[:1]}***@{domain}" if at else "***"


def address(text: str) -> str:
    """The first six characters, which name a county or a town at most."""
    return f"{text[:6]}****" if len(text) > 6 else "****"


def within(text: str, secrets: Iterable[str]) -> str:
    """`text` with each of `secrets` blotted out, the longest first; for readers who may not know who is writing."""
    for secret in sorted({secret.strip() for secret in secrets}, key=len, reverse=True):
        if len(secret) >= _LONG_ENOUGH:
            text = re.sub(re.escape(secret), "＊" * min(len(secret), 6), text, flags=re.IGNORECASE)
    return text

"""The signature under a reply (M8): the one form that is hashed, and whether a hash fits it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

ALG = "sha256"
SIGNED = ("official", "name", "post", "organisation", "at", "alg")


def canonical(data: Mapping[str, Any], subject: str) -> bytes:
    """What is hashed of the data of an `assignment.replied` about the case `subject`: everything said, by whom and when.

    UTF-8 JSON, keys sorted, no blanks. Raises ValueError when an identifier is no UUID.
    """
    said = {
        "case_id": str(UUID(subject)),
        **{name: str(UUID(data[name])) for name in ("assignment_id", "reply_id")},
        **{name: data[name] for name in ("round", "outcome", "findings", "measures", "answer")},
        "signature": {name: data["signature"][name] for name in SIGNED},
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(data: Mapping[str, Any], subject: str) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(data, subject)).hexdigest()


def verify(data: Mapping[str, Any], subject: str) -> bool:
    """Whether the hash, by an algorithm that we know, fits what the reply says, and it was given when it was signed.

    `replied_at` is not hashed itself, yet deadlines are met by it: so it has to be the instant that is.
    """
    signature = data["signature"]
    at, replied_at = (datetime.fromisoformat(text) for text in (signature["at"], data["replied_at"]))
    return bool(signature["alg"] == ALG and at == replied_at and signature["hash"] == digest(data, subject))

"""The signature under a reply (M8): the one form that is hashed and signed, and whether a hash fits it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

ALG, KEYED = "sha256", "ed25519"  # a hash alone, or a signature by the official's own key over the same form
SIGNED = ("official", "name", "post", "organisation", "at", "alg")


def canonical(data: Mapping[str, Any], subject: str) -> bytes:
    """What is hashed and signed of the data of an `assignment.replied` about the case `subject`: all that is said, by whom and when.

    UTF-8 JSON, keys sorted, no blanks; what a reply need not have stands in it where there is any. Raises ValueError for no UUID.
    """
    signature = data["signature"]
    said = {
        "case_id": str(UUID(subject)),
        **{name: str(UUID(data[name])) for name in ("assignment_id", "reply_id")},
        **{name: data[name] for name in ("round", "outcome", "findings", "measures", "answer")},
        **{name: data[name] for name in ("evidence", "page") if data.get(name)},
        "signature": {name: signature[name] for name in (*SIGNED, "key_id") if name in SIGNED or signature.get(name)},
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(data: Mapping[str, Any], subject: str) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(data, subject)).hexdigest()


def verify(data: Mapping[str, Any], subject: str) -> bool:
    """Whether the hash, by an algorithm that we know, fits what the reply says, and it was given when it was signed.

    `replied_at` is not hashed itself, yet deadlines are met by it: so it has to be the instant that is.
    Whose key signed it, who knows the keys says: routing.
    """
    signature = data["signature"]
    at, replied_at = (datetime.fromisoformat(text) for text in (signature["at"], data["replied_at"]))
    return bool(signature["alg"] in (ALG, KEYED) and at == replied_at and signature["hash"] == digest(data, subject))

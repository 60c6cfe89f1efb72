"""The history of a dossier as a chain of hashes, so that a printed or sent one can be held against the archive. Pure.

Every entry stands with the SHA-256 of its event as it travelled; each link is the SHA-256 of the one before and that. The head
stands for all entries in their order: of whoever sees less of a case the dossier is shorter, and so is its chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from services.reporting.domain.dossier import Entry, as_json

FORMAT = 1


def of_body(body: bytes) -> str:
    """What stands for an event."""
    return hashlib.sha256(body).hexdigest()


def head(hashes: Sequence[str]) -> str:
    """What stands for these events in this order."""
    link = b""
    for each in hashes:
        link = hashlib.sha256(link + bytes.fromhex(each)).digest()
    return link.hex()


def record(number: str, case: str, entries: Sequence[Entry], hashes: Mapping[str, str]) -> dict[str, Any]:
    """The dossier as data, to go with what is printed: its entries as they are shown, each with its event's hash."""
    told = [{**as_json(entry), "occurred_at": entry.occurred_at.isoformat(), "at": entry.at.isoformat()} for entry in entries]
    for each in told:
        each["sha256"] = hashes[each["event_id"]]
    return {"format": FORMAT, "case": case, "number": number, "head": head([each["sha256"] for each in told]), "entries": told}


def as_text(found: Mapping[str, Any]) -> str:
    """A record in one spelling."""
    return json.dumps(found, ensure_ascii=False, sort_keys=True, indent=1)


def faults(found: Mapping[str, Any], archive: Mapping[str, tuple[bytes, Mapping[str, Any]]]) -> list[str]:
    """What of a record is not what the archive holds of its case: event id -> (body, data). What was not shown is null."""
    wrong = []
    for each in found["entries"]:
        body, data = archive.get(each["event_id"], (b"", {}))
        if of_body(body) != each["sha256"]:
            wrong.append(f"{each['event_id']}: not the event that the archive holds")
        elif any(value is not None and not _holds(data.get(name), value) for name, value in each["data"].items()):
            wrong.append(f"{each['event_id']}: its words are not those of the event")
    if head([each["sha256"] for each in found["entries"]]) != found["head"]:
        wrong.append("the head does not stand for these entries")
    return wrong


def _holds(told: Any, shown: Any) -> bool:
    """Of a list something may be left out."""
    return all(each in told for each in shown) if isinstance(told, list) and isinstance(shown, list) else bool(told == shown)

"""The CloudEvents 1.0 envelope, in structured JSON, as the bytes that travel.

An event is drafted when its change happens and sealed later by the relay, which alone knows the stream's next number.
The sealed body is the draft with `"sequence"` put in at the end, so that sealing needs no parsing.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from marshmallow import ValidationError

from shared.contract.catalogue import Contract, by_type
from shared.errors import Unreadable

CONTENT_TYPE = "application/cloudevents+json"
SCHEMA_BASE = "https://zhida.invalid/schemas/"
_REQUIRED = ("id", "source", "type", "subject", "time", "sequence")


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """A received event whose data fits its contract. `lane` is what order is kept in: one case of one source."""

    id: UUID
    source: str
    contract: Contract
    subject: str
    time: datetime
    sequence: int
    caseversion: int
    correlation_id: str
    traceparent: str
    data: Mapping[str, Any]
    stream: str
    body: bytes = field(repr=False)

    @property
    def organisation(self) -> str:
        """The code of the organisation whose instance told the event."""
        return self.source.split("/")[1]

    @property
    def lane(self) -> str:
        """Events of one lane are handled in the order in which they were told."""
        return f"{self.source} {self.subject}"


def uuid7(now: datetime | None = None) -> UUID:
    """A time-ordered UUID (RFC 9562, version 7): 48 bits of milliseconds, 74 bits of chance."""
    milliseconds = int(now.timestamp() * 1000) if now else time.time_ns() // 1_000_000
    chance = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (chance >> 68 & 0xFFF) << 64
    return UUID(int=value | 0b10 << 62 | chance & 0x3FFF_FFFF_FFFF_FFFF)


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as `2016-11-07T01:30:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def draft(
    contract: Contract, *, event_id: UUID, source: str, subject: str, time: datetime, data: Mapping[str, Any],
    caseversion: int, correlation_id: str, causation_id: str | None, traceparent: str,
) -> bytes:  # fmt: skip
    """The body without its last member; the data has been checked when it was told."""
    envelope = {
        "specversion": "1.0", "id": str(event_id), "source": source, "type": contract.type, "subject": subject,
        "time": instant(time), "datacontenttype": "application/json", "dataschema": f"{SCHEMA_BASE}{contract.name}.v{contract.version}",
        "caseversion": caseversion, "correlationid": correlation_id, "traceparent": traceparent, "data": data,
    }  # fmt: skip
    if causation_id:
        envelope["causationid"] = causation_id
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()[:-1]


def seal_suffix(sequence: int) -> bytes:
    """What turns a draft into a body: the stream's number, padded so that it also sorts as text."""
    return b',"sequence":"%012d"}' % sequence


def decode(body: bytes, *, content_type: str | None, stream_key: str) -> Event:
    """Read a body. `stream_key` is the routing key's first word. Raises Unreadable saying what is wrong with it."""
    if content_type != CONTENT_TYPE:
        raise Unreadable(f"content type is {content_type!r}, not {CONTENT_TYPE}")
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise Unreadable(f"not JSON: {fault}") from fault
    if not isinstance(raw, dict) or raw.get("specversion") != "1.0":
        raise Unreadable("not a CloudEvents 1.0 object")
    missing = [name for name in _REQUIRED if not isinstance(raw.get(name), str) or not raw[name]]
    if missing:
        raise Unreadable(f"missing or not text: {', '.join(missing)}")
    contract = by_type(raw["type"])
    if contract is None:
        raise Unreadable(f"unknown type or version {raw['type']!r}")
    return _event(raw, contract, body, stream_key)


def _event(raw: dict[str, Any], contract: Contract, body: bytes, stream_key: str) -> Event:
    try:
        if raw["source"].count("/") != 2 or not raw["source"].startswith("/"):
            raise ValueError(f"source {raw['source']!r} is not /organisation/service")
        if raw["source"].rpartition("/")[2] not in contract.told_by:
            raise ValueError(f"{contract.name} is not told by {raw['source']!r}")
        return Event(
            id=UUID(raw["id"]), source=raw["source"], contract=contract, subject=raw["subject"],
            time=datetime.fromisoformat(raw["time"]), sequence=int(raw["sequence"]), caseversion=int(raw.get("caseversion", 0)),
            correlation_id=str(raw.get("correlationid") or raw["id"]), traceparent=str(raw.get("traceparent") or ""),
            data=contract.load(raw.get("data")), stream=contract.stream(raw["source"], stream_key), body=body,
        )  # fmt: skip
    except ValidationError as fault:
        raise Unreadable(f"data breaks the contract {contract.type}: {fault.messages}") from fault
    except (ValueError, TypeError, OverflowError) as fault:
        raise Unreadable(f"envelope: {fault}") from fault

"""What other agencies are told, as an AsyncAPI 3.0 document and by example, made from the contracts themselves."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.reporting.public.rights import KEPT_DAYS, KEPT_EVENTS
from shared.bus.topology import PUBLIC_EXCHANGE
from shared.contract import EVENTS, Contract, draft, seal_suffix
from shared.contract.catalogue import PUBLIC
from shared.contract.document import json_schema
from shared.contract.envelope import CONTENT_TYPE

_ORG, _CASE = "431023", "5f0b2c1e-7a53-4c58-9d0e-2b7f4a8c6d10"
_EVENT = UUID("01583d2b-1c00-7000-8000-0000000000a1")
_AT = datetime(2016, 12, 1, 1, 0, tzinfo=UTC)
# One case that was replied to and concluded, and what stands beside it in this or that event.
_EXAMPLE: dict[str, Any] = {
    "case": _CASE, "organisation": _ORG, "channel": "email", "category": "environment.water", "township": "431023104",
    "case_class": "ordinary", "stage": "concluded", "round": 2, "outcome": "supported", "registered_on": "2016-11-07",
    "read_on": "2016-11-07", "dispatched_on": "2016-11-07", "replied_on": "2016-11-22", "reply_due_on": None, "conclude_due_on": None,
    "concluded_on": "2016-12-01", "closed_on": None, "unit": "431023-epb", "part": "lead", "obligation": "conclude",
    "due_on": "2016-11-17", "month": "2016-11-01", "read": 31, "concluded": 12, "closed": None,
}  # fmt: skip


def contracts() -> list[Contract]:
    """The public events, in the order of the list."""
    return [contract for contract in EVENTS.values() if contract.public]


def name_of(contract: Contract) -> str:
    """The event's name in a routing key."""
    return contract.name.removeprefix(PUBLIC)


def example(contract: Contract) -> dict[str, Any]:
    """An event as it travels."""
    subject = _CASE if "case" in contract.schema.fields else f"{_ORG} 2016-11"
    body = draft(
        contract, event_id=_EVENT, source=f"/{_ORG}/reporting", subject=subject, time=_AT,
        data={field: _EXAMPLE[field] for field in contract.schema.fields}, caseversion=7, correlation_id=str(_EVENT),
        causation_id=None, traceparent="",
    )  # fmt: skip
    found: dict[str, Any] = json.loads(body + seal_suffix(1204))
    return found


def document() -> dict[str, Any]:
    """The document: a channel and an operation for each event, a message with the whole envelope."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Zhida: what other agencies are told of cases", "version": "1.0.0", "description": _SAID,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"broker": _server()},
        "channels": {name_of(contract): _channel(contract) for contract in contracts()},
        "operations": {f"tell.{name_of(contract)}": _operation(contract) for contract in contracts()},
        "components": {
            "messages": {name_of(contract): _message(contract) for contract in contracts()},
            "securitySchemes": {"password": {"type": "userPassword", "description": "Given once by the county (`zhida subscriber add`)."}},
        },
    }  # fmt: skip


_SAID = (
    "CloudEvents 1.0 in structured JSON. The county sends; an agency consumes one queue that was made for it, and declares, binds and"
    f" publishes nothing. Kept for {KEPT_DAYS} days and {KEPT_EVENTS:,} events at most, then the oldest go. At least once, in order for each case."
    " Unknown fields are to be passed over. Every event of a case tells how the case stands."
)


def _server() -> dict[str, Any]:
    return {
        "host": "{broker}:5671", "pathname": "/{host}", "protocol": "amqps", "protocolVersion": "0.9.1",
        "description": "Host and virtual host are in the address that the county gave.",
        "variables": {
            "broker": {"description": "The county's broker.", "default": "mq.example"},
            "host": {"description": "The virtual host.", "default": f"{_ORG}.public"},
        },
        "security": [{"$ref": "#/components/securitySchemes/password"}],
    }  # fmt: skip


def _channel(contract: Contract) -> dict[str, Any]:
    name = name_of(contract)
    return {
        "address": f"{{organisation}}.{name}",
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "parameters": {"organisation": {"description": "The code of the organisation whose case it is.", "examples": [_ORG]}},
        "bindings": {
            "amqp": {
                "is": "routingKey", "bindingVersion": "0.3.0",
                "exchange": {"name": PUBLIC_EXCHANGE, "type": "topic", "durable": True, "autoDelete": False},
            }
        },
    }  # fmt: skip


def _operation(contract: Contract) -> dict[str, Any]:
    name = name_of(contract)
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{name}"},
        "summary": contract.meaning,
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
    }


def _message(contract: Contract) -> dict[str, Any]:
    return {
        "name": contract.type, "title": name_of(contract), "summary": contract.meaning, "contentType": CONTENT_TYPE,
        "payload": {"schemaFormat": "application/schema+json;version=draft-07", "schema": envelope(contract)},
        "examples": [{"name": "one", "payload": example(contract)}],
    }  # fmt: skip


def envelope(contract: Contract) -> dict[str, Any]:
    """JSON Schema of the whole event."""
    text = {"type": "string"}
    properties: dict[str, Any] = {
        "specversion": {"const": "1.0"}, "id": {"type": "string", "format": "uuid"}, "source": text, "type": {"const": contract.type},
        "subject": text, "time": {"type": "string", "format": "date-time"}, "datacontenttype": {"const": "application/json"},
        "dataschema": text, "caseversion": {"type": "integer", "minimum": 1}, "correlationid": text, "traceparent": text,
        "sequence": {"type": "string", "pattern": "^[0-9]{12}$"}, "data": json_schema(contract.schema),
    }  # fmt: skip
    return {"type": "object", "properties": properties, "required": list(properties)}

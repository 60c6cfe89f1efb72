"""The list of events as an AsyncAPI 3.0 document, made from the contracts themselves."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from shared.contract.catalogue import EVENTS, Contract
from shared.contract.fields import Day, Instant

_TYPES: dict[type, dict[str, Any]] = {
    Instant: {"type": "string", "format": "date-time"},
    Day: {"type": "string", "format": "date"},
    fields.Integer: {"type": "integer"},
    fields.Boolean: {"type": "boolean"},
    fields.Dict: {"type": "object"},
    fields.String: {"type": "string"},
}


def json_schema(schema: Schema) -> dict[str, Any]:
    """JSON Schema of a marshmallow schema; unknown fields are allowed, as readers ignore them."""
    return {
        "type": "object",
        "properties": {name: _field(field) for name, field in schema.fields.items()},
        "required": [name for name, field in schema.fields.items() if field.required],
    }


def asyncapi() -> dict[str, Any]:
    """The document: a channel for each event, a message with its schema."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Zhida case events", "version": "1",
            "description": "CloudEvents 1.0 in structured JSON on the topic exchange case.events; routing key <organisation>.<event>.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {c.name: {"address": f"{{organisation}}.{c.name}", "messages": {c.type: {"$ref": f"#/components/messages/{c.type}"}}}
                     for c in EVENTS.values() if not c.public},
        "components": {"messages": {c.type: _message(c) for c in EVENTS.values() if not c.public}},
    }  # fmt: skip


def markdown() -> str:
    """The list as the page docs/events.md."""
    lines = [
        "# Events", "", "Made from `shared/contract` by `zhida events --markdown`; a test holds this page to the code.", "",
        "CloudEvents 1.0, structured JSON, on the topic exchange `case.events`; routing key `<organisation>.<event>`. *Local* events never",
        "cross a link to another instance. What begins with `public.` goes to the exchange `case.public` (docs/subscribers.md), without that word",
        "in its routing key.", "", "| Event | Means | Told by | Heard by |", "|---|---|---|---|",
    ]  # fmt: skip
    for contract in EVENTS.values():
        local = " *local*" if contract.local else ""
        hearers = "other agencies" if contract.public else ", ".join(sorted(contract.heard_by))
        people = f"{', '.join(sorted(contract.told_by))} | {hearers}"
        lines.append(f"| `{contract.name}` v{contract.version}{local} | {contract.meaning} | {people} |")
    return "\n".join(lines) + "\n"


def _message(contract: Contract) -> dict[str, Any]:
    return {
        "name": contract.type, "summary": contract.meaning, "contentType": "application/cloudevents+json",
        "x-told-by": sorted(contract.told_by), "x-heard-by": sorted(contract.heard_by), "x-local": contract.local,
        "payload": {"type": "object", "properties": {"data": json_schema(contract.schema)}},
    }  # fmt: skip


def _field(field: fields.Field[Any]) -> dict[str, Any]:
    if isinstance(field, fields.Nested):
        found = json_schema(field.schema)
    elif isinstance(field, fields.List):
        found = {"type": "array", "items": _field(field.inner)}
    else:
        found = dict(next(known for kind, known in _TYPES.items() if isinstance(field, kind)))
    for rule in field.validators:
        if isinstance(rule, validate.OneOf):
            found["enum"] = [*rule.choices, *([None] if field.allow_none else [])]
        elif isinstance(rule, validate.Length) and found["type"] == "string":
            found |= {name: limit for name, limit in (("minLength", rule.min), ("maxLength", rule.max)) if limit is not None}
        elif isinstance(rule, validate.Range) and rule.min is not None:
            found["minimum"] = rule.min
        elif isinstance(rule, validate.Regexp):
            found["pattern"] = f"^{str(rule.regex.pattern).replace(chr(92) + 'Z', '$')}"
    if field.allow_none:
        found["type"] = [found["type"], "null"]
    return found

"""How the list of events is kept: one `Contract` for each event and version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import EXCLUDE, Schema

from shared.contract.quick import Check, compiled

PREFIX = "cn.zhida."
PUBLIC = "public."  # begins the names of what other agencies are told, on an exchange of their own


class EventSchema(Schema):
    """What an event's `data` holds. Readers ignore what they do not know, so a teller may add fields."""

    class Meta:
        """Unknown fields are ignored."""

        unknown = EXCLUDE


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One event in one version: its name, meaning, schema, tellers and hearers.

    `local` events never cross a link to another instance.
    """

    name: str
    version: int
    meaning: str
    schema: Schema
    told_by: frozenset[str]
    heard_by: frozenset[str]
    local: bool = False
    fits: Check = field(repr=False, compare=False)

    @property
    def type(self) -> str:
        """The CloudEvents type, as `cn.zhida.case.registered.v1`."""
        return f"{PREFIX}{self.name}.v{self.version}"

    def faults(self, data: Any) -> dict[str, Any]:
        """What is wrong with `data`, by field; empty when nothing is."""
        return {} if self.fits(data) else self.schema.validate(data)

    def load(self, data: Any) -> Mapping[str, Any]:
        """The data as a reader gets it. Raises marshmallow's ValidationError."""
        loaded: Mapping[str, Any] = data if self.fits(data) else self.schema.load(data)
        return loaded

    def routing_key(self, addressee: str) -> str:
        """The AMQP routing key of this event when it is addressed to organisation `addressee`."""
        return f"{addressee}.{self.name.removeprefix(PUBLIC)}"

    @property
    def public(self) -> bool:
        """Whether other agencies are told it, and nobody here."""
        return self.name.startswith(PUBLIC)

    def stream(self, source: str, addressee: str) -> str:
        """The stream of this event. What never crosses a link has streams apart, so that peers hold the others without gap."""
        return f"{source} local {addressee}" if self.local else f"{source} {addressee}"


EVENTS: dict[str, Contract] = {}
_BY_TYPE: dict[str, Contract] = {}


def event(
    name: str, meaning: str, *, told_by: str, heard_by: str, fields: Mapping[str, object], local: bool = False, version: int = 1
) -> None:
    """Add an event to the list; tellers and hearers are service names divided by blanks."""
    schema = EventSchema.from_dict(dict(fields), name="".join(part.title() for part in name.replace("_", ".").split(".")))()  # type: ignore[arg-type]
    contract = Contract(
        name=name, version=version, meaning=meaning, schema=schema, local=local, fits=compiled(schema),
        told_by=frozenset(told_by.split()), heard_by=frozenset(heard_by.split()),
    )  # fmt: skip
    EVENTS[name] = contract
    _BY_TYPE[contract.type] = contract


def by_type(cloudevents_type: str) -> Contract | None:
    """The contract of a CloudEvents type, or None when nobody here knows it."""
    return _BY_TYPE.get(cloudevents_type)


def heard_by(service: str) -> list[Contract]:
    """What `service` hears, in the order of the list."""
    return [contract for contract in EVENTS.values() if service in contract.heard_by]


def told_by(service: str) -> list[Contract]:
    """What `service` tells, in the order of the list."""
    return [contract for contract in EVENTS.values() if service in contract.told_by]

"""Events as the bus would bring them, and the officials of the tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from shared.contract import EVENTS, Event, decode
from shared.contract.envelope import CONTENT_TYPE, draft, seal_suffix, uuid7
from shared.contract.person import Person
from shared.web.session import Reader

ORG = "431023"
CLERK = Person(official="o-431023-clerk", name="何文", post="登记员", organisation="431023-xf")
HEAD = Person(official="o-431023104-head", name="周立", post="镇党委书记", organisation="431023104")


def event_of(name: str, subject: str, data: dict[str, Any], org: str = ORG) -> Event:
    contract = EVENTS[name]
    teller = sorted(contract.told_by)[0]
    body = draft(
        contract, event_id=uuid7(), source=f"/{org}/{teller}", subject=subject, time=datetime.now(UTC), data=data, caseversion=1,
        correlation_id=str(uuid4()), causation_id=None, traceparent="",
    )  # fmt: skip
    return decode(body + seal_suffix(1), content_type=CONTENT_TYPE, stream_key=org)


def a_reader(
    *roles: str, official: str = "o-431023-clerk", org: str = "431023-xf", scope: tuple[str, ...] = ("431023",)
) -> Reader:
    """A signed-in official of the county."""
    return Reader(
        official_id=official, name="何文", org=org, posts=({"title": "登记员", "org": org},), roles=frozenset(roles),
        scope=frozenset(scope), sid=f"s-{official}",
    )  # fmt: skip

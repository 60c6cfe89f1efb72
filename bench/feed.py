"""Events for the hop to carry: as intake would have told them, put into the queue beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from deploy.dev.instance import Instance
from shared.bus.broker import Outcome, Outgoing, Publisher
from shared.bus.topology import EXCHANGE
from shared.contract import EVENTS, draft, seal_suffix
from shared.contract.envelope import CONTENT_TYPE, instant, uuid7

_CHUNK = 500
_CONTRACT = EVENTS["case.registered"]


def feed(instance: Instance, count: int) -> None:
    """Publish `count` case.registered, each of a case of its own, as intake's user. Returns when all are confirmed."""
    publisher = Publisher(instance.settings.amqp_uri("intake"), "bench feed")
    try:
        messages = list(_messages(instance.org, count))
        for first in range(0, count, _CHUNK):
            outcomes = publisher.send(messages[first : first + _CHUNK], timeout=30)
            assert all(outcome is Outcome.CONFIRMED for outcome in outcomes), "the queue does not take the events"
    finally:
        publisher.close()


def _messages(org: str, count: int) -> Iterator[Outgoing]:
    key = _CONTRACT.routing_key(org)
    for number in range(1, count + 1):
        event_id, case_id, now = uuid7(), uuid7(), datetime.now(UTC)
        body = _draft(org, event_id, case_id, number, now) + seal_suffix(number)
        yield Outgoing(
            exchange=EXCHANGE, routing_key=key, body=body, message_id=str(event_id), type=_CONTRACT.type,
            content_type=CONTENT_TYPE, subject=str(case_id), key=key,
        )  # fmt: skip


def _draft(org: str, event_id: UUID, case_id: UUID, number: int, now: datetime) -> bytes:
    data = {
        "number": f"{org}-2016-{number:06d}", "channel": "letter", "matter_type": "appeal", "category": "environment",
        "place": "431023104", "title": "洞村饮水", "brief": "反映选矿厂废水影响饮水，要求查处并解决饮水问题。", "identity": "named",
        "group_size": 1, "received_at": instant(now), "registered_at": instant(now), "registered_by": None,
    }  # fmt: skip
    return draft(
        _CONTRACT, event_id=event_id, source=f"/{org}/intake", subject=str(case_id), time=now, data=data, caseversion=1,
        correlation_id=str(event_id), causation_id=None, traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )  # fmt: skip

"""Fault 22: bodies that nobody can read, or that their sender may not send."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import uuid4

import amqp

from deploy.dev.instance import broker_password
from deploy.dev.waiting import until
from shared.bus.broker import connect
from shared.contract.envelope import CONTENT_TYPE, instant, uuid7
from tests.faults.conftest import Make
from tests.faults.system import System

SERVICES = ("intake", "routing")
KEY = "431023.case.registered"
QUEUE = "431023.routing"
FORGED = "SELECT count(*) FROM routing.case_record WHERE number = '431023-2026-666666'"
Message = tuple[bytes, dict[str, object]]  # body and properties


def petition(**changes: object) -> dict[str, object]:
    """A registration as intake would tell it."""
    now = instant(datetime.now(UTC))
    data = {
        "number": "431023-2026-000001", "channel": "post", "matter_type": "appeal", "category": "", "place": "",
        "title": "", "brief": "",
        "identity": "anonymous", "group_size": 1, "received_at": now, "registered_at": now, "registered_by": None,
    }  # fmt: skip
    return {
        "specversion": "1.0", "id": str(uuid7()), "source": "/431023/intake", "type": "cn.zhida.case.registered.v1", "time": now,
        "subject": str(uuid4()), "sequence": "000000009999", "data": data,
    } | changes  # fmt: skip


def body(**changes: object) -> bytes:
    return json.dumps(petition(**changes)).encode()


def broken() -> list[Message]:
    """Bodies and properties; each of them is unreadable in its own way, though its sender may speak."""
    good: dict[str, object] = {"content_type": CONTENT_TYPE}
    return [
        (b"", good),
        (b"not JSON", good),
        (body()[:-20], good),
        (b"\xff\xfe\x00garbage\x00", good),
        (b"[" * 100_000, good),
        (b'"a text"', good),
        (body(), {"content_type": "text/plain"}),
        (body(), {}),
        (body(), {"content_type": "application/\x00json", "message_id": "a\x00b"}),
        ("一件".encode("utf-16"), {"content_type": CONTENT_TYPE, "content_encoding": "utf-16"}),
        (body(type="cn.zhida.case.registered.v99"), good),
        (body(type="cn.zhida.case.invented.v1"), good),
        (body(type="cn.zhida.case.closed\x00.v1"), good),
        (body(subject="a\x00b"), good),
        (body(subject="\ud800"), good),
        (body(sequence="9" * 30), good),
        (body(sequence="-1"), good),
        (body(time="2026-11-24T00:00:00"), good),
        (body(time="yesterday"), good),
        (body(data={"number": 7}), good),
        (body(data=None), good),
        (body(source="431023"), good),
        (body(id="7"), good),
        (b"", {"content_type": "application/vnd.zhida.replay+json\x00"}),
        (body(), {"content_type": "application/vnd.zhida.replay"}),
    ]


def forged() -> bytes:
    """A registration by somebody who may not register."""
    return body(data={**petition()["data"], "number": "431023-2026-666666"})  # type: ignore[dict-item]


def put(system: System, user: str, messages: list[Message], *, exchange: str = "", key: str = QUEUE) -> None:
    """Publish as one of the instance's users, with the broker's word on who it was."""
    broker = system.broker
    uri = (
        broker.uri(vhost=system.county.vhost)
        if user == "admin"
        else broker.uri(user, broker_password(broker, user), system.county.vhost)
    )
    connection = connect(uri, "tests")
    channel = connection.channel()
    channel.confirm_select()
    for raw, properties in messages:
        channel.basic_publish_confirm(amqp.Message(raw, **{"user_id": user, **properties}), exchange=exchange, routing_key=key)
    connection.close()


def kept(system: System) -> list[bytes]:
    rows = system.query("SELECT body FROM routing.parked WHERE reason = 'unreadable' ORDER BY id")
    return [bytes(row[0]) for row in rows]


def junk_comes_in(system: System, twin: str = "-") -> list[bytes]:
    """Junk from a user who may speak for intake, forgeries from users who may not, petitions around them. What was sent."""
    worker = system.up(system.worker(twin))
    junk = broken()
    forgeries: list[Message] = [(forged(), {"content_type": CONTENT_TYPE}) for _ in range(3)]
    system.driver.submit(3)
    put(system, "431023.intake", junk, exchange="case.events", key=KEY)
    put(system, "admin", forgeries[:1], exchange="case.events", key=KEY)
    put(system, "431023.routing", forgeries[1:2])
    put(system, "admin", forgeries[2:])
    system.driver.submit(3)
    system.rest()
    until(lambda: system._waiting() == 0, timeout=30, what=f"the queue to be empty; {worker.tail(3)}")
    return [raw for raw, _ in junk + forgeries]


def test_22_what_cannot_be_read_is_kept_byte_for_byte_and_the_consumer_goes_on(make: Make) -> None:
    system = make(services=SERVICES)
    sent = junk_comes_in(system)
    until(lambda: len(kept(system)) >= len(sent), timeout=30, what=f"all of it to be kept, not only {len(kept(system))}")
    assert kept(system) == sent
    assert system.query(FORGED) == [(0,)]
    assert system.violations() == []


def test_22_twin_what_is_thrown_away_is_missed(make: Make) -> None:
    system = make(services=SERVICES)
    sent = junk_comes_in(system, twin="drop_unreadable")
    assert kept(system) != sent


def test_22_twin_whoever_is_believed_registers_what_they_like(make: Make) -> None:
    system = make(services=SERVICES)
    junk_comes_in(system, twin="trust_everybody")
    until(lambda: system.query(FORGED) == [(3,)], timeout=30, what="the forgeries to take effect")

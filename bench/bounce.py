"""The least that visibility can take: one publish, confirmed, to a quorum queue, and its arrival at a consumer that waits."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import amqp

from bench.ground import Ground
from shared.bus.broker import connect
from shared.bus.topology import QUEUE_ARGUMENTS

BODY = b"x" * 1000


def bounce(ground: Ground, count: int) -> list[float]:
    """Seconds from before the publish to the arrival, one message at a time."""
    name, seconds = f"bounce-{uuid4().hex[:6]}", []
    sender, receiver = (connect(ground.broker.uri(), f"bench {role}") for role in ("sender", "receiver"))
    arrived: list[Any] = []
    try:
        out, back = sender.channel(), receiver.channel()
        out.confirm_select()
        back.queue_declare(name, durable=True, auto_delete=False, arguments=dict(QUEUE_ARGUMENTS))
        back.basic_consume(name, callback=arrived.append)
        for _ in range(count):
            begun = time.perf_counter()
            out.basic_publish_confirm(amqp.Message(BODY, delivery_mode=2), routing_key=name, mandatory=True)
            while not arrived:
                receiver.drain_events(timeout=10)
            seconds.append(time.perf_counter() - begun)
            back.basic_ack(arrived.pop().delivery_tag)
        back.close()
        out.queue_delete(name)
    finally:
        sender.close()
        receiver.close()
    return seconds

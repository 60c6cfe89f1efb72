"""The floor of one hop: the same durable writes in plain kombu and psycopg2, in batches of 100, with nothing around them.

For each message: consume from a quorum queue; inbox, state and log row; commit; acknowledge; give the row its number;
publish it mandatory with a pipelined confirm; move a cursor. No checks, no order, no parking, no contract: what is left
is what the two servers and their drivers cost. `python -m bench.floor QUEUE COUNT` prints messages per second.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from typing import Any

import psycopg2
from kombu import Connection, Consumer, Queue
from psycopg2.extras import execute_values, register_uuid

BATCH = 100
TABLES = """
CREATE SCHEMA IF NOT EXISTS floor;
CREATE TABLE IF NOT EXISTS floor.inbox (event_id uuid PRIMARY KEY, stream text NOT NULL, sequence bigint NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS floor.state (id uuid PRIMARY KEY, stage text NOT NULL, changed_at timestamptz NOT NULL, hops integer NOT NULL);
CREATE TABLE IF NOT EXISTS floor.log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL, subject text NOT NULL,
    caseversion integer NOT NULL, body bytea NOT NULL, sequence bigint, UNIQUE (subject, caseversion));
CREATE INDEX IF NOT EXISTS log_unsealed ON floor.log (id) WHERE sequence IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS log_sequence ON floor.log (sequence) WHERE sequence IS NOT NULL;
CREATE TABLE IF NOT EXISTS floor.cursor (name text PRIMARY KEY, sequence bigint NOT NULL);
INSERT INTO floor.cursor VALUES ('local', 0) ON CONFLICT DO NOTHING;
"""
BODY = json.dumps({"case_class": "ordinary", "by": "甲", "pad": "x" * 500}).encode()


def run(amqp_uri: str, database_url: str, queue: str, count: int, target: str) -> float:
    """Carry `count` messages from `queue` to `target`; returns messages per second from the first batch on."""
    register_uuid()
    connection = psycopg2.connect(database_url)
    cursor = connection.cursor()
    cursor.execute(TABLES)
    connection.commit()
    broker = Connection(amqp_uri)
    channel = broker.channel()
    channel.confirm_select()
    waiting: set[int] = set()
    channel.events["basic_ack"].add(lambda tag, multiple: waiting.difference_update([t for t in waiting if t <= tag] if multiple else [tag]))
    taken: list[Any] = []
    consumer = Consumer(broker.channel(), [Queue(queue, no_declare=True)], on_message=taken.append, prefetch_count=BATCH * 3)
    done, tag, begun = 0, 0, 0.0
    with consumer:
        while done < count:
            while len(taken) < min(BATCH, count - done):
                broker.drain_events(timeout=10)
            begun = begun or time.perf_counter()
            batch, taken[:] = taken[:BATCH], taken[BATCH:]
            rows = _write(cursor, batch)
            connection.commit()
            batch[-1].ack(multiple=True)
            tag = _publish(channel, rows, target, waiting, tag)
            while waiting:
                broker.drain_events(timeout=10)
            cursor.execute("UPDATE floor.cursor SET sequence = sequence + %s WHERE name = 'local'", (len(rows),))
            connection.commit()
            done += len(batch)
    return count / (time.perf_counter() - begun)


def _write(cursor: Any, batch: list[Any]) -> list[Any]:
    events = [(json.loads(message.body), uuid.uuid4()) for message in batch]
    execute_values(cursor, "INSERT INTO floor.inbox VALUES %s ON CONFLICT DO NOTHING", [(e["id"], e["source"], 1) for e, _ in events],
                   template="(%s, %s, %s, now())", page_size=BATCH)  # fmt: skip
    execute_values(cursor, "INSERT INTO floor.state VALUES %s ON CONFLICT (id) DO UPDATE SET hops = floor.state.hops + 1",
                   [(e["subject"], "classified", 1) for e, _ in events], template="(%s, %s, now(), %s)", page_size=BATCH)  # fmt: skip
    rows = execute_values(cursor, "INSERT INTO floor.log (event_id, subject, caseversion, body) VALUES %s RETURNING id, event_id",
                          [(new, e["subject"], 1, BODY) for e, new in events], page_size=BATCH, fetch=True)  # fmt: skip
    execute_values(cursor, "UPDATE floor.log SET sequence = v.id FROM (VALUES %s) AS v (id) WHERE floor.log.id = v.id",
                   [(row[0],) for row in rows], page_size=BATCH)  # fmt: skip
    return list(rows)


def _publish(channel: Any, rows: list[Any], target: str, waiting: set[int], tag: int) -> int:
    for row in rows:
        tag += 1
        waiting.add(tag)
        message = channel.prepare_message(BODY, properties={"delivery_mode": 2, "message_id": str(row[1])})
        channel.basic_publish(message, exchange="case.events", routing_key=target, mandatory=True)
    return tag


if __name__ == "__main__":
    print(json.dumps({"per_second": run(os.environ["AMQP_URI"], os.environ["DATABASE_URL"], sys.argv[1], int(sys.argv[2]), sys.argv[3])}))

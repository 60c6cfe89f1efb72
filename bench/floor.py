"""The floor of one hop: the same durable writes in plain kombu and psycopg2, in batches of 100, with nothing around them.

What each writes for one message, hop and floor alike, into tables of the same columns and indexes (the floor's are copies
of the product's, made by `LIKE`): one row of inbox, one row of state, one row of log with a body of the same size, a second
version of that log row with its number and 32 bytes of chain, and one persistent message of the same size and the same
properties in a quorum queue, mandatory and confirmed. For each batch: the marks `taken`, `stream_head` and `delivery`.

What the floor leaves out is what the product is for: it takes every message to be good, new, in order and allowed, keeps no
trigger that guards history, and sends one constant body. It commits twice for a batch (writes; cursor, which waits for no
disk on either side), where the product commits three times, because its relay seals what any process told. It waits for the confirms of
a batch before it takes the next one.

`python -m bench.floor QUEUE KEY COUNT` carries COUNT messages from QUEUE to whoever is bound to KEY.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from datetime import UTC, datetime
from typing import Any

import psycopg2
from kombu import Connection, Consumer, Queue
from psycopg2.extras import execute_values, register_uuid

BATCH = 100
COPIED = ("inbox", "hop_case", "event_log", "taken", "stream_head", "delivery")
STREAM = "/431023/routing 431023"
TEXT_ID = "01990000-0000-7000-8000-000000000000"
BODY = json.dumps(
    {
        "specversion": "1.0", "id": TEXT_ID, "source": "/431023/routing", "type": "cn.zhida.case.classified.v1",
        "subject": TEXT_ID, "time": "2016-11-07T01:30:00.000Z", "datacontenttype": "application/json",
        "dataschema": "https://zhida.invalid/schemas/case.classified.v1", "caseversion": 1, "correlationid": TEXT_ID,
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "data": {
            "case_class": "ordinary", "at": "2016-11-07T01:30:00.000Z",
            "by": {"official": "o-1", "name": "甲", "post": "科员", "organisation": "431023"},
        },
        "causationid": TEXT_ID, "sequence": "000000000001",
    },
    ensure_ascii=False, separators=(",", ":"),
).encode()  # fmt: skip
MARK = """
UPDATE delivery SET sequence = %s FROM (SELECT set_config('synchronous_commit', 'off', true)) AS hurried
WHERE destination = 'local' AND stream = %s
"""
DRAFT, CHAIN = BODY[: -len(',"sequence":"000000000001"}')], bytes(range(32))


def tables(schema: str) -> str:
    """The statements that copy the product's tables, with their indexes and without their triggers."""
    copies = "".join(f"CREATE TABLE floor.{name} (LIKE {schema}.{name} INCLUDING ALL);\n" for name in COPIED)
    return f"CREATE SCHEMA floor;\n{copies}INSERT INTO floor.delivery (destination, stream) VALUES ('local', '{STREAM}');"


def run(amqp_uri: str, database_url: str, queue: str, key: str, count: int) -> None:
    """Carry `count` messages from `queue` to whoever is bound to `key`."""
    register_uuid()
    connection = psycopg2.connect(database_url, options="-c search_path=floor")
    cursor = connection.cursor()
    broker = Connection(amqp_uri)
    channel = broker.channel()
    channel.confirm_select()
    waiting: set[int] = set()
    channel.events["basic_ack"].add(lambda tag, multiple: _settle(waiting, tag, multiple))
    taken: list[Any] = []
    consumer = Consumer(broker.channel(), [Queue(queue, no_declare=True)], on_message=taken.append, prefetch_count=BATCH * 3)
    done, user = 0, str(broker.userid)
    with consumer:
        while done < count:
            while len(taken) < min(BATCH, count - done):
                broker.drain_events(timeout=30)
            batch, taken[:] = taken[:BATCH], taken[BATCH:]
            sent = _write(cursor, [json.loads(message.body) for message in batch], done)
            connection.commit()
            batch[-1].ack(multiple=True)
            _publish(channel, sent, key, user, waiting, done)
            done += len(batch)
            while waiting:
                broker.drain_events(timeout=30)
            cursor.execute(MARK, (done, STREAM))
            connection.commit()


def _settle(waiting: set[int], tag: int, multiple: bool) -> None:
    waiting.difference_update([t for t in waiting if t <= tag] if multiple else [tag])


def _write(cursor: Any, events: list[Any], done: int) -> list[tuple[str, str]]:
    now = datetime.now(UTC)
    told = [(uuid.uuid4(), event["subject"]) for event in events]
    _values(cursor, "INSERT INTO inbox (event_id, stream, sequence) VALUES %s ON CONFLICT DO NOTHING",
            [(e["id"], e["source"] + " 431023", int(e["sequence"])) for e in events])  # fmt: skip
    _values(cursor, "INSERT INTO hop_case VALUES %s ON CONFLICT (id) DO UPDATE SET hops = hop_case.hops + 1",
            [(subject, "classified", now, 1) for _, subject in told])  # fmt: skip
    rows = _values(
        cursor,
        "INSERT INTO event_log (event_id, name, addressee, stream, subject, caseversion, occurred_at, draft) VALUES %s RETURNING id",
        [(new, "case.classified", "431023", STREAM, subject, 1, now, DRAFT) for new, subject in told],
    )
    numbered = [(row[0], done + n, CHAIN) for n, row in enumerate(rows, 1)]
    _values(cursor, "UPDATE event_log SET sequence = v.sequence, chain = v.chain FROM (VALUES %s) AS v (id, sequence, chain)"
            " WHERE event_log.id = v.id", numbered)  # fmt: skip
    last = events[-1]
    cursor.execute("INSERT INTO taken VALUES (%s, %s) ON CONFLICT (stream) DO UPDATE SET sequence = excluded.sequence",
                   (last["source"] + " 431023", int(last["sequence"])))  # fmt: skip
    cursor.execute("INSERT INTO stream_head VALUES (%s, %s, %s) ON CONFLICT (stream) DO UPDATE SET sequence = excluded.sequence,"
                   " chain = excluded.chain", (STREAM, done + len(events), CHAIN))  # fmt: skip
    return [(str(new), subject) for new, subject in told]


def _values(cursor: Any, statement: str, rows: list[Any]) -> list[Any]:
    return execute_values(cursor, statement, rows, page_size=BATCH, fetch="RETURNING" in statement) or []


def _publish(channel: Any, sent: list[tuple[str, str]], key: str, user: str, waiting: set[int], tag: int) -> None:
    for event_id, subject in sent:
        tag += 1
        waiting.add(tag)
        properties = {
            "delivery_mode": 2, "message_id": event_id, "type": "cn.zhida.case.classified.v1", "user_id": user,
        }  # fmt: skip
        message = channel.prepare_message(
            BODY, content_type="application/cloudevents+json", headers={"subject": subject, "key": key}, properties=properties
        )
        channel.basic_publish(message, exchange="case.events", routing_key=key, mandatory=True)


if __name__ == "__main__":
    run(os.environ["AMQP_URI"], os.environ["DATABASE_URL"], sys.argv[1], sys.argv[2], int(sys.argv[3]))

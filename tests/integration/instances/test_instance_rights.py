"""What a township may say and hear at its superior's broker, and what the superior believes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import amqp
import pytest

from deploy.dev.database import Database
from deploy.dev.instance import Instance
from deploy.dev.waiting import until
from shared.bus.agreement import SYNC, spoken
from shared.bus.broker import Outgoing, Publisher, connect
from shared.bus.peers import message_of
from shared.contract import EVENTS, draft, seal_suffix
from shared.contract.envelope import CONTENT_TYPE, uuid7
from tests.faults.linked import BOLIN, COUNTY, MATIAN
from tests.integration.instances.conftest import Zhida, create, hand_down, settings_of
from tests.unit.shared.test_contract import data_of


class Forger:
    """Somebody who has the township's sign-in at the county's broker."""

    def __init__(self, folder: Path) -> None:
        self._link = settings_of(folder, BOLIN)["LINKS"].partition("=")[2]

    def say(self, source: str, key: str) -> None:
        """Publish a well-formed event. Raises when the broker does not let it through."""
        contract = EVENTS[key.split(".", 1)[1]]
        event_id, now = uuid7(), datetime.now(UTC)
        body = draft(
            contract, event_id=event_id, source=source, subject=str(uuid4()), time=now, data=data_of(contract), caseversion=1,
            correlation_id="x", causation_id=None, traceparent="",
        ) + seal_suffix(1)  # fmt: skip
        publisher = Publisher(self._link, "a test")
        try:
            publisher.send(
                [Outgoing(exchange="case.events", routing_key=key, body=body, message_id=str(event_id), type=contract.type,
                          content_type=CONTENT_TYPE, subject="x", key=key)],
                timeout=10,
            )  # fmt: skip
        finally:
            publisher.close()

    def ask(self, source: str, stream: str) -> None:
        """Ask the county to send a stream again, as a neighbour may ask for its own."""
        publisher = Publisher(self._link, "a test")
        try:
            publisher.send([message_of(f"{COUNTY}.sync.said", spoken(source, 1, wants=[(stream, False, 0)]), SYNC)], timeout=10)
        finally:
            publisher.close()

    def bind(self, key: str) -> None:
        connection: Any = Publisher(self._link, "a test").connection
        channel = connection.channel()
        channel.queue_bind(f"{BOLIN}.link", "case.events", key)


def test_a_township_speaks_for_itself_and_its_subtree_alone(
    county: Instance, zhida: Zhida, folder: Path, database: Database
) -> None:
    assert create(zhida, BOLIN, database).returncode == 0
    forger = Forger(folder)
    for source in (f"/{MATIAN}/routing", f"/{COUNTY}/routing"):  # a key that it may use, in another's name
        forger.say(source, f"{COUNTY}.assignment.received")
    parked = "SELECT error FROM routing.parked WHERE reason = 'unreadable' ORDER BY id"
    until(lambda: len(county.query(parked)) == 2, timeout=30, what="both to be parked")
    assert [row[0] for row in county.query(parked)] == [
        f"user '{BOLIN}' may not speak for /{MATIAN}/routing", f"user '{BOLIN}' may not speak for /{COUNTY}/routing"
    ]  # fmt: skip
    for key in (f"{COUNTY}.assignment.issued", f"{MATIAN}.case.instructed", f"{COUNTY}.case.registered"):
        with pytest.raises(Exception, match="ACCESS_REFUSED"):
            forger.say(f"/{BOLIN}/{'intake' if key.endswith('registered') else 'routing'}", key)
    for key in ("#", f"{MATIAN}.#", "*.assignment.issued"):
        with pytest.raises(Exception, match="ACCESS_REFUSED"):
            forger.bind(key)


def test_a_township_is_sent_its_own_stream_again_and_no_other(
    county: Instance, zhida: Zhida, folder: Path, database: Database
) -> None:
    for town in (BOLIN, MATIAN):
        assert create(zhida, town, database).returncode == 0
    hand_down(county, MATIAN)
    hand_down(county, BOLIN)
    out = "SELECT count(*) FROM platform.outgoing WHERE delivered = 1 AND told = 1"
    until(lambda: county.query(out) == [(2,)], timeout=30, what="both assignments to have left, and their heads behind them")
    waiting = events_for(county, BOLIN)
    forger = Forger(folder)
    forger.ask(f"/{MATIAN}/routing", f"/{COUNTY}/routing {MATIAN}")  # in another's name
    forger.ask(f"/{BOLIN}/routing", f"/{COUNTY}/routing {MATIAN}")  # another's stream
    forger.ask(f"/{BOLIN}/routing", f"/{COUNTY}/routing {BOLIN}")
    until(lambda: len(events_for(county, BOLIN)) > len(waiting), timeout=30, what="its own stream to be sent again")
    until(
        lambda: county.query("SELECT count(*) FROM platform.resend") == [(0,)],
        timeout=30,
        what="all that was asked to be looked at",
    )
    assert set(events_for(county, BOLIN)) == {*waiting}
    [(error,)] = county.query("SELECT error FROM routing.parked WHERE reason = 'unreadable'")
    assert error == f"user '{BOLIN}' may not speak for /{MATIAN}/routing"


def events_for(county: Instance, town: str) -> list[str]:
    """The subjects of the events that wait for a township, copies included. They stay there."""
    connection = connect(county.broker.uri(vhost=county.vhost), "tests")
    subjects: list[str] = []
    seen = 0

    def note(message: amqp.Message) -> None:
        nonlocal seen
        seen += 1
        if message.properties["content_type"] == CONTENT_TYPE:
            subjects.append(str(message.properties["application_headers"]["subject"]))

    try:
        channel = connection.channel()
        there = channel.queue_declare(f"{town}.link", passive=True).message_count
        channel.basic_consume(f"{town}.link", callback=note)
        while True:  # what an earlier look had in its hands may come back a moment later
            connection.drain_events(timeout=30 if seen < there else 0.5)
    except TimeoutError:
        return subjects
    finally:
        connection.close()

"""What a township may say and hear at its superior's broker, and what the superior believes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from deploy.dev.database import Database
from deploy.dev.instance import Instance
from deploy.dev.waiting import until
from shared.bus.broker import Outgoing, Publisher
from shared.contract import EVENTS, draft, seal_suffix
from shared.contract.envelope import CONTENT_TYPE, uuid7
from tests.faults.linked import BOLIN, COUNTY, MATIAN
from tests.integration.instances.conftest import Zhida, create, settings_of
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

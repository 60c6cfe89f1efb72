"""Routing's own worker tells officials, by mail and by webhook, also after it was killed with a mail in hand."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.instance import Instance
from deploy.dev.waiting import until
from services.routing import handlers
from services.routing.handlers import addresses, roster
from services.routing.handlers.directory import import_directory
from tests import servers
from tests.integration.intake.mail_server import MailServer
from tests.integration.routing.alerting import MAIL, RECIPIENT
from tests.integration.routing.test_alerts_gateway import SECRET, Gateway
from tests.integration.routing.world import DATA, EPB, SECRETARY, registered

ORG, WAIT = "431023", 90  # seconds


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as found:
        yield found


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    found = Gateway()
    with found.serve():
        yield found


@pytest.fixture
def county(broker: Broker, database: Database, server: MailServer, gateway: Gateway) -> Iterator[Instance]:
    """A county of routing alone, its head of the bureau reachable by both."""
    with servers.folder() as folder:
        (folder / "gateway.secret").write_bytes(SECRET)
        site = folder / "routing.yaml"
        hook = f"{{url: 'http://127.0.0.1:{gateway.port}/zhida', secret_file: gateway.secret, private: true}}"
        site.write_text(f"telling: {{together_minutes: 0, webhook: {hook}}}\n", encoding="utf-8")
        settings = {
            "SMTP_URI": f"smtp://127.0.0.1:{server.port}?from=zhida@yongxing.example", "ZHIDA_FILE_ROUTING": str(site),
        }  # fmt: skip
        made = Instance(
            ORG, folder / ORG, broker=broker, database=database, services=("routing",), label=uuid.uuid4().hex[:6], extra=settings,
            die_with_parent=True,
        )  # fmt: skip
        made.prepare()
        with made.unit_of_work("routing") as uow:
            import_directory(uow, Path(DATA / f"directory-{ORG}.yaml").read_text(encoding="utf-8"), datetime.now(UTC))
            addresses.adopt(uow, roster.load(uow), {EPB: {"mail": MAIL, "webhook": RECIPIENT}})
        yield made
        made.disconnect()


def assigned(county: Instance) -> None:
    """The bureau's head is assigned a case."""
    with county.unit_of_work("routing") as uow:
        case = registered(uuid.uuid4(), uow.now)
        handlers.HEARS["case.registered"](case, uow)
        handlers.instruct(uow, uuid.UUID(case.subject), SECRETARY, "请办理。", [(EPB, "handling")], "ordinary")


def test_it_tells_by_both_and_what_it_died_with_is_told_once_more_under_the_same_identity(county, server, gateway):
    worker = county.worker()
    server.taking = worker.kill
    worker.start()
    try:
        assigned(county)
        until(lambda: bool(server.got) and not worker.alive(), timeout=WAIT, what="a mail, and the worker's end")
        server.taking = lambda: None
        county.query("UPDATE routing.alert_message SET next_attempt_at = now() WHERE stage = 'waiting'")
        worker.start()
        sent = "SELECT medium, stage FROM routing.alert_message ORDER BY medium"
        until(lambda: county.query(sent) == [("mail", "sent"), ("webhook", "sent")], timeout=WAIT, what="both to be sent")
    finally:
        worker.kill()
    first, second = server.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert [message["to"] for message in gateway.taken] == [RECIPIENT]

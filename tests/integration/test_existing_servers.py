"""An instance on servers that exist already, reached by nothing but their addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.dev import demo
from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.existing import CannotProvision, ExistingBroker, ExistingDatabase
from deploy.dev.instance import Instance


def test_an_instance_is_made_and_runs_on_given_servers(tmp_path: Path, broker: Broker, database: Database) -> None:
    address = broker.management_url.replace("://", f"://admin:{broker._password_of('admin')}@")
    made = Instance("431023", tmp_path, broker=ExistingBroker(broker.uri(), address), database=ExistingDatabase(database.url()),
                    label="existing-", die_with_parent=True)  # fmt: skip
    made.prepare()
    worker = made.worker()
    worker.start()
    try:
        worker.wait_http(f"{made.address('worker')}/readyz", timeout=60)
    finally:
        assert worker.stop(timeout=30)


def test_without_the_management_api_one_line_says_what_to_set() -> None:
    with pytest.raises(CannotProvision, match="AMQP_MANAGEMENT_URL"):
        ExistingBroker("amqp://guest:guest@localhost/", "")


def test_a_shell_that_took_the_demos_settings_still_means_the_demos_own_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AMQP_URI", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    own = demo.servers(tmp_path).database
    monkeypatch.setenv("DATABASE_URL", f"postgresql://postgres@127.0.0.1:{own.port}/zhida_431023")
    assert isinstance(demo.servers(tmp_path).database, Database)
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres@10.1.4.2/postgres")
    assert isinstance(demo.servers(tmp_path).database, ExistingDatabase)

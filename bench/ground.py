"""The ground that everything is measured on: private servers for one run, and a fresh instance for each repetition."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.instance import SERVICES, Instance
from shared.bus import topology
from shared.bus.broker import connect

COUNTY = "431023"
# The commit times that PostgreSQL itself notes are the clock of the measures: what is measured carries no stop watch.
_SETTINGS = {"max_connections": "200", "track_commit_timestamp": "on"}
_PLUGINS = ("rabbitmq_management", "rabbitmq_consistent_hash_exchange")


class Ground:
    """A broker and a database of this run alone, as durable as in production (fsync on), and the instances on them."""

    def __init__(self, folder: Path, broker: Broker, database: Database) -> None:
        self.folder, self.broker, self.database = folder, broker, database

    def instance(
        self,
        services: Sequence[str] = SERVICES,
        *,
        org: str = COUNTY,
        superior: Instance | None = None,
        subordinates: Sequence[str] = (),
        extra: Mapping[str, str] | None = None,
        copied: Instance | None = None,
    ) -> Instance:
        """A prepared instance that nobody has used yet; made as a copy of one in the same state it is there sooner."""
        label = f"b{uuid.uuid4().hex[:6]}-"
        made = Instance(
            org, self.folder / f"{label}{org}", broker=self.broker, database=self.database, services=services,
            superior=superior, subordinates=subordinates, label=label, die_with_parent=True,
            extra={"ZHIDA_RATE_LIMIT": "1000000 per minute", **(extra or {})},
        )  # fmt: skip
        if copied is not None:
            copied.disconnect()
            self.database.create(made.database_name, template=copied.database_name)
            made.query("UPDATE platform.instance SET org = %s", org)
        made.prepare()
        return made

    def drop(self, instance: Instance) -> None:
        """Remove an instance whose processes have ended, so that the next one finds the servers as this one did."""
        instance.disconnect()
        self.broker.management("DELETE", f"/api/vhosts/{quote(instance.vhost, safe='')}")
        self.database.drop(instance.database_name)
        shutil.rmtree(instance.folder, ignore_errors=True)

    def settle(self) -> None:
        """Write out what earlier repetitions left dirty, so that no measure pays for another's pages."""
        connection = psycopg2.connect(self.database.url())
        connection.autocommit = True
        connection.cursor().execute("CHECKPOINT")
        connection.close()


@contextmanager
def ground() -> Iterator[Ground]:
    """Start the servers; at the end, however it comes, they and their data are gone."""
    folder = Path(tempfile.mkdtemp(prefix="zhida-bench-"))
    folder.chmod(0o711)  # PostgreSQL's unprivileged user has to pass
    broker = Broker(folder / "broker", plugins=_PLUGINS, die_with_parent=True)
    database = Database(folder / "database", settings=_SETTINGS, die_with_parent=True)
    try:
        database.start()
        broker.start()
        yield Ground(folder, broker, database)
    finally:
        broker.kill()
        database.kill()
        shutil.rmtree(folder, ignore_errors=True)


def declare(instance: Instance, *services: str) -> None:
    """Declare the queues of services that do not run, or not yet."""
    for service in services:
        connection = connect(instance.settings.amqp_uri(service), "bench")
        try:
            topology.declare_service(connection, instance.org, service)
        finally:
            connection.close()


def waiting(instance: Instance, service: str) -> int:
    """How many messages wait in a service's queue."""
    connection = connect(instance.settings.amqp_uri(service), "bench")
    try:
        answer = connection.channel().queue_declare(f"{instance.org}.{service}", passive=True)
        return int(answer.message_count)
    finally:
        connection.close()

"""The private servers that a test run has to itself."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from deploy.dev.broker import Broker
from deploy.dev.county import County
from deploy.dev.database import Database
from tests import canaries

PLUGINS = ("rabbitmq_management", "rabbitmq_consistent_hash_exchange")
UNLIMITED = dict.fromkeys(("ZHIDA_RATE_LIMIT", "ZHIDA_PUBLIC_RATE_LIMIT", "ZHIDA_COSTLY_RATE_LIMIT"), "100000 per minute")


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder that PostgreSQL's unprivileged user may pass (pytest's own is closed to others).

    At the end nothing that was left in it may tell who a petitioner is (I8).
    """
    path = Path(tempfile.mkdtemp(prefix="zhida-tests-"))
    path.chmod(0o711)
    try:
        yield path
        canaries.check(canaries.in_files(path))
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def running_broker(path: Path) -> Iterator[Broker]:
    """A broker with the management API and the consistent-hash exchange; it dies with the test run."""
    broker = Broker(path, plugins=PLUGINS, die_with_parent=True)
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()  # nobody needs its data any more, and an orderly end takes 6 s


@contextmanager
def running_database(path: Path) -> Iterator[Database]:
    """A PostgreSQL server that lets everybody in; it dies with the test run."""
    database = Database(path, settings={"max_connections": "200"}, die_with_parent=True)
    try:
        database.start()
        yield database
        assert database.running(), "the tests' database is gone, so nobody can tell what it held of petitioners"
        canaries.check(canaries.in_server(database.url()))
    finally:
        database.kill()


@contextmanager
def running_county(path: Path, broker: Broker, database: Database, *, begin: datetime, label: str) -> Iterator[County]:
    """A county and its town with everything running, whose visitors nobody slows down."""
    county = County(path, broker, database, begin=begin, label=label, die_with_parent=True, extra=UNLIMITED)
    try:
        county.prepare()
        _ = county.driver  # the clock has to stand before the first process looks at it
        county.start()
        yield county
    finally:
        county.stop()

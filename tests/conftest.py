"""Fixtures for every kind of test. Servers start with the first test that asks for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from tests import servers


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder for servers of this run; removed at its end."""
    with servers.folder() as path:
        yield path


@pytest.fixture(scope="session")
def broker(server_folder: Path) -> Iterator[Broker]:
    """The run's one broker. A test takes a virtual host of its own in it and never kills it."""
    with servers.running_broker(server_folder / "broker") as running:
        yield running


@pytest.fixture(scope="session")
def database(server_folder: Path) -> Iterator[Database]:
    """The run's one PostgreSQL server. A test takes a database of its own in it and never kills it."""
    with servers.running_database(server_folder / "database") as running:
        yield running

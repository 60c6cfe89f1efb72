"""Counties to be broken, on the run's servers or on servers of their own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from tests import servers
from tests.faults.linked import Linked
from tests.faults.system import System

Make = Callable[..., System]


@pytest.fixture
def make(broker: Broker, database: Database) -> Iterator[Make]:
    """Makes counties, by default on the run's own servers, and ends their processes."""
    numbers = itertools.count()
    with servers.folder() as folder, ExitStack() as made:

        def system(on: Broker = broker, at: Database = database, **options: Any) -> System:
            one = System(folder / f"county-{next(numbers)}", on, at, **options)
            made.callback(one.stop)
            return one

        yield system


@pytest.fixture
def make_linked(broker: Broker, own_broker: Broker, database: Database) -> Iterator[Callable[..., Linked]]:
    """Makes a county with two townships, one on the run's broker and one on the module's own, and ends their processes."""
    numbers = itertools.count()
    with servers.folder() as folder, ExitStack() as made:

        def linked(**options: Any) -> Linked:
            one = Linked(folder / f"linked-{next(numbers)}", broker, own_broker, database, **options)
            made.callback(one.stop)
            return one

        yield linked


@pytest.fixture(scope="module")
def own_folder() -> Iterator[Path]:
    """A folder for a module's own servers."""
    with servers.folder() as path:
        yield path


@pytest.fixture(scope="module")
def own_broker(own_folder: Path) -> Iterator[Broker]:
    """A broker that the module's tests may kill; each leaves it running. It is short of patience with consumers."""
    broker = Broker(own_folder / "broker", plugins=servers.PLUGINS, settings={"consumer_timeout": "3000"}, die_with_parent=True)
    (broker.folder / "advanced.config").write_text("[{rabbit, [{channel_tick_interval, 1000}]}].\n")
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture(scope="module")
def own_database(own_folder: Path) -> Iterator[Database]:
    """A PostgreSQL server that the module's tests may kill; each leaves it running."""
    with servers.running_database(own_folder / "database") as running:
        yield running

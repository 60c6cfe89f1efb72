"""Fixtures for every kind of test. Servers start with the first test that asks for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.dev.broker import Broker
from deploy.dev.county import County
from deploy.dev.database import Database
from deploy.dev.story import at
from tests import pools, servers

# Folders whose files take minutes. Journeys come before pages, on which people of the shared county set PINs that its story does not know.
FIRST, LONG = ("year", "journey"), ("browser", "faults", "deploy", "monitoring")
ROOT = Path(__file__).parent
pools.watch()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that processes side by side end together; of that, what computes beside what waits."""
    files: dict[str, list[Path]] = {}
    for path in dict.fromkeys(item.path for item in items):
        files.setdefault(path.relative_to(ROOT).parts[0], []).append(path)
    places = {path: (number / len(paths) if folder in LONG else FIRST.index(folder) - len(FIRST) if folder in FIRST else 1)
              for folder, paths in files.items() for number, path in enumerate(paths)}  # fmt: skip
    items.sort(key=lambda item: places[item.path])


@pytest.fixture(scope="module", autouse=True)
def _connections_are_given_back() -> Iterator[None]:
    """What a file's sites and instances opened is closed when the file is over, and not when their memory happens to be collected."""
    yield
    pools.give_back()


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


@pytest.fixture(scope="session")
def county(server_folder: Path, broker: Broker, database: Database) -> Iterator[County]:
    """The run's one county with its town, everything running, on 2016-11-07. Journeys and browser tests share it."""
    with servers.running_county(server_folder / "county", broker, database, begin=at(11, 7, 8, 0), label="journey-") as running:
        yield running

"""A county and a township, each with a database of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.dev.database import Database as Server
from tests.integration.routing.world import Instance


@pytest.fixture
def make(database: Server, tmp_path: Path) -> Callable[..., Instance]:
    """Make an instance."""
    return lambda org, directory=None: Instance(database, org, tmp_path / org, directory)


@pytest.fixture
def county(make: Callable[..., Instance]) -> Instance:
    """The county's instance."""
    return make("431023")


@pytest.fixture
def township(make: Callable[..., Instance]) -> Instance:
    """Bolin's own instance."""
    return make("431023104")

"""What an operator asks of a whole instance: is it well, how does it stand, what was told, what is parked.

What only a service knows it adds by names in its `cli` module:

    CHECKS: tuple[Check, ...]                    what `zhida doctor` looks at
    STANDING: {title: settings -> rows}          what `zhida status` shows besides
    subject_of(settings, given) -> str | None    which case somebody means who gives its number
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from shared.config import Settings
from shared.database import Database, UnitOfWork
from shared.errors import Refused, ZhidaError

MOUNTED: dict[str, ModuleType] = {}  # service to its `cli` module


class NotLooked(ZhidaError):
    """Go on: there is nothing to look at, or it is not set how."""


@dataclass(frozen=True)
class Check:
    """One thing that has to be right. `look` says what it found; it raises NotLooked, or for a fault anything else, which `remedy` mends."""

    name: str
    look: Callable[[Settings], str]
    remedy: str


def added(settings: Settings, name: str) -> Iterator[Any]:
    """What the instance's services added under a name."""
    for service in settings.services:
        if (found := getattr(MOUNTED.get(service), name, None)) is not None:
            yield found


def opened(settings: Settings, service: str) -> Database:
    """A service's database."""
    if service not in settings.services:
        raise Refused("service", "本实例不运行%(service)s。", "请从 ZHIDA_SERVICES 中选择：%(known)s。", service=service,
                      known=" ".join(settings.services))  # fmt: skip
    return Database(settings.service_url(service), service=service, org=settings.org, simulated=settings.simulated)


@contextmanager
def reading(settings: Settings, service: str) -> Iterator[UnitOfWork]:
    """A unit of work in a service's schema, and nothing left open behind it. Raises Unavailable."""
    database = opened(settings, service)
    try:
        with database.unit_of_work() as uow:
            yield uow
    finally:
        database.close()

"""The web process: `gunicorn 'shared.web.server:app()'` serves the pages of the instance's services on one address."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Flask

from shared import keys, logs, poke
from shared.config import Settings, load
from shared.database import Database
from shared.directory import session_is_over
from shared.memory import settle
from shared.web.app import create_app


@dataclass(frozen=True)
class WebSettings:
    """What the frame asks of the settings; everything else is found in the process's own."""

    process: Settings
    databases: Mapping[str, Database]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.process, name)

    org_name = property(lambda self: self.process.name)
    org_name_en = property(lambda self: self.process.name_en)
    secret_key = property(lambda self: keys.read(self.process.keys, keys.SECRET))
    session_private_key = property(lambda self: keys.read(self.process.keys, keys.SESSION))
    session_public_key = property(lambda self: keys.read(self.process.keys, keys.SESSION_PUBLIC))

    @property
    def now(self) -> Any:
        """Simulated time, where this instance has it; None: real time."""
        return self._simulated_now if self.process.simulated else None

    @property
    def checks(self) -> dict[str, Any]:
        """The process is ready when each of its databases answers."""
        return {f"database {name}": lambda database=database: _ask(database) for name, database in self.databases.items()}

    def _simulated_now(self) -> datetime:
        with next(iter(self.databases.values())).unit_of_work() as uow:
            return uow.now


def build(settings: Settings) -> Flask:
    """The site of an instance, on its databases."""
    databases = {}
    for service in settings.services:
        url = settings.service_url(service)
        databases[service] = Database(url, service=service, org=settings.org, simulated=settings.simulated)
        poke.attach(databases[service])
    blueprints = []
    for service in settings.services:
        module = importlib.import_module(f"services.{service}.web")
        blueprints += [module.blueprint, *([module.api] if hasattr(module, "api") else [])]
    app = create_app(WebSettings(settings, databases), blueprints)
    app.extensions["zhida.databases"] = databases
    app.extensions["zhida"].session_ended = partial(is_over, databases)
    return app


def app() -> Flask:
    """The site, with settings from the environment."""
    logs.configure()
    site = build(load())
    settle()
    return site


def _ask(database: Database) -> None:
    with database.unit_of_work() as uow:
        uow.one("SELECT 1")


def is_over(databases: Mapping[str, Database], sid: str, official: str, begun: int) -> bool:
    """Each service asks its own projection; a process with several asks one of them, routing's original if it is here."""
    database = databases.get("routing") or next(iter(databases.values()))
    with database.unit_of_work() as uow:
        return session_is_over(uow, session=sid, official=official, begun=datetime.fromtimestamp(begun, UTC))

"""One instance of the product on this machine: its database, its virtual host, its processes and its settings."""

from __future__ import annotations

import hashlib
import secrets
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg2

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.existing import ExistingBroker, ExistingDatabase
from deploy.dev.ports import LOOPBACK, free_port
from deploy.dev.processes import Process
from deploy.dev.state import remembered
from services.reporting.public import rights as agencies
from shared import config, keys, migrate, poke
from shared import database as shared_database
from shared.bus import rights

ROOT = Path(__file__).parents[2]
SERVICES = config.SERVICES


class Instance:
    """A county, township or department: `prepare` makes database, virtual host, users and keys; then start its processes.

    An Instance made again with the same folder is the same instance. `superior` is the instance that this one is linked to.
    """

    def __init__(
        self, org: str, folder: Path, *, broker: Broker | ExistingBroker, database: Database | ExistingDatabase, services: Sequence[str] = SERVICES,
        superior: Instance | None = None, subordinates: Sequence[str] = (), extra: Mapping[str, str] | None = None,
        name: str = "", name_en: str = "", label: str = "", die_with_parent: bool = False,
    ) -> None:  # fmt: skip
        self.org, self.folder, self.services = org, folder, tuple(services)
        self.broker, self.server = broker, database
        self.superior, self.subordinates = superior, tuple(subordinates)
        self.name, self.name_en, self.extra = name or org, name_en or org, dict(extra or {})
        self.vhost = f"{label}{org}"
        self.database_name = f"zhida_{self.vhost}".replace("-", "_")
        self._tether = die_with_parent
        self._state = remembered(folder / "instance.json", self._new_state)
        self._databases: dict[str, shared_database.Database] = {}
        self._watch: Any = None  # one connection for all looks from outside
        self._watching = threading.Lock()

    # -- settings -------------------------------------------------------------------------------------------------
    def environment(self) -> dict[str, str]:
        """The environment of this instance's processes: every setting that shared.config reads."""
        secret = self._state["passwords"]
        env = {
            "ZHIDA_ORG": self.org, "ZHIDA_NAME": self.name, "ZHIDA_NAME_EN": self.name_en,
            "ZHIDA_SERVICES": " ".join(self.services), "ZHIDA_SUBORDINATES": " ".join(self.subordinates),
            "ZHIDA_KEYS": str(self.folder / "keys"), "ZHIDA_SECURE_COOKIES": "false",
            "DATABASE_URL": self.server.url(self.database_name), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        for service in self.services:
            role = self.role(service)
            env[f"DATABASE_URL_{service.upper()}"] = self.server.url(self.database_name, role, secret[role])
            env[f"AMQP_URI_{service.upper()}"] = self.broker.uri(*self._user(service), self.vhost)
        if "reporting" in self.services:
            env["AMQP_URI_PUBLIC"] = self.broker.uri(*self._user("public"), agencies.vhost_of(self.vhost))
        if self.superior:
            env["AMQP_URI_LINK"] = self.broker.uri(*self._user("link"), self.vhost)
            up = self.superior
            env["LINKS"] = f"{up.org}={up.broker.uri(self.org, broker_password(up.broker, self.org), up.vhost)}"
        return env | self.extra

    @property
    def settings(self) -> config.Settings:
        """The same, read."""
        return config.load(self.environment())

    def role(self, service: str) -> str:
        """The PostgreSQL role of a service; roles are shared by all databases of a server."""
        return f"{self.database_name}_{service}"

    def unit_of_work(self, service: str) -> Any:
        """A unit of work in one of its schemas, from this process."""
        return self.database(service).unit_of_work()

    def database(self, service: str) -> shared_database.Database:
        """A pool on one of its schemas, for this process."""
        if service not in self._databases:
            url = self.settings.service_url(service)
            made = shared_database.Database(url, service=service, org=self.org, simulated=self.settings.simulated)
            poke.attach(made)
            self._databases[service] = made
        return self._databases[service]

    def query(self, statement: str, *params: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement run as the database's owner, over all schemas: for checks from outside, never for a service."""
        with self._watching:
            if self._watch is None or self._watch.closed:
                self._watch = psycopg2.connect(self.server.url(self.database_name), connect_timeout=5)
                self._watch.autocommit = True
            try:
                with self._watch.cursor() as cursor:
                    cursor.execute(statement, params)
                    return cursor.fetchall() if cursor.description else []
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self._watch.close()
                raise

    def disconnect(self) -> None:
        """Let go of this process's connections; the next use opens others."""
        with self._watching:
            if self._watch is not None:
                self._watch.close()
        for database in self._databases.values():
            database.close()
        self._databases = {}

    # -- making -----------------------------------------------------------------------------------------------------
    def prepare(self) -> None:
        """Make database, virtual host, users and keys where they are missing, and migrate. May be run again."""
        self.folder.mkdir(parents=True, exist_ok=True)
        connection = psycopg2.connect(self.server.url())
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (self.database_name,))
                missing = cursor.fetchone() is None
        finally:
            connection.close()
        if missing:
            self.server.create(self.database_name)
        self.broker.apply(self.definitions())
        keys.make(self.folder / "keys")
        migrate.migrate(self.settings)

    def definitions(self) -> Mapping[str, Any]:
        """Virtual host, users and permissions at the broker."""
        from deploy.dev import definitions as made

        names = [*(f"{self.org}.{service}" for service in (*self.services, "link")), *self.subordinates]
        members = rights.instance_users(
            self.org, self.services, {name: broker_password(self.broker, name) for name in names}, subordinates=self.subordinates,
            superior=self.superior.org if self.superior else None,
        )  # fmt: skip
        known = rights.definitions({self.vhost: members})
        known["users"] = [made.user(name, password) for name, (password, _) in members.items()]
        known["permissions"].append(made.permission("admin", self.vhost))
        return made.merged(known, self._for_agencies()) if "reporting" in self.services else known

    def _for_agencies(self) -> Mapping[str, Any]:
        """Where other agencies are told something: a virtual host of its own, and who puts it in there."""
        from deploy.dev import definitions as made

        name, password = self._user("public")
        vhost = agencies.vhost_of(self.vhost)
        known = made.merged(agencies.ground(vhost), agencies.user(vhost, name, agencies.publisher_rights(self.org)))
        return known | {
            "users": [made.user(name, password)],
            "permissions": [*known["permissions"], made.permission("admin", vhost)],
        }

    # -- processes ----------------------------------------------------------------------------------------------------
    def worker(
        self,
        *services: str,
        name: str = "worker",
        command: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
    ) -> Process:
        """A worker process of these services (all by default), not started. `command` goes in place of the module's name."""
        port = self.port(name)
        start = [sys.executable, *(command or ("-m", "shared.bus.worker")), *(services or self.services)]
        return Process(
            name, start, folder=self.folder, cwd=ROOT, die_with_parent=self._tether,
            env={**self.environment(), "ZHIDA_HEALTH_PORT": str(port), **(env or {})},
        )  # fmt: skip

    def web(
        self,
        *,
        name: str = "web",
        threads: int = 8,
        command: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
    ) -> Process:
        """The web process, not started."""
        start = [
            sys.executable, *(command or ("-m", "gunicorn")), "--bind", f"{LOOPBACK}:{self.port(name)}", "--workers", "1", "--threads", str(threads),
            "--worker-class", "gthread", "--keep-alive", "30", "--graceful-timeout", "20", "--log-level", "warning",
            "--no-control-socket", "shared.web.server:app()",
        ]  # fmt: skip
        return Process(
            name, start, folder=self.folder, cwd=ROOT, die_with_parent=self._tether, env={**self.environment(), **(env or {})}
        )  # fmt: skip

    def address(self, name: str = "web") -> str:
        """Where a process answers HTTP."""
        return f"http://{LOOPBACK}:{self.port(name)}"

    def port(self, name: str) -> int:
        """The port of a process, the same as long as the instance lives."""
        from deploy.dev.state import save

        ports = self._state["ports"]
        if name not in ports:
            ports[name] = free_port()
            save(self.folder / "instance.json", self._state)
        return int(ports[name])

    def _user(self, service: str) -> tuple[str, str]:
        name = f"{self.org}.{service}"
        return name, broker_password(self.broker, name)

    def _new_state(self) -> dict[str, Any]:
        return {
            "passwords": {self.role(service): secrets.token_urlsafe(18) for service in self.services},
            "ports": {},
        }


def broker_password(broker: Broker | ExistingBroker, user: str) -> str:
    """A user's password at a private broker. Users are shared by its virtual hosts, so two instances of one
    organisation, as tests make them, have to agree on it."""
    return hashlib.blake2b(user.encode(), key=hashlib.sha256(broker.uri().encode()).digest(), digest_size=18).hexdigest()

"""A broker and a database that exist already, used in place of private ones: the parts of Broker and Database that an instance needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from deploy.dev import management
from deploy.dev.definitions import Definitions


class CannotProvision(RuntimeError):
    """The settings do not allow making what an instance needs; the message says in one line what to do."""


class ExistingBroker:
    """The RabbitMQ at AMQP_URI. Virtual hosts, users and rights are made through its management API."""

    def __init__(self, uri: str, management_url: str) -> None:
        if not management_url:
            raise CannotProvision(
                "AMQP_URI is set, so set AMQP_MANAGEMENT_URL too (http://administrator:password@host:15672):"
                " each instance gets a virtual host and users"
            )
        self._parts, self._management = urlsplit(uri), urlsplit(management_url)

    @property
    def pid(self) -> int | None:
        """Not ours to know."""
        return None

    @property
    def ports(self) -> Mapping[str, int]:
        """Its AMQP port."""
        return {"amqp": self._parts.port or 5672}

    def running(self) -> bool:
        """Never ours to stop."""
        return False

    def start(self) -> float:
        """Nothing to start."""
        return 0.0

    def uri(self, user: str = "", password: str | None = None, vhost: str = "/") -> str:
        """The address for a user; without one, the one that was given."""
        if not user:
            return urlunsplit(self._parts)
        place = f"{quote(user, safe='')}:{quote(password or '', safe='')}@{self._parts.hostname}:{self.ports['amqp']}"
        return f"{self._parts.scheme}://{place}/{quote(vhost, safe='')}"

    def apply(self, definitions: Definitions) -> None:
        """Add virtual hosts, users, permissions and policies in one call."""
        known = {key: [entry for entry in entries if entry.get("user") != "admin"] for key, entries in definitions.items()}
        base = urlunsplit((self._management.scheme, f"{self._management.hostname}:{self._management.port or 15672}", "", "", ""))
        user, password = unquote(self._management.username or "guest"), unquote(self._management.password or "guest")
        for host in known.get("vhosts", []):
            management.call(base, user, password, "PUT", f"/api/vhosts/{quote(host['name'], safe='')}", {})
        management.call(base, user, password, "POST", "/api/definitions", known)


class ExistingDatabase:
    """The PostgreSQL at DATABASE_URL, whose user may make databases and roles."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)

    @property
    def pid(self) -> int | None:
        """Not ours to know."""
        return None

    @property
    def port(self) -> int:
        """Its port."""
        return self._parts.port or 5432

    def running(self) -> bool:
        """Never ours to stop."""
        return False

    def start(self) -> float:
        """Nothing to start."""
        return 0.0

    def url(self, database: str = "", user: str | None = None, password: str | None = None) -> str:
        """The address of a database for a user; the given one's by default."""
        place = (
            self._parts.netloc
            if user is None
            else f"{quote(user, safe='')}:{quote(password or '', safe='')}@{self._parts.hostname}:{self.port}"
        )
        path = f"/{quote(database, safe='')}" if database else self._parts.path
        return urlunsplit((self._parts.scheme, place, path, self._parts.query, ""))

    def create(self, database: str) -> str:
        """Make a database; its address."""
        connection: Any = psycopg2.connect(self.url(), connect_timeout=5)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'").format(
                        sql.Identifier(database)
                    )
                )
        finally:
            connection.close()
        return self.url(database)

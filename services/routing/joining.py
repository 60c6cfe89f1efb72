"""A subordinate's instance, joined to ours: what has to exist at the brokers, in the database and in files, and making it.

What is made is worked out first (`Plan`), so that a dry run shows it; making it again changes nothing, for passwords that were
given out before are read back from the instance's own file of settings.
"""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from shared import keys, migrate
from shared.bus import rights, topology
from shared.bus.management import call, part
from shared.config import SERVICES, Settings, load
from shared.errors import Refused

ENVIRONMENT = "environment"
_CODE = re.compile(r"[0-9a-z]+(-[0-9a-z]+)*")
_HIDDEN = "…"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What makes an instance a subordinate of ours. Addresses hold sign-ins: show `described`, never this."""

    org: str
    superior: str
    folder: Path
    environment: Mapping[str, str] = field(repr=False)
    above: Mapping[str, Any] = field(repr=False)  # RabbitMQ's definitions at our broker
    below: Mapping[str, Any] = field(repr=False)  # and at the instance's own
    above_management: str = field(repr=False)
    below_management: str = field(repr=False)
    database: str = field(repr=False)  # its owner; empty: made by hand
    broker: str  # where the instance's virtual host is, without sign-in

    def described(self) -> dict[str, Any]:
        """The whole, without any password."""
        return {
            "instance": self.org, "superior": self.superior, "folder": str(self.folder), "broker": self.broker,
            "environment": {name: masked(value) for name, value in self.environment.items()},
            "at our broker": _without_passwords(self.above), "at its broker": _without_passwords(self.below),
            "database": masked(self.database) or "to be given: DATABASE_URL", "keys": str(self.folder / "keys"),
        }  # fmt: skip


def masked(value: str) -> str:
    """A setting without the passwords in it."""
    return re.sub(r"(://[^:/@\s]*):[^@\s]*@", rf"\1:{_HIDDEN}@", value)


def _without_passwords(definitions: Mapping[str, Any]) -> dict[str, Any]:
    return {**definitions, "users": [{**user, "password": _HIDDEN} for user in definitions.get("users", [])]}


def check_code(org: str, superior: str) -> None:
    """Refuse what cannot be a subordinate's code: rights and sight go by codes that begin with the superior's."""
    if not _CODE.fullmatch(org) or not org.startswith(superior) or org == superior:
        raise Refused("org", "下级机构代码须以本单位代码%(superior)s开头。", "请核对机构代码，如 431023104。", superior=superior)


def plan(
    settings: Settings, org: str, *, folder: Path, broker: str = "", management: str = "", database: str = "", reached_at: str = "",
    services: Sequence[str] = (topology.LINKED,), name: tuple[str, str] | None = None,
    joined: Sequence[str] = (),
) -> Plan:  # fmt: skip
    """Work it out. `broker` is the administrator's address of the instance's own broker, by default ours; `reached_at` the
    host[:port] at which the instance reaches our broker; `name` its Chinese and English name; `joined` who is subordinate
    already. Raises Refused.
    """
    check_code(org, settings.org)
    if not settings.management_url:
        raise Refused(
            "AMQP_MANAGEMENT_URL", "没有设置本单位消息服务器的管理地址。", "请设置 AMQP_MANAGEMENT_URL（须为管理员账号）后重试。"
        )
    if topology.LINKED not in services or set(services) - set(SERVICES):
        raise Refused(
            "services",
            "下级实例须运行 routing，且只能列出已有的服务。",
            "请从 intake routing supervision followup reporting 中选择。",
        )
    ours, known = urlsplit(settings.amqp_uri(topology.LINKED)), read_environment(folder)
    own = urlsplit(broker) if broker else ours
    place = f"{own.hostname}:{own.port or 5672}"
    database_url = _database_url(database, org) if database else known.get("DATABASE_URL", "")
    vhost = org  # on our broker too it has a virtual host of its own
    password = _Passwords(known, org, services)
    environment = _environment(
        settings, org, services, name=name or (org, org), folder=folder, database=database_url, password=password
    )
    environment |= {
        f"AMQP_URI_{s.upper()}": _amqp(own.scheme, f"{org}.{s}", password[s], place, vhost) for s in (*services, "link")
    }
    reach = reached_at or f"{ours.hostname}:{ours.port or 5672}"
    environment["LINKS"] = f"{settings.org}={_amqp(ours.scheme, org, password['superior'], reach, unquote(ours.path[1:]) or '/')}"
    users = {f"{org}.{service}": password[service] for service in (*services, "link")}
    return Plan(
        org=org, superior=settings.org, folder=folder, environment=environment, database=database_url, broker=f"{place}/{vhost}",
        above=_above(settings, org, password["superior"], unquote(ours.path[1:]) or "/", joined),
        below=rights.definitions({vhost: rights.instance_users(org, tuple(services), users, superior=settings.org)}),
        above_management=settings.management_url, below_management=management or (_management(broker) if broker else settings.management_url),
    )  # fmt: skip


def _above(settings: Settings, org: str, password: str, vhost: str, joined: Sequence[str]) -> dict[str, Any]:
    """At our broker: the user as which the instance speaks and hears, and our routing's rights on its queue."""
    below = tuple(dict.fromkeys((*settings.subordinates, *joined, org)))
    superior = next(iter(settings.links), None)
    made = rights.definitions({vhost: {
        org: (password, rights.link_rights(settings.org, org)),
        _user(settings): ("", rights.service_rights(settings.org, topology.LINKED, below, superior)),
    }})  # fmt: skip
    # Ours keeps its password, and an installation with one login for everything keeps its rights.
    theirs = {_user(settings)} if _user(settings) != f"{settings.org}.{topology.LINKED}" else set()
    return {
        "users": [user for user in made["users"] if user["name"] == org],
        "permissions": [row for row in made["permissions"] if row["user"] not in theirs],
        "topic_permissions": [row for row in made["topic_permissions"] if row["user"] not in theirs],
    }


def _user(settings: Settings) -> str:
    return unquote(urlsplit(settings.amqp_uri(topology.LINKED)).username or "guest")


def _environment(
    settings: Settings,
    org: str,
    services: Sequence[str],
    *,
    name: tuple[str, str],
    folder: Path,
    database: str,
    password: _Passwords,
) -> dict[str, str]:
    env = {
        "ZHIDA_ORG": org, "ZHIDA_NAME": name[0], "ZHIDA_NAME_EN": name[1], "ZHIDA_SERVICES": " ".join(services),
        "ZHIDA_KEYS": str((folder / "keys").resolve()), "DATABASE_URL": database,
    }  # fmt: skip
    if settings.simulated:
        env["ZHIDA_SIMULATED"] = "1"
    if database:
        parts = urlsplit(database)
        for service in services:
            role = f"zhida_{org}_{service}".replace("-", "_")
            place = f"{role}:{password[f'database_{service}']}@{parts.hostname}:{parts.port or 5432}"
            env[f"DATABASE_URL_{service.upper()}"] = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))
    return env


class _Passwords:
    """Those that were given out before, as the file of settings has them; new ones otherwise."""

    def __init__(self, known: Mapping[str, str], org: str, services: Sequence[str]) -> None:
        self._known = known
        self._made: dict[str, str] = {}

    def __getitem__(self, what: str) -> str:
        if what not in self._made:
            kind, _, service = what.rpartition("_")
            name = {"superior": "LINKS"}.get(what) or f"{'DATABASE_URL' if kind else 'AMQP_URI'}_{(service or what).upper()}"
            self._made[what] = unquote(
                urlsplit(self._known.get(name, "").partition("=")[2] if name == "LINKS" else self._known.get(name, "")).password
                or ""
            ) or secrets.token_urlsafe(18)
        return self._made[what]


def _amqp(scheme: str, user: str, password: str, place: str, vhost: str) -> str:
    return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{place}/{quote(vhost, safe='')}"


def _management(broker: str) -> str:
    """Where a broker's management API is by default: the same host, port 15672, the same administrator."""
    parts = urlsplit(broker)
    sign_in = f"{parts.username or ''}:{parts.password or ''}@" if parts.username else ""
    return f"http://{sign_in}{parts.hostname}:15672"


def _database_url(server: str, org: str) -> str:
    parts = urlsplit(server)
    return urlunsplit((parts.scheme, parts.netloc, f"/zhida_{org}".replace("-", "_"), parts.query, ""))


def read_environment(folder: Path) -> dict[str, str]:
    """The settings of an instance that was made before; empty when there is none."""
    path = folder / ENVIRONMENT
    if not path.exists():
        return {}
    pairs = (shlex.split(line)[0].partition("=") for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return {name: value for name, _, value in pairs}


def write_environment(folder: Path, environment: Mapping[str, str]) -> None:
    """Write the settings, readable by their owner alone, in the form that shells and systemd read."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / ENVIRONMENT
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in environment.items()), encoding="utf-8")


def make(wanted: Plan, server: str = "") -> list[str]:
    """Make what is planned, at the brokers first. Gives what was done, in words. Raises OSError, psycopg2.Error."""
    done = []
    write_environment(wanted.folder, wanted.environment)  # first: passwords that nobody knows any more help nobody
    done.append(f"settings: {wanted.folder / ENVIRONMENT}")
    for vhost in wanted.below["vhosts"]:
        call(wanted.below_management, "PUT", f"/api/vhosts/{part(vhost['name'])}", {})
    call(wanted.below_management, "POST", "/api/definitions", dict(wanted.below))
    done.append(f"virtual host and users: {wanted.broker}")
    call(wanted.above_management, "POST", "/api/definitions", dict(wanted.above))
    done.append(f"user {wanted.org} at the broker of {wanted.superior}")
    made = keys.make(wanted.folder / "keys")
    done.append(f"keys: {', '.join(made) or 'there'}")
    if server:
        done.append(f"database: {'made' if _create(server, wanted.database) else 'there'}")
    if wanted.database:
        done.append(f"schemas: {len(migrate.migrate(load(wanted.environment)))} migrations")
    return done


def _create(server: str, wanted: str) -> bool:
    name = unquote(urlsplit(wanted).path[1:])
    connection = psycopg2.connect(server, connect_timeout=5)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if cursor.fetchone() is not None:
                return False
            statement = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
            cursor.execute(sql.SQL(statement).format(sql.Identifier(name)))
            return True
    finally:
        connection.close()


def delete_queue(settings: Settings, org: str) -> None:
    """Delete the queue that the instance read."""
    vhost = unquote(urlsplit(settings.amqp_uri(topology.LINKED)).path[1:]) or "/"
    _delete(settings, f"/api/queues/{part(vhost)}/{part(topology.link_queue(org))}")


def _delete(settings: Settings, path: str) -> None:
    """Delete it if it is there."""
    try:
        call(settings.management_url, "DELETE", path)
    except OSError as fault:
        if ": 404 " not in str(fault):
            raise


def unmake(settings: Settings, org: str, joined: Sequence[str]) -> None:
    """Take the instance's user away from our broker, and its queue from our routing's rights. Its own broker and database stay."""
    vhost = unquote(urlsplit(settings.amqp_uri(topology.LINKED)).path[1:]) or "/"
    _delete(settings, f"/api/users/{part(org)}")
    delete_queue(settings, org)
    if _user(settings) == f"{settings.org}.{topology.LINKED}":
        left = tuple(dict.fromkeys(code for code in (*settings.subordinates, *joined) if code != org))
        members = {
            _user(settings): ("", rights.service_rights(settings.org, topology.LINKED, left, next(iter(settings.links), None)))
        }
        made = rights.definitions({vhost: members})
        call(settings.management_url, "POST", "/api/definitions",
             {"permissions": made["permissions"], "topic_permissions": made["topic_permissions"]})  # fmt: skip

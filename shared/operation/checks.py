"""What every instance needs, whatever its services: settings, secrets, database, schemas, broker, mail server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from psycopg2.extras import RealDictCursor

from shared import keys
from shared.bus import bindings, topology
from shared.bus.broker import connect, faults, hang_up, user_of
from shared.bus.management import rights_of, vhost_of
from shared.bus.rights import service_rights
from shared.config import SERVICES, Settings
from shared.connection import connect as database_connect
from shared.connection import faults as database_faults
from shared.errors import Unavailable, ZhidaError
from shared.mailing import SmtpCarrier
from shared.migrate import differences
from shared.operation import Check, NotLooked, reading

SKEW = 2.0  # seconds by which the clocks of this machine and of the database may differ
_SERVER = """
SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
       lower('Ä') = 'ä' AS letters, 'B' < 'a' AS by_number, extract(epoch FROM clock_timestamp()) AS clock
"""


class Faulty(ZhidaError):
    """Tell the operator: something is not as it should be."""


def agree(wrong: list[str], good: str) -> str:
    """What is good, when nothing is wrong. Raises Faulty."""
    if wrong:
        raise Faulty("; ".join(wrong))
    return good


def services(settings: Settings) -> str:
    """The settings were read; that they name services that exist."""
    unknown = [f"ZHIDA_SERVICES names {name}, which is none" for name in settings.services if name not in SERVICES]
    return agree(unknown, f"{settings.org} {settings.name}: {' '.join(settings.services)}")


def secrets(settings: Settings) -> str:
    """The keys that the services need, readable by nobody else."""
    names = [keys.SECRET, keys.SESSION_PUBLIC]
    names += [name for service, name in (("routing", keys.SESSION), ("intake", keys.MASTER)) if service in settings.services]
    return agree(keys.wrong(settings.keys, names, settings.mounted), f"{', '.join(names)} in {settings.keys}")


def database(settings: Settings) -> str:
    """Each service signs in; version, encoding, order of letters, clock; and that it is this instance's own."""
    for service in settings.services:
        with database_faults(), closing(database_connect(settings.service_url(service), service)) as connection:
            cursor, before = connection.cursor(cursor_factory=RealDictCursor), time.time()
            cursor.execute(_SERVER)
            found = cursor.fetchall()[0]
            skew = float(found["clock"]) - (before + time.time()) / 2
    wrong = [
        *([f"encoding {found['encoding']}, not UTF8"] if found["encoding"] != "UTF8" else []),
        *(["its locale is not C.UTF-8: it does not know small and large letters"] if not found["letters"] else []),
        *(["its locale is not C.UTF-8: it sorts by another order"] if not found["by_number"] else []),
        *([f"its clock is {skew:+.1f} s from this machine's"] if abs(skew) > SKEW else []),
    ]
    return agree(wrong, f"PostgreSQL {found['version']}, {found['encoding']}, clock {skew:+.1f} s")


def schemas(settings: Settings) -> str:
    """Every migration of this program was applied, none that it does not know, to a database of this instance."""
    wrong = []
    for schema in ("platform", *settings.services):
        _, missing, unknown = differences(settings, schema)
        wrong += [f"{schema} lacks {', '.join(missing)}"] if missing else []
        wrong += [f"{schema} is newer than this program: {', '.join(unknown)}"] if unknown else []
    if not wrong:
        first = settings.services[0]
        with database_faults(), closing(database_connect(settings.service_url(first), first)) as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT org, simulated FROM platform.instance")
            org, simulated = cursor.fetchall()[0]
        wrong += [f"it is the database of {org}"] if org != settings.org else []
        wrong += (
            [f"ZHIDA_SIMULATED is {settings.simulated}, in the database {simulated}"] if simulated != settings.simulated else []
        )
    return agree(wrong, f"platform {' '.join(settings.services)}: up to date")


@contextmanager
def signed_in(settings: Settings, name: str, uri: str = "") -> Iterator[Any]:
    """A connection to a broker. Raises Unavailable."""
    connection = connect(uri or settings.amqp_uri(name), f"{settings.org} operator")
    try:
        yield connection
    finally:
        hang_up(connection)


def addressed(settings: Settings) -> list[str]:
    """The services whose address at the broker was given to this process. Raises Faulty when none was."""
    found = [service for service in settings.services if settings.amqp_uri(service)]
    if not found:
        raise Faulty("neither AMQP_URI nor any AMQP_URI_<SERVICE> is set")
    return found


def broker(settings: Settings) -> str:
    """Each service signs in; the exchange and its queues are there."""
    wrong, known = [], addressed(settings)
    for service in known:
        with signed_in(settings, service) as connection:
            with faults():
                connection.channel().exchange_declare(topology.EXCHANGE, "topic", passive=True)
            names = topology.queues(settings.org, service, settings.partitions.get(service, 1))
            wrong += [f"queue {name} is not there" for name in names if not topology.exists(connection, name)]
            version = connection.server_properties.get("version", "")
    return agree(wrong, f"RabbitMQ {version}: {topology.EXCHANGE} and queues of {' '.join(known)}")


def bound(settings: Settings) -> str:
    """The bindings that the workers compare, too."""
    if not settings.management_url:
        raise NotLooked("AMQP_MANAGEMENT_URL is not set: workers declare bindings anew each minute, nobody compares")
    wrong, count = [], 0
    for service in (known := addressed(settings)):
        missing = bindings.missing(settings, service)
        if missing is None:
            raise Unavailable("the broker's management API does not say what is bound")
        wrong += [f"{settings.org}.{service} is not bound to {key}" for key in sorted(missing)]
        count += len(topology.bindings(settings.org, service))
    return agree(wrong, f"all {count} of {' '.join(known)}")


def granted(settings: Settings) -> str:
    """What the broker grants each service's user, held against the list of events."""
    if not settings.management_url:
        raise NotLooked("AMQP_MANAGEMENT_URL is not set")
    with reading(settings, settings.services[0]) as uow:
        joined = [row["org"] for row in uow.all("SELECT org FROM platform.subordinate ORDER BY org")]
    below, wrong = tuple(dict.fromkeys((*settings.subordinates, *joined))), []
    for service in (known := addressed(settings)):
        uri = settings.amqp_uri(service)
        user, superior = user_of(uri), next(iter(settings.links), None)
        if user != f"{settings.org}.{service}":
            raise NotLooked(f"{service} signs in as {user}, not as a user of its own")
        found = rights_of(settings.management_url, vhost_of(uri), user)
        wanted = service_rights(settings.org, service, below, superior)
        wrong += [f"{user}: {kind} is {found.get(kind, 'not set')}" for kind in wanted if found.get(kind) != wanted[kind]]
    return agree(wrong, f"as derived from the list of events: {' '.join(known)}")


def superiors(settings: Settings) -> str:
    """The brokers that LINKS names let us in, and our queue is there."""
    if not settings.links:
        raise NotLooked("LINKS is not set: nobody is above")
    wrong = []
    for org, uri in settings.links.items():
        with signed_in(settings, org, uri) as connection:
            queue = topology.link_queue(settings.org)
            wrong += [f"{org} has no queue {queue} for us"] if not topology.exists(connection, queue) else []
    return agree(wrong, " ".join(settings.links))


def mail(settings: Settings) -> str:
    """The mail server lets us in."""
    if not settings.smtp_uri:
        raise NotLooked("SMTP_URI is not set: nobody is told by mail")
    return SmtpCarrier(settings.smtp_uri).greet()


ORDER = (
    Check("services", services, "Name services of docs/operations.md in ZHIDA_SERVICES."),
    Check(
        "secrets",
        secrets,
        "`zhida keys` makes what never was; what was lost comes from the backup. chmod 600 what others may read.",
    ),
    Check(
        "database",
        database,
        "Server, DATABASE_URL_<SERVICE>; a database is made with ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'; clocks by NTP.",
    ),
    Check("schemas", schemas, "`zhida migrate`; newer than the program: run the program of the newer release."),
    Check(
        "broker", broker, "Server, AMQP_URI_<SERVICE>, users and virtual host; a worker makes exchange and queues at its start."
    ),
    Check(
        "bindings",
        bound,
        "A running worker makes them within ZHIDA_BINDING_CHECK seconds and asks for what was missed; docs/runbooks/ZhidaBindingLost.md.",
    ),
    Check(
        "rights",
        granted,
        "Set the users' permissions as shared/bus/rights.py derives them; `zhida instance create` again mends a township's.",
    ),
    Check(
        "superiors",
        superiors,
        "The link: LINKS, our user at the superior's broker; the superior's relay makes the queue. Both go on working meanwhile.",
    ),
    Check("mail server", mail, "SMTP_URI, the server and its certificate; messages wait and are sent later."),
)

"""The demo: a county on one machine. Everything of it lies under one folder and ends with ``stop``."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from deploy.dev.broker import Broker
from deploy.dev.channels import Channels
from deploy.dev.county import County
from deploy.dev.database import Database
from deploy.dev.examples import Examples
from deploy.dev.existing import ExistingBroker, ExistingDatabase
from deploy.dev.instance import ROOT
from deploy.dev.overdue import Overdue
from deploy.dev.processes import Process, sweep
from deploy.dev.steps import Steps
from deploy.dev.story import Story, at

LOCAL = ROOT / ".local" / "demo"
REPLAYED = ROOT / ".local" / "replay"  # servers and county of `zhida replay`, which is stopped like the demo
LOADED = "loaded"


class Servers(NamedTuple):
    """What every instance of the demo shares."""

    broker: Broker | ExistingBroker
    database: Database | ExistingDatabase


class Line(NamedTuple):
    """One program of the demo, for ``status``."""

    name: str
    pid: int | None
    where: str


def servers(local: Path = LOCAL) -> Servers:
    """The demo's broker and database, running or not, or those that AMQP_URI and DATABASE_URL name.

    Made again they are the same ones, also in a shell that took the demo's own settings. Raises CannotProvision.
    """
    amqp_uri, database_url = os.environ.get("AMQP_URI"), os.environ.get("DATABASE_URL")
    broker = Broker(local / "broker", plugins=("rabbitmq_consistent_hash_exchange", "rabbitmq_management"))
    database = Database(local / "database", passwords=True)
    if database_url and urlsplit(database_url).port == database.port:
        database_url = None
    return Servers(
        ExistingBroker(amqp_uri, os.environ.get("AMQP_MANAGEMENT_URL", "")) if amqp_uri else broker,
        ExistingDatabase(database_url) if database_url else database,
    )


def start(steps: Steps, local: Path = LOCAL) -> County:
    """Start what does not run yet. If a step fails, what was started before goes on, and ``stop`` ends it."""
    local.mkdir(parents=True, exist_ok=True)
    both = servers(local)
    with steps.step("数据库 database"):
        both.database.start()
    with steps.step("消息服务器 message broker"):
        both.broker.start()
    county = county_of(both, local)
    fresh = not (local / LOADED).exists()
    with steps.step("县、镇两级库表、账号、密钥 schemas, users, keys of county and town"):
        county.prepare()
    if fresh:
        _ = county.driver  # the clock has to stand before the first process looks at it
    with steps.step("县五个服务，镇一个 five services of the county, routing of the town"):
        county.start()
    if fresh:
        overdue = Overdue(county)
        with steps.step("2016年11月的来邮 the mail of November 2016"):
            Story(county, lambda line: None, overdue).play()
        with steps.step("示例信访件 example cases"):
            Examples(county, lambda line: None, overdue).load()
            Channels(county).load()
        (local / LOADED).touch()
    flow(county, local).start()
    return county


def county_of(both: Servers, local: Path = LOCAL) -> County:
    """The demo's county and town on these servers, running or not."""
    return County(local / "run", both.broker, both.database, begin=at(11, 7, 8, 0))


def management_of(county: County) -> str:
    """The management API's address with its administrator, as AMQP_MANAGEMENT_URL takes it."""
    broker = county.county.broker
    if isinstance(broker, ExistingBroker):
        return os.environ["AMQP_MANAGEMENT_URL"]
    return broker.management_url.replace("//", f"//{broker.uri().split('//')[1].split('@')[0]}@")


def flow(county: County, local: Path = LOCAL) -> Process:
    """The process that lets the demo's time flow."""
    urls = [instance.server.url(instance.database_name) for instance in county.instances]
    return Process("flow", [sys.executable, "-m", "deploy.dev.flow", *urls], folder=local / "run", cwd=ROOT)


def stop(local: Path = LOCAL, *, forget: bool = False) -> list[str]:
    """End every program of the demo, also after a crash of whoever started it; the names of those that ran.

    Programs that use the servers end first. With ``forget`` the demo's data goes too.
    """
    if not local.exists():
        return []
    ended = sweep(local / "run") if (local / "run").exists() else []
    both = servers(local)
    for name, server in (("broker", both.broker), ("database", both.database)):
        if not isinstance(server, ExistingBroker | ExistingDatabase) and server.running():
            server.stop()
            ended.append(name)
    ended += sweep(local)
    if forget:
        shutil.rmtree(local)
    return ended


def status(local: Path = LOCAL) -> Iterator[Line]:
    """Every program of the demo with its process number, or None if it does not run."""
    if not local.exists():
        return
    both = servers(local)
    yield Line("broker", both.broker.pid, f"127.0.0.1:{both.broker.ports['amqp']}")
    yield Line("database", both.database.pid, f"127.0.0.1:{both.database.port}")
    for note in sorted((local / "run").rglob("*.process")):
        yield Line(note.stem, Process(note.stem, [], folder=note.parent).pid, str(note.with_suffix(".log")))

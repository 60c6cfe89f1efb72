"""The demo: a county on one machine. Everything of it lies under one folder and ends with ``stop``."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.processes import Process, sweep
from deploy.dev.steps import Steps

LOCAL = Path(__file__).resolve().parents[2] / ".local" / "demo"


class Servers(NamedTuple):
    """What every instance of the demo shares."""

    broker: Broker
    database: Database


class Line(NamedTuple):
    """One program of the demo, for ``status``."""

    name: str
    pid: int | None
    where: str


def servers(local: Path = LOCAL) -> Servers:
    """The demo's broker and database, running or not. Made again they are the same ones."""
    return Servers(
        Broker(local / "broker", plugins=("rabbitmq_consistent_hash_exchange",)),
        Database(local / "database", passwords=True),
    )


def start(steps: Steps, local: Path = LOCAL) -> Servers:
    """Start what does not run yet. If a step fails, what was started before goes on, and ``stop`` ends it."""
    local.mkdir(parents=True, exist_ok=True)
    both = servers(local)
    with steps.step("数据库 database"):
        both.database.start()
    with steps.step("消息服务器 message broker"):
        both.broker.start()
    return both


def stop(local: Path = LOCAL, *, forget: bool = False) -> list[str]:
    """End every program of the demo, also after a crash of whoever started it; the names of those that ran.

    Programs that use the servers end first. With ``forget`` the demo's data goes too.
    """
    if not local.exists():
        return []
    ended = sweep(local / "run") if (local / "run").exists() else []
    both = servers(local)
    for name, server in (("broker", both.broker), ("database", both.database)):
        if server.running():
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
    for note in sorted((local / "run").glob("*.process")):
        yield Line(note.stem, Process(note.stem, [], folder=note.parent).pid, str(note.with_suffix(".log")))

"""`zhida status`: the running instance at a glance."""

from __future__ import annotations

import time
from typing import Annotated, Any
from urllib.request import urlopen

import typer
from prometheus_client.parser import text_string_to_metric_families

from shared.bus import topology
from shared.bus.backlog import backlog
from shared.bus.management import TIMEOUT
from shared.config import Settings, load
from shared.errors import ZhidaError
from shared.migrate import differences
from shared.operation import added, reading
from shared.operation.checks import signed_in
from shared.printing import AsJson, out, say, show

_LAST = "SELECT name, occurred_at FROM event_log ORDER BY id DESC LIMIT 1"
_EVERY, _RAN = "zhida_timer_period_seconds", "zhida_timer_last_run_timestamp_seconds"


def status(
    at: Annotated[
        list[str] | None,
        typer.Option(
            "--at", help="Where a process answers /metrics, as http://host:port (several times); by default ZHIDA_HEALTH_PORT."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How each service stands, the neighbours, deadlines, and the timers of running processes. What cannot be asked is said."""
    settings, away = load(), list[str]()
    tables: dict[str, list[dict[str, Any]]] = {"services": [_service(settings, name, away) for name in settings.services]}
    for standing in added(settings, "STANDING"):
        for title, rows in standing.items():
            tables[title] = _asked(title, lambda rows=rows: rows(settings), away) or []
    own = [f"http://127.0.0.1:{settings.health_port}"] if settings.health_port else []
    tables["timers"] = [row for address in at or own for row in _asked(address, lambda a=address: timers(a), away) or []]
    if not (at or own):
        away.append("timers: ZHIDA_HEALTH_PORT is not set; --at names a process")
    if as_json:
        say(tables | {"not asked": away})
        return
    for title, rows in tables.items():
        if rows:
            show(rows, False, title)
    for words in away:
        out().print(words, markup=False, highlight=False)


def _asked(title: str, ask: Any, away: list[str]) -> Any:
    """What was asked for, or None; then `away` says why."""
    try:
        return ask()
    except (ZhidaError, OSError, ValueError, KeyError) as fault:
        away.append(f"{title}: {fault}")
        return None


def _service(settings: Settings, service: str, away: list[str]) -> dict[str, Any]:
    """One service: its schema, what has not left, what is parked, what waits at the broker, what it told last."""
    row: dict[str, Any] = {"service": service}
    row |= _asked(f"{service}'s schema", lambda: _schema(settings, service), away) or {"schema": None}
    row |= _asked(f"{service}'s log", lambda: _log(settings, service), away) or dict.fromkeys(
        ("to send", "oldest (s)", "parked", "set aside", "last told", "at")
    )
    return row | (_asked(f"{service}'s queue", lambda: _queue(settings, service), away) or {"in queue": None, "readers": None})


def _schema(settings: Settings, service: str) -> dict[str, Any]:
    latest, missing, unknown = differences(settings, service)
    return {"schema": f"{latest}, {len(missing)} lack" if missing else f"{latest}, newer" if unknown else latest}


def _log(settings: Settings, service: str) -> dict[str, Any]:
    with reading(settings, service) as uow:
        found, last = backlog(uow), uow.one(_LAST)
    aside = {"waiting", "not_yet"}  # behind a parked one of their case; for their cause
    return {
        "to send": sum(found.waiting.values()), "oldest (s)": round(max(found.age.values(), default=0.0), 1),
        "parked": sum(count for reason, count in found.parked.items() if reason not in aside),
        "set aside": sum(count for reason, count in found.parked.items() if reason in aside),
        "last told": last["name"] if last else None, "at": last["occurred_at"] if last else None,
    }  # fmt: skip


def _queue(settings: Settings, service: str) -> dict[str, Any]:
    names = topology.queues(settings.org, service, settings.partitions.get(service, 1))
    with signed_in(settings, service) as connection:
        found = [depth for name in names if (depth := topology.depth(connection, name)) is not None]
    if not found:
        raise OSError("it is not there")
    return {"in queue": sum(waiting for waiting, _ in found), "readers": sum(readers for _, readers in found)}


def timers(address: str) -> list[dict[str, Any]]:
    """The timers of a process by its own figures: when each ran, and by how much it is late. Raises OSError."""
    with urlopen(f"{address.rstrip('/')}/metrics", timeout=TIMEOUT) as answer:  # noqa: S310 - the operator's
        families = text_string_to_metric_families(answer.read().decode())
    figures = {
        (sample.name, sample.labels["service"], sample.labels["timer"]): sample.value
        for family in families if family.name in (_EVERY, _RAN) for sample in family.samples
    }  # fmt: skip
    now = time.time()
    return [
        {
            "service": service, "timer": timer, "rests (s)": round(figures[_EVERY, service, timer], 2), "ran (s ago)": round(now - ran, 1),
            "late (s)": round(max(now - ran - figures[_EVERY, service, timer], 0.0), 1), "process": address,
        }
        for (name, service, timer), ran in sorted(figures.items()) if name == _RAN
    ]  # fmt: skip

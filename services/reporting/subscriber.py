"""`zhida subscriber ...`: other agencies that are told of cases."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from services.reporting.handlers import subscribing
from services.reporting.public import asyncapi, joining, rights
from shared.config import Settings, load
from shared.database import Database
from shared.printing import AsJson, show

commands = typer.Typer(help="对外订阅 / other agencies that are told of cases", no_args_is_help=True)
ReachedAt = Annotated[
    str, typer.Option(help="[amqps://]host[:port] at which the agency reaches our broker, if another than we use.")
]
_HIDDEN = "(unchanged)"


def _reporting(settings: Settings) -> Database:
    return Database(settings.service_url("reporting"), service="reporting", org=settings.org, simulated=settings.simulated)


@commands.command()
def add(
    name: str,
    events: Annotated[list[str] | None, typer.Option(help="Which events, as case.* (several times); all by default.")] = None,
    org: Annotated[
        list[str] | None, typer.Option(help="Whose, by code (several times); ours by default, * for all below.")
    ] = None,
    reached_at: ReachedAt = "",
    as_json: AsJson = False,
) -> None:
    """Let NAME subscribe: a user, a queue and exact rights at the broker; says how to connect. Again: changes what it is told."""
    settings = load()
    joining.check(settings)
    patterns, codes = list(events or ["#"]), list(org or [settings.org])
    subscribing.check(name, patterns, codes, settings.org)
    with _reporting(settings).unit_of_work() as uow:
        counts = subscribing.counted_alone(uow, patterns, codes)
        known = name in {one.name for one in subscribing.subscribers(uow)}
        password = None if known else secrets.token_urlsafe(24)
        joining.add(settings, name, rights.keys(patterns, codes), password)
        subscribing.subscribe(uow, name, patterns, codes, os.environ.get("USER", "operator"))
    _tell(settings, name, patterns, codes, password, reached_at, as_json, counts)


@commands.command("asyncapi")
def print_asyncapi() -> None:
    """What agencies are told, as an AsyncAPI document: docs/asyncapi.json."""
    typer.echo(json.dumps(asyncapi.document(), ensure_ascii=False, indent=1))


@commands.command("list")
def list_subscribers(as_json: AsJson = False) -> None:
    """Who subscribes, to what, how much waits for each, and whether its rights are what they should be."""
    settings = load()
    joining.check(settings)
    with _reporting(settings).unit_of_work() as uow:
        known = subscribing.subscribers(uow)
    show([_row(settings, one) for one in known], as_json)


@commands.command()
def rotate(name: str, reached_at: ReachedAt = "", as_json: AsJson = False) -> None:
    """Give NAME another password; its connections end, what waits for it stays."""
    settings = load()
    joining.check(settings)
    password = secrets.token_urlsafe(24)
    with _reporting(settings).unit_of_work() as uow:
        subscribing.rotated(uow, name)
        one = subscribing.find(uow, name)
        joining.set_password(settings, name, password)
    _tell(settings, name, one.events, one.organisations, password, reached_at, as_json)


@commands.command()
def remove(name: str) -> None:
    """Let NAME go: its user, its queue and what waits there."""
    settings = load()
    joining.check(settings)
    with _reporting(settings).unit_of_work() as uow:
        subscribing.unsubscribe(uow, name)
        joining.remove(settings, name)
    typer.echo(f"{name} is told nothing any more")


def _row(settings: Settings, one: subscribing.Subscriber) -> dict[str, Any]:
    waiting = joining.waiting(settings, one.name)
    wrong = (
        ["no queue"] if waiting is None else joining.differences(settings, one.name, rights.keys(one.events, one.organisations))
    )
    return {
        "name": one.name, "events": " ".join(one.events), "organisations": " ".join(one.organisations), "waiting": waiting,
        "rights": "; ".join(wrong) or "as they should be", "added_at": one.added_at, "rotated_at": one.rotated_at,
    }  # fmt: skip


def _tell(
    settings: Settings,
    name: str,
    patterns: list[str],
    codes: list[str],
    password: str | None,
    reached_at: str,
    as_json: bool,
    counts: Sequence[str] = (),
) -> None:
    address = joining.address(settings, name, password or _HIDDEN, reached_at)
    told = sorted({event for pattern in patterns for event in subscribing.matching(pattern)})
    page = f"{settings.public_url}/reporting/events"
    if as_json:
        found = {
            "address": address, "queue": joining.queue(settings, name), "events": told, "organisations": codes, "counts_alone": list(counts),
            "catalogue": page,
        }  # fmt: skip
        typer.echo(json.dumps(found))
        return
    typer.echo(f"address   {address if password else 'as before (zhida subscriber rotate gives another password)'}")
    typer.echo(f"queue     {joining.queue(settings, name)}")
    typer.echo(f"events    {' '.join(told)}")
    typer.echo(f"of        {' '.join(codes)}")
    if counts:
        typer.echo(
            f"counts    of {' '.join(counts)} monthly counts alone: their cases are told by their own instances, subscribe there"
        )
    typer.echo(f"catalogue {page} (fields, examples, AsyncAPI)")
    if password:
        typer.echo("The password is not kept here: hand it over by a safe way. To try it:")
        typer.echo(f"  AMQP_URL='{address}' QUEUE={joining.queue(settings, name)} python docs/examples/subscriber.py")
    if password and not address.startswith("amqps:"):
        typer.echo("This address is not encrypted: outside this machine use --reached-at amqps://host:port.", err=True)

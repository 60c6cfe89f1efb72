"""`zhida instance ...`: instances below this one, and what to do after this one was restored from a backup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import psycopg2
import typer

from services.routing import joining as making
from services.routing import store
from services.routing.cli.sync import AsJson, routing
from services.routing.handlers import joining, sync
from services.routing.recovery import recover
from shared.bus import topology
from shared.bus.broker import connect, hang_up
from shared.bus.management import rights_of, vhost_of
from shared.config import Settings, load
from shared.errors import NotFound, Refused
from shared.printing import show

commands = typer.Typer(help="下级实例 / instances below this one", no_args_is_help=True)


@commands.command()
def create(
    org: str,
    superior: Annotated[str, typer.Option(help="The instance in whose environment this runs.")],
    broker: Annotated[
        str, typer.Option(help="Its own broker: amqp://administrator:password@host:port. Without: a virtual host on ours.")
    ] = "",
    management: Annotated[str, typer.Option(help="Its broker's management API; by default port 15672 there.")] = "",
    database: Annotated[
        str, typer.Option(help="A PostgreSQL server for it: postgresql://owner:password@host:port/postgres.")
    ] = "",
    reached_at: Annotated[str, typer.Option(help="host[:port] at which it reaches our broker, if another than we use.")] = "",
    services: Annotated[str, typer.Option(help="What it runs.")] = topology.LINKED,
    name: Annotated[str, typer.Option(help="How its pages name it; by default as our directory does.")] = "",
    folder: Annotated[Path | None, typer.Option(help="Where its settings and keys go; by default instances/<org>.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be made.")] = False,
) -> None:
    """Make ORG an instance below this one: virtual host, users with their exact rights, the link, database, keys. May be run again."""
    settings = load()
    if superior != settings.org:
        raise Refused("superior", "须在上级单位%(org)s的环境中执行。", "请设置 ZHIDA_ORG 等后重试。", org=superior)
    with routing(settings).unit_of_work() as uow:
        below = [row["org"] for row in joining.joined(uow)]
        known = store.directory(uow).organisations.get(org)
    named = (name, name) if name else (known.name, known.name_en) if known else None
    wanted = making.plan(
        settings, org, folder=folder or Path("instances") / org, broker=broker, management=management, database=database, reached_at=reached_at,
        services=services.split(), name=named, joined=below,
    )  # fmt: skip
    if dry_run:
        typer.echo(json.dumps(wanted.described(), ensure_ascii=False, indent=2))
        return
    try:
        done = making.make(wanted, database)
    except psycopg2.Error as fault:
        raise OSError(f"database: {str(fault).strip()}") from fault
    with routing(settings).unit_of_work() as uow:
        joining.join(uow, org, " ".join(services.split()), wanted.broker)
    for line in [*done, f"joined: {settings.org} tells it what is addressed to it within {settings.binding_check:.0f} s"]:
        typer.echo(line)
    typer.echo(f"next: mark {org} with has_instance in the directory of {settings.org}, import a directory there, and start it:")
    typer.echo(f"  set -a; . {wanted.folder / making.ENVIRONMENT}; set +a; python -m shared.bus.worker")


@commands.command("list")
def list_instances(as_json: AsJson = False) -> None:
    """The instances below, and how it stands with each."""
    settings = load()
    with routing(settings).unit_of_work() as uow:
        rows = _rows(settings, joining.joined(uow), {one.org: one for one in sync.neighbours(uow)})
    show(rows, as_json)


@commands.command("show")
def show_instance(org: str) -> None:
    """One of them: where it is, what waits for it, and whether its rights at our broker are what they should be."""
    settings = load()
    with routing(settings).unit_of_work() as uow:
        rows = _rows(settings, joining.joined(uow), {one.org: one for one in sync.neighbours(uow)})
    found = next((row for row in rows if row["org"] == org), None)
    if found is None:
        raise NotFound("org", "没有这个下级实例。", "请用 zhida instance list 核对。")
    rights = {"waits in its queue": _in_queue(settings, org), "rights": rights_at_broker(settings, org)}
    typer.echo(json.dumps({**found, **rights}, ensure_ascii=False, indent=2, default=str))


@commands.command()
def remove(org: str) -> None:
    """Let ORG go: its user and queue at our broker. Refused while anything waits. Its own broker, database and keys stay."""
    settings = load()
    with routing(settings).unit_of_work() as uow:
        below = [row["org"] for row in joining.joined(uow)]
        if org not in below:
            raise NotFound(
                "org", "没有这个下级实例。", "请用 zhida instance list 核对；列在 ZHIDA_SUBORDINATES 中的，请先从中删去。"
            )
        joining.leave(uow, org, _in_queue(settings, org) or 0)
        making.unmake(settings, org, below)
    making.delete_queue(settings, org)  # once more: until now the relay may have made it again
    typer.echo(f"{org} is no subordinate any more; its broker, database and keys are left as they are")


@commands.command()
def restored(
    without: Annotated[list[str] | None, typer.Option(help="Neighbours that cannot be asked now.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for their answers.")] = 60.0,
) -> None:
    """After this instance's database was restored from a backup, before anything of it starts: its neighbours give back its later events."""
    count = recover(load(), without=without or (), timeout=timeout, say=typer.echo)
    typer.echo(f"{count} events came back and stand in the log; start the instance, they take effect with its worker")


def _rows(settings: Settings, joined: list[dict[str, Any]], known: dict[str, sync.Neighbour]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {
        org: {"org": org, "services": "", "broker": "by settings", "joined_at": ""} for org in settings.subordinates
    }
    rows |= {row["org"]: row for row in joined}
    for org, row in rows.items():
        one = known.get(org)
        row |= {
            "behind": sum(flow.behind for flow in one.flows) if one else 0,
            "verdict": one.verdict if one else "never heard of",
        }
    return [rows[org] for org in sorted(rows)]


def _in_queue(settings: Settings, org: str) -> int | None:
    """How many messages wait at our broker for it; None when it has no queue yet."""
    connection = connect(settings.amqp_uri(topology.LINKED), f"{settings.org} instance")
    try:
        found = topology.depth(connection, topology.link_queue(org))
        return None if found is None else found[0]
    finally:
        hang_up(connection)


def rights_at_broker(settings: Settings, org: str) -> str:
    """Whether our broker grants its user what it should have and nothing else."""
    if not settings.management_url:
        return "not compared: AMQP_MANAGEMENT_URL is not set"
    found = rights_of(settings.management_url, vhost_of(settings.amqp_uri(topology.LINKED)), org)
    return "as they should be" if found == making.rights.link_rights(settings.org, org) else f"other than they should be: {found}"

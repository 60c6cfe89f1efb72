"""`zhida sync ...`: whether this instance and its neighbours hold the same, and what to do where they do not."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.routing.domain.agreement import Flow, Verdict, worst
from services.routing.handlers import sync
from services.routing.handlers.joining import joined
from services.routing.handlers.sync import Neighbour
from shared.config import Settings, load
from shared.database import Database
from shared.printing import cell

commands = typer.Typer(help="上下级核对 / agreement with superior and subordinates", no_args_is_help=True)
CODES = {Verdict.AGREES: 0, Verdict.BEHIND: 1, Verdict.DIFFERS: 2}
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable.")]


def routing(settings: Settings) -> Database:
    """Routing's database."""
    return Database(settings.service_url("routing"), service="routing", org=settings.org, simulated=settings.simulated)


@commands.command()
def status(as_json: AsJson = False) -> None:
    """How it stands with each neighbour. Exit code 0: both hold the same; 1: something is under way or was never compared; 2: they differ."""
    settings = load()
    with routing(settings).unit_of_work() as uow:
        found = sync.neighbours(uow)
        named = sync.differences(uow) if any(one.verdict is Verdict.DIFFERS for one in found) or as_json else []
        below = [row["org"] for row in joined(uow)]
    silent = sorted({*settings.links, *settings.subordinates, *below} - {one.org for one in found})
    verdict = worst(flow for one in found for flow in one.flows)
    if silent and verdict is Verdict.AGREES:
        verdict = Verdict.BEHIND
    if as_json:
        typer.echo(json.dumps(_data(found, silent, verdict, named), ensure_ascii=False, default=str))
    else:
        _print(found, silent, named)
    raise typer.Exit(CODES[verdict])


@commands.command()
def heal(
    peer: Annotated[str | None, typer.Argument(help="The neighbour; all by default.")] = None,
    everything: Annotated[bool, typer.Option(help="Also what does not differ.")] = False,
) -> None:
    """Ask the neighbours for the streams that differ, and count them anew. What was missing takes effect, what differs is named."""
    with routing(load()).unit_of_work() as uow:
        streams = sync.heal(uow, peer, everything=everything)
    for stream in streams:
        typer.echo(stream)
    typer.echo(f"{len(streams)} streams asked for; `zhida sync status` shows how it goes on")


@commands.command("resend")
def resend(
    peer: str, everything: Annotated[bool, typer.Option(help="From the beginning, not from what it holds.")] = False
) -> None:
    """Send what this instance told to PEER again; what it has had it drops."""
    with routing(load()).unit_of_work() as uow:
        for stream in sync.send_again(uow, peer, everything=everything):
            typer.echo(stream)


def standing(settings: Settings) -> list[dict[str, Any]]:
    """A row for each neighbour, for `zhida status`."""
    with routing(settings).unit_of_work() as uow:
        found = {one.org: one for one in sync.neighbours(uow)}
        below = {*settings.subordinates, *(row["org"] for row in joined(uow))}
    return [
        {
            "org": org, "is": "subordinate" if org in below else "superior", "verdict": one.verdict if one else "never heard of",
            "behind": sum(flow.behind for flow in one.flows) if one else None, "lost here": one.lost if one else None,
        }
        for org in sorted({*settings.links, *below, *found})
        for one in [found.get(org)]
    ]  # fmt: skip


def _data(found: list[Neighbour], silent: list[str], verdict: Verdict, named: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "verdict": verdict,
        "neighbours": [
            {"org": one.org, "verdict": one.verdict, "lost_here": one.lost, **(one.known or {}), "streams": [_flow(flow) for flow in one.flows]}
            for one in found
        ],
        "silent": silent,
        "differences": named,
    }  # fmt: skip


def _flow(flow: Flow) -> dict[str, Any]:
    return {
        "way": flow.way, "consumer": flow.consumer, "stream": flow.stream, "held": flow.held, "head": flow.head, "behind": flow.behind,
        "since": flow.since if flow.behind else None, "compared_at": flow.compared_at, "verdict": flow.verdict,
    }  # fmt: skip


def _print(found: list[Neighbour], silent: list[str], named: list[dict[str, Any]]) -> None:
    out = Console()
    table = Table("neighbour", "way", "held by", "stream", "held", "told", "behind", "since", "compared", "")
    for one in found:
        for flow in one.flows:
            row = _flow(flow)
            words = [
                one.org,
                *(
                    row[name]
                    for name in ("way", "consumer", "stream", "held", "head", "behind", "since", "compared_at", "verdict")
                ),
            ]
            table.add_row(*map(cell, words))
    out.print(table)
    for one in found:
        if one.lost:
            out.print(
                f"{one.org} holds {one.lost} events of ours that we lack: restored from an older backup? see `zhida instance restored`"
            )
        if one.known and one.known["restored_at"]:
            out.print(f"{one.org} was restored from a backup at {cell(one.known['restored_at'])}")
    for org in silent:
        out.print(f"{org} has not been heard of yet")
    for row in named:
        out.print(
            f"{row['what']}: case {row['subject']}, {row['stream']} number {row['sequence']} ({row['consumer']}), found {cell(row['found_at'])}"
        )

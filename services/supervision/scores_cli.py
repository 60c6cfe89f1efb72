"""`zhida supervision scores ...`: hold the score book against what it follows from, make a card."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer

from services.supervision import cards
from services.supervision.handlers import book
from services.supervision.handlers import scores as handlers
from services.supervision.store import SQL
from shared.config import load
from shared.database import Database, UnitOfWork
from shared.errors import Refused, Unavailable

scores = typer.Typer(help="计分台账 / the score book", no_args_is_help=True)


@contextmanager
def _unit_of_work() -> Iterator[UnitOfWork]:
    settings = load()
    database = Database(
        settings.service_url("supervision"), service="supervision", org=settings.org, simulated=settings.simulated
    )
    try:
        with database.unit_of_work() as uow:
            yield uow
    except (Unavailable, Refused) as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from fault


@scores.command()
def rebuild(
    write: Annotated[bool, typer.Option("--write", help="补回缺失的分录 / write what is missing; nothing is altered")] = False,
) -> None:
    """Make the book anew from what happened and compare. Exit code 1 when it differs, or did."""
    with _unit_of_work() as uow:
        anew, stands = book.rebuilt(uow), book.live(uow)
        missing = [anew[each] for each in sorted(anew.keys() - stands.keys())]
        foreign = sorted(stands.keys() - anew.keys())
        altered = sorted(each for each in anew.keys() & stands.keys() if anew[each] != stands[each])
        unheard = uow.all(SQL["unheard_causes"])[0]["missing"]
        if write:
            book.restore(uow, missing)
    typer.echo(
        f"分录 / entries: {len(stands)}; 重建 / rebuilt: {len(anew)}; {'补回 / written' if write else '缺少 / missing'}: {len(missing)}"
    )
    for name, found in (
        ("缺少 / missing", [each.id for each in missing]),
        ("多出 / not explained", foreign),
        ("不同 / differs", altered),
    ):
        for each in found:
            typer.echo(f"{name}: {each}", err=True)
    if unheard:
        typer.echo(f"未记入的事件 / events that were not kept: {unheard}", err=True)
    if missing or foreign or altered or unheard:
        raise typer.Exit(1)


@scores.command()
def card(
    code: Annotated[str, typer.Argument(help="人员或单位代码 / an official's id or a unit's code")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="YYYY-MM-DD")],
    last: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="YYYY-MM-DD")],
    cut: Annotated[str, typer.Option(help="截止时刻 / cut-off, RFC 3339; 缺省为现在 / now")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """The card of a leader or a unit, to the letter the same whenever it is made for the same cut-off."""
    with _unit_of_work() as uow:
        until = handlers.cut_off(uow, _instant(cut))
        made = handlers.card_of(uow, code, first.date(), last.date(), until)
        cases = handlers.numbers(uow, made)
        rules = handlers.rules_of(uow, made)
    if as_json:
        typer.echo(json.dumps(cards.as_data(made, rules, cases), ensure_ascii=False, indent=1))
    else:
        typer.echo(cards.as_csv(cards.as_rows(made, rules, cases, "zh")), nl=False)


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Refused("cut", "截止时刻须为带时区的时刻，如 2016-12-31T16:00:00Z。", "请改正后重试。")
    return found

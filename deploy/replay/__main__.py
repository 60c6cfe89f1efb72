"""`zhida replay`: a county's half year through the running system, and what it counts afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from deploy.dev import demo, guide
from deploy.dev.steps import Steps
from deploy.replay import aims, count
from deploy.replay.aims import Aims
from deploy.replay.county import YONGXING, Place
from deploy.replay.stage import Stage
from services.reporting.domain.statistics import Period
from services.reporting.handlers import counting
from services.routing.handlers import accounts
from shared.errors import Refused

DATA = Path(__file__).parent / "data"
MEANING = {
    "cases": "registered", "instructions": "instructions given", "replied": "replied to over a signature", "closed": "closed",
    "due": "fell due for the reply", "due_replied": "of these, replied to", "due_closing": "fell due for closing",
    "due_closed": "of these, closed", "interviews": "person-times called in and held in the first year",
}  # fmt: skip


class Wish(NamedTuple):
    """Which county, what is to come out, from which seed."""

    place: Place
    aims: Aims
    seed: int


def replay(
    figures: Annotated[str | None, typer.Argument(help="Whose figures: yongxing.")] = None,
    county: Annotated[str, typer.Option(help="Another county's code (GB/T 2260), with --cases.")] = "",
    cases: Annotated[int, typer.Option(help="How many cases; the other figures then follow from the seed.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same county.")] = 1,
    name: Annotated[str, typer.Option(help="What another county is called.")] = "",
    stop: Annotated[
        bool, typer.Option("--stop", help="End it when it has counted; without figures: end the one that runs.")
    ] = False,
) -> None:
    """Replay a county's cases from August 2016 to February 2017 on servers of its own, count them, and leave the county running.

    What an earlier replay left is removed first. Ends with 1 when the statistics differ from a count straight from the event logs.
    """
    if figures is None and not cases:
        if not stop:
            raise Refused(
                "figures", "nothing says which county.", "Say `zhida replay yongxing`, or --county CODE --cases N --seed S."
            )
        _say(f"stopped: {', '.join(demo.stop(demo.REPLAYED, forget=True)) or 'nothing was running'}")
        return
    wish = _wish(figures, county, cases, seed, name)
    demo.stop(demo.REPLAYED, forget=True)
    try:
        stage = _played(wish)
        found = counted(stage, wish.aims)
    except BaseException:  # what is half played is no county to look around in; its files stay, to see why
        demo.stop(demo.REPLAYED)
        raise
    _show(wish, *found)
    if stop:
        _say(f"stopped: {', '.join(demo.stop(demo.REPLAYED, forget=True))}")
    else:
        _guide(stage, wish.place)
    if found[0] != found[1]:
        raise typer.Exit(1)


def _wish(figures: str | None, county: str, cases: int, seed: int, name: str) -> Wish:
    if figures is None:
        code = county or YONGXING.code
        if not (code.isascii() and code.isdigit() and len(code) == 6):
            raise Refused("--county", "a county's code has six digits.", "Take it from GB/T 2260, as 431028.")
        place = YONGXING if code == YONGXING.code else Place(code, name or f"{code} 县", name or f"County {code}")
        return Wish(place, aims.of_seed(cases, seed), seed)
    if county or cases:
        raise Refused("figures", "figures and a county of one's own do not go together.", "Leave one of them out.")
    path = DATA / f"{figures}.json"
    if not figures.isidentifier() or not path.exists():
        raise Refused(
            "figures", f"there are no figures of {figures}.", f"There are {', '.join(each.stem for each in DATA.glob('*.json'))}."
        )
    given: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    place = Place(given["county"]["code"], given["county"]["name"], given["county"]["name_en"])
    return Wish(place, aims.of_figures(given), seed)


def _played(wish: Wish) -> Stage:
    steps = Steps()
    demo.REPLAYED.mkdir(parents=True, exist_ok=True)
    servers = demo.servers(demo.REPLAYED)
    with steps.step("数据库、消息服务器 database and message broker"):
        servers.database.start()
        servers.broker.start()
    with steps.step(f"{wish.place.name}：库表、账号、密钥、五个服务 schemas, users, keys, five services"):
        stage = Stage(
            demo.REPLAYED / "run",
            servers.broker,
            servers.database,
            begin=wish.aims.first,
            place=wish.place,
            die_with_parent=False,
        )
        stage.start()
    with _bar(wish.aims) as tell:
        stage.play(wish.aims, wish.seed, tell)
    with steps.step("页面 pages"):
        stage.open()
    steps.finish(f"{wish.place.name} {wish.aims.first} – {wish.aims.last}")
    return stage


@contextmanager
def _bar(aim: Aims) -> Iterator[Any]:
    """Days that are over, on stderr."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        days = progress.add_task(str(aim.first), total=(aim.last - aim.first).days + 1)

        def tell(day: date) -> None:
            progress.update(days, advance=1, description=str(day))

        yield tell


def counted(stage: Stage, aim: Aims) -> tuple[dict[str, int], dict[str, int]]:
    """The county's figures: by the product's statistics, and by a count straight from the event logs."""
    with stage.instance.unit_of_work("reporting") as uow:
        found = counting.figures(uow, Period.of_days(aim.first, aim.last, uow.now))
        year = Period.of_days(date(aim.first.year, 1, 1), date(aim.first.year, 12, 31), uow.now)
        interviews = counting.interviews(uow, year)
    told = {
        "cases": found.registered, "instructions": found.instructions, "replied": found.replied, "closed": found.closed,
        "due": found.due_reply, "due_replied": found.due_reply_done, "due_closing": found.due_closing,
        "due_closed": found.due_closing_done, "interviews": interviews,
    }  # fmt: skip
    return told, count.of_logs(stage.instance.query, aim.first, aim.last, year=aim.first.year)


def _show(wish: Wish, told: dict[str, int], logs: dict[str, int]) -> None:
    table = Table("", "statistics", "event logs", "aimed at", title=f"{wish.place.name} {wish.aims.first} – {wish.aims.last}")
    for name, meaning in MEANING.items():
        aim = wish.aims.due if name == "due_closing" else getattr(wish.aims, name)
        table.add_row(meaning, str(told[name]), str(logs[name]), str(aim))
    for name, (done, of) in {"due-reply rate": ("due_replied", "due"), "due-closing rate": ("due_closed", "due_closing")}.items():
        rates = [f"{aims.percent(found[done], found[of])} %" if found[of] else "-" for found in (told, logs)]
        table.add_row(name, *rates, f"{aims.percent(getattr(wish.aims, done), wish.aims.due)} %")
    Console().print(table)


def _guide(stage: Stage, place: Place) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"\n公众页面 public pages  {stage.instance.address()}/")
    console.print("登录链接，每个用一次 sign-in links, each good once")
    for title, official in guide.ROLES[:-1]:  # the last one works in the demo's town
        with stage.instance.unit_of_work("routing") as uow:
            token = accounts.make_link(uow, official.replace(YONGXING.code, place.code), datetime.now(UTC))
        console.print(f"  {stage.instance.address()}/sign-in/link/{token}  {title}")
    console.print("\n结束 end: make stop, or .venv/bin/zhida replay --stop")


def _say(line: str) -> None:
    Console(stderr=True).print(line)


if __name__ == "__main__":
    typer.run(replay)

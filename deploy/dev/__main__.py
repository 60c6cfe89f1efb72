"""``python -m deploy.dev``, or ``zhida demo``: the demo on this machine."""

from __future__ import annotations

import shlex
import tempfile
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from deploy.dev import demo, guide
from deploy.dev.broker import Broker
from deploy.dev.county import County
from deploy.dev.database import Database
from deploy.dev.steps import Steps
from deploy.dev.story import Story, at

commands = typer.Typer(help="直达 Zhida on one machine.", no_args_is_help=True)


@commands.command("demo")
@commands.command("start", hidden=True)
def start() -> None:
    """Start a whole county; what runs already stays."""
    steps = Steps()
    county = demo.start(steps)
    steps.finish("直达 Zhida")
    guide.show(county)


@commands.command()
def links() -> None:
    """Print the addresses and fresh sign-in links of the running demo."""
    guide.show(demo.county_of(demo.servers()))


@commands.command()
def environment(town: bool = typer.Option(False, help="Of the town's instance instead of the county's.")) -> None:
    """Print what the demo's processes are started with, for `eval`: so every command of docs/operations.md can be tried on it.

    The management API is named with the broker's administrator, as `zhida instance` needs it.
    """
    county = demo.county_of(demo.servers())
    instance = county.town if town else county.county
    said = instance.environment() | {"AMQP_MANAGEMENT_URL": demo.management_of(county)}
    for name, value in said.items():
        print(f"export {name}={shlex.quote(value)}")


@commands.command()
def story() -> None:
    """Play the article's case from its mail to its archive, on servers of its own that end with it."""
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="zhida-story-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        broker = Broker(folder / "broker", die_with_parent=True)
        database = Database(folder / "database", die_with_parent=True)
        steps = Steps()
        try:
            with steps.step("两级实例 county and town"):
                database.start()
                broker.start()
                county = County(folder, broker, database, begin=at(11, 7, 8, 0), die_with_parent=True)
                county.prepare()
                _ = county.driver
                county.start()
            Story(county, console.print).play()
        finally:
            demo.sweep(folder)
            broker.kill()
            database.kill()


@commands.command()
def stop(forget: bool = typer.Option(False, "--forget", help="Also remove the demo's data.")) -> None:
    """End the demo, and what a replay left; nothing of them goes on running."""
    ended = demo.stop(forget=forget) + demo.stop(demo.REPLAYED, forget=forget)
    Console(stderr=True).print(f"stopped: {', '.join(ended)}" if ended else "nothing was running")


@commands.command()
def status() -> None:
    """What of the demo is running. Ends with 1 if something is not."""
    lines = list(demo.status())
    table = Table("program", "process", "where")
    for line in lines:
        table.add_row(line.name, str(line.pid) if line.pid else "[red]not running[/]", line.where)
    Console().print(table)
    if not lines or not all(line.pid for line in lines):
        raise typer.Exit(1)


if __name__ == "__main__":
    commands()

"""``python -m deploy.dev``: the demo on this machine."""

import typer
from rich.console import Console
from rich.table import Table

from deploy.dev import demo
from deploy.dev.steps import Steps

app = typer.Typer(help="直达 Zhida on one machine.", no_args_is_help=True, add_completion=False)


@app.command("demo")
def demo_() -> None:
    """Start a whole county; what runs already stays."""
    steps = Steps()
    demo.start(steps)
    steps.finish("直达 Zhida")


@app.command()
def stop(forget: bool = typer.Option(False, "--forget", help="Also remove the demo's data.")) -> None:
    """End the demo; nothing of it goes on running."""
    ended = demo.stop(forget=forget)
    Console(stderr=True).print(f"stopped: {', '.join(ended)}" if ended else "nothing was running")


@app.command()
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
    app()

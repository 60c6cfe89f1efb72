"""`python -m deploy.monitoring`: writes what is made of the rules and panels. `--check` only says what would change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
import yaml

from deploy.monitoring import rules
from deploy.monitoring.dashboards import DASHBOARDS

MADE_BY = "# Generated from rules.yaml: python -m deploy.monitoring\n"


def made() -> Iterator[tuple[Path, str]]:
    """Every file that is generated, with its text."""
    folder = rules.HERE / "dashboards"
    for dashboard in DASHBOARDS:
        yield folder / f"{dashboard.uid}.json", json.dumps(dashboard.drawn(), ensure_ascii=False, indent=1) + "\n"
    text = yaml.safe_dump(rules.manifest(), allow_unicode=True, sort_keys=False, width=1000)
    yield rules.HERE / "prometheusrule.yaml", MADE_BY + text


def drifted() -> list[Path]:
    """The files that are not what they would be made as now, or are made no more."""
    wanted = dict(made())
    left = set((rules.HERE / "dashboards").glob("*.json")) - set(wanted)
    return [
        *(path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text),
        *sorted(left),
    ]


def main(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit code 1 when something has drifted.")] = False,
) -> None:
    """Write the dashboards and the manifest of the rules."""
    changed = drifted()
    for path in changed:
        typer.echo(path.name)
    if check:
        raise typer.Exit(bool(changed))
    wanted = dict(made())
    for path in changed:
        if path in wanted:
            path.parent.mkdir(exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()


if __name__ == "__main__":
    typer.run(main)

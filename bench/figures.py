"""What a measure comes to: medians with their spread, a ratio against its goal, a table, a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).with_name("results")
Say = Callable[[str], None]  # tells on stderr what is being done


@dataclass(frozen=True)
class Spread:
    """Repetitions of one figure: the middle one, the lowest, the highest."""

    values: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The median."""
        return float(median(self.values))

    def __str__(self) -> str:
        low, high = min(self.values), max(self.values)
        return f"{self.middle:,.4g} ({low:,.4g}–{high:,.4g})" if len(self.values) > 1 else f"{self.middle:,.4g}"

    def as_data(self) -> dict[str, Any]:
        """As the file holds it."""
        return {"median": round(self.middle, 4), "runs": [round(value, 4) for value in self.values]}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table: a figure of ours, what it is held against, and the goals."""

    what: str
    ours: Spread
    unit: str
    against: Spread | None = None
    ratio: float | None = None  # of the pairs' ratios the median
    goal: str = ""
    met: bool | None = None

    def as_data(self) -> dict[str, Any]:
        """As the file holds it."""
        words = {"what": self.what, "ours": str(self.ours), "unit": self.unit, "against": str(self.against or "")}
        return {**words, "ratio": self.ratio and round(self.ratio, 4), "goal": self.goal, "met": self.met}


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure of proof.md: its lines, and the values that the file holds under its name."""

    name: str
    title: str
    lines: Sequence[Line]
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether every goal was reached."""
        return all(line.met is not False for line in self.lines)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)]


def ratio_of_pairs(ours: Sequence[float], against: Sequence[float]) -> float:
    """The median of the ratios of neighbours: what the machine did to one of a pair it did to the other too."""
    return float(median(mine / theirs for mine, theirs in zip(ours, against, strict=True)))


def show(measures: Sequence[Measure], console: Console | None = None) -> None:
    """Print the table."""
    table = Table("", "measure", "ours", "unit", "against", "ratio", "goal", "")
    for measure in measures:
        for number, line in enumerate(measure.lines):
            table.add_row(
                measure.name if number == 0 else "",
                line.what,
                str(line.ours),
                line.unit,
                str(line.against or ""),
                "" if line.ratio is None else f"{line.ratio:.2f}",
                line.goal,
                {True: "[green]yes[/]", False: "[red]no[/]", None: ""}[line.met],
            )
    (console or Console(width=None if Console().is_terminal else 160)).print(table)


def save(machine: Mapping[str, Any], measures: Sequence[Measure], *, full: bool, folder: Path = RESULTS) -> Path:
    """Write `<date>.json`. What an earlier run of the same day measured, and this one did not, stays in it."""
    folder.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = folder / f"{now:%Y-%m-%d}{'-full' if full else ''}.json"
    earlier = json.loads(path.read_text())["measures"] if path.exists() else {}
    fresh = {
        m.name: {
            **m.values,
            "met": m.met,
            "at": f"{now:%Y-%m-%dT%H:%MZ}",
            "load": machine["load_at_start"],
            "lines": [line.as_data() for line in m.lines],
        }
        for m in measures
    }
    found = {"machine": dict(machine), "full": full, "measures": dict(sorted((earlier | fresh).items()))}
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    return path

"""`python -m bench.page`: put the latest figures of each measure into docs/performance.md, between its two marks."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.figures import RESULTS

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- figures: python -m bench.page -->\n", "<!-- end of figures -->\n"


def latest(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of each measure what was measured last, with the machine of the last run."""
    newest: dict[str, dict[str, Any]] = {}
    for found in results:
        for name, measure in found["measures"].items():
            if name not in newest or measure["at"] >= newest[name]["at"]:
                newest[name] = measure
    machine = max(results, key=lambda found: max(measure["at"] for measure in found["measures"].values()))["machine"]
    return {"machine": machine, "measures": dict(sorted(newest.items()))}


def table(found: dict[str, Any]) -> str:
    """The table in Markdown, with the machine that it was measured on."""
    machine = found["machine"]
    lines = [
        (
            f"{machine['cpu']}, {machine['cores']} cores, {machine['memory'] / 1024:.0f} GB, {machine['system']};"
            f" Python {machine['python']}, PostgreSQL {machine['postgres']}, RabbitMQ {machine['rabbitmq']}."
        ),
        "",
        "| # | Measure | Ours | | Against | Ratio | Goal | Met | Measured (UTC), load before |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, measure in found["measures"].items():
        for line in measure.get("lines", []):
            met = {True: "yes", False: "**no**", None: ""}[line["met"]]
            ratio = "" if line["ratio"] is None else f"{line['ratio']:.2f}"
            when = f"{measure['at'].replace('T', ' ').rstrip('Z')}" + (f", {measure['load']}" if "load" in measure else "")
            lines.append(
                f"| {name} | {line['what']} | {line['ours']} | {line['unit']} | {line['against']} | {ratio} | {line['goal']} | {met} | {when} |"
            )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Fill the page; 1 when there are no results or the page has no marks."""
    results = sorted(RESULTS.glob("*.json"))
    text = PAGE.read_text(encoding="utf-8")
    if not results or BEGIN not in text or END not in text:
        print(f"no results in {RESULTS}, or no marks in {PAGE}", file=sys.stderr)
        return 1
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    filled = table(latest([json.loads(path.read_text(encoding="utf-8")) for path in results]))
    PAGE.write_text(f"{before}{BEGIN}{filled}{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

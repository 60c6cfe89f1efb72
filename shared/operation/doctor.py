"""`zhida doctor`: one thing after another that has to be right, what was found, and what mends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from shared.config import Settings, load
from shared.errors import Refused
from shared.operation import Check, NotLooked, added
from shared.operation.checks import ORDER
from shared.printing import AsJson, show

MOST = 400  # characters of what somebody else's program said
_SETTINGS = "docs/operations.md, Settings"


def doctor(
    only: Annotated[list[str] | None, typer.Argument(help="Only checks whose names begin so; all by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look at everything that the instance needs, one after another. Exit code 1 when anything is wrong. Changes nothing."""
    try:
        settings = load()
    except (OSError, ValueError) as fault:
        found = [{"check": "settings", "result": "WRONG", "found": str(fault), "remedy": _SETTINGS}]
    else:
        found = list(examined(settings, tuple(only or [""])))
    show(found, as_json)
    if any(row["result"] == "WRONG" for row in found):
        raise typer.Exit(1)


def examined(settings: Settings, only: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """A finding for each check, those of the services last. Raises Refused when none is called so."""
    known = [*ORDER, *(check for checks in added(settings, "CHECKS") for check in checks)]
    for begin in only:
        if not any(check.name.startswith(begin) for check in known):
            raise Refused(
                "check",
                "没有名为%(begin)s的检查。",
                "现有：%(names)s。",
                begin=begin,
                names=", ".join(check.name for check in known),
            )
    for check in (check for check in known if check.name.startswith(only)):
        result, words = _looked(check, settings)
        yield {"check": check.name, "result": result, "found": words, "remedy": check.remedy if result == "WRONG" else ""}


def _looked(check: Check, settings: Settings) -> tuple[str, str]:
    try:
        return "good", check.look(settings)
    except NotLooked as reason:
        return "-", str(reason)
    except Exception as fault:  # whatever it is, the rest is still looked at
        return "WRONG", " ".join(str(fault).split())[:MOST] or type(fault).__name__

"""What waits for a decision of the office or the first-in-command: four lists, one entry of the menu, a tab for each."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext

from services.routing.web.common import blueprint, reader, seen
from shared.web.access import Role
from shared.web.databases import unit_of_work
from shared.web.frame import menu
from shared.web.session import Reader

BOTH = (Role.FIRST_IN_COMMAND, Role.OFFICE)
# Page, word, whose it is, the named statements whose rows wait there.
LISTS = (
    ("replies", lazy_gettext("待审回复"), BOTH, ("replies_waiting",)),
    ("decisions", lazy_gettext("异议与延期"), BOTH, ("objections_waiting", "extensions_asked", "nobody_responsible")),
    ("handovers", lazy_gettext("责任人移交"), BOTH, ("vacated",)),
    ("refer_up", lazy_gettext("须报上级"), (Role.OFFICE,), ("must_be_referred_up",)),
)


def _counts(of: Reader) -> dict[str, int]:
    with unit_of_work("routing") as uow:
        return {page: sum(len(seen(uow, name)) for name in names) for page, _, roles, names in LISTS if of.may(*roles)}


def tabs() -> list[dict[str, Any]]:
    """The lists that the reader decides on, with how many wait in each."""
    counts, here = _counts(reader()), (request.endpoint or "").rpartition(".")[2]
    return [
        {"label": label, "href": url_for(f"routing.{page}"), "current": page == here, "count": counts[page],
         "tone": "attention" if counts[page] else ""}
        for page, label, _, _ in LISTS if page in counts
    ]  # fmt: skip


def _badge(of: Reader) -> int | None:
    return sum(_counts(of).values()) or None


menu(
    blueprint, lazy_gettext("待决事项"), ".replies", order=14, badge=_badge, also=(".decisions", ".handovers", ".refer_up")
)  # fmt: skip

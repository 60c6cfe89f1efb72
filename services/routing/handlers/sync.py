"""Agreement with the neighbours: how it stands, what differs, and how that is healed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from services.routing import store
from services.routing.domain.agreement import Flow, Verdict, worst
from shared.bus.agreement import count_anew
from shared.database import UnitOfWork
from shared.errors import NotFound

MANY = 200


class Neighbour(NamedTuple):
    """One neighbour with its streams; `known` is how it was heard of last, None for one that never spoke."""

    org: str
    flows: Sequence[Flow]
    known: dict[str, Any] | None

    @property
    def verdict(self) -> Verdict:
        """The worst of its streams."""
        return worst(self.flows)

    @property
    def lost(self) -> int:
        """How many of our own events it holds and we do not."""
        return max((flow.lost for flow in self.flows), default=0)


def neighbours(uow: UnitOfWork) -> list[Neighbour]:
    """How it stands with each neighbour. A few seconds old at most."""
    rows = [*uow.all(store.SQL["flows_out"]), *uow.all(store.SQL["flows_in"])]
    flows = [Flow(**row) for row in rows]
    known = {row["org"]: row for row in uow.all(store.SQL["neighbours"])}
    return [
        Neighbour(org, [flow for flow in flows if flow.peer == org], known.get(org))
        for org in sorted(known.keys() | {flow.peer for flow in flows})
    ]


def differences(uow: UnitOfWork, limit: int = MANY) -> list[dict[str, Any]]:
    """What differs, case by case, the latest first."""
    return uow.all(store.SQL["differences"], limit=limit)


def heal(uow: UnitOfWork, org: str | None = None, *, everything: bool = False) -> list[str]:
    """Ask for the streams anew whose digests differ, or for all of a neighbour's, and count them again from the beginning.

    What was missing here takes effect; what was otherwise is named in `differences`. Gives the streams.
    """
    found = [
        flow for one in neighbours(uow) if org in (None, one.org) for flow in one.flows
        if flow.way == "in" and flow.consumer and (everything or flow.verdict is Verdict.DIFFERS)
    ]  # fmt: skip
    count_anew(uow, [(str(flow.consumer), flow.stream) for flow in found])
    return sorted({flow.stream for flow in found})


def send_again(uow: UnitOfWork, org: str, *, everything: bool = False) -> list[str]:
    """Send our streams to a neighbour again, from what it holds on or whole. What it has, it drops. Raises NotFound."""
    found = uow.all(store.SQL["send_again"], peer=org, everything=everything)
    if not found:
        raise NotFound("peer", "没有与该单位相连，或尚无可重发的事件。", "请用 zhida sync status 核对单位代码。")
    return sorted(row["stream"] for row in found)

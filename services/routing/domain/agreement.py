"""Whether this instance and a neighbour hold the same, told from the figures of their streams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """How two instances stand to each other; the worst of several counts."""

    AGREES = "agrees"
    BEHIND = "behind"
    DIFFERS = "differs"


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One stream as one consumer holds it: ours at the neighbour (`out`), or the neighbour's here (`in`).

    `consumer` is None while the neighbour has not said what it holds. `agrees` is about the digests at `held`.
    """

    peer: str
    way: str
    consumer: str | None
    stream: str
    held: int
    head: int
    delivered: int
    since: datetime | None
    compared_at: datetime | None
    agrees: bool | None

    @property
    def behind(self) -> int:
        """How many events are told and not held at the other end."""
        return max(self.head - self.held, 0)

    @property
    def lost(self) -> int:
        """How many of our own events the neighbour holds and we do not: this instance was restored from an older backup."""
        return max(self.held - self.head, 0) if self.way == "out" else 0

    @property
    def verdict(self) -> Verdict:
        """Differs when the digests do; behind while anything is not held, or was never compared."""
        if self.agrees is False:
            return Verdict.DIFFERS
        return Verdict.BEHIND if self.behind or self.agrees is None else Verdict.AGREES


def worst(flows: Iterable[Flow]) -> Verdict:
    """The verdict over several."""
    found = {flow.verdict for flow in flows}
    return next((verdict for verdict in (Verdict.DIFFERS, Verdict.BEHIND) if verdict in found), Verdict.AGREES)

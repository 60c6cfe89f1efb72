"""What of a case's deadlines counts: what is owed now, and the limit that the due-rates go by. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from services.reporting.domain.facts import Facts, Part
from shared.contract.person import Person


def moment(text: str | None) -> datetime | None:
    """The instant of an event's text. Raises ValueError for one that does not exist in the calendar."""
    return datetime.fromisoformat(text) if text else None


def limits(facts: Facts, own: str | None, closed: bool) -> dict[str, Any]:
    """The columns of a case's row that its deadlines give."""
    conclude, reply = (list(deadlines(facts, own, obligation)) for obligation in ("conclude", "reply"))
    conclude_limit = limit(conclude)
    # Where no reply deadline stood till it fell due, the reply was due with the conclusion.
    reply_limit = limit(reply) or conclude_limit
    return {
        "conclude_due_at": None if closed else owed(conclude),
        "reply_due_at": None if closed else owed(reply),
        "conclude_limit_at": fell_due(conclude_limit),
        "conclude_owed_by": owed_by(conclude_limit),
        "reply_limit_at": fell_due(reply_limit),
        "reply_owed_by": owed_by(reply_limit),
    }


def deadlines(facts: Facts, own: str | None, obligation: str) -> Iterator[Part]:
    """Of the instance whose case it is; in an instance that only handles the case, its own."""
    sources = [f"/{own}/supervision"] if f"/{own}/supervision" in facts else sorted(facts)
    for source in sources:
        for told in facts[source].get("deadlines", {}).values():
            if told["obligation"] == obligation:
                yield told


def owed(deadlines: Iterable[Part]) -> datetime | None:
    """The earliest instant by which something is still owed."""
    return first(d["due_at"] for d in deadlines if not any(d.get(name) for name in ("met_at", "withdrawn_at", "paused_at")))


def limit(deadlines: Iterable[Part]) -> Part | None:
    """The earliest limit that was not taken back before it fell due; met or not, the rates count by it. One that stands
    still has not fallen due."""
    counted = (told for told in deadlines if not _taken_back(told) and not _stands_still(told))
    return min(counted, key=lambda told: (moment(told["due_at"]), str(told.get("responsible"))), default=None)


def fell_due(told: Part | None) -> datetime | None:
    """When a limit falls due."""
    return moment(told["due_at"]) if told else None


def owed_by(told: Part | None) -> Person | None:
    """Who owed it: the rates of units and leaders go by him, whoever has the case since."""
    return Person.of(told["responsible"]) if told and told.get("responsible") else None


def _stands_still(deadline: Part) -> bool:
    return bool(deadline.get("paused_at")) and not deadline.get("met_at")


def _taken_back(deadline: Part) -> bool:
    withdrawn_at: Any = moment(deadline.get("withdrawn_at"))
    return withdrawn_at is not None and withdrawn_at < moment(deadline["due_at"])


def first(instants: Iterable[str | None]) -> datetime | None:
    """The earliest of these instants."""
    return min((at for at in map(moment, instants) if at is not None), default=None)

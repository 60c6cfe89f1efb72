"""What an event does to a case's facts, and which are not believed. Knows no database: a live batch and a rebuild do the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.reporting.domain import facts, picture
from services.reporting.store import CaseBar, CaseCharge
from shared.contract import Event
from shared.contract.assigned import Assigned, tellers
from shared.errors import NotYet, Refused


class World(Protocol):
    """What a case's events are held against besides the case itself."""

    org: str

    @property
    def now(self) -> datetime:
        """Business time."""

    def case_of(self, assignment_id: UUID) -> UUID | None:
        """Which case an assignment was issued for; None: none yet."""


@dataclass
class Life:
    """One case while events are taken in; `bar` and `charges` are what was told of who must not see it and who carries it."""

    case_id: UUID
    facts: facts.Facts
    bar: CaseBar | None = None
    charges: dict[UUID, CaseCharge] = field(default_factory=dict)


Taker = Callable[[Event, Life, World], None]


def fold(event: Event, life: Life, world: World) -> None:
    """Add what the event tells to the case's facts."""
    life.facts = facts.absorb(life.facts, event.source, event.contract.name, event.data)


def issue(event: Event, life: Life, world: World) -> None:
    """assignment.issued. What it settled stands: issued again, it changes nothing. Raises Refused when it is another's."""
    if _settled(event, life, world) is not None:
        return
    elsewhere = world.case_of(UUID(event.data["assignment_id"]))
    if elsewhere is not None and elsewhere != life.case_id:
        raise Refused("assignment_id", "该项交办不属于此信访件。", "请核对发送方。")
    if event.organisation != world.org and event.organisation.startswith(world.org):
        _check_handed_on(event, life)
    told = {**event.data, "tellers": list(tellers(event, world.org))}
    life.facts = facts.absorb(life.facts, event.source, event.contract.name, told)


def _check_handed_on(event: Event, life: Life) -> None:
    """A subordinate hands on what it was handed or registered, to its own people: an issue gives them sight of the case.

    Raises Refused, and NotYet before it is known that it has the case.
    """
    if not event.data["responsible"]["organisation"].startswith(event.organisation):
        raise Refused("responsible", "来源%(source)s交办的责任人不属于该单位。", "请核对发送方。", source=event.source)
    if not picture.holds(life.facts, event.organisation):
        raise NotYet(f"{event.source} hands on a case that it is not known to have")


def follow(event: Event, life: Life, world: World) -> None:
    """What is told of an assignment later. Raises NotYet before its issue, Refused when routing would not believe it.

    It waits for the issue instead of being kept unverified, because only what took effect is archived: so the figures,
    the dossier and a rebuild, which all rest on the archive, need no second look at it, and as nothing but the issue
    decides on it, the order in which sources arrive still changes nothing.
    """
    if _settled(event, life, world) is None:
        raise NotYet(f"{event.contract.name} before its assignment {event.data['assignment_id']}")
    if event.contract.name in facts.FOLDS:
        fold(event, life, world)


def _settled(event: Event, life: Life, world: World) -> Assigned | None:
    """What the assignment's issue settled, the event having been held against it; None before the issue."""
    found = picture.assigned(life.case_id, life.facts, event.data["assignment_id"])
    if found is not None:
        found.check(event, own=world.org, now=world.now)
    return found


def bar(event: Event, life: Life, world: World) -> None:
    """case.barred: the latest word stands, for every list, page and export at once."""
    data = event.data
    life.bar = CaseBar(
        case_id=life.case_id, organisations=frozenset(data["organisations"]), officials=frozenset(data["officials"])
    )


def carry(event: Event, life: Life, world: World) -> None:
    """charge.taken, charge.ended: whoever carries a case may see it, and goes on so when it is over, but not once he handed it over.

    Only this instance's own word gives sight.
    """
    if event.organisation != world.org:
        return
    data, charge = event.data, UUID(event.data["charge_id"])
    lost = event.contract.name == "charge.ended" and data["reason"] in ("handed_over", "conflict")
    life.charges[charge] = CaseCharge(charge_id=charge, case_id=life.case_id, official=data["leader"]["official"], lost=lost)


_FOLLOWED = (
    "received", "objected", "objection_decided", "progressed", "extension_requested", "extended", "extension_refused", "paused",
    "resumed", "handed_over", "replied", "returned", "approved", "withdrawn",
)  # fmt: skip
BESIDES: dict[str, Taker] = {"case.barred": bar, "charge.taken": carry, "charge.ended": carry}  # what a case's facts do not hold
TAKERS: dict[str, Taker] = {
    **dict.fromkeys(facts.FOLDS, fold),
    **BESIDES,
    "assignment.issued": issue,
    **{f"assignment.{verb}": follow for verb in _FOLLOWED},
}

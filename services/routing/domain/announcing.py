"""What instances tell each other of a unit that both know: its name and who heads it. Nothing of it takes effect by itself.

Each instance decides alone who has rights in it. A county that appoints a township's head tells the township, and the township
tells the county when it records a head of its own; where the two differ, the receiver's administrator takes it over or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.routing.domain.directory import Directory
from services.routing.domain.roster import Roster
from services.routing.domain.terms import Standing, Term
from shared.errors import Conflict, Refused

OPEN = (Standing.PRESENT, Standing.COMING)


@dataclass(frozen=True, kw_only=True)
class Head:
    """Who heads a unit from when to when, as its teller has it."""

    official: str
    name: str
    title: str
    from_on: date | None
    until_on: date | None

    def as_data(self) -> dict[str, Any]:
        """The head as the event tells it."""
        days = {name: day and day.isoformat() for name, day in (("from_on", self.from_on), ("until_on", self.until_on))}
        return {"official": self.official, "name": self.name, "title": self.title, **days}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Head:
        """The head that an event tells of."""
        days = {name: date.fromisoformat(data[name]) if data.get(name) else None for name in ("from_on", "until_on")}
        return cls(official=data["official"], name=data["name"], title=data["title"], **days)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Where what was told differs from what stands here: the name, heads who are missing, and terms that end, with their day.

    A head of whom nothing is told any more goes on the day that his successor comes.
    """

    names: tuple[str, str] | None
    missing: tuple[Head, ...]
    gone: tuple[tuple[Term, date], ...]

    def __bool__(self) -> bool:
        return bool(self.names or self.missing or self.gone)


def heads_of(roster: Roster, code: str, today: date) -> list[Head]:
    """Who heads a unit or will, as this instance has it."""
    return [
        Head(official=t.official, name=roster.names[t.official], title=t.title, from_on=t.from_on, until_on=t.until_on)
        for t in roster.terms_in(code) if t.leads() and t.on(today) in OPEN
    ]  # fmt: skip


def hearers(roster: Roster, code: str) -> list[str]:
    """The instances that are told of a change of this unit: of our own the superior and those directly below; else the unit's own."""
    if code == roster.own:
        above = roster.instance_above(code)
        below = [
            unit.code for unit in roster.units.values()
            if unit.has_instance and unit.dissolved_on is None and roster.instance_above(unit.code) == code
        ]  # fmt: skip
        return [*([above] if above else []), *below]
    unit = roster.units[code]
    return [code] if unit.has_instance and roster.instance_above(code) == roster.own else []


def check_speaker(directory: Directory, source: str, code: str) -> None:
    """Refuse one who speaks of what is not his: a superior may speak of us and of what lies above us, others of their own subtree."""
    above = list(directory.chain(directory.own))
    known = code in directory.organisations
    if not known or not (code in above if source in above[1:] else directory.within(code, source)):
        raise Refused(
            "source", "来源%(source)s无权通报单位%(code)s的变动。", "请核对发出方的机构代码。", source=source, code=code
        )


def difference(roster: Roster, code: str, names: tuple[str, str], heads: Sequence[Head], today: date) -> Proposal:
    """What taking the announcement over would change here."""
    unit = roster.units[code]
    here = [t for t in roster.terms_in(code) if t.leads() and t.on(today) in OPEN]
    told, held = {head.official: head for head in heads}, {term.official for term in here}
    missing = tuple(h for h in heads if h.official not in held and (h.until_on is None or h.until_on > today))
    successor = min((head.from_on for head in missing if head.from_on), default=today)
    ends = [(t, told[t.official].until_on if t.official in told else max(successor, today)) for t in here]
    return Proposal(
        names=names if names != (unit.name, unit.name_en) else None,
        missing=missing,
        gone=tuple((t, max(day, t.from_on or day)) for t, day in ends if day is not None and day != t.until_on),
    )


def take(roster: Roster, code: str, proposal: Proposal, today: date, ids: Sequence[UUID]) -> Roster:
    """The directory with the difference taken over; `ids` are for the new terms. Raises Conflict when there is none left."""
    if not proposal:
        raise Conflict("announcement", "通报的内容与本系统一致，无需采用。", "请刷新页面。")
    if proposal.names:
        name, name_en = proposal.names
        roster = roster.with_unit(replace(roster.units[code], name=name, name_en=name_en))
    role = "first_in_command" if code == roster.own else "unit_head"
    for head, term_id in zip(proposal.missing, ids, strict=False):
        if head.official not in roster.names:
            roster = roster.with_name(head.official, head.name)
        place = max((term.place for term in roster.terms_of(head.official)), default=-1) + 1
        roster = roster.with_terms(
            Term(
                id=term_id, official=head.official, organisation=code, title=head.title, roles=frozenset({role}), place=place,
                from_on=head.from_on or today, until_on=head.until_on,
            )
        )  # fmt: skip
    return roster.with_terms(*(replace(term, until_on=day) for term, day in proposal.gone))

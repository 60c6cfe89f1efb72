"""Every operation of routing in any order, by anybody, in a county and a township: what must never happen does not.

The model is kept apart from the code: who was named, who recused himself, who commands and who stands in. After each step it is
held against what the operation did and told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import yaml
from hypothesis.stateful import RuleBasedStateMachine

from services.routing import domain, store
from services.routing.handlers.directory import import_directory
from services.routing.pins import Opened
from services.routing.workflow import OPEN
from shared.contract import Event
from shared.errors import ZhidaError
from tests.integration.routing.outside import Outside
from tests.integration.routing.world import EPB, MATIAN, VICE, Instance

MOVABLE = {EPB: "谭建国", MATIAN: "段志勇", VICE: "唐立新"}


@dataclass
class Named:
    """Who is kept from one case in one instance, as far as anybody there said so."""

    officials: set[str] = field(default_factory=set)
    organisations: set[str] = field(default_factory=set)
    recused: list[tuple[UUID, str]] = field(default_factory=list)


@dataclass
class StandsIn:
    """`deputy` reads for `head` until then."""

    id: UUID
    head: str
    deputy: str
    starts_at: datetime
    ends_at: datetime


@dataclass
class Place:
    """One instance with what the model knows of it."""

    instance: Instance
    directory: domain.Directory
    outside: Outside
    now: datetime
    seen: int = 0
    carried: int = 0
    named: dict[UUID, Named] = field(default_factory=dict)
    deputies: list[StandsIn] = field(default_factory=list)
    keys: dict[str, Opened] = field(default_factory=dict)

    @property
    def org(self) -> str:
        """The organisation whose instance it is."""
        return self.instance.org

    def shut(self, case: UUID) -> set[str]:
        """The organisations that the model keeps from a case here."""
        named = self.named[case]
        zones = [{code} if code == self.org else self.directory.subtree(code) for code in named.organisations]
        heads = [self.directory.officials[one] for one in named.officials if one in self.directory.officials]
        zones += [
            self.directory.subtree(post.organisation) for one in heads for post in one.posts
            if self.directory.works_elsewhere(post.organisation) and self.directory.heads(post)
        ]  # fmt: skip
        return set().union(*zones)

    def barred(self, case: UUID, official: str) -> bool:
        """Whether the model keeps somebody from a case here."""
        named = self.named[case]
        if official in named.officials or official in {who for _, who in named.recused}:
            return True
        return not self.shut(case).isdisjoint(domain.posts_of(official, self.directory))

    def commands(self, official: str) -> bool:
        """Whether somebody decides here: the first-in-command, who stands in for him, or the office."""
        one = self.directory.officials.get(official)
        office = bool(one and one.active and any("office" in post.roles for post in one.posts))
        return office or self.heads(official) or self.stands_in(official) is not None

    def heads(self, official: str) -> bool:
        """Whether somebody is the first-in-command here: limits are moved by nobody else."""
        one = self.directory.officials.get(official)
        posts = one.posts if one and one.active else ()
        return any("first_in_command" in post.roles and post.organisation == self.org for post in posts)

    def stands_in(self, official: str) -> StandsIn | None:
        """The delegation by which somebody reads here now."""
        running = (one for one in self.deputies if one.starts_at <= self.now < one.ends_at)
        return next((one for one in running if one.deputy == official and self.heads(one.head)), None)


def read_directory(instance: Instance) -> domain.Directory:
    """The directory as the instance has it."""
    with instance.work() as uow:
        return store.directory(uow)


class Checked(RuleBasedStateMachine):
    """What is checked after each step. `county` and `township` are set by the test; steps are counted over all examples."""

    county: Instance
    township: Instance
    steps = 0
    taken: dict[str, int] = {}
    places: dict[str, Place]
    cases: dict[str, UUID]
    words: dict[UUID, str]  # what stands in everything that is written of a case, and nowhere else
    instructions: dict[tuple[str, str], str]

    # -- one step ---------------------------------------------------------------------------------------------------------
    @contextmanager
    def step(self, name: str, place: Place, case: UUID, by: str | None) -> Iterator[None]:
        """An operation that may be refused; one that is not refused is not done by who is barred. Then everything is checked."""
        type(self).steps += 1
        shut = by is not None and place.barred(case, by)
        refused = False
        try:
            yield
        except ZhidaError:
            refused = True
        if not refused:
            type(self).taken[name] = type(self).taken.get(name, 0) + 1
            assert not shut, f"{by} is barred and was let do it"
        self._check_told(place)
        self._check_instructions()

    def heard(self, place: Place, event: Event) -> None:
        """An instance's routing hears an event."""
        place.instance.hear(event)

    def _told(self, place: Place, events: list[Event]) -> None:
        """What an instance told just now."""

    def _check_told(self, place: Place) -> None:
        place.seen, events = place.outside.log_after(place.seen)
        self._told(place, events)
        for one in events:
            if not one.contract.name.startswith("directory."):
                self._check_addressee(place, one)
            check: Callable[[Place, UUID, Any], None] | None = getattr(self, "_" + one.contract.name.replace(".", "_"), None)
            if check is not None:
                check(place, UUID(one.subject), one.data)

    def _check_addressee(self, place: Place, one: Event) -> None:
        """Nothing of a case is told to an instance that is kept from it, but that it is; and the answer for its own petitioner."""
        addressee = one.stream.rpartition(" ")[2]
        if (
            addressee == place.org
            or not place.directory.works_elsewhere(addressee)
            or addressee not in place.directory.organisations
        ):
            return
        if one.contract.name not in ("assignment.withdrawn", "case.bars_passed", "case.concluded_above"):
            assert addressee not in place.shut(UUID(one.subject)), f"{one.contract.name} went to who is barred"

    def _assignment_issued(self, place: Place, case: UUID, data: Any) -> None:
        assert not place.barred(case, data["responsible"]["official"]), "the case went to one who is barred"

    def _case_instructed(self, place: Place, case: UUID, data: Any) -> None:
        author, deputy = data["author"]["official"], data["read_by_deputy"]
        found = place.stands_in(author)
        if found is not None:
            assert deputy is not None, "a deputy's reading was shown as the leader's own"
            assert deputy["official"] == author
            assert not place.barred(case, found.head), "a deputy stood in for one who is barred"
        else:
            assert place.heads(author), "instructed by one who neither commands nor stands in"
            assert deputy is None
        for one in data["addressees"]:
            assert not place.barred(case, one["official"]), "the case went to one who is barred"

    def _assignment_replied(self, place: Place, case: UUID, data: Any) -> None:
        found = place.outside.ask(
            "SELECT responsible ->> 'official' FROM routing.assignment WHERE id = %s", data["assignment_id"]
        )
        assert found == [(data["signature"]["official"],)], "somebody else signed"

    def _decides(self, place: Place, assignment: str, official: str) -> bool:
        """Whether somebody may end this assignment: who commands here, who handed it on, or the lead whom it joins."""
        row = place.instance.query("SELECT * FROM assignment WHERE id = %(id)s", id=assignment)[0]
        same = place.instance.query("SELECT * FROM assignment WHERE case_id = %(case)s AND part = 'lead'", case=row["case_id"])
        leads = {one["responsible"]["official"] for one in same if row["part"] == "joint" and one["round"] == row["round"]}
        handed_on = row["parent"] is not None and row["issued_by"]["official"] == official
        return place.commands(official) or handed_on or official in leads

    def _assignment_withdrawn(self, place: Place, case: UUID, data: Any) -> None:
        if data["by"] is not None:
            assert self._decides(place, data["assignment_id"], data["by"]["official"]), "a clock was stopped without authority"
        elif data["reason"] == "conflict":
            assert place.barred(case, data["responsible"]["official"]), "taken back from one who is not barred"
        else:
            assert data["reason"] in ("petition_withdrawn", "parent_ended"), data

    def _assignment_approved(self, place: Place, case: UUID, data: Any) -> None:
        assert self._decides(place, data["assignment_id"], data["by"]["official"]), "a clock was stopped without authority"

    _assignment_returned = _assignment_objection_decided = _assignment_approved

    def _assignment_paused(self, place: Place, case: UUID, data: Any) -> None:
        assert place.heads(data["authority"]["official"]), "a clock was stopped without authority"

    _assignment_extended = _assignment_paused

    def _assignment_resumed(self, place: Place, case: UUID, data: Any) -> None:
        assert place.commands(data["authority"]["official"]), "a clock was moved without authority"

    def _assignment_handed_over(self, place: Place, case: UUID, data: Any) -> None:
        assert not place.barred(case, data["to"]["official"]), "the case went to one who is barred"

    def _case_concluded(self, place: Place, case: UUID, data: Any) -> None:
        above = next(one for one in self.places.values() if data["by"]["official"] in one.directory.officials)
        assert place.commands(data["by"]["official"]) or above.commands(data["by"]["official"])

    def _check_instructions(self) -> None:
        for place in self.places.values():
            rows = dict(place.outside.ask("SELECT id::text, i::text FROM routing.instruction i"))
            for key, row in rows.items():
                assert self.instructions.setdefault((place.org, key), row) == row, "an instruction was edited"
            known = {key for org, key in self.instructions if org == place.org}
            assert known == set(rows), "an instruction vanished"

    def _at(self, which: int) -> tuple[Place, UUID]:
        """A place, and mostly its own case; else the other's, which may have come there."""
        place = list(self.places.values())[which % 2]
        other = next(org for org in self.cases if org != place.org)
        return place, self.cases[place.org if which < 4 else other]

    def _one(self, place: Place, statement: str, case: UUID, pick: int) -> UUID:
        rows = place.outside.ask(statement, str(case))
        found: UUID = rows[pick % len(rows)][0] if rows else uuid4()
        return found

    def _assignment(self, place: Place, case: UUID, pick: int) -> UUID:
        return self._one(place, "SELECT id FROM routing.assignment WHERE case_id = %s ORDER BY issued_at DESC, id", case, pick)

    def _reply(self, place: Place, case: UUID, pick: int) -> UUID:
        return self._one(place, "SELECT id FROM routing.reply WHERE case_id = %s ORDER BY replied_at DESC, id", case, pick)

    def _check_taken_back(self, place: Place, case: UUID) -> None:
        for row in place.instance.assignments(case):
            if row["stage"] in OPEN and row["issuer"] == place.org:
                assert not place.barred(case, row["official"]), "one who is barred still holds the case"

    def _take_over(self, here: Place, there: Place, case: UUID, data: Any) -> None:
        """The model's own view of bars that travel: only what they add, for what a superior takes back is its own."""
        if here.org == "431023104":
            there.named[case].officials |= {
                one for one in data["officials"] if case == self.cases[here.org] or one.startswith("o-431023104")
            }

    def _pass_time(self, days: int) -> None:
        """Time is the same everywhere, and never runs backwards: an example begins where the last one ended."""
        now = max(place.now for place in self.places.values()) + timedelta(days=days)
        for place in self.places.values():
            place.now = place.outside.set_clock(now)

    def _import(self, changes: dict[str, list[str] | None]) -> None:
        place = self.places["431023"]
        base = {EPB: ("431023-epb", "unit_head"), MATIAN: ("431023101", "unit_head"), VICE: ("431023-gov", "leader")}
        officials = []
        for official, more in changes.items():
            home, role = base[official]
            posts = [{"organisation": home, "title": "原职", "roles": [role]}]
            posts += [
                {"organisation": code, "title": "兼职", "roles": ["officer"]}
                for code in more or ()
                if code in place.directory.organisations
            ]
            officials.append({"official": official, "name": MOVABLE[official], "active": more is not None, "posts": posts})
        shut = [(case, one) for case in place.named for one in changes if place.barred(case, one)]
        with place.instance.work() as uow:
            import_directory(
                uow, yaml.safe_dump({"organisations": [], "officials": officials}, allow_unicode=True), datetime.now(UTC)
            )
        place.directory = read_directory(place.instance)
        asked = "SELECT id FROM routing.recusal WHERE case_id = %s AND official = %s AND by IS NULL AND ended_at IS NULL"
        for case, one in shut:
            if not place.barred(case, one):
                rows = place.outside.ask(asked, str(case), one)
                assert rows, "who left a barred unit sees the case"
                place.named[case].recused += [(key, one) for (key,) in rows]
        self._check_told(place)

"""Every operation of routing in any order, by anybody, in a county and a township: what must never happen does not.

The model is kept apart from the code: who was named, who recused himself, who commands. After each step it is held against what
the operation did and told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import yaml
from hypothesis.stateful import RuleBasedStateMachine

from services.routing import domain, store
from services.routing.handlers.directory import import_directory
from services.routing.workflow import OPEN
from shared.contract import Event, decode, seal_suffix
from shared.contract.envelope import CONTENT_TYPE
from shared.errors import ZhidaError
from tests.integration.routing.world import EPB, MATIAN, VICE, Instance

MOVABLE = {EPB: "谭建国", MATIAN: "段志勇", VICE: "唐立新"}


@dataclass
class Named:
    """Who is kept from one case in one instance, as far as anybody there said so."""

    officials: set[str] = field(default_factory=set)
    organisations: set[str] = field(default_factory=set)
    recused: list[tuple[UUID, str]] = field(default_factory=list)


@dataclass
class Place:
    """One instance with what the model knows of it."""

    instance: Instance
    directory: domain.Directory
    seen: int = 0
    carried: int = 0
    named: dict[UUID, Named] = field(default_factory=dict)

    @property
    def org(self) -> str:
        """The organisation whose instance it is."""
        return self.instance.org

    def barred(self, case: UUID, official: str) -> bool:
        """Whether the model keeps somebody from a case here."""
        named, posts = self.named[case], domain.posts_of(official, self.directory)
        if official in named.officials or official in {who for _, who in named.recused}:
            return True
        zones = [{code} if code == self.org else self.directory.subtree(code) for code in named.organisations]
        heads = [self.directory.officials[one] for one in named.officials if one in self.directory.officials]
        zones += [
            self.directory.subtree(post.organisation) for one in heads for post in one.posts
            if self.directory.works_elsewhere(post.organisation) and self.directory.heads(post)
        ]  # fmt: skip
        return any(posts & zone for zone in zones)

    def commands(self, official: str) -> bool:
        """Whether somebody decides here: the first-in-command, or the office."""
        one = self.directory.officials.get(official)
        return self.heads(official) or bool(one and one.active and any("office" in post.roles for post in one.posts))

    def heads(self, official: str) -> bool:
        """Whether somebody is the first-in-command here: limits are moved by nobody else."""
        one = self.directory.officials.get(official)
        posts = one.posts if one and one.active else ()
        return any("first_in_command" in post.roles and post.organisation == self.org for post in posts)


def read_directory(instance: Instance) -> domain.Directory:
    """The directory as the instance has it."""
    with instance.work() as uow:
        return store.directory(uow)


def log_after(instance: Instance, last: int) -> tuple[int, list[Event]]:
    """What an instance told since."""
    with instance.work() as uow:
        rows = uow.all("SELECT id, addressee, draft FROM event_log WHERE id > %(last)s ORDER BY id", last=last)
    events = [
        decode(bytes(row["draft"]) + seal_suffix(row["id"]), content_type=CONTENT_TYPE, stream_key=row["addressee"])
        for row in rows
    ]
    return (rows[-1]["id"] if rows else last), events


class Checked(RuleBasedStateMachine):
    """What is checked after each step. `county` and `township` are set by the test; steps are counted over all examples."""

    county: Instance
    township: Instance
    steps = 0
    taken: dict[str, int] = {}
    places: dict[str, Place]
    cases: dict[str, UUID]
    instructions: dict[tuple[str, UUID], dict[str, Any]]

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

    def _check_told(self, place: Place) -> None:
        place.seen, events = log_after(place.instance, place.seen)
        for one in events:
            check: Callable[[Place, UUID, Any], None] | None = getattr(self, "_" + one.contract.name.replace(".", "_"), None)
            if check is not None:
                check(place, UUID(one.subject), one.data)

    def _assignment_issued(self, place: Place, case: UUID, data: Any) -> None:
        assert not place.barred(case, data["responsible"]["official"]), "the case went to one who is barred"

    def _assignment_replied(self, place: Place, case: UUID, data: Any) -> None:
        with place.instance.work() as uow:
            row = uow.one("SELECT responsible ->> 'official' AS who FROM assignment WHERE id = %(id)s", id=data["assignment_id"])
        assert row is not None
        assert row["who"] == data["signature"]["official"], "somebody else signed"

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
            rows = place.instance.query(
                "SELECT * FROM instruction WHERE case_id = ANY(%(cases)s)", cases=list(self.cases.values())
            )
            for row in rows:
                assert self.instructions.setdefault((place.org, row["id"]), row) == row, "an instruction was edited"
            known = {key for org, key in self.instructions if org == place.org}
            assert known == {row["id"] for row in rows}, "an instruction vanished"

    def _at(self, which: int) -> tuple[Place, UUID]:
        """A place, and mostly its own case; else the other's, which may have come there."""
        place = list(self.places.values())[which % 2]
        other = next(org for org in self.cases if org != place.org)
        return place, self.cases[place.org if which < 4 else other]

    def _one(self, place: Place, statement: str, case: UUID, pick: int) -> Any:
        rows = place.instance.query(statement, case=case)
        return rows[pick % len(rows)]["id"] if rows else uuid4()

    def _assignment(self, place: Place, case: UUID, pick: int) -> UUID:
        return self._one(place, "SELECT id FROM assignment WHERE case_id = %(case)s ORDER BY issued_at DESC, id", case, pick)

    def _reply(self, place: Place, case: UUID, pick: int) -> UUID:
        return self._one(place, "SELECT id FROM reply WHERE case_id = %(case)s ORDER BY replied_at DESC, id", case, pick)

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
        for case, one in shut:
            if not place.barred(case, one):
                asked = (
                    "SELECT id FROM recusal WHERE case_id = %(case)s AND official = %(one)s AND by IS NULL AND ended_at IS NULL"
                )
                rows = place.instance.query(asked, case=case, one=one)
                assert rows, "who left a barred unit sees the case"
                place.named[case].recused += [(row["id"], one) for row in rows]
        place.seen, _ = log_after(place.instance, place.seen)

"""The directory from a file, and what instances tell each other of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.routing.domain import announcing
from services.routing.domain.adopting import OfficialEntry, PostEntry, adopt
from services.routing.domain.announcing import Head
from services.routing.domain.directory import Directory, Organisation
from services.routing.domain.guard import Bars
from services.routing.domain.roster import Roster
from shared.errors import Conflict, Refused
from tests.unit.routing.rosters import AFTER, BEFORE, LATER, TODAY, known, term, unit


def ids() -> Iterator[UUID]:
    yield from (UUID(int=number) for number in range(100, 200))


# -- files ------------------------------------------------------------------------------------------------------------
def entry(*posts: PostEntry, active: bool = True, official: str = "o-1") -> OfficialEntry:
    return OfficialEntry(official=official, name="甲", active=active, posts=posts)


def post(organisation: str = "431023-a", **more: Any) -> PostEntry:
    return PostEntry(organisation=organisation, title="局长", roles=frozenset({"officer"}), **more)


def adopted(before: Roster, *entries: OfficialEntry) -> list[tuple[str, date | None, date | None]]:
    numbers = ids()
    after = adopt(before, [], entries, TODAY, lambda: next(numbers))
    return [(t.organisation, t.from_on, t.until_on) for t in after.terms_of("o-1")]


def test_a_file_is_the_whole_of_what_an_official_holds() -> None:
    nobody = replace(known(), names={})
    assert adopted(nobody, entry(post())) == [("431023-a", None, None)], "of somebody new it is not known since when"
    held = known(term(1), term(2, "o-1", "431023-b", from_on=AFTER), term(3, "o-1", "431023-b", until_on=BEFORE))
    assert adopted(held, entry(post())) == [("431023-a", None, None), ("431023-b", AFTER, AFTER), ("431023-b", None, BEFORE)]
    assert adopted(known(term(1)), entry(post("431023-b"))) == [("431023-a", None, TODAY), ("431023-b", TODAY, None)]
    assert adopted(known(term(1)), entry(post(from_on=BEFORE, until_on=AFTER))) == [("431023-a", BEFORE, AFTER)]
    assert adopted(known(term(1)), entry(post(), active=False)) == [("431023-a", None, TODAY)]
    assert adopted(known(term(1, until_on=BEFORE)), entry(post(), active=False)) == [("431023-a", None, BEFORE)]
    assert adopted(known(term(1, until_on=BEFORE)), entry(post(until_on=BEFORE))) == [("431023-a", None, BEFORE)]
    assert adopted(known(term(1, until_on=BEFORE)), entry(post())) == [("431023-a", None, BEFORE), ("431023-a", TODAY, None)]
    assert adopted(known(term(1, from_on=AFTER)), entry(post(until_on=LATER), active=False)) == [("431023-a", AFTER, AFTER)]
    taken_back = known(term(1, from_on=AFTER, until_on=AFTER))
    assert len(adopted(taken_back, entry(post(from_on=AFTER)))) == 2
    assert adopt(known(), [unit("431023-c")], [], TODAY, lambda: UUID(int=1)).units.keys() >= {"431023-c"}


# -- other instances ----------------------------------------------------------------------------------------------------
TOWN = unit("431023104", has_instance=True)


def head(official: str = "o-1", from_on: date | None = None, until_on: date | None = None) -> Head:
    return Head(official=official, name="甲", title="书记", from_on=from_on, until_on=until_on)


def test_who_is_told_of_which_unit() -> None:
    county = known(units=(TOWN, unit("431023104-x", "431023104"), unit("431023105", has_instance=True, dissolved_on=BEFORE)))
    assert announcing.hearers(county, "431023104") == ["431023104"]
    assert announcing.hearers(county, "431023-a") == []
    assert announcing.hearers(county, "431023") == ["431023104"]
    town = replace(county, own="431023104")
    assert announcing.hearers(town, "431023104") == ["431023"]
    assert announcing.hearers(town, "431023") == []


@pytest.mark.parametrize(
    ("own", "source", "code", "fits"),
    [
        ("431023104", "431023", "431023104", True),
        ("431023104", "431023", "431023", True),
        ("431023104", "431023", "431023-a", False),
        ("431023", "431023104", "431023104", True),
        ("431023", "431023104", "431023", False),
        ("431023", "431023104", "431023104-unknown", False),
    ],
)
def test_an_instance_speaks_of_what_is_its_own(own: str, source: str, code: str, fits: bool) -> None:
    units = known(units=(TOWN,)).units.values()
    rows = {
        u.code: Organisation(code=u.code, name="", name_en="", superior=u.superior, has_instance=u.has_instance) for u in units
    }
    directory = Directory(own=own, organisations=rows, officials={})
    if fits:
        announcing.check_speaker(directory, source, code)
    else:
        with pytest.raises(Refused):
            announcing.check_speaker(directory, source, code)


def test_what_was_told_is_compared_and_taken_over() -> None:
    here = known(term(1, "o-old", "431023104", "unit_head"), units=(TOWN,))
    same = announcing.difference(
        here, "431023104", ("431023104", "431023104"), announcing.heads_of(here, "431023104", TODAY), TODAY
    )
    assert not same
    with pytest.raises(Conflict):
        announcing.take(here, "431023104", same, TODAY, [])
    told = [head("o-new", AFTER), head("o-past", BEFORE, TODAY), Head.of(head("o-1", None, LATER).as_data())]
    wanted = announcing.difference(here, "431023104", ("柏林镇", "Bolin"), told, TODAY)
    assert [one.official for one in wanted.missing] == ["o-new", "o-1"]
    assert [(one.official, day) for one, day in wanted.gone] == [("o-old", AFTER)]
    after = announcing.take(here, "431023104", wanted, TODAY, list(ids()))
    assert (after.units["431023104"].name, after.names["o-new"], after.names["o-1"]) == ("柏林镇", "甲", "甲")
    assert [(t.official, t.from_on, t.until_on, sorted(t.roles)) for t in after.terms_in("431023104")] == [
        ("o-old", None, AFTER, ["unit_head"]), ("o-new", AFTER, None, ["unit_head"]), ("o-1", TODAY, LATER, ["unit_head"]),
    ]  # fmt: skip
    own = announcing.difference(here, "431023", ("431023", "431023"), [head("o-1")], TODAY)
    assert announcing.take(here, "431023", own, TODAY, list(ids())).terms_in("431023")[0].roles == {"first_in_command"}
    ends = announcing.difference(here, "431023104", ("431023104", "431023104"), [head("o-old", None, LATER)], TODAY)
    assert [day for _, day in ends.gone] == [LATER]


def test_a_bar_widens_with_the_tree_and_never_narrows() -> None:
    rows = {code: Organisation(code=code, name="", name_en="", superior=up, has_instance=False)
            for code, up in (("431023", None), ("431023-a", "431023"), ("431023-b", "431023-a"))}  # fmt: skip
    before = Directory(own="431023", organisations=rows, officials={})
    moved = replace(before, organisations=rows | {"431023-b": replace(rows["431023-b"], superior="431023")})
    bars = Bars(case_id=UUID(int=1)).complain(["431023-a"], [], moved)
    assert bars.organisations == {"431023-a"}
    assert bars.widened(before).organisations == {"431023-a", "431023-b"}
    assert bars.widened(before).widened(moved).organisations == {"431023-a", "431023-b"}

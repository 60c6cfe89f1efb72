"""Terms of posts, and the directory as it is edited: what holds on which day, and what no change may break."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain import roster, terms
from services.routing.domain.roster import Unit
from services.routing.domain.terms import Standing, Term
from shared.errors import Conflict, Forbidden, NotFound, Refused
from tests.unit.routing.rosters import AFTER, BEFORE, LATER, TODAY, known, term, unit


# -- terms ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("from_on", "until_on", "standing"),
    [
        (None, None, Standing.PRESENT),
        (BEFORE, None, Standing.PRESENT),
        (TODAY, AFTER, Standing.PRESENT),
        (AFTER, None, Standing.COMING),
        (BEFORE, TODAY, Standing.PAST),  # the day of removal, on which it is no longer held
        (None, BEFORE, Standing.PAST),
        (AFTER, AFTER, Standing.REVOKED),
    ],
)
def test_where_a_term_stands_on_a_monday(from_on: date | None, until_on: date | None, standing: Standing) -> None:
    assert term(1, from_on=from_on, until_on=until_on).on(TODAY) is standing


@given(*[st.one_of(st.none(), st.dates(BEFORE, LATER))] * 4, st.dates(BEFORE, LATER))
def test_two_terms_in_force_on_one_day_overlap(
    from_on: date | None, until_on: date | None, begins: date | None, ends: date | None, day: date
) -> None:
    one, other = term(1, from_on=from_on, until_on=until_on), term(2, from_on=begins, until_on=ends)
    both = all(each.on(day) is Standing.PRESENT for each in (one, other))
    assert one.overlaps(other) == other.overlaps(one)
    assert one.overlaps(other) or not both


def test_a_term_that_was_taken_back_overlaps_nothing() -> None:
    assert not term(1, from_on=TODAY, until_on=TODAY).overlaps(term(2))
    assert not term(1, until_on=BEFORE).overlaps(term(2, from_on=BEFORE))


def test_posts_are_those_in_force_then_the_last_then_those_to_come() -> None:
    past, last, present, coming = (
        term(1, until_on=BEFORE), term(2, "o-1", "431023-b", until_on=TODAY), term(3, from_on=BEFORE, place=-1), term(4, from_on=AFTER),
    )  # fmt: skip

    def organisations(*held: Term) -> tuple[bool, list[str]]:
        active, posts = terms.posts_on(held, TODAY)
        return active, [post["organisation"] for post in posts]

    assert organisations(past, last, present, coming) == (True, ["431023-a"])
    assert organisations(past, last, coming) == (False, ["431023-b"])
    assert organisations(coming) == (False, ["431023-a"])
    assert organisations(replace(coming, until_on=AFTER)) == (False, [])
    assert [d["until_on"] for d in (past.as_data(), present.as_data())] == ["2016-01-01", None]


def test_a_day_begins_at_midnight_in_beijing() -> None:
    assert terms.day_of(datetime(2016, 11, 6, 16, 0, tzinfo=UTC)) == TODAY
    assert terms.turning_days([term(1, from_on=BEFORE, until_on=AFTER), term(2, until_on=LATER)], TODAY) == [TODAY, AFTER, LATER]


# -- units ----------------------------------------------------------------------------------------------------------
def test_units_are_added_changed_and_dissolved_each_under_its_rule() -> None:
    before = known()
    after = roster.add_unit(before, unit("431023-c", "431023-b"))
    assert [one.code for one in after.below("431023-b")] == ["431023-c"]
    with pytest.raises(Conflict):
        roster.add_unit(after, unit("431023-c"))
    with pytest.raises(NotFound):
        roster.change_unit(after, "431023-x", name="某")
    with pytest.raises(Conflict):
        roster.dissolve(after, "431023-b", TODAY, 0)
    with pytest.raises(Conflict):
        roster.dissolve(after, "431023-c", TODAY, 1)
    with pytest.raises(Refused):
        roster.dissolve(after, "431023", TODAY, 0)
    gone = roster.dissolve(after, "431023-c", TODAY, 0)
    assert gone.units["431023-c"].as_data()["dissolved_on"] == "2016-11-07"
    with pytest.raises(Refused):
        roster.change_unit(gone, "431023-c", name="某")
    held = known(term(1, from_on=AFTER))
    with pytest.raises(Conflict, match="甲"):
        roster.dissolve(replace(held, names={"o-1": "甲"}), "431023-a", TODAY, 0)
    assert [fault.subject for fault in roster.faults(held, roster.change_unit(held, "431023-a", name="某"), TODAY)] == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (unit("431023-a", "431023-x"), "superior"),
        (unit("431023-a", "431023-gone"), "superior"),
        (unit("431023-a", "431023-c"), "superior"),
        (unit("431023-b", "431023-b"), "superior"),
        (unit("431023-b", kind=roster.LEADING_GROUP), "kind"),
    ],
)
def test_a_tree_that_does_not_hold_together_is_named(changed: Unit, field: str) -> None:
    before = known(
        units=(
            unit("431023-c", "431023-a"),
            unit("431023-gone", dissolved_on=BEFORE),
            unit("431023-lg", kind=roster.LEADING_GROUP),
        )
    )
    (fault,) = roster.faults(before, before.with_unit(changed), TODAY)
    assert fault.field == field
    roster.check(before, before, TODAY)
    with pytest.raises(Refused):
        roster.check(before, before.with_unit(changed), TODAY)


def test_a_circle_is_told_of_its_members_and_not_of_what_hangs_on_it() -> None:
    before = known()
    after = (
        before.with_unit(unit("431023-a", "431023-b"))
        .with_unit(unit("431023-b", "431023-a"))
        .with_unit(unit("431023-c", "431023-a"))
    )
    assert {fault.subject for fault in roster.faults(before, after, TODAY)} == {"431023-a", "431023-b"}
    assert list(after.chain("431023-c")) == ["431023-c", "431023-a", "431023-b"]
    two = known(units=(unit("431023-l1", kind=roster.LEADING_GROUP), unit("431023-l2", kind=roster.LEADING_GROUP)))
    assert list(roster.faults(two, two.with_name("o-1", "乙"), TODAY)) == [], "what was so before is no fault of another change"


def test_the_nearest_instance_above_is_the_next_unit_with_a_system_of_its_own() -> None:
    before = known(units=(unit("431023104", has_instance=True), unit("431023104-x", "431023104"), unit("9-x", "9")))
    assert [before.instance_above(code) for code in ("431023104-x", "431023-a", "9-x", "431023")] == [
        "431023104",
        "431023",
        None,
        None,
    ]


# -- terms in the directory -----------------------------------------------------------------------------------------
def test_appointing_somebody_new_or_known() -> None:
    before = known(term(1, place=3))
    with pytest.raises(Refused):
        roster.appoint(before, term(2, "o-2"), name=None, first=False)
    with pytest.raises(Conflict):
        roster.appoint(before, term(2), name="甲", first=False)
    with pytest.raises(Refused):
        roster.appoint(before, term(2, organisation="431023-x"), name=None, first=False)
    assert roster.appoint(before, term(2), name=None, first=False).terms[UUID(int=2)].place == 4
    assert roster.appoint(before, term(2), name=None, first=True).terms[UUID(int=2)].place == 2
    new = roster.appoint(before, term(2, "o-2"), name="乙", first=False)
    assert (new.names["o-2"], new.terms[UUID(int=2)].place) == ("乙", 0)


def test_ending_terms() -> None:
    before = known(term(1), term(2, from_on=AFTER), term(3, until_on=BEFORE), term(4, "o-2"))
    after = roster.leave(before, "o-1", TODAY, TODAY)
    assert [after.terms[UUID(int=number)].until_on for number in (1, 2, 3)] == [TODAY, AFTER, BEFORE]
    for wanted, kind in (([UUID(int=4)], Refused), ([UUID(int=9)], Refused), ([UUID(int=3)], Conflict), ([], Refused)):
        with pytest.raises(kind):
            roster.end(before, wanted, "o-1", TODAY, TODAY)
    with pytest.raises(Conflict):
        roster.leave(after, "o-1", TODAY, AFTER)


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        (term(1, organisation="431023-x"), ["organisation"]),
        (term(1, "o-1", "431023-a", "first_in_command"), ["roles"]),
        (term(1, "o-1", "431023", "first_in_command"), []),
        (term(1, from_on=date(1900, 1, 1)), ["from_on"]),
        (term(1, until_on=date(9999, 1, 1)), ["from_on"]),
        (term(1, from_on=AFTER, until_on=TODAY), ["until_on"]),
        (term(1, organisation="431023-gone", from_on=BEFORE), ["organisation"]),
        (term(1, organisation="431023-gone", until_on=LATER), ["organisation"]),
        (term(1, organisation="431023-gone", until_on=BEFORE), []),
    ],
)
def test_a_term_that_cannot_be_is_named(changed: Term, fields: list[str]) -> None:
    before = known(units=(unit("431023-gone", dissolved_on=TODAY),))
    assert [fault.field for fault in roster.faults(before, before.with_terms(changed), TODAY)] == fields


def test_nobody_heads_two_organisations_on_one_day() -> None:
    before = known(term(1, "o-1", "431023-a", "unit_head", until_on=AFTER))
    overlapping = before.with_terms(term(2, "o-1", "431023-b", "unit_head"))
    (fault,) = roster.faults(before, overlapping, TODAY)
    assert "两个单位" in fault.rule
    for fine in (
        term(2, "o-1", "431023-b", "unit_head", from_on=AFTER),
        term(2, "o-1", "431023-b", "officer"),
        term(2, "o-1", "431023-a", "unit_head"),
    ):
        assert list(roster.faults(before, before.with_terms(fine), TODAY)) == []
    nowhere = before.with_terms(term(2, "o-1", "431023-x", "unit_head"))
    assert [fault.field for fault in roster.faults(before, nowhere, TODAY)] == ["organisation", "roles"]


def test_there_is_an_administrator_on_every_day_on_which_there_was_one() -> None:
    first, second = term(1, "o-1", "431023-a", "administrator"), term(2, "o-2", "431023-a", "administrator", from_on=AFTER)
    before = known(first)
    assert [f.values for f in roster.faults(before, before.with_terms(replace(first, until_on=LATER)), TODAY)] == [
        {"day": "2017-06-01"}
    ]
    assert list(roster.faults(before, before.with_terms(replace(first, until_on=AFTER), second), TODAY)) == []
    assert list(roster.faults(known(), known().with_terms(second), TODAY)) == [], "where there is none, none is missed"
    elsewhere = term(3, "o-3", "999999", "administrator")
    assert roster.administrators(known(elsewhere), TODAY) == 0


def test_who_may_change_what() -> None:
    before = known(term(1), term(2, "o-2", "431023-a", "auditor"))
    after = before.with_terms(replace(term(1), until_on=TODAY))
    roster.check_hand(before, after, "o-9", administrator=False)
    with pytest.raises(Forbidden):
        roster.check_hand(before, after, "o-1", administrator=True)
    guarded = before.with_terms(replace(before.terms[UUID(int=2)], roles=frozenset()))
    with pytest.raises(Forbidden):
        roster.check_hand(before, guarded, "o-9", administrator=False)
    roster.check_hand(before, guarded, "o-9", administrator=True)
    with pytest.raises(Forbidden):
        roster.check_hand(before, before.with_terms(term(3, "o-3", "431023", "first_in_command")), "o-9", administrator=False)

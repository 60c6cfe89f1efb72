"""Who never sees a case: names add up, and only the office takes a mistaken one back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.intake.domain import barring
from services.intake.domain.barring import Bar
from shared.errors import Forbidden, Refused
from tests.unit.intake.intake_builders import CASE, NOW, a_viewer

LATER = NOW + timedelta(days=1)


def a_bar(code: str = "o-epb", *, named: bool = False, told: bool = False, by_family: bool = False) -> Bar:
    return Bar(case_id=CASE, code=code, barred_at=NOW, named=named, told=told, by_family=by_family)


def test_naming_keeps_since_when_and_what_routing_said():
    assert barring.name(None, CASE, "o-epb", now=NOW) == a_bar(named=True)
    assert barring.name(a_bar(told=True), CASE, "o-epb", now=LATER) == a_bar(named=True, told=True)


def test_a_lifted_name_stays_barred_while_routing_holds_it():
    assert barring.lift(a_bar(named=True, told=True), "o-epb") == a_bar(told=True)


def test_a_lifted_name_stays_barred_while_a_recusal_from_another_part_lasts():
    assert barring.lift(a_bar(named=True, by_family=True), "o-epb") == a_bar(by_family=True)


@pytest.mark.parametrize(
    "known",
    [None, a_bar(told=True), a_bar(told=True, by_family=True), a_bar()],
    ids=["unknown", "recused", "recused from another part", "lifted before"],
)
def test_only_a_name_that_our_staff_put_down_is_lifted(known):
    with pytest.raises(Refused) as refusal:
        barring.lift(known, "o-epb")
    assert refusal.value.field == "lifted"


def test_routings_latest_word_replaces_its_earlier_one_and_never_our_own():
    known = [a_bar("o-named", named=True, told=True), a_bar("o-recused", told=True)]
    after = {bar.code: (bar.named, bar.told, bar.barred_at) for bar in barring.follow(known, CASE, ["o-new"], at=LATER)}
    assert after == {"o-new": (False, True, LATER), "o-named": (True, False, NOW), "o-recused": (False, False, NOW)}


def test_routings_word_leaves_alone_what_came_from_the_family():
    for codes in (["o-epb"], []):
        [after] = barring.follow([a_bar(by_family=True)], CASE, codes, at=LATER)
        assert after == a_bar(told=bool(codes), by_family=True)


@pytest.mark.parametrize(
    ("known", "codes", "begun", "ended"),
    [
        (None, ["o-epb"], {"o-epb"}, set()),
        (a_bar(), ["o-epb"], {"o-epb"}, set()),
        (None, ["implied"], set(), set()),
        (a_bar(named=True), ["o-epb"], set(), set()),
        (a_bar(told=True), ["o-epb"], set(), set()),
        (a_bar(by_family=True), ["o-epb"], set(), set()),
        (a_bar(told=True), [], set(), {"o-epb"}),
        (a_bar(told=True, by_family=True), [], set(), set()),
        (a_bar(named=True), [], set(), set()),
    ],
    ids=["new", "again", "follows from a name", "named", "old", "echo", "over", "echo of its end", "not told yet"],
)
def test_a_recusal_is_what_no_name_and_no_other_part_explains(known, codes, begun, ended):
    assert barring.recusals([known] if known else [], codes, {"implied"}) == (begun, ended)


def test_a_recusal_from_another_part_begins_once_and_ends_with_it_and_touches_no_other_ground():
    assert barring.keep_apart([], CASE, ["o-epb"], at=NOW) == [a_bar(by_family=True)]
    known = [a_bar(named=True, told=True)]
    begun = barring.keep_apart(known, CASE, ["o-epb"], at=LATER)
    assert begun == [a_bar(named=True, told=True, by_family=True)]
    assert barring.keep_apart(begun, CASE, ["o-epb"], at=LATER) == []
    assert barring.keep_apart(begun, CASE, [], ["o-epb", "o-other"], at=LATER) == known
    assert barring.keep_apart([a_bar(named=True)], CASE, [], ["o-epb"], at=LATER) == []
    assert barring.keep_apart([a_bar(by_family=True)], CASE, [], ["o-epb"], at=LATER) == [a_bar(told=True)]  # its echo is to come


@pytest.mark.parametrize(
    ("roles", "of_instance", "may"),
    [
        (("office",), True, True),
        (("clerk",), True, False),
        (("first_in_command", "leader"), True, False),
        (("office",), False, False),
    ],
)
def test_only_the_office_of_this_instance_corrects(roles, of_instance, may):
    if may:
        barring.check_may_lift(a_viewer(*roles, of_instance=of_instance))
    else:
        with pytest.raises(Forbidden):
            barring.check_may_lift(a_viewer(*roles, of_instance=of_instance))

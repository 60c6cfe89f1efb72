"""Guessing passwords is slowed by name and address; nobody keeps somebody else out. And when rights change, sessions end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.routing.domain import Directory, Official, Post
from services.routing.domain.sign_in import rights_changed
from services.routing.domain.slowing import (
    FREE_OF_ADDRESS,
    FREE_OF_NAME,
    LONGEST_OF_ADDRESS,
    LONGEST_WAIT,
    NONE,
    STRANGERS_WAIT,
    Counts,
    Tries,
    begin,
    succeeded,
    wait_after,
)
from tests.unit.routing.builders import EPB, NOW, directory, later, official


def tries(failures: int = 0, last_at: datetime = NOW, not_before: datetime = NOW) -> Tries:
    return Tries(failures=failures, last_at=last_at, not_before=not_before)


def counts(**changes) -> Counts:
    return replace(Counts(pair=tries(), address=tries(), name=tries(), fresh=False, known=False), **changes)


def test_waiting_grows_and_has_an_end():
    assert [wait_after(failures).total_seconds() for failures in range(8)] == [0, 0, 0, 1, 2, 4, 8, 16]
    assert wait_after(1000) == LONGEST_WAIT
    assert wait_after(1000, FREE_OF_ADDRESS, LONGEST_OF_ADDRESS) == LONGEST_OF_ADDRESS


def test_a_name_at_an_address_is_slowed_after_three_failures():
    now, all_of_it, waited = NOW, counts(), []
    for _ in range(6):
        wait, all_of_it = begin(all_of_it, now)
        waited.append(wait.total_seconds())
        now += wait
        if wait:
            assert begin(all_of_it, now)[0] == NONE
            all_of_it = begin(all_of_it, now)[1]
    assert waited == [0, 0, 0, 1, 2, 4]


def test_a_try_that_has_to_wait_is_not_counted():
    waiting = counts(pair=tries(5, not_before=later(seconds=9)))
    assert begin(waiting, later(seconds=4)) == (timedelta(seconds=5), waiting)


def test_an_address_is_slowed_for_all_names_but_later():
    wait, after = begin(counts(address=tries(FREE_OF_ADDRESS - 2), fresh=True), NOW)
    assert (wait, after.address.not_before) == (NONE, NOW)
    wait, after = begin(replace(after, pair=tries(), fresh=True), NOW)
    assert (wait, after.address.not_before) == (NONE, later(seconds=1))
    another_name = replace(after, pair=tries(), name=tries(), fresh=True)
    assert begin(another_name, NOW)[0] == timedelta(seconds=1)


def test_an_address_forgets_a_failure_a_minute_also_when_it_is_busy():
    busy = tries(30)
    for second in range(0, 601, 59):
        busy = busy.faded(later(seconds=second))
    assert busy.failures == 21  # 590 seconds: nine whole minutes, although none passed between two tries
    assert tries(3).faded(later(hours=1)).failures == 0
    assert tries(3).faded(later(seconds=-5)) == tries(3)  # a clock that was put back


def test_a_name_tried_from_everywhere_makes_each_new_address_wait_and_only_for_its_own_tries():
    hot = tries(FREE_OF_NAME)
    wait, after = begin(counts(name=hot, fresh=True), NOW)
    assert (wait, after.name) == (STRANGERS_WAIT, hot)
    for at in range(1, 20):  # others go on trying meanwhile: the wait does not grow
        hammered = replace(after, name=tries(FREE_OF_NAME + at, last_at=later(seconds=at)), fresh=False)
        assert begin(hammered, later(seconds=at))[0] == STRANGERS_WAIT - timedelta(seconds=at)
    wait, after = begin(replace(after, fresh=False), NOW + STRANGERS_WAIT)
    assert (wait, after.pair.failures) == (NONE, 1)
    assert after.pair.not_before == NOW + 2 * STRANGERS_WAIT


def test_where_an_official_signed_in_before_others_failures_change_nothing():
    wait, after = begin(counts(name=tries(1000), fresh=True, known=True), NOW)
    assert (wait, after.pair.not_before) == (NONE, NOW)
    assert after.name.failures == 1000  # nor do his own slips make it harder elsewhere


@pytest.mark.parametrize("known", [True, False])
def test_a_right_password_takes_its_own_try_back_and_nobody_elses(known):
    before = counts(address=tries(7), name=tries(9), known=known)
    after = succeeded(begin(before, NOW)[1])
    assert (after.address.failures, after.name.failures) == (7, 9)
    assert after.address.not_before <= NOW


# -- rights -----------------------------------------------------------------------------------------------------------
def changed(**changes) -> Directory:
    """The small county after something of the bureau's head changed."""
    return directory(replace(official(EPB, "unit_head"), **changes))


SAME = official(EPB, "unit_head").posts[0]


@pytest.mark.parametrize(
    ("after", "ends"),
    [
        (changed(), False),
        (changed(name="谭建"), False),
        (changed(active=False), True),
        (changed(posts=(replace(SAME, roles=frozenset({"officer"})),)), True),
        (changed(posts=(replace(SAME, organisation="431023-office"),)), True),
        (changed(posts=(replace(SAME, title="副局长"),)), True),
        (changed(posts=(SAME, Post(organisation="431023-office", title="副主任", roles=frozenset({"office"})))), True),
    ],
)
def test_sessions_end_when_posts_roles_or_standing_change(after: Directory, ends: bool):
    assert rights_changed(directory(), after, EPB.official) is ends


def test_sessions_end_when_a_unit_leaves_the_officials_scope_and_not_when_one_comes():
    one = replace(official(EPB, "unit_head"), posts=(replace(SAME, organisation="431023-gov"),))
    with_bureau = directory(one)
    moved = {**with_bureau.organisations, "431023-epb": replace(with_bureau.organisations["431023-epb"], superior="431023")}
    without = replace(with_bureau, organisations=moved)
    assert rights_changed(with_bureau, without, EPB.official)
    assert not rights_changed(without, with_bureau, EPB.official)


def test_who_could_not_sign_in_has_no_session_to_end():
    newcomer = Official(official="o-new", name="新", active=True, posts=(SAME,))
    assert not rights_changed(directory(), directory(newcomer), "o-new")
    assert not rights_changed(directory(replace(newcomer, active=False)), directory(newcomer), "o-new")
    assert not rights_changed(directory(newcomer), directory(), "o-new")

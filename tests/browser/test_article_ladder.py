"""The article's ladder by pages alone: overdue, reminder, notice, interview, circular, a leader's charge with its five duties, settled,
score cards. Everybody signs in as himself, and the dates are the policy's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.dev.broker import Broker
from deploy.dev.county import County
from deploy.dev.database import Database
from tests import servers
from tests.browser import ladder_acts as acts
from tests.browser.walking import HEAD, LEADER, SECRETARY, SUPERVISOR, Open, Shot, Walk
from tests.integration.supervision.world import at


@pytest.fixture(scope="module")
def county(server_folder: Path, broker: Broker, database: Database) -> Iterator[County]:
    """A county of its own, for its months pass."""
    with servers.running_county(server_folder / "walk", broker, database, begin=at("2016-11-07 09:00"), label="walk-") as running:
        yield running


def overdue_and_up(walk: Walk) -> None:
    """From the visitor to the bundle, by the dates that the policy gives."""
    acts.registered(walk)
    acts.instructed(walk)
    acts.received(walk)
    walk.advance("2016-11-17 23:50")
    assert walk.waits(HEAD, "我的督办") == 0  # the tenth day is not over
    walk.advance("2016-11-18 09:00")
    acts.reminded(walk)
    walk.advance("2016-11-30 23:50")
    assert walk.waits(SUPERVISOR, "督办工作") == 0  # nor is the half month
    walk.advance("2016-12-01 09:00")
    acts.noticed(walk)
    acts.answered_without_an_end(walk)
    walk.advance("2016-12-06 23:50")
    assert walk.waits(SECRETARY, "督办工作") == 0  # nor are the five days that the notice gave
    walk.advance("2016-12-07 09:00")
    acts.called_in(walk)
    walk.advance("2016-12-08 18:00")
    acts.interviewed(walk)
    walk.advance("2016-12-31 23:50")
    assert walk.waits(SUPERVISOR, "督办工作") == 0  # nor are the two months
    walk.advance("2017-01-01 09:00")
    acts.circular_and_bundle(walk)


def carried_and_settled(walk: Walk) -> None:
    """From the leader to the petitioner."""
    acts.carried(walk)
    walk.advance("2017-01-03 09:00")
    acts.five_duties(walk)
    walk.advance("2017-01-05 10:00")
    acts.replied(walk)
    acts.concluded(walk)
    walk.advance("2017-01-06 10:00")
    acts.followed_up(walk)


def test_an_overdue_case_climbs_the_ladder_is_carried_and_settled_and_the_cards_say_what_that_counts(
    county: County, open_page: Open, shot: Shot, tmp_path: Path
) -> None:
    walk = Walk(county, open_page, shot, tmp_path)
    overdue_and_up(walk)
    carried_and_settled(walk)
    for official, whose, name, points, entries in (
        (LEADER, "罗静", "card", "10", 6),
        (HEAD, "县国土资源局", "unit-card", "-4", 2),
    ):
        table = acts.card_of(walk, official, whose, name)
        assert table[-1][3] == points
        assert [line[4] for line in table[1:]].count(walk.number) == entries
        acts.entries_point_at_their_case(walk, official, entries)
    acts.looked_over(walk)
    kept = county.county.query
    assert kept("SELECT count(*) FROM supervision.event_log WHERE name = 'charge.proposed'") == [(1,)]
    assert kept("SELECT count(*) FROM supervision.score_occasion WHERE judged_at IS NULL") == [(0,)]
    assert kept("SELECT count(*) FROM supervision.event_log WHERE name = 'period.ended'") == [
        (8 + 4 + 1,)
    ]  # weeks, half months, two months

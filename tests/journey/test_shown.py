"""What the demo shows when it opens: its cases where they are meant to stand, and one that went up the ladder and down again."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from deploy.dev import overdue
from deploy.dev.broker import Broker
from deploy.dev.county import DATA, County
from deploy.dev.database import Database
from deploy.dev.examples import OPENS, Examples
from deploy.dev.story import Story, at
from tests.faults import invariants
from tests.faults.invariants import Observed

STANDS = {
    "new": "registered", "briefed": "registered", "dispatched": "instructed", "overdue": "instructed", "received": "in_hand",
    "replied": "in_hand", "returned": "in_hand", "complex": "in_hand", "concluded": "concluded", "reopened": "reopened", "archived": "archived",
}  # fmt: skip


@pytest.fixture(scope="module")
def county(server_folder: Path, broker: Broker, database: Database) -> Iterator[County]:
    """A county of its own, with what the demo plays."""
    running = County(server_folder / "shown", broker, database, begin=at(11, 7, 8), label="shown-", die_with_parent=True)
    running.prepare()
    _ = running.driver
    running.start()
    try:
        meanwhile = overdue.Overdue(running)
        Story(running, lambda line: None, meanwhile).play()
        Examples(running, lambda line: None, meanwhile).load()
        yield running
    finally:
        running.stop()


def test_every_case_stands_where_it_is_meant_to(county: County) -> None:
    entries = yaml.safe_load((DATA / "examples.yaml").read_text(encoding="utf-8"))
    stands = dict(county.county.query("SELECT title, stage FROM routing.case_record"))
    meant = {entry["title"]: STANDS[entry["goes"]] for entry in entries if "brief" in entry}
    assert {title: stands[title] for title in meant} == meant
    assert county.driver.now == OPENS
    for instance in county.instances:
        seen = Observed(instance.org, instance.services, instance.query)
        assert invariants.violations(seen) + invariants.parked(seen) == []


def test_one_case_went_up_the_ladder_was_carried_with_five_duties_and_settled(county: County) -> None:
    steps = county.county.query(
        "SELECT s.step, s.document FROM supervision.ladder_step s JOIN supervision.supervised_case c ON c.id = s.case_id"
        " WHERE c.title = %s AND s.step <> 'reminder' ORDER BY s.taken_at",
        overdue.TITLE,
    )
    assert steps == [("notice", "永督〔2016〕1号"), ("interview", "永约〔2016〕1号")]


def test_the_score_cards_say_what_that_counts_and_another_case_is_carried_still(county: County) -> None:
    page = county.desk(overdue.LEADER).open("/supervision/scores/card?as=csv")
    assert list(csv.reader(page.lstrip("\ufeff").splitlines()))[-1][3] == "10"
    carried = county.county.query("SELECT leader ->> 'official', ended_for FROM supervision.charge ORDER BY taken_at")
    assert carried == [(overdue.LEADER, "settled"), (overdue.MAYOR, None)]

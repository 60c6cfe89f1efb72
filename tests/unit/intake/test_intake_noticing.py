"""When a petitioner must know whether the petition is accepted (art. 23)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.intake.domain.notices import due, on_the_spot, owed
from services.intake.domain.petition import accept
from services.intake.domain.submission import CHINA, Channel
from services.intake.workflow import Stage
from tests.unit.intake.intake_builders import CLERK, NOW, a_petition


@pytest.mark.parametrize(
    ("received", "told_by"),
    [
        ("2016-11-07T09:30", "2016-11-23"),  # Monday -> the end of Tuesday 22 November
        ("2016-11-07T00:00", "2016-11-23"), ("2016-11-07T23:59", "2016-11-23"), ("2016-02-20T12:00", "2016-03-07"),  # a leap year
        ("2016-12-25T12:00", "2017-01-10"),
    ],
)  # fmt: skip
def test_the_fifteenth_day_after_the_day_of_receipt_is_the_last(received, told_by):
    at = datetime.fromisoformat(received).replace(tzinfo=CHINA)
    assert due(at.astimezone(UTC)) == datetime.fromisoformat(f"{told_by}T00:00").replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("channel", "now", "at_once"),
    [(Channel.VISIT, NOW, True), (Channel.LETTER, NOW, False), (Channel.VISIT, datetime(2016, 11, 7, 16, tzinfo=UTC), False)],
)
def test_who_comes_in_person_is_told_the_same_day_where_that_can_be(channel, now, at_once):
    assert on_the_spot(channel, NOW, now) is at_once


def test_nothing_is_owed_once_it_is_accepted_withdrawn_or_concluded():
    assert owed(a_petition()) == owed(a_petition(stage=Stage.HANDLING)) == due(NOW)
    for over in ("accepted_at", "withdrawn_at", "concluded_at"):
        assert owed(a_petition(**{over: NOW})) is None


def test_who_accepted_answers_for_it_and_a_second_one_changes_nothing():
    accepted = accept(a_petition(), NOW, CLERK)
    assert (accepted.accepted_by, accept(accepted, NOW)) == (CLERK, accepted)

"""The answer on paper: on which days it can have been posted."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.intake.domain.messages import posted
from services.intake.workflow import MessageStage, Stage
from shared.errors import Conflict, Refused
from tests.unit.intake.intake_builders import CASE, a_petition

CONCLUDED = datetime(2016, 11, 22, 16, 30, tzinfo=UTC)  # half past midnight of the 23rd in China
NOW = datetime(2016, 11, 25, 15, 59, tzinfo=UTC)  # one minute to midnight of the 25th


def a_letter(posted_on: date):
    case = a_petition(stage=Stage.CONCLUDED, concluded_at=CONCLUDED, round=2)
    return posted(case, id=CASE, posted_on=posted_on, now=NOW)


@pytest.mark.parametrize("day", [23, 24, 25])
def test_it_is_posted_between_the_conclusion_and_today_as_china_counts_days(day):
    letter = a_letter(date(2016, 11, day))
    assert (letter.template, letter.stage, letter.params) == (
        "answer_letter", MessageStage.SENT, {"posted_on": f"2016-11-{day}", "round": 2},
    )  # fmt: skip


@pytest.mark.parametrize("day", [22, 26])
def test_on_no_other_day(day):
    with pytest.raises(Refused, match="寄出日期"):
        a_letter(date(2016, 11, day))


def test_nothing_is_posted_before_there_is_an_answer():
    with pytest.raises(Conflict):
        posted(a_petition(), id=CASE, posted_on=date(2016, 11, 25), now=NOW)

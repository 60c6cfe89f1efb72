"""What may be added to a petition, and when the county's day begins."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.intake.domain.supplements import LONGEST, MOST_A_DAY, check, midnight
from services.intake.workflow import Stage
from shared.errors import Conflict, Refused
from tests.unit.intake.intake_builders import NOW, a_petition


@pytest.mark.parametrize("stage", [Stage.REGISTERED, Stage.ACCEPTED, Stage.HANDLING, Stage.CONCLUDED, Stage.CLOSED])
def test_something_may_be_added_until_the_petition_is_archived(stage):
    check(a_petition(stage=stage), "又" * LONGEST, MOST_A_DAY - 1)


@pytest.mark.parametrize(
    ("changes", "text", "today", "kind"),
    [
        ({"stage": Stage.WITHDRAWN, "withdrawn_at": NOW}, "又", 0, Conflict), ({"stage": Stage.CLOSED, "withdrawn_at": NOW}, "又", 0, Conflict),
        ({"stage": Stage.ARCHIVED}, "又", 0, Conflict), ({}, " \n", 0, Refused), ({}, "又" * (LONGEST + 1), 0, Refused),
        ({}, "又", MOST_A_DAY, Conflict),
    ],
)  # fmt: skip
def test_nothing_is_added_to_what_is_over_nor_empty_too_long_or_too_often(changes, text, today, kind):
    with pytest.raises(kind) as refusal:
        check(a_petition(**changes), text, today)
    assert (refusal.value.field, type(refusal.value)) == ("supplement", kind)


@pytest.mark.parametrize(("now", "day"), [("2016-11-06T15:59:59", 5), ("2016-11-06T16:00:00", 6), ("2016-11-07T15:59:59", 6)])
def test_a_day_begins_at_midnight_in_the_county(now, day):
    assert midnight(datetime.fromisoformat(now).replace(tzinfo=UTC)) == datetime(2016, 11, day, 16, tzinfo=UTC)

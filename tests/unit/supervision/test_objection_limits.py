"""The right to object, which lapses; and who owes what when a post changes hands, or a joint unit reports."""

from datetime import date, datetime
from uuid import uuid4

import pytest

from services.supervision.domain import over
from services.supervision.working_calendar import WorkingCalendar
from tests.unit.supervision.supervision_builders import COUNTY_LEADER, JOINT_HEAD, TOWNSHIP_SECRETARY, Book, at

FIRST = "2016-11-07 09:30"


@pytest.fixture
def book() -> Book:
    return Book()


def due(book: Book) -> dict[str, datetime]:
    """The latest limit of each kind."""
    return {str(each.obligation): each.due_at for each in book.deadlines.values()}


def received(book: Book, when: str = "2016-11-07 10:00", part: str = "handling"):
    assignment = book.dispatch(FIRST, part=part)
    book.step(when, "receive", assignment, at=at(when))
    book.step(
        when, "may_object", assignment, round_number=1, part=part, to=TOWNSHIP_SECRETARY, at=at(when)
    )  # fmt: skip
    return assignment


@pytest.mark.parametrize("part", ["handling", "joint"])
def test_a_unit_may_object_for_five_working_days_from_its_receipt(book, part):
    received(book, "2016-11-10 10:00", part)  # a Thursday
    assert book.one("objection").due_at == at("2016-11-18 00:00")
    assert book.one("objection").warn_at is None


def test_an_objection_in_time_meets_it_and_one_after_it_finds_it_lapsed(book):
    assignment = received(book)
    assert book.step("2016-11-08 09:00", "object_to", assignment, at=at("2016-11-08 09:00")) == ["met objection"]
    late = Book()
    assignment = received(late)
    assert late.step("2016-11-15 09:00", "object_to", assignment, at=at("2016-11-15 09:00")) == ["withdrawn objection"]
    assert late.one("objection").reason == "lapsed"
    assert late.one("objection").ended_at == late.one("objection").due_at


def test_nobody_is_late_with_a_right_that_he_did_not_use(book):
    received(book)
    after, fact = over(book.one("objection"), at("2016-11-15 00:00"))
    assert (str(after.stage), after.missed_at, fact.name) == ("withdrawn", None, "deadline.withdrawn")
    told = book.step("2016-11-19 09:00", "close", reason="withdrawn", at=at("2016-11-19 09:00"))
    assert "missed objection" not in told
    assert told.count("withdrawn objection") == 1


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("reply", {}), ("approve", {"replied": True}), ("withdraw", {"reason": "conflict"}),
    ],
)  # fmt: skip
def test_the_right_ends_with_the_assignment(book, action, more):
    assignment = received(book)
    book.step("2016-11-08 09:00", action, assignment, at=at("2016-11-08 09:00"), **more)
    assert book.stages("objection") == ["withdrawn"]


def test_where_no_holidays_are_entered_yet_the_right_has_no_end(book):
    book.calendar = WorkingCalendar(first=date(2016, 1, 1), last=date(2016, 11, 8))
    received(book)
    assert book.all("objection") == []


def test_nobody_may_object_in_a_case_that_is_over(book):
    assignment = book.dispatch(FIRST)
    book.step("2016-11-08 09:00", "conclude", round_number=1, at=at("2016-11-08 09:00"))
    book.step(
        "2016-11-08 10:00", "may_object", assignment, round_number=1, part="handling", to=TOWNSHIP_SECRETARY,
        at=at("2016-11-08 10:00"),
    )  # fmt: skip
    assert book.all("objection") == []


# -- who owes it ---------------------------------------------------------------------------------------------------
def test_a_post_that_changes_hands_moves_what_is_owed_to_the_new_holder_and_no_clock(book):
    assignment = received(book)
    before = due(book)
    book.step("2016-11-08 09:00", "hand_over", assignment, TOWNSHIP_SECRETARY, COUNTY_LEADER, at=at("2016-11-08 09:00"))
    owed = {str(each.obligation): each.responsible for each in book.deadlines.values() if str(each.stage) == "pending"}
    assert owed == dict.fromkeys(("objection", "reply", "conclude"), COUNTY_LEADER)
    assert book.one("reply").organisation == COUNTY_LEADER.organisation
    assert due(book) == before


def test_a_hand_over_of_somebody_elses_assignment_leaves_the_case_with_whoever_answers_for_it(book):
    book.dispatch(FIRST, part="lead", to=COUNTY_LEADER)
    joint = book.dispatch(FIRST, part="joint", to=JOINT_HEAD)
    book.step("2016-11-08 09:00", "hand_over", joint, JOINT_HEAD, TOWNSHIP_SECRETARY, at=at("2016-11-08 09:00"))
    assert book.case.responsible == COUNTY_LEADER


def test_a_joint_units_progress_is_not_the_cases_and_neither_is_anothers_while_one_leads(book):
    lead = book.dispatch(FIRST, part="lead", to=COUNTY_LEADER, case_class="complex")
    joint = book.dispatch(FIRST, part="joint", to=JOINT_HEAD, case_class="complex")
    for assignment, part in ((joint, "joint"), (uuid4(), "handling")):
        book.step("2016-11-08 09:00", "progress", assignment, part=part, at=at("2016-11-08 09:00"))
        assert book.stages("progress") == ["pending"]
    book.step("2016-11-08 09:30", "progress", lead, part="lead", at=at("2016-11-08 09:30"))
    assert book.stages("progress") == ["met"]

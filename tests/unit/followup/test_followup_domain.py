"""How a petitioner is asked, whose word counts, and what it leads to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.followup.domain.case import (
    FollowedCase,
    close,
    come_back,
    end_of_day,
    ended_with,
    goes_on,
    may_be_redone,
    may_go_on,
    not_asked,
    propose_leader,
    wants_leader,
)
from services.followup.domain.task import (
    Task,
    consistent,
    counts,
    is_sampled,
    manner_for,
    open_task,
    says_settled,
    settle,
    withdraw,
)
from services.followup.policy_file import read_policy
from services.followup.workflow import CaseStage, TaskStage
from shared.contract.cases import CHANNELS, IDENTITIES
from shared.contract.followup import MANNERS
from shared.contract.person import Person
from shared.errors import Conflict, Refused

NOW = datetime(2016, 11, 30, 10, tzinfo=UTC)
SECRETARY = Person(official="o-431023-secretary", name="赵明", post="县委书记", organisation="431023")
POLICY = read_policy("yongxing")
STAFF = Person(official="o-431023-followup", name="黄秀英", post="回访员", organisation="431023-xf")
CASE = FollowedCase(
    id=uuid4(), organisation="431023", number="永信〔2016〕17 号", title="反映水污染", channel="email",
    identity="named", stage=CaseStage.FOLLOWED,
)  # fmt: skip


def task_of(case: FollowedCase = CASE, **changes) -> Task:
    _, task = open_task(
        case, POLICY, task_id=uuid4(), round_number=3, outcome="supported", answer="已取缔。", concluded_by=SECRETARY, now=NOW
    )
    return replace(task, **changes)


@pytest.mark.parametrize(
    ("channel", "identity", "manner"),
    [
        ("letter", "named", "letter"), ("visit", "named", "visit"), ("call", "named", "telephone"),
        ("email", "named", "email"), ("post", "named", "posted_answer"), ("letter", "confidential", "letter"),
        ("letter", "anonymous", "tracking_page"), ("visit", "anonymous", "tracking_page"),
        ("call", "anonymous", "tracking_page"), ("email", "anonymous", "email"),
        ("post", "anonymous", "posted_answer"),
    ],
)  # fmt: skip
def test_a_petitioner_is_asked_as_he_came_and_without_an_address_on_the_tracking_page(channel, identity, manner):
    assert manner_for(channel, identity) == manner


def test_every_channel_and_identity_has_a_manner_that_the_contract_knows():
    assert {manner_for(channel, identity) for channel in CHANNELS for identity in IDENTITIES} == set(MANNERS)


@pytest.mark.parametrize(
    ("concluded", "due"),
    [
        (datetime(2016, 11, 30, 10, tzinfo=UTC), datetime(2016, 12, 7, 16, tzinfo=UTC)),
        (datetime(2016, 11, 30, 16, tzinfo=UTC), datetime(2016, 12, 8, 16, tzinfo=UTC)),  # 1 December in Shanghai
        (datetime(2016, 2, 22, 1, tzinfo=UTC), datetime(2016, 2, 29, 16, tzinfo=UTC)),
        (datetime(2016, 12, 25, 15, 59, 59, tzinfo=UTC), datetime(2017, 1, 1, 16, tzinfo=UTC)),
    ],
)
def test_the_petitioner_is_asked_by_the_end_of_the_seventh_day_in_shanghai(concluded, due):
    assert end_of_day(concluded, POLICY.limit_days) == due


def test_a_task_carries_its_round_and_what_the_petitioner_was_told():
    case, task = open_task(
        CASE, POLICY, task_id=UUID(int=10), round_number=3, outcome="supported", answer="已取缔。", concluded_by=SECRETARY,
        now=NOW,
    )  # fmt: skip
    assert case.open_round == task.round == 3
    assert (task.stage, task.manner, task.answer) == (TaskStage.OPEN, "email", "已取缔。")
    assert task.sampled is False


def test_of_what_staff_record_the_policys_share_is_sampled_by_a_lot_that_is_drawn_then():
    assert sum(is_sampled(lot, POLICY) for lot in range(1000)) == 200
    assert settle(task_of(), POLICY, satisfied=True, source="staff", by=STAFF, at=NOW, lot=19).sampled
    assert not settle(task_of(), POLICY, satisfied=True, source="staff", by=STAFF, at=NOW, lot=20).sampled
    assert not settle(task_of(), POLICY, satisfied=True, source="petitioner", by=None, at=NOW, lot=0).sampled


@pytest.mark.parametrize(("satisfied", "stage"), [(True, TaskStage.SATISFIED), (False, TaskStage.NOT_SATISFIED)])
def test_the_petitioners_word_is_kept_with_its_source(satisfied, stage):
    task = settle(task_of(), POLICY, satisfied=satisfied, source="staff", by=STAFF, at=NOW)
    assert (task.stage, task.source, task.settled_by, task.settled_at) == (stage, "staff", STAFF, NOW)


def test_only_a_satisfied_that_staff_wrote_down_can_be_contested_until_the_end_of_the_thirtieth_day():
    assert settle(task_of(), POLICY, satisfied=True, source="staff", by=STAFF, at=NOW).contest_until == datetime(
        2016, 12, 30, 16, tzinfo=UTC
    )
    assert settle(task_of(), POLICY, satisfied=False, source="staff", by=STAFF, at=NOW).contest_until is None
    assert settle(task_of(), POLICY, satisfied=True, source="petitioner", by=None, at=NOW).contest_until is None


def test_a_second_word_is_refused():
    task = settle(task_of(), POLICY, satisfied=False, source="petitioner", by=None, at=NOW)
    with pytest.raises(Conflict):
        settle(task, POLICY, satisfied=True, source="staff", by=STAFF, at=NOW)


def test_whoever_could_not_be_reached_may_answer_by_himself():
    lost = task_of(stage=TaskStage.UNREACHABLE, settled_at=NOW)
    assert counts(CASE, lost)
    assert settle(lost, POLICY, satisfied=True, source="petitioner", by=None, at=NOW).stage is TaskStage.SATISFIED


@pytest.mark.parametrize(
    ("result", "answers", "kept"),
    [
        ("satisfied", {}, {"settled": True, "satisfied": True}),
        ("satisfied", {"speed": False}, {"settled": True, "satisfied": True, "speed": False}),
        ("satisfied", {"settled": True}, {"settled": True, "satisfied": True}),
        ("not_satisfied", {}, {}),
        ("not_satisfied", {"settled": True, "satisfied": False}, {"settled": True, "satisfied": False}),
        ("not_satisfied", {"settled": True}, {"settled": True}),
        ("not_satisfied", {"attitude": True, "weather": True}, {"attitude": True}),
        ("not_reached", {"settled": True}, {}),
    ],
)
def test_single_answers_beside_a_result_are_kept_as_far_as_the_policy_asks_for_them(result, answers, kept):
    assert consistent(result, answers, POLICY) == kept


@pytest.mark.parametrize(
    ("result", "answers"),
    [
        ("satisfied", {"settled": False}),
        ("satisfied", {"satisfied": False}),
        ("not_satisfied", {"settled": True, "satisfied": True}),
    ],
)
def test_answers_that_contradict_the_result_are_refused(result, answers):
    with pytest.raises(Refused):
        consistent(result, answers, POLICY)


@pytest.mark.parametrize(
    ("settled", "satisfied", "closes"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_only_a_settled_matter_and_a_satisfied_petitioner_close_a_case(settled, satisfied, closes):
    assert says_settled(settled=settled, satisfied=satisfied) is closes


def test_an_answer_counts_while_the_round_is_open_and_the_case_is_followed():
    assert counts(CASE, task_of())
    assert not counts(CASE, task_of(stage=TaskStage.NOT_SATISFIED))
    assert not counts(replace(CASE, stage=CaseStage.ARCHIVED), task_of())


def test_a_withdrawn_task_is_over():
    task = withdraw(task_of(), at=NOW)
    assert (task.stage, task.settled_at, task.source) == (TaskStage.WITHDRAWN, NOW, None)


def test_a_case_that_goes_on_is_not_asked_about():
    assert not_asked(replace(CASE, open_round=3)).open_round is None


def test_a_closing_says_why_by_whom_and_when_and_archives_at_once():
    case, closing = close(CASE, reason="satisfied", round_number=3, by=STAFF, now=NOW)
    assert case.stage is CaseStage.ARCHIVED
    assert (closing.reason, closing.round, closing.by, closing.closed_at, closing.archived_at) == (
        "satisfied", 3, STAFF, NOW, NOW,
    )  # fmt: skip


def test_a_case_is_closed_once():
    case, _ = close(CASE, reason="withdrawn", round_number=None, by=None, now=NOW)
    with pytest.raises(Conflict):
        close(case, reason="satisfied", round_number=1, by=STAFF, now=NOW)


def test_a_closed_case_goes_on_and_is_closed_again_under_the_next_number():
    closed, first = close(CASE, reason="satisfied", round_number=3, by=STAFF, now=NOW)
    again = goes_on(closed)
    assert (again.stage, again.closed_at, again.close_reason) == (CaseStage.FOLLOWED, None, None)
    assert close(again, reason="satisfied", round_number=4, by=None, now=NOW)[1].number == first.number + 1 == 2


def test_a_case_that_is_followed_goes_on_as_it_is():
    assert goes_on(replace(CASE, open_round=3)) == CASE


def test_a_word_reopens_a_case_only_where_nothing_else_goes_on():
    asked = replace(CASE, open_round=3)
    assert ended_with(asked, 3)
    assert not ended_with(asked, 2)
    assert not ended_with(CASE, 3)


@pytest.mark.parametrize(
    ("reason", "over", "word", "reopens", "redone"),
    [
        ("satisfied", 3, 3, True, True), ("satisfied", 4, 3, False, True), ("decision", 4, 3, False, True), ("decision", 3, 3, False, True),
        ("withdrawn", None, 3, False, False),
    ],
)  # fmt: skip
def test_a_closed_case_is_reopened_by_a_word_about_the_round_that_closed_it_alone(reason, over, word, reopens, redone):
    """Nor does a review bring back what its petitioner withdrew."""
    closed, _ = close(CASE, reason=reason, round_number=over, by=None, now=NOW)
    assert ended_with(closed, word) is reopens
    assert may_be_redone(closed, word) is redone


def test_a_review_has_a_case_handled_anew_that_is_being_asked_about_and_none_under_way():
    assert may_be_redone(replace(CASE, open_round=3), 3)
    assert not may_be_redone(CASE, 3)


def test_a_leader_is_wanted_after_the_policys_rounds_and_once():
    once = come_back(CASE)
    twice = come_back(once)
    assert [wants_leader(case, POLICY) for case in (CASE, once, twice)] == [False, False, True]
    assert not wants_leader(propose_leader(twice, NOW), POLICY)
    assert come_back(twice, -1).came_back == 1
    assert come_back(CASE, -1).came_back == 0


@pytest.mark.parametrize(
    ("reason", "days", "may"),
    [("satisfied", 0, True), ("satisfied", 90, True), ("satisfied", 91, False), ("decision", 0, False), ("withdrawn", 0, False)],
)
def test_the_petitioner_has_a_closed_case_go_on_within_ninety_days_of_a_satisfied(reason, days, may):
    closed, _ = close(CASE, reason=reason, round_number=3, by=None, now=NOW)
    assert may_go_on(closed, 3, POLICY, NOW + timedelta(days=days)) is may
    assert not may_go_on(closed, 2, POLICY, NOW)  # an earlier round is not what closed it


def test_an_open_case_need_not_go_on_and_a_policy_may_forbid_it():
    assert not may_go_on(CASE, 3, POLICY, NOW)
    closed, _ = close(CASE, reason="satisfied", round_number=3, by=None, now=NOW)
    assert not may_go_on(closed, 3, replace(POLICY, reopen_days=0), NOW)

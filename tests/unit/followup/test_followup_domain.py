"""How a petitioner is asked, whose word counts, and what it leads to."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from services.followup.domain import (
    FollowedCase,
    Task,
    check_try,
    close,
    counts,
    due_after,
    manner_for,
    not_asked,
    open_task,
    says_settled,
    settle,
    withdraw,
)
from services.followup.workflow import CaseStage, TaskStage
from shared.contract.cases import CHANNELS, IDENTITIES
from shared.contract.followup import MANNERS, RESULTS
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused

NOW = datetime(2016, 11, 30, 10, tzinfo=UTC)
SECRETARY = Person(official="o-431023-secretary", name="赵明", post="县委书记", organisation="431023")
STAFF = Person(official="o-431023-followup", name="黄秀英", post="回访员", organisation="431023-xf")
CASE = FollowedCase(
    id=uuid4(), organisation="431023", number="永信〔2016〕17 号", title="反映水污染", channel="email",
    identity="named", stage=CaseStage.FOLLOWED,
)  # fmt: skip


def task_of(case: FollowedCase = CASE, **changes) -> Task:
    _, task = open_task(
        case, task_id=uuid4(), round_number=3, outcome="supported", answer="已取缔。", concluded_by=SECRETARY, now=NOW
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
    assert due_after(concluded) == due


def test_a_task_carries_its_round_and_what_the_petitioner_was_told():
    case, task = open_task(
        CASE, task_id=UUID(int=10), round_number=3, outcome="supported", answer="已取缔。", concluded_by=SECRETARY,
        now=NOW,
    )  # fmt: skip
    assert case.open_round == task.round == 3
    assert (task.stage, task.manner, task.answer) == (TaskStage.OPEN, "email", "已取缔。")
    assert task.sampled is True


def test_one_task_in_five_is_sampled():
    sampled = [
        open_task(CASE, task_id=UUID(int=n), round_number=1, outcome="", answer="", concluded_by=SECRETARY, now=NOW)[1].sampled
        for n in range(100)
    ]  # fmt: skip
    assert sum(sampled) == 20


@pytest.mark.parametrize(("satisfied", "stage"), [(True, TaskStage.SATISFIED), (False, TaskStage.NOT_SATISFIED)])
def test_the_petitioners_word_is_kept_with_its_source(satisfied, stage):
    task = settle(task_of(), satisfied=satisfied, source="staff", by=STAFF, at=NOW)
    assert (task.stage, task.source, task.settled_by, task.settled_at) == (stage, "staff", STAFF, NOW)


def test_a_second_word_is_refused():
    task = settle(task_of(), satisfied=False, source="petitioner", by=None, at=NOW)
    with pytest.raises(Conflict):
        settle(task, satisfied=True, source="staff", by=STAFF, at=NOW)


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


def test_a_try_by_staff_in_a_known_manner_with_a_known_result_may_be_recorded():
    for result in RESULTS:
        check_try(task_of(), by=STAFF, manner="visit", result=result)


def test_who_concluded_a_case_does_not_ask_about_it():
    with pytest.raises(Forbidden):
        check_try(task_of(), by=SECRETARY, manner="visit", result="satisfied")


def test_a_round_that_has_its_answer_takes_no_further_try():
    with pytest.raises(Conflict):
        check_try(task_of(stage=TaskStage.SATISFIED), by=STAFF, manner="visit", result="not_satisfied")


@pytest.mark.parametrize(("manner", "result"), [("tracking_page", "satisfied"), ("pigeon", "satisfied"), ("visit", "happy")])
def test_an_unknown_manner_or_result_is_refused(manner, result):
    with pytest.raises(Refused) as refused:
        check_try(task_of(), by=STAFF, manner=manner, result=result)
    assert refused.value.status == 422


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

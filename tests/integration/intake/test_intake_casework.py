"""What clerks, petitioners and other services do to a case, on a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest

from services.intake.domain.petition import Petition
from services.intake.domain.rating import Rating
from services.intake.domain.submission import Channel, Identity, Petitioner, Purpose
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.handlers import casework, looking, rating
from services.intake.store import SQL, read
from shared.errors import Conflict, Forbidden, NotYet, Refused
from tests.integration.intake.intake_bus import CLERK, HEAD
from tests.integration.intake.intake_cases import AT, a_case, concluded, issued

LEADER = Viewer(person=HEAD, roles=frozenset({"leader"}), of_instance=False, codes=frozenset({HEAD.official, HEAD.organisation}))


@pytest.fixture
def case_id(intake, vault) -> UUID:
    return a_case(intake, vault)


def case_of(intake, case_id) -> Petition:
    with intake.unit_of_work() as uow:
        found = read(uow, case_id)
    assert found is not None
    return found


def test_a_brief_is_told_once_however_often_it_is_sent(intake, case_id, clerk, told):
    words: dict[str, Any] = {
        "title": "饮水污染",
        "brief": "村民反映排污。",
        "category": "environment",
        "place": "431023104",
        "revision": 0,
    }
    for _ in range(2):
        with intake.unit_of_work() as uow:
            casework.supplement(uow, case_id, clerk, **words)
    with pytest.raises(Conflict), intake.unit_of_work() as uow:
        casework.supplement(uow, case_id, clerk, **words | {"brief": "另一版。"})
    assert [name for name, _ in told()] == ["case.registered", "case.supplemented"]
    assert case_of(intake, case_id).brief == "村民反映排污。"


def test_acceptance_and_withdrawal_are_told_once(intake, case_id, clerk, told):
    for _ in range(2):
        with intake.unit_of_work() as uow:
            casework.accept(uow, case_id, clerk)
    for _ in range(2):
        with intake.unit_of_work() as uow:
            casework.withdraw(uow, case_id, wish=None)
    assert [name for name, _ in told()] == ["case.registered", "case.accepted", "case.withdrawn"]


def test_whoever_is_complained_of_sees_nothing_from_that_moment_on(intake, vault, case_id, clerk, hear, told):
    hear("directory.official_recorded", uuid4(), {"official": HEAD.official, "name": HEAD.name, "active": True, "posts": []})
    hear("assignment.issued", case_id, issued())
    with intake.unit_of_work() as uow:
        looking.open_petition(uow, case_id, LEADER)
    with intake.unit_of_work() as uow:
        casework.set_conflict(uow, case_id, clerk, organisations=[], officials=[HEAD.official])
    name, data = told()[-1]
    assert (name, data["officials"], data["organisations"]) == ("case.conflict_set", [HEAD.official], [])
    with pytest.raises(Hidden), intake.unit_of_work() as uow:
        looking.open_petition(uow, case_id, LEADER)


def test_a_conflict_names_only_who_is_in_the_directory(intake, case_id, clerk, told):
    with pytest.raises(Refused), intake.unit_of_work() as uow:
        casework.set_conflict(uow, case_id, clerk, organisations=["431023-epb"], officials=[])
    assert len(told()) == 1


def test_an_accused_clerk_cannot_open_list_or_change_the_case(intake, vault, case_id, clerk, hear):
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    for attempt in (
        lambda uow: looking.open_petition(uow, case_id, clerk),
        lambda uow: looking.read_identity(uow, vault, case_id, clerk, purpose=Purpose.CONTACT),
        lambda uow: casework.accept(uow, case_id, clerk),
        lambda uow: casework.supplement(uow, case_id, clerk, title="一", brief="二", category="other", place=""),
        lambda uow: casework.set_conflict(uow, case_id, clerk, organisations=[], officials=[]),
    ):
        with pytest.raises(Hidden), intake.unit_of_work() as uow:
            attempt(uow)
    with intake.unit_of_work() as uow:
        assert looking.desk(uow, clerk, looking.Desk()) == ([], 0)
        assert looking.counts(uow, clerk)["unbriefed"] == 0
        assert looking.desk(uow, replace(clerk, codes=frozenset({"o-431023-other"})), looking.Desk())[1] == 1


def test_a_clerk_of_another_instance_changes_nothing_here(intake, case_id, clerk, told):
    for attempt in (
        lambda uow, other: casework.accept(uow, case_id, other),
        lambda uow, other: casework.supplement(uow, case_id, other, title="一", brief="二", category="other", place=""),
        lambda uow, other: casework.set_conflict(uow, case_id, other, organisations=[], officials=[]),
    ):
        with pytest.raises(Hidden), intake.unit_of_work() as uow:
            attempt(uow, replace(clerk, of_instance=False))
    assert len(told()) == 1


def test_an_assignment_opens_the_text_and_its_end_closes_it(intake, case_id, hear):
    with pytest.raises(Hidden), intake.unit_of_work() as uow:
        looking.open_petition(uow, case_id, LEADER)
    assignment = uuid4()
    hear("assignment.issued", case_id, issued(assignment))
    with intake.unit_of_work() as uow:
        case, identifies = looking.open_petition(uow, case_id, LEADER)
    assert (case.stage, identifies) == ("handling", True)
    hear(
        "assignment.withdrawn", case_id,
        {"assignment_id": str(assignment), "reason": "conflict", "responsible": HEAD.as_data(), "withdrawn_at": AT},
    )  # fmt: skip
    with pytest.raises(Hidden), intake.unit_of_work() as uow:
        looking.open_petition(uow, case_id, LEADER)


def test_another_instance_neither_opens_nor_closes_the_text_of_our_petition(intake, case_id, hear):
    assignment = uuid4()
    with pytest.raises(Refused, match="source"):
        hear("assignment.issued", case_id, issued(assignment), org="431023104")
    with pytest.raises(Hidden), intake.unit_of_work() as uow:
        looking.open_petition(uow, case_id, LEADER)
    hear("assignment.issued", case_id, issued(assignment))
    back = {"assignment_id": str(assignment), "reason": "conflict", "responsible": HEAD.as_data(), "withdrawn_at": AT}
    with pytest.raises(Refused, match="source"):
        hear("assignment.withdrawn", case_id, back, org="431023104")
    with intake.unit_of_work() as uow:
        assert looking.open_petition(uow, case_id, LEADER)


def test_a_bar_ends_the_access_that_was_given(intake, case_id, hear):
    hear("assignment.issued", case_id, issued())
    hear("case.barred", case_id, {"organisations": [HEAD.organisation], "officials": [], "barred_at": AT})
    with intake.unit_of_work() as uow:
        who = {"official": HEAD.official, "posts": [HEAD.organisation], "own": uow.org}
        tie = uow.one(SQL["tie"], case_id=case_id, **who)
        assert tie == {"granted": False, "handled": True, "of_unit": HEAD.organisation != uow.org}


def test_each_look_is_logged_with_who_when_and_what_for_and_the_log_cannot_be_altered(intake, settings, vault, case_id, clerk):
    with intake.unit_of_work() as uow:
        case, identifies = looking.open_petition(uow, case_id, clerk)
        words = looking.read_words(uow, vault, case, clerk, identifies=identifies)
        masked = looking.read_masked(uow, vault, case)
    with intake.unit_of_work() as uow:
        _, who = looking.read_identity(uow, vault, case_id, clerk, purpose=Purpose.CONTACT)
    assert ("陈十里" in words.text, masked.name, masked.phone, who.name) == (True, "陈**", "138****2345", "陈十里")
    with intake.unit_of_work() as uow:
        found, total = looking.looks(uow, replace(clerk, codes=frozenset({"o-auditor"})))
    assert total == 2
    assert [(row["what"], row["purpose"], row["official"], row["number"]) for row in found] == [
        ("identity", "contact", CLERK.official, case.number), ("text", "reading", CLERK.official, case.number),
    ]  # fmt: skip
    for statement in ("DELETE FROM intake.look", "UPDATE intake.look SET name = 'x'"):
        with pytest.raises(psycopg2.Error), psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
            cursor.execute(statement)


def test_a_handling_leader_reads_a_confidential_petition_without_learning_who_wrote_it(intake, vault, hear):
    case_id = a_case(intake, vault, identity=Identity.CONFIDENTIAL)
    hear("assignment.issued", case_id, issued())
    with intake.unit_of_work() as uow:
        case, identifies = looking.open_petition(uow, case_id, LEADER)
        words = looking.read_words(uow, vault, case, LEADER, identifies=identifies)
    assert not identifies
    assert "井水发黑" in words.text
    assert "陈十里" not in words.text + words.title
    assert "13873512345" not in words.text
    with pytest.raises(Forbidden), intake.unit_of_work() as uow:
        looking.read_identity(uow, vault, case_id, LEADER, purpose=Purpose.CONTACT)
    with intake.unit_of_work() as uow:
        assert looking.looks(uow, LEADER, what="identity") == ([], 0)


@pytest.mark.parametrize("part", ["handling", "lead", "joint"])
@pytest.mark.parametrize("roles", [("office", "leader"), ("clerk", "unit_head"), ("followup", "leader"), ("first_in_command",)])
@pytest.mark.parametrize("identity", [Identity.CONFIDENTIAL, Identity.ANONYMOUS])
def test_no_other_role_lifts_the_mask_for_whoever_handles_the_case_then_or_later(intake, vault, hear, part, roles, identity):
    case_id = a_case(intake, vault, identity=identity, petitioner=Petitioner(alias="陈十里", phone="13873512345"))
    both = replace(LEADER, roles=frozenset(roles), of_instance=True)
    assignment = uuid4()
    hear("assignment.issued", case_id, issued(assignment) | {"part": part})
    for ended in (False, True):
        if ended:
            data = {"assignment_id": str(assignment), "reason": "replaced", "responsible": HEAD.as_data(), "withdrawn_at": AT}
            hear("assignment.withdrawn", case_id, data)
        with pytest.raises((Forbidden, Hidden)), intake.unit_of_work() as uow:
            looking.read_identity(uow, vault, case_id, both, purpose=Purpose.FOLLOWUP)
        if "followup" not in roles:  # its staff read no text
            with intake.unit_of_work() as uow:
                case, identifies = looking.open_petition(uow, case_id, both)
                text = looking.read_words(uow, vault, case, both, identifies=identifies).text
            assert (identifies, "陈十里" in text, "井水发黑" in text) == (False, False, True)
    other = replace(both, person=CLERK, codes=frozenset({CLERK.official, CLERK.organisation}))
    with intake.unit_of_work() as uow:
        assert looking.read_identity(uow, vault, case_id, other, purpose=Purpose.FOLLOWUP)[1].phone == "13873512345"


def test_the_stage_follows_the_other_services(intake, case_id, hear):
    hear("assignment.issued", case_id, issued())
    hear("case.concluded", case_id, concluded())
    hear("followup.due", case_id, {"task_id": str(uuid4()), "round": 1, "manner": "telephone", "due_at": AT})
    assert case_of(intake, case_id).stage == "concluded"
    hear("case.reopened", case_id, {"round": 2, "cause": "not_satisfied", "reopened_at": AT})
    assert case_of(intake, case_id).stage == "handling"
    with pytest.raises(NotYet):
        hear("case.closed", case_id, {"reason": "satisfied", "closed_at": AT})
    hear("case.concluded", case_id, concluded(2))
    hear("case.closed", case_id, {"reason": "satisfied", "closed_at": AT})
    hear("case.archived", case_id, {"archived_at": AT})
    with intake.unit_of_work() as uow:
        kinds = [(row["kind"], row["round"]) for row in uow.all(SQL["milestones_of_case"], case_id=case_id)]
    assert sorted(kinds) == sorted(
        [("handed_over", 1), ("concluded", 1), ("asked", 1), ("reopened", 2), ("concluded", 2), ("closed", 2), ("archived", 0)]
    )


def test_the_petitioner_answers_each_round_once_and_only_when_asked(intake, vault, case_id, hear, told):
    def answer(round):
        with intake.unit_of_work() as uow:
            rating.record_answer(uow, vault, case_id, Rating(round=round, settled=False, satisfied=False))

    asked = {"task_id": str(uuid4()), "round": 1, "manner": "telephone", "due_at": AT}
    with pytest.raises(Conflict):
        answer(1)
    hear("followup.due", case_id, asked)  # before the conclusion: the two come from different services
    with pytest.raises(Conflict):
        answer(1)
    hear("case.concluded", case_id, concluded())
    answer(1)
    with pytest.raises(Conflict):
        answer(1)
    hear("followup.due", case_id, asked)  # told again for the same round: nothing is asked anew
    with pytest.raises(Conflict):
        answer(1)
    with pytest.raises(Conflict):
        answer(2)
    answers = [data for name, data in told() if name == "petitioner.answered"]
    assert [(data["round"], data["settled"], data["satisfied"]) for data in answers] == [(1, False, False)]


def test_cases_that_were_registered_elsewhere_are_left_alone(intake, hear, told):
    other = uuid4()
    hear("assignment.issued", other, issued(), org="431023104")
    hear("case.barred", other, {"organisations": ["431023-epb"], "officials": [], "barred_at": AT}, org="431023104")
    hear("case.concluded", other, concluded(), org="431023104")
    hear("case.reopened", other, {"round": 2, "cause": "x", "reopened_at": AT})
    hear("case.closed", other, {"reason": "satisfied", "closed_at": AT})
    hear("case.archived", other, {"archived_at": AT})
    hear("followup.due", other, {"task_id": str(uuid4()), "round": 1, "manner": "visit", "due_at": AT})
    hear("message.requested", other, {"message_id": str(uuid4()), "template": "concluded", "params": {}})
    hear(
        "assignment.withdrawn",
        other,
        {"assignment_id": str(uuid4()), "reason": "x", "responsible": HEAD.as_data(), "withdrawn_at": AT},
    )
    with intake.unit_of_work() as uow:
        for table in ("petition", "access", "bar", "milestone", "follow_up", "message"):
            assert uow.one(f"SELECT count(*) AS n FROM {table}")["n"] == 0
    assert told() == []


def test_the_desk_counts_and_filters_what_waits(intake, vault, clerk):
    first, second = a_case(intake, vault), a_case(intake, vault, channel=Channel.VISIT, category="land", place="431023104")
    with intake.unit_of_work() as uow:
        casework.accept(uow, first, clerk)
        casework.supplement(uow, second, clerk, title="征地 100%", brief="摘要", category="land", place="431023104")
    with intake.unit_of_work() as uow:
        counts = looking.counts(uow, clerk)
        assert {name: n for name, n in counts.items() if n} == {"unbriefed": 1, "unaccepted": 1}

        def ids(**wanted):
            return [row["id"] for row in looking.desk(uow, clerk, looking.Desk(**wanted))[0]]

        assert ids() == [second, first]
        assert ids(queue="unbriefed") == [first]
        assert ids(queue="unaccepted") == [second]
        assert ids(channel="visit") == ids(category="land") == ids(place="431023104") == ids(q="100%") == [second]
        assert ids(q="%") == [second]
        assert ids(q="1_0") == []
        assert ids(stage="accepted") == [first]
        assert ids(size=1, page=2) == [first]
        assert ids(until=case_of(intake, first).registered_at) == []

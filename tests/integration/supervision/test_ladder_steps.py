"""The ladder on a real database: reminders by themselves, the rest under names, each once and on record."""

import threading
from uuid import UUID, uuid4

import psycopg2
import pytest
import yaml

from services.supervision.handlers import adopt_policy, climb_due, fire_due, ladder, listing
from services.supervision.handlers import interviews as calls
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, NotFound, Refused
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.ladder_steps import (
    HEAD,
    SEES,
    SUPERVISOR,
    call,
    issue,
    miss,
    organisations,
    overdue,
    scheduler,
)
from tests.integration.supervision.world import COUNTY_LEADER, TOWNSHIP_SECRETARY, at, moment, names

DUE, ROUND = "2016-11-18 00:00", "2016-12-01 09:00"


def steps(world: Supervision, case: UUID) -> list[tuple[str, str]]:
    rows = world.rows(
        "SELECT step, document FROM ladder_step WHERE case_id = %(case)s ORDER BY taken_at, document", case=str(case)
    )
    return [(row["step"], row["document"]) for row in rows]


def test_each_miss_is_reminded_of_once_with_a_number_without_gap(world: Supervision):
    case = overdue(world)
    scheduler(world, "2016-11-18 08:00")
    told = world.told("supervision.reminded", subject=case)
    assert sorted(data["obligation"] for _, data in told) == ["conclude", "receive", "reply"]
    assert sorted(data["document"] for _, data in told) == ["永催〔2016〕1号", "永催〔2016〕2号", "永催〔2016〕3号"]
    assert {data["responsible"]["name"] for _, data in told} == {"何立新"}
    conclude = next(data for _, data in told if data["obligation"] == "conclude")
    assert (conclude["due_at"], conclude["late"]) == (moment(DUE), False)


def test_after_an_outage_the_reminder_bears_its_date_and_is_marked_late(world: Supervision):
    case = overdue(world, now="2016-11-19 00:00")
    (told,) = (data for _, data in world.told("supervision.reminded", subject=case) if data["obligation"] == "conclude")
    assert (told["due_at"], told["late"]) == (moment(DUE), True)
    (row,) = world.rows("SELECT next_step, next_due FROM ladder WHERE id = %(id)s", id=str(miss(world, case)))
    assert (row["next_step"], row["next_due"].isoformat()) == ("notice", "2016-11-30T16:00:00+00:00")


def test_what_is_done_in_time_has_nobody_reminded(world: Supervision):
    case = uuid4()
    world.hear(world.issued(case, "2016-11-07 09:30"))
    world.hear(world.concluded(case, "2016-11-08 09:00"))
    scheduler(world, DUE)
    assert world.told("supervision.reminded", subject=case) == []


def test_a_case_keeps_the_policy_it_began_under_and_with_it_its_ladder(world: Supervision, tmp_path):
    old = tmp_path / "old.yaml"
    text = world.do(adopt_policy).document

    old.write_text(
        yaml.safe_dump({**{k: v for k, v in text.items() if k != "ladder"}, "version": 9}, allow_unicode=True), encoding="utf-8"
    )
    world.do(lambda uow: adopt_policy(uow, str(old)))
    case = overdue(world)
    world.do(adopt_policy)
    scheduler(world, "2016-11-19 00:00")
    assert world.told("deadline.missed", subject=case)
    assert world.told("supervision.reminded") == []


def test_two_schedulers_remind_once(world: Supervision):
    for _ in range(20):
        world.hear(world.issued(uuid4(), "2016-11-07 09:30"))
    world.clock(DUE)
    while world.do(fire_due):
        pass

    def climb() -> None:
        while world.do(lambda uow: climb_due(uow, limit=3)):
            pass

    both = [threading.Thread(target=climb) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    told = [data["deadline_id"] for _, data in world.told("supervision.reminded")]
    assert len(told) == len(set(told)) == 60
    numbers = sorted(int(data["document"].split("〕")[1][:-1]) for _, data in world.told("supervision.reminded"))
    assert numbers == list(range(1, 61))


def test_a_half_monthly_round_is_issued_at_once_each_notice_by_a_named_person_with_its_number(world: Supervision):
    first, second = overdue(world), overdue(world, when="2016-11-07 10:00")
    world.clock(ROUND)
    issued = issue(world, "notice", miss(world, first), miss(world, second))
    assert [step.document for step in issued] == ["永督〔2016〕1号", "永督〔2016〕2号"]
    (told,) = (data for _, data in world.told("supervision.noticed", subject=first))
    assert told["by"] == SUPERVISOR.as_data()
    assert (told["until"], told["demand"]) == ("2016-12-06", "请于五日内办结并报告结果。")


def test_the_same_form_again_issues_nothing_and_another_finds_it_taken(world: Supervision):
    deadline, key = miss(world, overdue(world)), uuid4()
    world.clock(ROUND)
    (one,) = issue(world, "notice", deadline, key=key)
    (same,) = issue(world, "notice", deadline, key=key)
    assert one.id == same.id
    with pytest.raises(Conflict, match="逐级向上"):
        issue(world, "notice", deadline)
    assert len(world.told("supervision.noticed")) == 1


def test_of_a_round_what_has_been_done_meanwhile_is_left_out(world: Supervision):
    done, open_ = overdue(world), overdue(world, when="2016-11-07 10:00")
    ids = (miss(world, done), miss(world, open_))
    world.hear(world.concluded(done, "2016-11-20 09:00"))
    world.clock(ROUND)
    issued = issue(world, "notice", *ids)
    assert [step.case_id for step in issued] == [open_]
    with pytest.raises(Conflict, match="已经办理"):
        issue(world, "notice", ids[0])


def test_before_its_round_a_notice_needs_reasons_unless_the_case_is_urgent(world: Supervision):
    case = overdue(world)
    with pytest.raises(Refused, match="须说明理由"):
        issue(world, "notice", miss(world, case))
    (early,) = issue(world, "notice", miss(world, case), reasons="群众饮水困难。")
    assert early.reasons == "群众饮水困难。"
    urgent = overdue(world, when="2016-11-07 10:00", round=2)
    assert issue(world, "notice", miss(world, urgent))[0].due_at.isoformat() == "2016-11-17T16:00:00+00:00"


def test_whoever_is_not_shown_a_case_can_take_no_step_in_it(world: Supervision):
    deadline = miss(world, overdue(world))
    world.clock(ROUND)
    other = listing.sight("o-x", {"431024-sup"}, {"431024*"})
    for who in (other, {**SEES, "exact": [], "prefixes": []}):
        with pytest.raises(NotFound):
            issue(world, "notice", deadline, who=who)
    with pytest.raises(NotFound):
        issue(world, "notice", uuid4())
    with pytest.raises(Refused):
        issue(world, "reminder", deadline)
    with pytest.raises(Refused, match="没有选中"):
        issue(world, "notice")


def barred(world: Supervision, case: UUID, official: str = "o-nobody", organisation: str = "431023-x") -> None:
    told = {"officials": [official], "organisations": [organisation], "barred_at": moment("2016-11-08 10:00")}
    world.hear(world.event("case.barred", case, told, teller="routing"))


def test_who_is_barred_takes_no_step_and_is_sent_none(world: Supervision):
    case = overdue(world)
    barred(world, case, SUPERVISOR.official)
    world.clock(ROUND)
    with pytest.raises(NotFound):
        issue(world, "notice", miss(world, case))
    other = uuid4()
    world.hear(world.issued(other, "2016-11-07 09:30"))
    barred(world, other, TOWNSHIP_SECRETARY["official"])
    scheduler(world, ROUND)
    assert world.told("supervision.reminded", subject=other) == []
    rows = world.rows("SELECT next_step FROM ladder WHERE case_id = %(case)s AND obligation = 'conclude'", case=str(other))
    assert [row["next_step"] for row in rows] == ["notice"]
    with pytest.raises(Forbidden, match="另行确定"):
        issue(world, "notice", miss(world, other))


def test_nobody_supervises_himself(world: Supervision):
    deadline = miss(world, overdue(world))
    world.clock(ROUND)
    with pytest.raises(Forbidden):
        issue(world, "notice", deadline, by=Person.of(TOWNSHIP_SECRETARY))


def test_the_whole_ladder_is_climbed(world: Supervision):
    case = overdue(world)
    deadline = miss(world, case)
    world.clock(ROUND)
    issue(world, "notice", deadline)
    world.clock("2016-12-07 09:00")
    made = call(world, deadline)
    world.do(lambda uow: calls.appoint(uow, SEES, HEAD, made.id, place="县委小会议室", meets_at=at("2016-12-08 15:00")))
    world.clock("2016-12-08 18:00")
    world.do(
        lambda uow: calls.hold(
            uow, SEES, SUPERVISOR, made.id, held_at=at("2016-12-08 15:00"), attended=("赵明", "何立新"), record="说明了原因。",
            demands="十日内办结。", until=at("2016-12-18 00:00").date(),
        )
    )  # fmt: skip
    world.clock("2017-01-01 09:00")
    issue(world, "circular", deadline)
    world.clock("2017-01-02 09:00")
    issue(world, "bundle", deadline)
    told = world.told(subject=case)
    assert [name for name in names(told) if not name.startswith(("deadline", "supervision.reminded"))] == [
        "supervision.noticed", "interview.called", "interview.appointed", "interview.held", "circular.listed", "charge.proposed",
    ]  # fmt: skip
    assert world.rows("SELECT reason FROM charge_proposal") == [{"reason": "overdue"}]
    listed = next(data for name, data in told if name == "circular.listed")
    assert (listed["period_first"], listed["period_last"]) == ("2016-11-01", "2016-12-31")
    held = next(data for name, data in told if name == "interview.held")
    assert "record" not in held
    assert (held["demands"], held["until"]) == ("十日内办结。", "2016-12-17")
    assert [step for step, _ in steps(world, case)][3:] == ["notice", "interview", "circular", "bundle"]


def test_an_interview_is_about_one_person_and_the_same_form_calls_once(world: Supervision):
    one, other = overdue(world), overdue(world, when="2016-11-07 10:00")
    leader = overdue(world, when="2016-11-07 11:00", to=COUNTY_LEADER)
    ids, key = [miss(world, case) for case in (one, other, leader)], uuid4()
    with pytest.raises(Refused, match="一名责任人"):
        call(world, *ids)
    made = call(world, ids[0], ids[1], key=key)
    assert call(world, ids[0], ids[1], key=key) == made
    assert len(world.told("interview.called")) == 2
    assert {data["interview_id"] for _, data in world.told("interview.called")} == {str(key)}
    with pytest.raises(Forbidden, match="约谈本人"):
        call(world, ids[2], by=Person.of(COUNTY_LEADER))


def test_a_cancelled_interview_annuls_its_steps_and_the_ladder_stands_as_before(world: Supervision):
    case = overdue(world)
    deadline = miss(world, case)
    world.clock(ROUND)
    issue(world, "notice", deadline)
    world.clock("2016-12-07 09:00")
    made = call(world, deadline)
    (step,) = world.rows("SELECT id FROM ladder_step WHERE step = 'interview'")
    with pytest.raises(Refused, match="约谈页面"):
        world.do(lambda uow: ladder.annul(uow, SEES, SUPERVISOR, step["id"], "错"))
    world.do(lambda uow: calls.cancel(uow, SEES, HEAD, made.id, reasons="已经约定另行处理。"))
    assert names(world.told("supervision.annulled", "interview.cancelled")) == ["supervision.annulled", "interview.cancelled"]
    (row,) = world.rows("SELECT next_step FROM ladder WHERE id = %(id)s", id=str(deadline))
    assert row["next_step"] == "interview"
    assert call(world, deadline).id != made.id
    with pytest.raises(NotFound):
        world.do(lambda uow: calls.cancel(uow, SEES, HEAD, uuid4(), reasons="x"))


def test_a_wrong_step_is_annulled_by_a_further_row_and_stays(world: Supervision):
    case = overdue(world)
    world.clock(ROUND)
    (wrong,) = issue(world, "notice", miss(world, case))
    world.do(lambda uow: ladder.annul(uow, SEES, SUPERVISOR, wrong.id, "文号有误。"))
    (again,) = issue(world, "notice", miss(world, case))
    assert (again.document, again.attempt) == ("永督〔2016〕2号", 1)
    assert [document for _, document in steps(world, case)][-2:] == ["永督〔2016〕1号", "永督〔2016〕2号"]
    with pytest.raises(Conflict):
        world.do(lambda uow: ladder.annul(uow, SEES, SUPERVISOR, wrong.id, "再次。"))
    with pytest.raises(NotFound):
        world.do(lambda uow: ladder.annul(uow, SEES, SUPERVISOR, uuid4(), "x"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ladder_step SET document = 'x'",
        "DELETE FROM ladder_step",
        "UPDATE ladder_annulment SET reasons = ''",
        "DELETE FROM ladder_annulment",
    ],
)
def test_the_database_keeps_what_was_done(world: Supervision, statement: str):
    case = overdue(world)
    (step,) = issue(world, "notice", miss(world, case), reasons="急")
    world.do(lambda uow: ladder.annul(uow, SEES, SUPERVISOR, step.id, "错"))
    with pytest.raises(psycopg2.errors.RaiseException):
        world.do(lambda uow: uow.all(statement))


def test_a_step_is_addressed_to_the_instance_that_whoever_is_responsible_works_in(world: Supervision):
    organisations(world)
    township, leader = overdue(world), overdue(world, when="2016-11-07 10:00", to=COUNTY_LEADER)
    rows = world.rows("SELECT DISTINCT subject, addressee FROM event_log WHERE name = 'supervision.reminded'")
    assert {(row["subject"], row["addressee"]) for row in rows} == {(str(township), "431023104"), (str(leader), "431023")}

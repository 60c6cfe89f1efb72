"""What events change in supervision's database, and what it tells."""

from uuid import uuid4

import pytest

from services.supervision import handlers
from services.supervision.policy_file import SHIPPED, BadPolicy
from shared.contract import heard_by
from shared.errors import NotYet, Refused
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import COUNTY_LEADER, SECRETARY, at, moment, names

FIRST = "2016-11-07 09:30"


def test_every_event_meant_for_supervision_is_heard_and_no_other():
    assert set(handlers.HEARS) == {contract.name for contract in heard_by("supervision")}


def test_a_first_dispatch_sets_the_deadlines_with_their_policy_and_rule(world: Supervision):
    case = uuid4()
    world.clock(FIRST)
    world.hear(world.issued(case, FIRST))
    told = {data["obligation"]: data for _, data in world.told("deadline.set", subject=case)}
    assert told["conclude"]["due_at"] == "2016-11-17T16:00:00.000Z"
    assert told["conclude"]["rule"] == "conclude-ordinary-10"
    assert told["conclude"]["policy"] == "yongxing/3"
    assert told["receive"]["responsible"]["official"] == "o-431023104-secretary"
    assert told["reply"]["set_at"] == moment(FIRST)


def test_a_whole_life_in_one_batch_takes_the_same_effect(world: Supervision):
    case, assignment = uuid4(), uuid4()
    world.clock("2016-11-09 12:00")
    world.hear(
        world.issued(case, FIRST, assignment=assignment),
        world.received(case, assignment, "2016-11-07 10:00"),
        world.replied(case, assignment, "2016-11-08 09:00"),
        world.concluded(case, "2016-11-09 09:00"),
    )
    assert names(world.told(subject=case)) == [
        *["deadline.set"] * 3, "deadline.met", "deadline.set", "deadline.met", "deadline.withdrawn", "deadline.met",
    ]  # fmt: skip
    assert {row["stage"] for row in world.rows("SELECT stage FROM deadline WHERE obligation <> 'objection'")} == {"met"}
    assert world.rows("SELECT owed FROM supervised_case") == [{"owed": []}]


def test_a_change_of_class_replaces_what_runs_from_the_same_start(world: Supervision):
    case = uuid4()
    world.clock(FIRST)
    world.hear(world.issued(case, FIRST))
    world.clock("2016-11-08 09:00")
    found = {"case_class": "complex", "by": SECRETARY, "at": moment("2016-11-08 09:00")}
    world.hear(world.event("case.classified", case, found, teller="routing"))
    rows = world.rows("SELECT obligation, stage, started_at, due_at, reason FROM deadline ORDER BY set_at, obligation")
    assert [(r["obligation"], r["stage"], r["reason"]) for r in rows] == [
        ("conclude", "withdrawn", "class_changed"), ("receive", "pending", None), ("reply", "withdrawn", "class_changed"),
        ("conclude", "pending", None), ("progress", "pending", None), ("reply", "pending", None),
    ]  # fmt: skip
    assert {row["started_at"] for row in rows} == {at(FIRST)}
    assert rows[3]["due_at"] == at("2017-01-07 00:00")


def test_an_instruction_of_another_class_replaces_them_too(world: Supervision):
    case = uuid4()
    world.hear(world.issued(case, FIRST))
    data = {
        "instruction_id": str(uuid4()), "round": 2, "text": "立案处理", "author": SECRETARY, "addressees": [COUNTY_LEADER],
        "answers": None, "case_class": "complex", "instructed_at": moment("2016-11-07 15:00"),
    }  # fmt: skip
    world.hear(world.event("case.instructed", case, data, teller="routing"))
    assert [row["obligation"] for row in world.rows("SELECT obligation FROM deadline WHERE obligation = 'progress'")]


def test_what_is_told_of_an_assignment_before_it_was_issued_waits(world: Supervision):
    case, assignment = uuid4(), uuid4()
    world.clock("2016-11-07 10:00")
    with pytest.raises(NotYet):
        world.hear(world.received(case, assignment, FIRST))
    world.hear(world.issued(case, FIRST, assignment=assignment))
    world.hear(world.received(case, assignment, "2016-11-07 10:00"))
    assert names(world.told("deadline.met")) == ["deadline.met"]


def test_an_assignment_of_another_case_is_refused(world: Supervision):
    case, assignment = uuid4(), uuid4()
    world.hear(world.issued(case, FIRST, assignment=assignment))
    with pytest.raises(Refused):
        world.hear(world.received(uuid4(), assignment, FIRST))


def test_a_subject_that_is_no_case_is_refused(world: Supervision):
    event = world.issued("431023", FIRST)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        world.hear(event)


def test_objection_progress_return_approval_and_withdrawal_move_their_own_deadlines(world: Supervision):
    case, one, other = uuid4(), uuid4(), uuid4()
    world.clock("2016-11-07 12:00")
    world.hear(world.issued(case, FIRST, assignment=one, case_class="complex"), world.issued(case, FIRST, assignment=other))
    who, when = {"by": SECRETARY}, "2016-11-07 12:00"
    at_noon = moment(when)
    told: list[tuple[str, dict]] = [
        ("assignment.returned", {"assignment_id": str(one), "reply_id": str(uuid4()), "round": 1, "reasons": "敷衍", **who,
                                 "returned_at": at_noon}),
        ("assignment.approved", {"assignment_id": str(one), "reply_id": str(uuid4()), **who, "approved_at": at_noon}),
        ("assignment.withdrawn", {"assignment_id": str(other), "reason": "conflict", **who, "responsible": SECRETARY,
                                  "withdrawn_at": at_noon}),
    ]  # fmt: skip
    world.hear(
        world.sent_up("objected", case, one, when, reasons="不属本镇"),
        world.sent_up("progressed", case, one, when, text="已入户"),
        *(world.event(name, case, data, teller="routing") for name, data in told),
    )
    rows = world.rows(
        "SELECT assignment_id, obligation, stage FROM deadline"
        " WHERE assignment_id IS NOT NULL AND reason IS DISTINCT FROM 'class_changed'"
    )
    stages = {(row["assignment_id"], row["obligation"]): row["stage"] for row in rows}
    assert stages[one, "receive"] == stages[one, "reply"] == "met"
    assert stages[other, "receive"] == stages[other, "reply"] == "withdrawn"
    assert world.told("deadline.withdrawn")[0][1]["reason"] == "class_changed"


def test_an_escalation_hands_the_conclusion_to_the_lead(world: Supervision):
    case = uuid4()
    world.hear(world.issued(case, FIRST))
    data = {
        "round": 2, "lead": COUNTY_LEADER, "joint": [], "reason": "牵头调查", "by": SECRETARY, "at": moment("2016-11-07 15:00"),
    }  # fmt: skip
    world.hear(world.event("case.escalated", case, data, teller="routing"))
    (row,) = world.rows("SELECT responsible, organisation FROM deadline WHERE obligation = 'conclude'")
    assert (row["responsible"]["official"], row["organisation"]) == ("o-431023-deputy", "431023-gov")


def test_a_reopened_and_then_settled_case_owes_nothing_in_the_end(world: Supervision):
    case, assignment = uuid4(), uuid4()
    world.hear(world.issued(case, FIRST, assignment=assignment), world.concluded(case, "2016-11-07 15:00"))
    word = {"round": 1, "at": moment("2016-11-08 10:00"), "source": "petitioner"}
    world.hear(world.event("case.dissatisfied", case, word))
    again = {"round": 2, "cause": "dissatisfied", "reopened_at": moment("2016-11-08 11:00")}
    world.hear(world.event("case.reopened", case, again, teller="routing"))
    assert len(world.rows("SELECT 1 AS x FROM deadline WHERE stage = 'pending' AND obligation = 'conclude'")) == 1
    closed = {"reason": "satisfied", "by": None, "closed_at": moment("2016-11-10 11:00")}
    with pytest.raises(NotYet):
        world.hear(world.event("case.closed", case, closed))
    world.hear(world.concluded(case, "2016-11-09 15:00", round=2), world.event("case.closed", case, closed))
    assert world.rows("SELECT owed, closed_at FROM supervised_case") == [{"owed": [], "closed_at": at("2016-11-10 11:00")}]


def test_the_latest_word_on_who_is_barred_stands(world: Supervision):
    case = uuid4()
    for officials in (["o-a", "o-b"], ["o-b"]):
        data = {"organisations": ["431023-epb"], "officials": officials, "barred_at": moment(FIRST)}
        world.hear(world.event("case.barred", case, data, teller="routing"))
    assert world.rows("SELECT organisations, officials FROM case_barred") == [
        {"organisations": ["431023-epb"], "officials": ["o-b"]}
    ]


# -- the policy in force --------------------------------------------------------------------------------------
def test_a_case_keeps_the_policy_that_it_began_under(world: Supervision):
    old, new = uuid4(), uuid4()
    world.do(handlers.adopt_policy)
    world.hear(world.issued(old, FIRST))
    world.do(lambda uow: handlers.adopt_policy(uow, "regulation-2022"))
    world.hear(world.issued(new, FIRST), world.issued(old, "2016-11-07 10:00", round=2))
    rows = world.rows("SELECT case_id, policy FROM deadline GROUP BY 1, 2")
    assert {row["case_id"]: row["policy"] for row in rows} == {old: "yongxing/3", new: "regulation-2022/3"}
    (receive,) = world.rows("SELECT due_at FROM deadline WHERE case_id = %(c)s AND obligation = 'receive'", c=new)
    assert receive["due_at"] == at("2016-11-15 00:00")  # five working days


def test_adopting_the_same_policy_again_changes_nothing(world: Supervision):
    for _ in range(3):
        world.do(handlers.adopt_policy)
    assert len(world.rows("SELECT * FROM policy_in_force")) == 1


def test_a_version_with_another_content_is_refused(world: Supervision, tmp_path):
    world.do(handlers.adopt_policy)
    path = tmp_path / "changed.yaml"
    path.write_text((SHIPPED / "yongxing.yaml").read_text(encoding="utf-8").replace("calendar_days: 60", "calendar_days: 90"))
    with pytest.raises(BadPolicy, match="把 version 加一"):
        world.do(lambda uow: handlers.adopt_policy(uow, str(path)))
    path.write_text(path.read_text(encoding="utf-8").replace("version: 3", "version: 4"))
    assert world.do(lambda uow: handlers.adopt_policy(uow, str(path))).id == "yongxing/4"


def test_working_days_past_the_end_of_the_calendar_are_refused_and_nothing_is_stored(world: Supervision):
    world.do(lambda uow: handlers.adopt_policy(uow, "regulation-2022"))
    with pytest.raises(Refused, match="2026-12-31"):
        world.hear(world.issued(uuid4(), "2026-12-28 10:00"))
    assert world.rows("SELECT * FROM deadline") == []


def test_an_instructions_own_limit_is_told_with_the_reply_and_says_why_it_is_no_later(world: Supervision):
    case = uuid4()
    world.clock(FIRST)
    world.hear(world.issued(case, FIRST, limit_days=3))
    told = {data["obligation"]: data for _, data in world.told("deadline.set", subject=case)}
    assert (told["reply"]["due_at"], told["reply"]["limited_by"]) == ("2016-11-10T16:00:00.000Z", "instruction")
    assert (told["conclude"]["due_at"], told["conclude"]["limited_by"]) == ("2016-11-17T16:00:00.000Z", None)
    world.clock("2016-11-11 00:00")
    world.do(handlers.fire_due)
    missed = {data["obligation"]: data["limited_by"] for _, data in world.told("deadline.missed", subject=case)}
    assert missed == {"receive": None, "reply": "instruction"}


def test_a_returned_reply_is_owed_by_the_instructions_limit_again(world: Supervision):
    case, assignment = uuid4(), uuid4()
    world.clock("2016-11-08 12:00")
    world.hear(world.issued(case, FIRST, assignment=assignment, limit_days=3))
    replied = world.replied(case, assignment, "2016-11-08 09:00")
    back = {"assignment_id": str(assignment), "reply_id": replied.data["reply_id"], "round": 1, "reasons": "重办", "by": SECRETARY,
            "returned_at": moment("2016-11-08 10:00")}  # fmt: skip
    world.hear(replied, world.event("assignment.returned", case, back, teller="routing"))
    owed = world.rows("SELECT due_at, wanted_by FROM deadline WHERE obligation = 'reply' AND stage = 'pending'")
    assert owed == [{"due_at": at("2016-11-11 00:00"), "wanted_by": at("2016-11-11 00:00")}]


def test_of_a_confidential_case_neither_title_nor_words_are_kept_until_a_further_instruction_opens_it(world: Supervision):
    case = uuid4()
    world.clock(FIRST)
    world.hear(world.issued(case, FIRST))
    data = {"instruction_id": str(uuid4()), "round": 2, "text": "密", "author": SECRETARY, "addressees": [], "answers": None,
            "case_class": "ordinary", "instructed_at": moment(FIRST), "confidential": True}  # fmt: skip
    world.hear(world.event("case.instructed", case, data, teller="routing"))
    kept = "SELECT number, title, confidential FROM supervised_case"
    assert world.rows(kept) == [{"number": "永信〔2016〕17 号", "title": "", "confidential": True}]
    world.hear(world.issued(case, FIRST, round=2, confidential=True))
    assert world.rows(kept)[0]["title"] == ""
    world.hear(world.issued(case, FIRST, round=3))
    assert (world.rows(kept)[0]["title"], world.rows(kept)[0]["confidential"]) == ("十里洞村民希望喝上健康的水", False)

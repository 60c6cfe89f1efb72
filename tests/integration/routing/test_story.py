"""The article's case of 2016-11-07 in one instance, and in two that only exchange events."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.routing import handlers
from services.routing.domain import Reply, verify
from services.routing.store import REPLIES
from shared.contract.envelope import instant
from shared.errors import Forbidden
from tests.integration.routing.world import (
    CDI,
    EPB,
    MATIAN,
    OFFICE,
    REPLY,
    SECRETARY,
    TOWN,
    VICE,
    Instance,
    event,
    registered,
)

POOR: dict[str, Any] = {"outcome": "explained", "findings": "情况轻微。", "measures": [], "answer": "已要求整改。"}


def reply(where: Instance, assignment: UUID, official: str, said: dict) -> Reply:
    """Receive if that has not been done, and reply."""
    with where.work() as uow:
        handlers.receive(uow, assignment, official)
    with where.work() as uow:
        return handlers.reply(uow, assignment, official, **said)


def first_round(county: Instance, case_id: UUID, head: str) -> None:
    """2016-11-07: read, instructed and dispatched to the township's first-in-command."""
    county.hear(registered(case_id, county.at("2016-11-07 09:30")))
    county.at("2016-11-07 09:40")
    with county.work() as uow:
        handlers.review(uow, case_id, SECRETARY)
    county.at("2016-11-07 09:45")
    with county.work() as uow:
        handlers.instruct(uow, case_id, SECRETARY, "请调查办理并报结果。", [(head, "handling")], "ordinary")


def second_round(county: Instance, case_id: UUID, rejected: UUID) -> None:
    """2016-11-22: the reply is returned with criticism, a county leader leads, two units join."""
    county.at("2016-11-22 16:00")
    with county.work() as uow:
        handlers.escalate(
            uow, case_id, SECRETARY, "回复大事化小，提出批评；由分管副县长牵头调查，立案处理。", VICE, [CDI, EPB],
            answers=rejected, earlier="withdrawn",
        )  # fmt: skip


def lead_replies_and_secretary_approves(county: Instance, case_id: UUID) -> None:
    """2016-11-25: findings and measures over the leader's name; round 3 accepts and asks the discipline office to act."""
    county.at("2016-11-25 15:00")
    answer = reply(county, county.assignment(case_id, VICE), VICE, REPLY)
    with county.work() as uow:
        handlers.release(uow, county.assignment(case_id, EPB), VICE, "环保部分已并入牵头调查结果。")
    county.at("2016-11-25 17:00")
    with county.work() as uow:
        handlers.instruct(
            uow, case_id, SECRETARY, "认可处理结果，请县纪委依规处理相关人员。", [(CDI, "handling")], "complex",
            answers=answer.id, verdict="approved",
        )  # fmt: skip


def accountability_and_conclusion(county: Instance, case_id: UUID) -> None:
    """2016-11-30: the standing committee decides; the discipline office replies; the case is concluded."""
    at = county.at("2016-11-30 10:00")
    with county.work() as uow:
        handlers.record_accountability(
            uow, case_id, OFFICE, kind="decision", person="柏林镇有关责任人", organisation="431023104",
            measure="党内警告", decided_by="县委常委会", meeting="2016年第28次常委会", decided_on=at.date(),
        )  # fmt: skip
    answer = reply(county, county.assignment(case_id, CDI), CDI, REPLY | {"findings": "已依规处理。"})
    with county.work() as uow:
        handlers.approve(uow, answer.id, SECRETARY)
    with county.work() as uow:
        handlers.conclude(uow, case_id, OFFICE, outcome="supported", summary="取缔、拘留、问责", answer="造纸厂已取缔。")


def closing(county: Instance, case_id: UUID) -> None:
    """Not satisfied, another round, then satisfied, closed and archived."""
    at = county.at("2016-12-05 09:00")
    data = {"round": 3, "at": instant(at), "source": "petitioner"}
    county.hear(event("case.dissatisfied", case_id, data, source="/431023/followup", at=at))
    assert county.stage(case_id) == "reopened"
    with county.work() as uow:
        handlers.instruct(uow, case_id, SECRETARY, "请到户说明。", [(EPB, "handling")], "complex")
    answer = reply(county, county.assignment(case_id, EPB), EPB, REPLY)
    with county.work() as uow:
        handlers.approve(uow, answer.id, SECRETARY)
    with county.work() as uow:
        handlers.conclude(uow, case_id, SECRETARY, outcome="supported", summary="已到户说明", answer="水质已达标。")
    closed = {"reason": "satisfied", "by": None, "closed_at": instant(at)}
    county.hear(
        event("case.closed", case_id, closed, source="/431023/followup", at=at),
        event("case.archived", case_id, {"archived_at": instant(at), "by": None}, source="/431023/followup", at=at),
    )


def assert_story(county: Instance, case_id: UUID) -> None:
    """What the case's record must say in the end, however many instances took part."""
    record = county.query("SELECT * FROM case_record WHERE id = %(id)s", id=case_id)[0]
    assert record["stage"] == "archived"
    assert record["round"] == 4
    assert (record["reviewed_at"] - record["registered_at"]).total_seconds() == 600
    assert (record["dispatched_at"] - record["reviewed_at"]).total_seconds() == 300
    assert record["receipted_at"] is not None
    rounds = county.query("SELECT round, answers, lead FROM instruction ORDER BY round")
    assert [row["round"] for row in rounds] == [1, 2, 3, 4]
    assert [row["answers"] is not None for row in rounds] == [False, True, True, False]
    assert rounds[1]["lead"]["official"] == VICE
    verdicts = county.query("SELECT verdict FROM verdict ORDER BY at, verdict")
    assert [row["verdict"] for row in verdicts] == ["returned", "approved", "approved", "approved"]
    replies = county.query("SELECT id FROM reply ORDER BY replied_at")
    with county.work() as uow:
        assert all((found := uow.rows(REPLIES).get(row["id"])) and verify(found) for row in replies)
    assert len(replies) == 4
    names = [told.contract.name for told in county.told() if told.contract.name != "directory.official_recorded"]
    for name in ("case.instructed", "case.classified", "case.escalated", "accountability.recorded", "case.concluded"):
        assert name in names
    assert county.told("case.reopened")[0].data["round"] == 4


def test_the_articles_case_in_one_instance(county):
    case_id = uuid4()
    first_round(county, case_id, MATIAN)
    county.at("2016-11-22 10:00")
    poor = reply(county, county.assignment(case_id, MATIAN), MATIAN, POOR)
    second_round(county, case_id, poor.id)
    lead_replies_and_secretary_approves(county, case_id)
    accountability_and_conclusion(county, case_id)
    closing(county, case_id)
    assert_story(county, case_id)
    before = county.query("SELECT id, stage FROM assignment ORDER BY id")
    county.carry_to(county)
    assert county.query("SELECT id, stage FROM assignment ORDER BY id") == before
    # A unit without an instance is told under its own code.
    assert {told.stream.split(" ")[1] for told in county.told("assignment.issued")} == {
        "431023101", "431023-gov", "431023-cdi", "431023-epb",
    }  # fmt: skip


def test_the_articles_case_in_two_instances(county, township):
    case_id = uuid4()
    first_round(county, case_id, TOWN)
    assert county.carry_to(township) == ["assignment.issued"]
    assert township.stage(case_id) == "instructed"
    assignment = township.assignment(case_id, TOWN)
    assert assignment == county.assignment(case_id, TOWN)

    township.at("2016-11-08 08:30")
    with township.work() as uow:
        handlers.receive(uow, assignment, TOWN)
    with township.work() as uow:
        handlers.object_to(uow, assignment, TOWN, "厂区跨镇，请县里协调。")
        handlers.progress(uow, assignment, TOWN, "已到现场查看。")
    township.at("2016-11-22 09:00")
    with township.work() as uow:
        poor = handlers.reply(uow, assignment, TOWN, **POOR)
    assert {told.stream.split(" ")[1] for told in township.told() if told.subject == str(case_id)} == {"431023"}
    # All four in one batch: the moves must pass the database's guard one by one.
    assert township.carry_to(county) == [
        "assignment.received", "assignment.objected", "assignment.progressed", "assignment.replied",
    ]  # fmt: skip
    assert county.stage(case_id) == "in_hand"
    assert county.assignments(case_id)[0]["stage"] == "replied"
    notes = county.query("SELECT kind, text FROM note ORDER BY at, kind")
    assert [row["kind"] for row in notes] == ["objection", "progress"]

    rest_of_the_story(county, township, case_id, poor.id)


def rest_of_the_story(county: Instance, township: Instance, case_id: UUID, poor: UUID) -> None:
    """From the second round on; in the end both sides hold the same."""
    second_round(county, case_id, poor)
    assert county.carry_to(township) == ["assignment.returned", "assignment.withdrawn"]
    assert [row["stage"] for row in township.assignments(case_id)] == ["withdrawn"]
    assert township.query("SELECT verdict, reasons FROM verdict")[0]["verdict"] == "returned"
    assert township.stage(case_id) == "concluded"

    lead_replies_and_secretary_approves(county, case_id)
    accountability_and_conclusion(county, case_id)
    closing(county, case_id)
    assert_story(county, case_id)
    for one, other in ((county, township), (township, county), (county, county), (township, township)):
        one.carry_to(other)
    columns = "id, case_id, round, part, stage, responsible, received_at, replied_at, returned_at, withdrawn_at, reply_id"
    same = f"SELECT {columns} FROM assignment WHERE instance = '431023104' ORDER BY id"
    assert county.query(same) == township.query(same)
    said = "SELECT r.* FROM reply r JOIN assignment a ON a.id = r.assignment_id WHERE a.instance = '431023104'"
    assert county.query(said) == township.query(said)


def test_a_returned_reply_goes_on_in_the_township_until_the_second_one_is_approved(county, township):
    case_id = uuid4()
    first_round(county, case_id, TOWN)
    county.carry_to(township)
    assignment = township.assignment(case_id, TOWN)
    poor = reply(township, assignment, TOWN, POOR)
    township.carry_to(county)
    with county.work() as uow:
        handlers.return_reply(uow, poor.id, SECRETARY, "没有查明原因，重办。")
    county.carry_to(township)
    assert township.assignments(case_id)[0]["stage"] == "returned"
    better = reply(township, assignment, TOWN, REPLY)
    township.carry_to(county)
    with county.work() as uow:
        handlers.approve(uow, better.id, SECRETARY)
    assert county.carry_to(township) == ["assignment.approved"]
    assert township.stage(case_id) == "concluded"
    # A further round wakes the township's case under the same id.
    with county.work() as uow:
        handlers.instruct(uow, case_id, SECRETARY, "请长效管理。", [(TOWN, "handling")], "ordinary")
    county.carry_to(township)
    assert township.stage(case_id) == "instructed"
    assert [row["round"] for row in township.assignments(case_id)] == [1, 2]


def test_what_crosses_a_withdrawal_changes_nothing_but_the_reply_is_kept(county, township):
    case_id = uuid4()
    first_round(county, case_id, TOWN)
    county.carry_to(township)
    assignment = township.assignment(case_id, TOWN)
    with county.work() as uow:
        handlers.withdraw(uow, assignment, OFFICE)
    reply(township, assignment, TOWN, POOR)
    assert township.carry_to(county) == ["assignment.received", "assignment.replied"]
    assert county.assignments(case_id)[0]["stage"] == "withdrawn"
    assert len(county.query("SELECT id FROM reply")) == 1
    county.carry_to(township)
    assert township.assignments(case_id)[0]["stage"] == "withdrawn"


@pytest.mark.parametrize("official", [SECRETARY, OFFICE, EPB])
def test_only_the_person_responsible_signs(county, official, caplog):
    case_id = uuid4()
    first_round(county, case_id, MATIAN)
    assignment = county.assignment(case_id, MATIAN)
    with county.work() as uow:
        handlers.receive(uow, assignment, MATIAN)
    with pytest.raises(Forbidden), county.work() as uow:
        handlers.reply(uow, assignment, official, **REPLY)
    assert county.query("SELECT id FROM reply") == []
    assert official in caplog.text

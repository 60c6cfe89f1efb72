"""Accountability on its pages: recorded with what follows, overseen, shown to whom it concerns unless he is barred."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg2
import pytest

from services.routing import handlers
from services.routing.domain import Following
from shared.errors import Forbidden
from tests.integration.routing.browser import Browser
from tests.integration.routing.world import AT, CDI, EPB, MATIAN, OFFICE, VICE, Instance, conflict

AUDITOR = "o-431023-auditor"
DECISION = {
    "kind": "decision", "official": EPB, "organisation": "431023-epb", "measure": "党内警告", "decided_by": "县委常委会",
    "meeting": "第20次常委会", "decided_on": "2016-11-07",
}  # fmt: skip
FOLLOWS = {"follow_official_1": EPB, "follow_measure_1": "书面检查", "follow_until_1": "2016-11-20"}


def record(one: Browser, case_id: UUID, **form) -> Browser:
    one.get(f"/routing/cases/{case_id}")
    return one.post(f"/routing/cases/{case_id}/accountability", **({"record_id": one.hidden("record_id")} | form))


@pytest.fixture
def recorded(browser, county: Instance, case_id: UUID) -> UUID:
    """A proposal and the decision that answers it; gives what follows."""
    office = browser(OFFICE)
    record(office, case_id, **DECISION | {"kind": "proposal", "measure": "建议给予处分", "decided_by": "县纪委"})
    proposal = county.query("SELECT id FROM accountability")[0]["id"]
    record(office, case_id, answers=str(proposal), **DECISION, **FOLLOWS, follow_person_2="环保局班子", follow_measure_2="开展自查",
    follow_until_2="2016-12-01")  # fmt: skip
    assert office.status == 200, office.page
    assert "针对2016" in office.page
    found: UUID = county.query("SELECT id FROM consequence WHERE official = %(who)s", who=EPB)[0]["id"]
    return found


def test_a_decision_names_its_proposal_and_what_follows_and_tells_both(county, recorded):
    proposal, decision = county.told("accountability.recorded")
    assert decision.data["answers"] == proposal.data["record_id"]
    assert decision.data["person"] == "谭建国"
    told = [(one["person"], one["measure"], one["until"]) for one in decision.data["follows"]]
    assert told == [("谭建国", "书面检查", "2016-11-20"), ("环保局班子", "开展自查", "2016-12-01")]
    assert all("official" not in one for one in decision.data["follows"])


def test_a_proposal_is_decided_once_and_a_form_sent_twice_changes_nothing(county, browser, case_id, recorded):
    office = browser(OFFICE)
    rows = county.query("SELECT id, kind FROM accountability ORDER BY kind")
    record(office, case_id, answers=str(rows[1]["id"]), **DECISION)
    assert office.status == 409
    record(office, case_id, **DECISION | {"record_id": str(rows[0]["id"])})
    assert office.status == 200
    assert len(county.query("SELECT * FROM accountability")) == 2


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"official": "", "person": ""}, "没有写明是谁"), ({"decided_on": "2016-11-08"}, "不能晚于今天"), ({"organisation": "431099"}, "没有该单位"),
        ({"answers": str(uuid4())}, "只能针对本件"), (FOLLOWS | {"follow_until_1": "昨天"}, "有 1 处需要改正"),
        (FOLLOWS | {"follow_measure_1": ""}, "有 1 处需要改正"), (FOLLOWS | {"follow_official_1": ""}, "没有写明是谁"),
        (FOLLOWS | {"follow_until_1": "2016-11-01"}, "早于决定日期"), (FOLLOWS | {"kind": "proposal"}, "只有决定才有"),
        ({"official": "o-nobody", "person": "某人"}, "不在通讯录中"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_recorded(browser, county, case_id, form, words):
    office = record(browser(OFFICE), case_id, **DECISION | form)
    assert office.status == 422
    assert words in office.page
    assert "党内警告" in office.page
    assert county.query("SELECT * FROM accountability") == []


def test_the_office_and_the_discipline_office_see_what_is_open_and_record_that_it_is_done(browser, county, recorded):
    discipline = browser(CDI).get("/routing/accountability")
    assert "书面检查" in discipline.page
    assert "还没有决定" not in discipline.page
    discipline.post(f"/routing/accountability/{recorded}/done", done_on="2016-11-30")
    assert discipline.status == 422
    county.at("2016-11-18 10:00")
    discipline.post(f"/routing/accountability/{recorded}/done", done_on="2016-11-18")
    assert discipline.status == 200
    assert county.query("SELECT done_on::text, done_by ->> 'official' AS by FROM consequence WHERE id = %(id)s", id=recorded) == [
        {"done_on": "2016-11-18", "by": CDI}
    ]
    assert "何正平" in browser(OFFICE).get("/routing/accountability").page
    office = browser(OFFICE).get("/routing/accountability")
    assert office.post(f"/routing/accountability/{recorded}/done", done_on="2016-11-18").status == 409


def test_the_auditor_reads_and_records_nothing(browser, recorded):
    auditor = browser(AUDITOR).get("/routing/accountability")
    assert "书面检查" in auditor.page


def test_whom_it_concerns_sees_his_own_part_and_signs_nothing_off(browser, county, recorded):
    head = browser(EPB).get("/routing/accountability")
    assert "书面检查" in head.page
    assert "开展自查" not in head.page
    assert "/done" not in head.page
    assert head.post(f"/routing/accountability/{recorded}/done", done_on="2016-11-07").status == 403
    stranger = browser(MATIAN).get("/routing/accountability")
    assert "书面检查" not in stranger.page
    assert "党内警告" not in stranger.page
    assert stranger.post(f"/routing/accountability/{recorded}/done", done_on="2016-11-07").status == 403


def test_who_is_barred_sees_nothing_of_it_whatever_his_post(browser, county, case_id, recorded):
    county.hear(conflict(case_id, county.at("2016-11-08 10:00"), officials=[EPB, CDI]))
    for official in (EPB, CDI):
        one = browser(official).get("/routing/accountability")
        assert "书面检查" not in one.page
        assert "党内警告" not in one.page
        assert one.post(f"/routing/accountability/{recorded}/done", done_on="2016-11-07").status == 404


def test_the_database_keeps_what_follows(county, recorded):
    for statement in ("UPDATE consequence SET until = until + 1", "DELETE FROM consequence"):
        with pytest.raises(psycopg2.errors.RaiseException), county.work() as uow:
            uow.all(statement)


def test_a_leader_who_is_not_of_the_office_records_nothing(county, case_id):
    with pytest.raises(Forbidden), county.work() as uow:
        handlers.record_accountability(
            uow,
            case_id,
            VICE,
            kind="decision",
            person="甲",
            organisation="431023-epb",
            measure="警告",
            decided_by="常委会",
            decided_on=AT.date(),
        )
    with county.work() as uow:
        handlers.record_accountability(
            uow, case_id, OFFICE, kind="decision", person="甲", organisation="431023-epb", measure="警告", decided_by="常委会",
            decided_on=AT.date(), follows=[Following(None, "甲", "检查", AT.date())],
        )  # fmt: skip
    assert len(county.query("SELECT * FROM consequence")) == 1

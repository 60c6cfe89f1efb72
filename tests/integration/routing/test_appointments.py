"""The directory by page: appointments that begin and end on their day, units that come and go, and what each change brings about."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from services.routing.domain.roster import Unit
from services.routing.handlers import appointments, roster
from shared.errors import Conflict, Forbidden, Refused
from tests.integration.routing.appointing import ADMINISTRATOR, OFFICER, appoint, posts, term, terms, tick, why
from tests.integration.routing.world import AT, EPB, OFFICE, conflict, instruct, registered


# -- terms ----------------------------------------------------------------------------------------------------------
def test_an_appointment_of_today_is_in_force_told_and_kept_with_its_reason(county):
    county.at("2016-11-07 09:00")
    appoint(county, term(OFFICER, from_on=date(2016, 11, 7)))
    assert posts(county, OFFICER) == ["县环境保护局监察大队队长", "县环境保护局副局长"]
    assert [post["title"] for post in county.told("directory.official_recorded")[-1].data["posts"]][1] == "县环境保护局副局长"
    (row,) = county.query("SELECT kind, reason, by FROM directory_change WHERE subject = %(o)s AND kind = 'appointed'", o=OFFICER)
    assert (row["reason"], row["by"]["name"]) == ("永组干〔2016〕12号", "谢伟")


def test_a_coming_appointment_takes_effect_by_itself_on_its_day_and_not_before(county):
    county.at("2016-11-07 09:00")
    appoint(county, term(OFFICER, from_on=date(2016, 12, 1), until_on=date(2017, 3, 1)), first=True)
    county.at("2016-11-30 23:59")
    assert tick(county) == 0
    assert posts(county, OFFICER) == ["县环境保护局监察大队队长"]
    county.at("2016-12-01 00:00")
    assert tick(county) == 1
    assert posts(county, OFFICER)[0] == "县环境保护局副局长"
    assert tick(county) == 0
    county.at("2017-03-01 00:00")  # the day of removal, on which it is no longer held
    assert (tick(county), posts(county, OFFICER)) == (1, ["县环境保护局监察大队队长"])
    kinds = county.query("SELECT kind FROM directory_change WHERE subject = %(o)s ORDER BY at, id", o=OFFICER)
    assert [row["kind"] for row in kinds] == ["imported", "appointed", "took_effect", "took_effect"]


def test_an_official_who_loses_a_post_on_its_day_loses_his_session_with_it(county, browser, at):
    county.at("2016-11-07 09:00")
    with county.work() as uow:
        held = [one.id for one in roster.load(uow).terms_of(OFFICE)]
        appointments.end(uow, why(), OFFICE, held, date(2016, 11, 9))
    one = browser(OFFICE)
    assert one.get("/routing/replies").path == "/routing/replies"
    county.at("2016-11-09 00:01")
    tick(county)
    assert one.get("/routing/replies").path == "/sign-in"
    assert (county.told("directory.official_recorded")[-1].data["active"], posts(county, OFFICE)) == (False, [])


def test_a_transfer_ends_and_begins_on_one_day(county):
    county.at("2016-11-07 09:00")
    (held,) = terms(county, OFFICER)
    with county.work() as uow:
        appointments.transfer(
            uow, why(), [held.id], term(OFFICER, "县教育局副局长", organisation="431023-edu", from_on=date(2016, 11, 7))
        )
    assert posts(county, OFFICER) == ["县教育局副局长"]
    assert [(one.organisation, one.until_on) for one in terms(county, OFFICER)] == [
        ("431023-edu", None), ("431023-epb", date(2016, 11, 7)),
    ]  # fmt: skip


def test_a_coming_appointment_can_be_taken_back(county):
    county.at("2016-11-07 09:00")
    appoint(county, term(OFFICER, from_on=date(2016, 12, 1)))
    coming = terms(county, OFFICER)[1]
    with county.work() as uow:
        appointments.end(uow, why(), OFFICER, [coming.id], date(2016, 11, 8))
    county.at("2016-12-02 00:00")
    assert (tick(county), posts(county, OFFICER)) == (0, ["县环境保护局监察大队队长"])


def test_the_same_form_sent_twice_appoints_once(county):
    county.at("2016-11-07 09:00")
    key = why()
    for expected in (True, False):
        with county.work() as uow:
            assert appointments.appoint(uow, key, term(OFFICER, from_on=date(2016, 11, 7)), name=None, first=False) is expected
    assert len(terms(county, OFFICER)) == 2


# -- who may do what --------------------------------------------------------------------------------------------------
def test_nobody_changes_his_own_posts_and_the_office_gives_no_guarded_role(county):
    county.at("2016-11-07 09:00")
    with pytest.raises(Forbidden):
        appoint(county, term(ADMINISTRATOR, from_on=date(2016, 11, 7)))
    for role in ("administrator", "auditor", "first_in_command"):
        with pytest.raises(Forbidden):
            appoint(county, term(OFFICER, "某职", role, organisation="431023", from_on=date(2016, 11, 7)), by=OFFICE)
    with pytest.raises(Forbidden):
        appoint(county, term(OFFICER), by=EPB)
    appoint(county, term(OFFICER, from_on=date(2016, 11, 7)), by=OFFICE)  # the twin: an ordinary role


def test_the_last_administrator_is_not_removed_also_not_for_a_day_to_come(county):
    county.at("2016-11-07 09:00")
    appoint(county, term("o-431023-second", "第二管理员", "administrator", organisation="431023-office"), name="第二人")
    with county.work() as uow:
        appointments.leave(uow, why("o-431023-second"), ADMINISTRATOR, date(2017, 1, 1))
    with pytest.raises(Refused, match="2017-01-01"), county.work() as uow:
        appointments.leave(uow, why(), "o-431023-second", date(2016, 11, 8))
    appoint(county, term("o-431023-third", "第三管理员", "administrator", organisation="431023-office"), name="第三人")
    with county.work() as uow:
        appointments.leave(uow, why(), "o-431023-second", date(2016, 11, 8))


def test_nobody_heads_two_organisations_at_once(county):
    county.at("2016-11-07 09:00")
    with pytest.raises(Refused, match="两个单位"):
        appoint(county, term(EPB, "县教育局局长", "unit_head", organisation="431023-edu", from_on=date(2016, 12, 1)))
    (held,) = terms(county, EPB)
    with county.work() as uow:
        appointments.end(uow, why(), EPB, [held.id], date(2016, 12, 1))
    appoint(county, term(EPB, "县教育局局长", "unit_head", organisation="431023-edu", from_on=date(2016, 12, 1)))


# -- units --------------------------------------------------------------------------------------------------------------
def test_a_unit_with_cases_people_or_units_is_not_dissolved(county, case_id):
    instruct(county, case_id, EPB)

    def dissolve(code: str) -> None:
        with county.work() as uow:
            appointments.dissolve(uow, why(), code, date(2016, 11, 7))

    with pytest.raises(Conflict, match="1 项交办"):
        dissolve("431023-epb")
    with pytest.raises(Conflict, match="任职"):
        dissolve("431023-edu")
    with pytest.raises(Conflict, match="下面"):
        dissolve("431023-gov")
    with county.work() as uow:
        appointments.add_unit(uow, why(), Unit(code="431023-new", name="新局", name_en="New", superior="431023-gov", has_instance=False),
                              date(2016, 11, 7))  # fmt: skip
    dissolve("431023-new")
    with pytest.raises(Refused, match="已撤销"):
        appoint(county, term(OFFICER, organisation="431023-new", from_on=date(2016, 11, 7)))


def test_units_do_not_stand_above_each_other_in_a_circle(county):
    county.at("2016-11-07 09:00")
    with pytest.raises(Refused, match="循环"), county.work() as uow:
        appointments.change_unit(uow, why(), "431023-gov", date(2016, 11, 7), superior="431023-epb")


def test_a_unit_that_is_moved_under_a_barred_one_is_barred_and_loses_the_case(county, case_id):
    county.hear(conflict(case_id, AT, ["431023-edu"]))
    instruct(county, case_id, EPB)
    with county.work() as uow:
        appointments.change_unit(uow, why(), "431023-epb", date(2016, 11, 7), superior="431023-edu")
    (row,) = county.assignments(case_id)
    assert (row["stage"], row["withdrawn_reason"]) == ("withdrawn", "conflict")
    assert "431023-epb" in county.told("case.barred")[-1].data["organisations"]
    with county.work() as uow:  # and moving it away again opens nothing
        appointments.change_unit(uow, why(), "431023-epb", date(2016, 11, 7), superior="431023-gov")
    assert county.query("SELECT organisations ? '431023-epb' AS barred FROM case_bar") == [{"barred": True}]


def test_where_one_who_is_complained_of_becomes_the_head_all_there_are_barred(county):
    county.at("2016-11-07 09:00")
    case = uuid4()
    county.hear(registered(case, AT), conflict(case, AT, officials=[OFFICER]))
    appoint(county, term(OFFICER, "柏林镇镇长", "unit_head", organisation="431023104", from_on=date(2016, 11, 7)))
    (row,) = county.query("SELECT organisations FROM case_bar")
    assert "431023104" in row["organisations"]

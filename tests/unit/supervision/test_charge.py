"""Who may carry a case, who comes after him, and what counts as evidence for a duty."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.supervision.domain import SupervisedCase
from services.supervision.domain import charge as domain
from services.supervision.domain.charge import Charge
from services.supervision.domain.wording import check_words, doubts
from shared.contract.person import Person
from shared.contract.supervision import DUTIES
from shared.errors import Conflict, Forbidden, Refused
from tests.unit.supervision.supervision_builders import COUNTY_LEADER, TOWNSHIP_SECRETARY, at

SECRETARY = Person(official="o-431023-secretary", name="赵明", post="县委书记", organisation="431023")
CASE = SupervisedCase(id=uuid4(), number="永信〔2016〕17 号")
CHARGE = Charge(
    id=uuid4(), case_id=CASE.id, leader=COUNTY_LEADER, official=COUNTY_LEADER.official, ground="overdue", taken_at=at("2016-11-18 09:00"),
    taken_by=SECRETARY, told=uuid4(), duties_by=at("2016-12-19 00:00"),
)  # fmt: skip


def test_a_leader_is_who_holds_a_post_that_makes_him_one():
    posts = [
        {"organisation": "431023-lg", "title": "副组长", "roles": []},
        {"organisation": "431023-gov", "title": "副县长", "roles": ["leader"]},
    ]
    assert domain.leader_of("o-1", "廖志平", posts) == Person(
        official="o-1", name="廖志平", post="副县长", organisation="431023-gov"
    )
    assert domain.leader_of("o-1", "廖志平", posts[:1]) is None
    assert domain.leader_of("o-1", "廖志平", posts, domain.DECIDES) is None


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        (None, Refused),
        (replace(CASE, ours=False), Refused),
        (replace(CASE, closed_at=at("2016-11-30 10:00")), Conflict),
        (replace(CASE, charge=uuid4()), Conflict),
    ],
)
def test_a_case_is_carried_when_it_is_ours_open_and_nobodys(case, fault):
    with pytest.raises(fault):
        domain.check_can_be_carried(case)
    assert domain.check_can_be_carried(CASE) is CASE


def test_who_carries_is_decided_by_the_first_in_command_or_by_the_leader_himself():
    domain.check_decides(COUNTY_LEADER, COUNTY_LEADER, decides=False)
    domain.check_decides(SECRETARY, COUNTY_LEADER, decides=True)
    with pytest.raises(Forbidden):
        domain.check_decides(TOWNSHIP_SECRETARY, COUNTY_LEADER, decides=False)


@pytest.mark.parametrize(
    ("taken", "days", "by"),
    [
        ("2016-11-18 09:00", 30, "2016-12-19 00:00"),
        ("2016-11-18 23:59:59", 30, "2016-12-19 00:00"),
        ("2016-02-28 00:00", 1, "2016-03-01 00:00"),
        ("2016-12-31 10:00", 1, "2017-01-02 00:00"),
    ],
)
def test_the_duties_are_owed_until_the_end_of_a_day(taken, days, by):
    assert domain.duties_by(at(taken), days) == at(by)
    assert domain.duties_by(at(taken), None) is None


def test_a_charge_ends_once():
    over = domain.end(CHARGE, "settled", at=at("2016-11-30 10:00"))
    assert (over.ended_for, over.ended_at) == ("settled", at("2016-11-30 10:00"))
    with pytest.raises(Conflict):
        domain.end(over, "decision", at=at("2016-12-01 10:00"))


def test_the_charge_goes_to_whoever_holds_the_same_post_if_that_is_one_person():
    new = replace(COUNTY_LEADER, official="o-new", name="新县长")
    other = replace(new, official="o-other", post="分管教育的副县长")
    assert domain.successor(CHARGE, [COUNTY_LEADER, new, other]) == new
    assert domain.successor(CHARGE, [COUNTY_LEADER, other]) is None
    assert domain.successor(CHARGE, [new, replace(new, official="o-newer")]) is None


def test_what_lacks_are_the_duties_without_evidence_in_their_order():
    assert domain.lacking([]) == DUTIES
    assert domain.lacking(["support", "situation"]) == ("resolution", "ending", "reception")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"done_on": date(2016, 11, 17)}, Refused),
        ({"done_on": date(2016, 11, 26)}, Refused),
        ({"duty": "reception", "form": "document"}, Refused),
        ({"duty": "support", "form": "site"}, Refused),
    ],
)
def test_evidence_of_another_time_or_of_a_form_that_the_duty_does_not_have_is_none(changes, fault):
    good: dict[str, Any] = {"duty": "resolution", "form": "site", "done_on": date(2016, 11, 25), "today": date(2016, 11, 25)}
    domain.check_evidence(CHARGE, **good)
    with pytest.raises(fault):
        domain.check_evidence(CHARGE, **{**good, **changes})


def test_when_the_charge_is_over_no_evidence_comes_to_it():
    over = domain.end(CHARGE, "settled", at=at("2016-11-30 10:00"))
    with pytest.raises(Conflict):
        domain.check_evidence(over, "support", "help", date(2016, 11, 25), date(2016, 12, 1))


@pytest.mark.parametrize(
    "text",
    ["已电话联系 13812345678", "电话138-1234-5678。", "证件 43102319700101123X", "发到 zhang.san@example.cn 了"],
)
def test_numbers_by_which_a_person_is_found_are_refused(text):
    with pytest.raises(Refused, match="电话、证件号码或邮箱"):
        check_words("words", text)


@pytest.mark.parametrize("text", ["安排两人在村口盯守", "赴省截访并劝返", "掌握其行踪", "对其监视居住"])
def test_watching_or_hindering_a_person_is_no_duty_and_is_not_recorded(text):
    with pytest.raises(Refused, match="不记录对人的看管、跟踪或拦阻"):
        check_words("words", text)


@pytest.mark.parametrize(
    "text",
    [
        "上门走访，送去低保申请表，联系县医院复诊",
        "与镇、环保局会商，跟踪督办整改，文号 20161118001 号",
        "2016 年 11 月 25 日现场查看",
    ],
)
def test_what_was_done_for_a_person_is_recorded(text):
    check_words("words", text)
    assert doubts(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("走访信访人张三，了解情况", "信访人张三"),
        ("李大娘家中用水已通", "李大娘"),
        ("与村民王某某、镇干部座谈", "村民王某某"),
        ("信访人：刘小兰", "信访人：刘小兰"),
    ],
)
def test_what_looks_like_a_name_is_asked_about(text, found):
    assert [each.strip("，、。") for each in doubts(text)] == [found]

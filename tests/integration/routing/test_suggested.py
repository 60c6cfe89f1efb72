"""Suggested addressees on the review page, and what past assignments teach."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from services.routing import handlers, learner
from services.routing.domain.suggestion import Guide
from services.routing.handlers import learning, suggesting
from shared.errors import Refused, Unavailable
from tests.integration.routing.suggesting import EDU, add_rule, assign_many, assigned, run
from tests.integration.routing.world import AT, EPB, MATIAN, SECRETARY, conflict, registered

EPB_ORG = "431023-epb"


def suggested(page: str) -> str:
    """The part of the review page that suggests."""
    return page.partition('class="plain suggested"')[2].partition("</fieldset>")[0]


def review(browser, case_id) -> str:
    return suggested(browser(SECRETARY).get(f"/routing/review?case={case_id}").page)


def test_the_rule_that_matches_suggests_the_head_with_its_number_and_condition(browser, county, case_id):
    add_rule(county, "431023-edu", category="education")
    add_rule(county, EPB_ORG, category="water", keywords=("污水",))
    shown = review(browser, case_id)
    assert "谭建国" in shown
    assert "第2条规则：类别属water，且含“污水”" in shown
    english = browser(SECRETARY).get(f"/routing/review?case={case_id}&lang=en").page
    assert "rule 2: category water and with “污水”" in suggested(english)


def test_a_suggestion_is_taken_without_a_script_and_taken_twice_is_meant_once(browser, county, case_id):
    add_rule(county, EPB_ORG, category="water")
    one = browser(SECRETARY).get(f"/routing/review?case={case_id}")
    form = {"instruction_id": one.hidden("instruction_id"), "text": "请办理。", "case_class": "ordinary"}
    one.post(f"/routing/review/{case_id}", **form, addressees=[EPB, EPB])
    assert [row["official"] for row in county.assignments(case_id)] == [EPB]


def test_without_a_rule_and_before_any_training_the_page_suggests_nobody(browser, county, case_id):
    assert review(browser, case_id) == ""


def test_who_is_complained_of_is_not_suggested_and_not_named(browser, county, case_id):
    add_rule(county, EPB_ORG, keywords=("污水",))
    add_rule(county, "431023101", category="water")
    county.hear(conflict(case_id, AT, [EPB_ORG]))
    shown = review(browser, case_id)
    assert "段志勇" in shown
    for word in ("谭建国", "环境保护局", "第1条"):
        assert word not in shown


def test_a_page_that_forgot_who_is_complained_of_is_caught(browser, county, case_id, monkeypatch):
    monkeypatch.setattr(Guide, "_may_have", lambda self, organisation: True)
    add_rule(county, EPB_ORG, keywords=("污水",))
    county.hear(conflict(case_id, AT, [EPB_ORG]))
    assert "谭建国" in review(browser, case_id)


def test_a_broken_rule_is_shown_on_the_case_that_it_would_have_decided(browser, county, case_id):
    add_rule(county, EPB_ORG, keywords=("污水",))
    add_rule(county, "431023101", category="water")
    county.query("UPDATE official SET active = false WHERE official = %(official)s", official=EPB)
    shown = review(browser, case_id)
    assert "第1条规则（含“污水”）符合本件，但已失效：县环境保护局没有可交办的在任负责人" in shown
    assert "段志勇" not in shown


@pytest.fixture
def trained(county):
    """Sixty cases that were assigned, and one training."""
    assign_many(county)
    return learning.train(county.database)


def test_what_was_assigned_teaches_and_the_reason_can_be_counted(browser, county, trained):
    case_id = uuid4()
    county.hear(registered(case_id, AT, category="environment", title="", brief="化工厂排放污水。", place=""))
    shown = review(browser, case_id)
    assert "谭建国" in shown
    assert "彭晓梅" not in shown
    assert "以往“生态环境”30 件中，30 件交该单位" in shown
    assert "“污水”" in shown
    assert (trained.version, trained.cases, trained.units) == (1, 60, 2)
    assert trained.accuracy["learning"].first == 1.0
    assert trained.accuracy["rules"].first == 0.0


def test_what_was_decided_teaches_at_the_next_training_and_pages_take_it_up(browser, county, trained):
    for number in range(40):
        assigned(county, MATIAN, "traffic", f"反映公路坑洼，第{number}次。")
    case_id = uuid4()
    county.hear(registered(case_id, AT, category="traffic", title="", brief="公路坑洼。", place=""))
    assert "段志勇" not in review(browser, case_id)
    assert learning.train(county.database).version == 2
    assert "段志勇" in review(browser, case_id)
    kept = county.query("SELECT version, model IS NULL AS gone FROM learned ORDER BY version")
    assert kept == [{"version": 1, "gone": True}, {"version": 2, "gone": False}]


def test_upheld_objections_and_cases_with_a_conflict_teach_nothing(county):
    plain = assigned(county, EPB, "environment", "污水")
    objected, barred, again = (assigned(county, EPB, "environment", "污水") for _ in range(3))
    assignment = county.assignment(objected, EPB)
    with county.work() as uow:
        handlers.receive(uow, assignment, EPB)
    with county.work() as uow:
        handlers.object_to(uow, assignment, EPB, "不属于本单位。", note_id=uuid4())
    with county.work() as uow:
        handlers.withdraw(uow, assignment, SECRETARY)
    county.hear(conflict(barred, AT, ["431023101"]))
    with county.work() as uow:  # a second round says nothing of whose the case was at first
        handlers.instruct(uow, again, SECRETARY, "请教育局办理。", [(EDU, "handling")], "ordinary")
    with county.work() as uow:
        found = {one.id: one.units for one in learning.past_assignments(uow)}
    assert found == {plain: (EPB_ORG,), again: (EPB_ORG,)}


def test_the_page_shows_each_training_and_how_well_it_did(browser, county, trained):
    add_rule(county, EPB_ORG, category="environment")
    learning.train(county.database)
    shown = browser(SECRETARY).get("/routing/rules").page
    for words in ("最近的训练", "使用中", "100.0% (100.0%)", "以往符合的 30 件中，30 件交该单位"):
        assert words in shown, words


def test_a_rule_that_the_past_speaks_against_is_marked_and_comes_second(browser, county):
    add_rule(county, "431023101", keywords=("污水",))
    assign_many(county)
    learning.train(county.database)
    assert "与以往不符" in browser(SECRETARY).get("/routing/rules").page
    case_id = uuid4()
    county.hear(registered(case_id, AT, category="environment", title="", brief="化工厂排放污水。", place=""))
    shown = review(browser, case_id)
    assert shown.index("谭建国") < shown.index("段志勇")
    assert "但以往符合这条规则的 30 件中，只有 0 件交该单位" in shown


def test_too_little_is_refused_and_the_command_says_so(county):
    assigned(county, EPB, "environment", "污水")
    with pytest.raises(Refused, match="只有1件"):
        learning.train(county.database)
    done = run(county, "train")
    assert done.returncode == 1
    assert "只有1件可学习的交办" in done.stderr
    assert county.query("SELECT FROM learned") == []


def test_the_command_trains(county):
    assign_many(county, 26)
    done = run(county, "train")
    assert done.returncode == 0, done.stderr
    assert "version 1: 52 cases, 2 units" in done.stdout
    assert "first right 100.0%" in done.stdout


def test_the_learner_ends_at_its_limit_of_memory_and_the_last_training_stays(browser, county, trained, monkeypatch):
    monkeypatch.setattr(learner, "MEMORY_MB", 40)
    with pytest.raises(Unavailable, match="learning ended"):
        learning.train(county.database)
    with county.work() as uow:
        assert suggesting.learnt(uow) is not None
    monkeypatch.setattr(learner, "MEMORY_MB", 1024)
    monkeypatch.setattr(learner, "SECONDS", 0.01)
    with pytest.raises(Unavailable, match="took more than"):
        learning.train(county.database)


def test_two_trainings_at_once_are_numbered_one_after_the_other(county):
    assign_many(county, 26)
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda _: learning.train(county.database).version, range(2)))
    assert sorted(done) == [1, 2]
    assert county.query("SELECT version FROM learned WHERE model IS NOT NULL") == [{"version": 2}]

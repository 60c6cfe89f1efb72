"""A case without a brief stays in this instance: a township would get empty words, once and for good."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.routing import handlers
from shared.contract.envelope import instant
from shared.errors import Refused
from tests.integration.routing.world import AT, EPB, SECRETARY, TOWN, VICE, event, instruct, registered


@pytest.fixture
def unbriefed(county) -> UUID:
    """A case as a petitioner submits one: no clerk has written about it yet."""
    made = uuid4()
    county.hear(registered(made, AT, title="", brief=""))
    return made


def brief(county, case_id) -> None:
    by = {"official": "o-431023-xf-clerk", "name": "李秀英", "post": "登记员", "organisation": "431023-xf"}
    words = {"title": "饮水", "brief": "反映饮水。", "category": "water", "place": "431023104", "by": by, "at": instant(AT)}
    county.hear(event("case.supplemented", case_id, words, source="/431023/intake", at=AT))


def test_it_is_not_handed_to_a_township_until_the_clerk_has_written_it(county, township, unbriefed):
    with pytest.raises(Refused) as refusal:
        instruct(county, unbriefed, EPB, TOWN)
    assert (refusal.value.field, refusal.value.status) == ("addressees", 422)
    assert county.assignments(unbriefed) == []
    assert county.told("case.instructed") == []
    brief(county, unbriefed)
    instruct(county, unbriefed, EPB, TOWN)
    county.carry_to(township)
    assert township.query("SELECT title, brief FROM case_record") == [{"title": "饮水", "brief": "反映饮水。"}]


def test_no_township_leads_or_joins_an_escalation_without_it(county, unbriefed):
    with pytest.raises(Refused), county.work() as uow:
        handlers.escalate(uow, unbriefed, SECRETARY, "请牵头。", VICE, [TOWN])
    with county.work() as uow:
        handlers.escalate(uow, unbriefed, SECRETARY, "请牵头。", VICE, [EPB])


def test_a_unit_of_this_instance_has_it_at_once_and_reads_the_brief_when_it_is_written(browser, county, unbriefed):
    instruct(county, unbriefed, EPB)
    page = f"/routing/assignments/{county.assignment(unbriefed, EPB)}"
    head = browser(EPB)
    assert head.get(page).status == 200
    brief(county, unbriefed)
    assert "反映饮水。" in head.get(page).page


def test_the_first_in_command_is_told_before_the_act_and_by_whom_it_is_to_be_written(browser, county, unbriefed):
    one = browser(SECRETARY)
    shown = one.get(f"/routing/review?case={unbriefed}").page
    for words in ("还没有交办摘要", "李秀英", "陈海波", "须先有交办摘要"):
        assert words in shown, words
    form = {
        "instruction_id": one.hidden("instruction_id"),
        "text": "请调查办理。",
        "case_class": "ordinary",
        "addressees": [TOWN],
    }
    one.post(f"/routing/review/{unbriefed}", **form)
    assert one.status == 422
    assert "只看得到摘要" in one.page
    assert "雷卫华" in one.page
    assert "请登记员先写好交办摘要" in one.page
    assert "请调查办理" in one.page  # what was typed is not lost
    assert one.get(f"/routing/review?case={unbriefed}&lang=en").status == 200
    brief(county, unbriefed)
    assert "还没有交办摘要" not in one.get(f"/routing/review?case={unbriefed}&lang=zh").page

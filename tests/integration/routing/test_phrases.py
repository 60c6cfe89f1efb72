"""Standard phrases of one official, and searching in the review queue."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from services.routing import handlers
from services.routing.domain.phrases import MOST
from services.routing.handlers import phrases
from shared.errors import NotFound
from tests.integration.routing.world import AT, EPB, MATIAN, OFFICE, SECRETARY, VICE, Instance, conflict, registered


def kept(county: Instance, official: str = SECRETARY) -> list[str]:
    with county.work() as uow:
        return [row["text"] for row in phrases.phrases_of(uow, official)]


def add(one, text: str):
    one.get("/routing/phrases")
    return one.post("/routing/phrases", phrase_id=one.hidden("phrase_id"), phrase=text)


# -- phrases ----------------------------------------------------------------------------------------------------------
def test_they_are_kept_ordered_and_removed_by_their_official_and_by_nobody_else(browser, county):
    head, office = browser(SECRETARY), browser(OFFICE)
    for text in ("甲{unit}", "乙", "丙"):
        assert add(head, text).status == 200
    add(office, "丁")
    assert (kept(county), kept(county, OFFICE)) == (["甲{unit}", "乙", "丙"], ["丁"])
    ids = [row["id"] for row in county.query("SELECT id FROM phrase WHERE official = %(me)s ORDER BY position", me=SECRETARY)]
    head.post(f"/routing/phrases/{ids[2]}/move", way="up")
    head.post(f"/routing/phrases/{ids[2]}/move", way="up")
    head.post(f"/routing/phrases/{ids[0]}/move", way="down")
    assert kept(county) == ["丙", "乙", "甲{unit}"]
    office.get("/routing/phrases")
    assert "丙" not in office.page
    assert office.post(f"/routing/phrases/{ids[0]}/move", way="up").status == 404
    office.get("/routing/phrases")
    assert office.post(f"/routing/phrases/{ids[0]}/remove").status == 404
    head.get("/routing/phrases")
    assert head.post(f"/routing/phrases/{ids[0]}/remove").status == 200
    assert kept(county) == ["丙", "乙"]
    assert browser(EPB).get("/routing/phrases").status == 403


@pytest.mark.parametrize("text", ["请{who}办理", "", "字" * 301, "请{unit"])
def test_one_that_nothing_would_fill_is_refused_on_save_and_what_was_typed_stays(browser, county, text):
    head = add(browser(SECRETARY), text)
    assert head.status == 422
    assert 'id="error-phrase"' in head.page
    assert kept(county) == []
    if "who" in text:
        assert "不认识占位符{who}" in head.page
        assert "{unit}、{name}、{days}" in head.page
        assert (
            "is no placeholder"
            in browser(SECRETARY)
            .get("/routing/phrases?lang=en")
            .post("/routing/phrases", phrase_id=str(uuid4()), phrase=text)
            .page
        )


def test_the_same_form_twice_keeps_one_and_no_more_than_twenty_are_kept(browser, county):
    once = uuid4()
    for _ in range(2):
        with county.work() as uow:
            phrases.add_phrase(uow, SECRETARY, "一", phrase_id=once)
    assert kept(county) == ["一"]
    for number in range(1, MOST):
        with county.work() as uow:
            phrases.add_phrase(uow, SECRETARY, f"第{number}句")
    assert "最多保存20条" in add(browser(SECRETARY), "多余的").page
    with pytest.raises(NotFound), county.work() as uow:
        phrases.remove_phrase(uow, SECRETARY, uuid4())


def test_on_the_review_ones_own_come_first_filled_with_what_is_known_of_the_case(browser, county, case_id):
    head = browser(SECRETARY)
    add(head, "请{unit}在{days}日内查清{number}（{category}，第{round}轮）。")
    page = head.get(f"/routing/review?case={case_id}").page
    found = re.findall(r'data-phrase="([^"]+)"', page)
    assert found[0] == "请{unit}在{days}日内查清XF20161107-0001（water，第1轮）。"
    assert found[1].startswith("请阅处")


def test_without_a_script_the_rest_is_filled_when_the_instruction_is_sent(browser, county, case_id):
    head = browser(SECRETARY).get(f"/routing/review?case={case_id}")
    form = {"instruction_id": head.hidden("instruction_id"), "case_class": "ordinary", "addressees": [EPB, MATIAN]}
    text = "请{unit}{name}在{days}日内办结{number}。"
    head.post(f"/routing/review/{case_id}", text=text, **form)
    assert head.status == 422
    assert "占位符{days}还没有内容" in head.page
    assert county.told("case.instructed") == []
    head.post(f"/routing/review/{case_id}", text=text, limit_days="5", **form)
    told = county.told("case.instructed")[0].data
    assert told["text"] == "请县环境保护局、马田镇谭建国、段志勇在5日内办结XF20161107-0001。"
    assert told["limit_days"] == 5


# -- searching the queue ----------------------------------------------------------------------------------------------
@pytest.fixture
def three(county: Instance, case_id):
    """The article's petition, one about wages in Matian, and one about a light."""
    wages, light = uuid4(), uuid4()
    county.hear(
        registered(
            wages, AT, number="XF2", title="工地欠薪", brief="反映拖欠农民工工资。", category="labour.wages", place="431023101"
        ),
        registered(light, AT, number="XF3", title="路灯 Light", brief="反映路灯不亮。", category="housing", place="431023101201"),
    )
    return {"water": case_id, "wages": wages, "light": light}


def listed(browser, official: str, asked: str) -> set[str]:
    answer = browser(official).client.get("/routing/review", query_string={"q": asked})
    return set(
        re.findall(r"<li data-key-item[^>]*>\s*<a href=\"/routing/review\?case=([0-9a-f-]+)", answer.get_data(as_text=True))
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("XF20161107", {"water"}), ("xf3", {"light"}), ("造纸厂", {"water"}), ("反映", {"water", "wages", "light"}), ("ＬＩＧＨＴ", {"light"}),
        ("马田", {"wages", "light"}), ("Matian 路灯", {"light"}), ("劳动工资", {"wages"}), ("labour.wages", {"wages"}),
        ("住房", {"light"}), ("马田 造纸厂", set()), ("没有的", set()), ("100%_'", set()), ("   ", {"water", "wages", "light"}),
    ],
)  # fmt: skip
def test_the_queue_is_searched_by_number_words_place_and_category(browser, three, asked, found):
    assert listed(browser, SECRETARY, asked) == {str(three[name]) for name in found}


def test_a_search_opens_no_case_finds_nothing_that_is_kept_from_the_reader_and_stays_while_its_hits_are_worked_off(
    browser, county, three
):
    with county.work() as uow:
        handlers.delegate(uow, SECRETARY, VICE, AT, AT.replace(month=12), "学习")
    assert listed(browser, VICE, "反映") == {str(key) for key in three.values()}
    assert county.query("SELECT id FROM case_record WHERE reviewed_at IS NOT NULL") == []
    county.hear(conflict(three["wages"], AT, officials=[VICE]))
    assert listed(browser, VICE, "工资") == set()
    assert listed(browser, SECRETARY, "马田") == {str(three["wages"]), str(three["light"])}
    head = browser(SECRETARY)
    head.get(f"/routing/review?q=马田&case={three['wages']}")
    head.post(
        f"/routing/review/{three['wages']}", instruction_id=head.hidden("instruction_id"), text="请办理。", case_class="ordinary",
        addressees=[EPB], q=head.hidden("q"),
    )  # fmt: skip
    assert "已交办" in head.page
    assert 'data-key-open aria-current="true"' in head.page
    assert "路灯" in head.page
    assert "造纸厂" not in head.page

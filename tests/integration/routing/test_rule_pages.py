"""The rules' pages: add, change, move, switch off, remove, try out; what is refused; what is broken; the file."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from services.routing.domain.rules import Rule
from services.routing.handlers import rules
from services.routing.web import rules as pages
from shared.errors import Conflict, Refused
from tests.integration.routing.suggesting import add_rule, run, said
from tests.integration.routing.world import EPB, MATIAN, OFFICE, SECRETARY

EPB_ORG, EDU_ORG, PSB_ORG = "431023-epb", "431023-edu", "431023-psb"
LEFT = "UPDATE official SET active = false WHERE official = %(official)s"


def save(one, rule_id=None, **form):
    one.get(f"/routing/rules/{rule_id}" if rule_id else "/routing/rules/new")
    revision = one.hidden("revision")
    return one.post(f"/routing/rules/{rule_id or uuid4()}", **({"revision": revision} | form))


def test_a_rule_is_added_changed_moved_switched_off_and_removed_and_each_change_is_told(browser, county):
    one = browser(OFFICE)
    save(one, organisation=EPB_ORG, category="environment", keywords="污水、废水\n废气", note="省里要求")
    assert one.status == 200
    for words in ("类别属生态环境，且含“污水”“废水”“废气”", "县环境保护局", "谭建国", "省里要求"):
        assert words in one.page, words
    save(one, organisation=EDU_ORG, category="education.fees", number="1")
    assert said(county) == [(EDU_ORG, "education.fees", True), (EPB_ORG, "environment", True)]
    first, second = (row["id"] for row in county.query("SELECT id FROM routing_rule ORDER BY position"))
    save(one, first, organisation=EDU_ORG, category="education", keywords="收费", every_keyword="all")
    one.post(f"/routing/rules/{first}/move", number="2")
    one.post(f"/routing/rules/{second}/switch", active="off")
    assert said(county) == [(EPB_ORG, "environment", False), (EDU_ORG, "education", True)]
    assert "已停用" in one.page
    one.post(f"/routing/rules/{second}/remove")
    assert said(county) == [(EDU_ORG, "education", True)]
    done = [row["action"] for row in county.query("SELECT action FROM rule_change ORDER BY at, id")]
    assert done == ["added", "added", "changed", "moved", "switched_off", "removed"]
    for word in ("新增", "修改", "移动", "停用", "删除", "邓小燕"):
        assert word in one.page


def test_categories_and_places_are_written_by_name_and_shown_by_name(browser, county):
    one = browser(OFFICE)
    save(one, organisation=EPB_ORG, category="土地征收", place="柏林镇")
    assert said(county) == [(EPB_ORG, "land", True)]
    assert "类别属土地征收，且地点在柏林镇" in one.page
    rule_id = county.query("SELECT id FROM routing_rule")[0]["id"]
    one.get(f"/routing/rules/{rule_id}")
    assert 'value="土地征收"' in one.page
    assert 'value="柏林镇"' in one.page
    one.post("/routing/rules/try", title="补偿", category="土地征收", place="柏林镇")
    assert "第1条规则生效" in one.page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"organisation": EPB_ORG}, "规则没有任何条件"),
        ({"category": "land"}, "推荐单位"),
        ({"organisation": "431023-none", "category": "land"}, "通讯录中没有单位“431023-none”"),
        ({"organisation": "431023", "category": "land"}, "规则不能指向本单位"),
        ({"organisation": "431023-gov", "category": "land"}, "没有可交办的在任负责人"),
        ({"organisation": EDU_ORG, "category": "environment"}, "第2条规则与第1条的条件相同"),
        ({"organisation": EDU_ORG, "category": "environment.water"}, "第2条规则的情形已全部包含在第1条中"),
        ({"organisation": EDU_ORG, "category": "Land!"}, "类别代码由小写字母"),
        ({"organisation": EDU_ORG, "place": "13907351234"}, "地点是 6、9 或 12 位的区划代码"),
        ({"organisation": EDU_ORG, "channel": "fax"}, "须从列出的选项中选择"),
        ({"organisation": EDU_ORG, "keywords": "、".join(f"词{n}" for n in range(31))}, "关键词最多 30 个"),
        ({"organisation": EDU_ORG, "keywords": "长" * 21}, "每个最多 20 个字"),
        ({"organisation": EDU_ORG, "category": "land", "number": "0"}, "排在第几条"),
        ({"organisation": EDU_ORG, "category": "land", "number": "9" * 30}, "排在第几条"),
        ({"organisation": EDU_ORG, "category": "land", "revision": "7"}, "没有这条规则"),
    ],
)
def test_a_rule_that_would_not_do_is_explained_and_nothing_is_saved(browser, county, form, words):
    add_rule(county, EPB_ORG, category="environment")
    one = browser(OFFICE)
    save(one, **form)
    assert one.status in (404, 422)
    assert words in one.page
    assert len(said(county)) == 1


def test_the_same_form_sent_twice_is_one_rule(browser, county):
    one = browser(OFFICE)
    rule_id = uuid4()
    for _ in range(2):
        one.get("/routing/rules/new").post(f"/routing/rules/{rule_id}", revision="0", organisation=EPB_ORG, category="land")
        assert one.status == 200
    assert said(county) == [(EPB_ORG, "land", True)]
    assert len(county.query("SELECT FROM rule_change")) == 1


def test_two_who_change_one_rule_do_not_overwrite_each_other(browser, county):
    rule_id = add_rule(county, EPB_ORG, category="environment")
    slow, quick = browser(OFFICE), browser(OFFICE)
    slow.get(f"/routing/rules/{rule_id}")
    save(quick, rule_id, organisation=EPB_ORG, category="environment.water")
    slow.post(f"/routing/rules/{rule_id}", revision=slow.hidden("revision"), organisation=EPB_ORG, category="environment.air")
    assert slow.status == 409
    assert "刚被他人修改过" in slow.page
    assert said(county) == [(EPB_ORG, "environment.water", True)]


def test_rules_that_are_added_at_once_all_get_a_place_of_their_own(county):
    def add(number: int) -> None:
        add_rule(county, EPB_ORG, keywords=(f"词语{number}号",))

    with ThreadPoolExecutor(4) as many:
        list(many.map(add, range(8)))
    assert [row["position"] for row in county.query("SELECT position FROM routing_rule ORDER BY position")] == list(range(1, 9))


def test_no_move_and_no_switch_shuts_another_rule_out(browser, county):
    narrow = add_rule(county, EDU_ORG, category="education.fees")
    wide = add_rule(county, PSB_ORG, category="education")
    one = browser(OFFICE).get("/routing/rules")
    one.post(f"/routing/rules/{wide}/move", number="1")
    assert one.status == 422
    assert "第2条规则的情形已全部包含在第1条中" in one.page
    one.post(f"/routing/rules/{wide}/switch", active="off").post(f"/routing/rules/{wide}/move", number="1")
    assert said(county)[0] == (PSB_ORG, "education", False)
    one.post(f"/routing/rules/{wide}/switch", active="on")
    assert one.status == 422
    one.post(f"/routing/rules/{narrow}/remove")
    assert (one.status, len(said(county))) == (422, 2)
    assert "请先停用" in one.page


def test_a_rule_whose_organisation_lost_its_head_is_shown_as_broken(browser, county):
    add_rule(county, EPB_ORG, category="environment")
    one = browser(OFFICE).get("/routing/rules")
    assert "失效" not in one.page
    county.query(LEFT, official=EPB)
    shown = one.get("/routing/rules").page
    assert "有规则已失效" in shown
    assert "县环境保护局没有可交办的在任负责人" in shown


def test_a_page_that_forgot_what_is_broken_is_caught(browser, county, monkeypatch):
    monkeypatch.setattr(pages, "broken", lambda *_: None)
    add_rule(county, EPB_ORG, category="environment")
    county.query(LEFT, official=EPB)
    assert "失效" not in browser(OFFICE).get("/routing/rules").page


def test_a_text_is_tried_out_and_stands_in_no_address(browser, county):
    add_rule(county, EPB_ORG, keywords=("污水",))
    add_rule(county, PSB_ORG, category="environment", place="431023104")
    one = browser(SECRETARY).get("/routing/rules")
    one.post("/routing/rules/try", title="造纸厂", brief="污水直排", category="environment.water", place="431023104")
    assert one.status == 200
    for words in ("第1条规则生效", "第 2 条", "谭建国", "第1条规则：含“污水”"):
        assert words in one.page, words
    assert one.path == "/routing/rules/try"
    one.post("/routing/rules/try", title="校车超载")
    assert "没有规则符合" in one.page
    one.post("/routing/rules/try", title="长" * 201)
    assert one.status == 422


def test_the_first_in_command_reads_the_rules_and_changes_none(browser, county):
    rule_id = add_rule(county, EPB_ORG, category="environment")
    one = browser(SECRETARY).get("/routing/rules")
    assert "县环境保护局" in one.page
    assert "新增规则" not in one.page
    assert one.post(f"/routing/rules/{rule_id}/switch", active="off").status == 403
    assert browser(MATIAN).get("/routing/rules").status == 403
    assert said(county) == [(EPB_ORG, "environment", True)]


def test_what_is_exported_can_be_imported_and_changes_nothing(browser, county):
    add_rule(county, EPB_ORG, category="environment", keywords=("污水", "废气"), every_keyword=True, note="说明：*")
    add_rule(county, EDU_ORG, place="431023104", channel="call")
    one = browser(OFFICE)
    text = one.get("/routing/rules.yaml").page
    before = county.query("SELECT * FROM routing_rule ORDER BY position")
    one.get("/routing/rules").post("/routing/rules/import", file=(io.BytesIO(text.encode()), "rules.yaml"))
    assert "已导入 2 条规则，其中 0 条有变化" in one.page
    assert county.query("SELECT * FROM routing_rule ORDER BY position") == before


FILE = """
rules:
  - {organisation: 431023-edu, category: education.fees, any: [收费]}
  - {organisation: 431023-epb, category: environment}
"""


def test_a_file_takes_the_place_of_the_list_and_what_it_keeps_stays_the_same_rule(browser, county):
    kept, gone = add_rule(county, EPB_ORG, category="environment"), add_rule(county, PSB_ORG, channel="call")
    one = browser(OFFICE).get("/routing/rules")
    one.post("/routing/rules/import", file=(io.BytesIO(FILE.encode()), "rules.yaml"))
    assert said(county) == [(EDU_ORG, "education.fees", True), (EPB_ORG, "environment", True)]
    ids = [row["id"] for row in county.query("SELECT id FROM routing_rule ORDER BY position")]
    assert ids[1] == kept
    assert gone not in ids
    assert sorted(row["action"] for row in county.query("SELECT action FROM rule_change")) == [
        "added",
        "added",
        "added",
        "removed",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rules: [", "不是有效的 YAML 文件"),
        ("rules: [2016-99-99]", "YAML"),
        ("a: &a [1]\nrules: *a", "不得使用 YAML 引用"),
        ("[]", "文件"),
        ("rules: [{organisation: 431023-epb, catgory: land}]", "catgory"),
        ("rules: [{organisation: 431023-epb, any: ['水'], all: ['气']}]", "any 和 all 只能写一个"),
        ('rules: [{organisation: 431023-epb, any: ["\\0"]}]', "rules[0]"),
        ("rules: [{organisation: 431023-epb, any: [' ']}]", "关键词不能为空"),
        ("rules: [{organisation: 431023-epb, category: 9}]", "rules[0]"),
        ("rules: [{organisation: 431023-none, category: land}, {organisation: 431023-epb}]", "rules[1]"),
        ("rules: [{organisation: 431023-epb, category: land}, {organisation: 431023-edu, category: land.x}]", "rules[1]"),
        ("x" * 500_001, "500000"),
    ],
)
def test_a_file_with_a_fault_is_explained_and_changes_nothing(browser, county, text, words):
    add_rule(county, EPB_ORG, category="environment")
    one = browser(OFFICE).get("/routing/rules")
    one.post("/routing/rules/import", file=(io.BytesIO(text.encode()), "rules.yaml"))
    assert one.status == 422
    assert words in one.page
    assert said(county) == [(EPB_ORG, "environment", True)]


def test_a_file_that_is_no_text_or_missing_is_refused(browser, county):
    one = browser(OFFICE).get("/routing/rules")
    assert one.post("/routing/rules/import", file=(io.BytesIO(b"\xff\xfe\x00"), "rules.yaml")).status == 422
    assert one.get("/routing/rules").post("/routing/rules/import").status == 400


def test_the_command_checks_imports_and_prints_a_file(county, tmp_path):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(FILE)
    bad.write_text(FILE.replace("431023-epb", "431023-none"))
    checked = run(county, "rules", "check", str(good))
    assert (checked.returncode, said(county)) == (0, []), checked.stderr
    refused = run(county, "rules", "import", str(bad))
    assert (refused.returncode, said(county)) == (1, [])
    assert "rules[1] organisation: 通讯录中没有单位“431023-none”" in refused.stderr
    assert run(county, "rules", "import", str(good)).returncode == 0
    assert len(said(county)) == 2
    assert "education.fees" in run(county, "rules", "export").stdout


def test_nobody_but_office_and_administrator_changes_a_rule(county):
    given = Rule(id=uuid4(), position=0, organisation=EPB_ORG, category="land")
    with pytest.raises(Refused) as refusal, county.work() as uow:
        rules.save(uow, SECRETARY, given, None)
    assert refusal.value.status == 403
    assert not isinstance(refusal.value, Conflict)

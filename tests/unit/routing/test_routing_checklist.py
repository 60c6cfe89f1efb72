"""What a perfunctory reply lacks is found before it goes out; a full one passes without a word."""

from __future__ import annotations

import pytest

from services.routing.domain import checklist
from services.routing.domain.checklist import Lack, Rule, Said
from services.routing.handlers.checking import FILE, RULES, check_blocks, read_rules
from shared.errors import Refused

BRIEF = "反映造纸厂污水直排，村民饮水困难。要求取缔造纸厂；要求接通自来水"
GOOD = Said(
    outcome="supported",
    findings="11月9日到十里洞村现场查看，走访村民12户，县环保局检测水样3份，造纸厂污水直排河道属实，致村民饮水困难，原因是该厂擅自停用治污设备。",
    measures=("取缔造纸厂", "12月底前接通自来水"),
    evidence=("水质检测报告",),
    answer="经查，造纸厂污水直排属实，已于11月25日依法取缔；自来水12月底前接通到户，其间每天送水，您可随时联系镇政府。",
)


def codes(**changes) -> list[str]:
    said = Said(**{**vars(GOOD), **changes})
    return [lack.rule.code for lack in checklist.lacking(said, BRIEF, RULES)]


def test_a_full_reply_lacks_nothing() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("no_date", {"findings": GOOD.findings.replace("11月9日", "")}),
        ("no_measure", {"measures": ()}),
        ("no_evidence", {"evidence": ()}),
        ("points_unanswered", {"measures": ("取缔造纸厂",), "answer": GOOD.answer.replace("自来水12月底前接通到户", "正在筹措资金")}),
        ("answer_short", {"answer": "造纸厂已于11月25日取缔，自来水12月底接通。"}),
        ("findings_short", {"findings": "11月9日到十里洞村现场查看，造纸厂污水直排，村民饮水困难。"}),
        ("no_place", {"findings": "11月9日了解，造纸污水直排属实，致饮水困难，原因是擅自停用治污设备，已责令改正，并将继续跟踪，防止再次发生类似问题，情况属实。"}),
        ("no_basis_for_explaining", {"outcome": "explained"}),
        ("no_legal_basis", {"outcome": "not_supported"}),
    ],
)  # fmt: skip
def test_what_is_lacking_is_named(code: str, changes: dict[str, object]) -> None:
    assert codes(**changes) == [code]


@pytest.mark.parametrize(
    "answer", ["您反映的问题已转交环保局处理，感谢您的来信，请耐心等待。", "我局高度重视，正在办理之中。", "已转交有关部门处理。"]
)
def test_an_answer_that_only_passes_the_matter_on_is_known(answer: str) -> None:
    assert "passed_on" in codes(answer=answer)


@pytest.mark.parametrize(
    "answer", ["造纸厂已取缔，正在恢复水源。", "您反映的问题已转县环保局办理。经查，该厂证照齐全，污水检测达标。", "不属实。"]
)
def test_an_answer_that_says_what_came_of_it_is_not_taken_for_one(answer: str) -> None:
    assert "passed_on" not in codes(answer=answer)


def test_the_points_that_nobody_answered_are_named_in_the_petitions_words() -> None:
    said = Said(answer="造纸厂已取缔。")
    (lack,) = (one for one in checklist.lacking(said, BRIEF, RULES) if one.rule.code == "points_unanswered")
    assert lack.points == ("造纸厂污水直排，村民饮水困难", "接通自来水")


@pytest.mark.parametrize(
    ("brief", "points"),
    [
        ("一是占用耕地30亩，二是补偿款1.5万元没有发放到户", ["占用耕地30亩", "补偿款1.5万元没有发放到户"]),
        ("1.路灯不亮；2、井盖丢失\n③垃圾没有清运", ["路灯不亮", "井盖丢失", "垃圾没有清运"]),
        ("信访人要求：公开账目。谢谢", ["公开账目"]),
        ("", []),
    ],
)
def test_a_briefs_points_are_told_apart(brief: str, points: list[str]) -> None:
    assert checklist.points(brief) == points


def test_only_what_the_regulation_demands_keeps_a_reply_back() -> None:
    assert [rule.code for rule in RULES if rule.blocks] == ["no_legal_basis"]
    check_blocks(Said(outcome="supported", findings="x", answer="x"), BRIEF)
    refused = Said(outcome="not_supported", findings="经查不符合规定。", answer="不予支持。")
    with pytest.raises(Refused, match="第三十二条"):
        check_blocks(refused, BRIEF)
    check_blocks(Said(**{**vars(refused), "findings": "经查不符合《土地管理法》第六十二条。"}), BRIEF)


def test_what_blocks_stands_first_and_words_come_in_the_readers_language() -> None:
    found = checklist.lacking(Said(outcome="not_supported"), BRIEF, tuple(reversed(RULES)))
    assert found[0].rule.code == "no_legal_basis"
    assert found[0].say("en")[0].startswith("Not supported")
    assert found[0].say("fr") == found[0].say("zh")
    own = Lack(
        rule=Rule(code="x", kind="empty", field="answer", looks_in=("answer",), words={"zh": {"rule": "甲", "remedy": "乙"}})
    )
    assert own.say("en") == ("甲", "乙")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("- {code: x", "checklist.yaml"),
        ("- {code: no_x, kind: nosuch, field: answer, looks_in: [answer], words: {}}", "kind"),
        ("- {code: no_x, kind: lacks, field: answer, looks_in: [answer], words: {zh: {rule: a, remedy: b}}}", "patterns"),
        ("- {code: no_x, kind: lacks, field: answer, looks_in: [answer], patterns: ['('], words: {zh: {rule: a, remedy: b}}}", "regular"),
        ("- {code: no_x, kind: empty, field: answer, looks_in: [answer], words: {en: {rule: a, remedy: b}}}", "zh"),
        ("- {code: no_x, kind: empty, field: answer, looks_in: [answer], colour: red, words: {zh: {rule: a, remedy: b}}}", "colour"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_named_with_its_place(text: str, place: str) -> None:
    with pytest.raises(ValueError, match=place):
        read_rules(text)


def test_every_rule_of_the_file_has_words_in_both_languages() -> None:
    assert {tuple(sorted(rule.words)) for rule in RULES} == {("en", "zh")}
    assert len({rule.code for rule in RULES}) == len(RULES) == FILE.read_text(encoding="utf-8").count("- code:")

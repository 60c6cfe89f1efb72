"""A policy that cannot be used says where, why and what to do; one that can is what it says."""

from pathlib import Path

import pytest

from services.supervision.policy import CASE_CLASSES, PARTS, Obligation, Start, Words
from services.supervision.policy_file import SHIPPED, BadPolicy, policy_from, read_policy
from services.supervision.working_calendar import DayKind

YONGXING = (SHIPPED / "yongxing.yaml").read_text(encoding="utf-8")


def faults_of(folder: Path, content: str | bytes) -> list[str]:
    path = folder / "policy.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadPolicy) as refused:
        read_policy(path)
    return [str(fault) for fault in refused.value.faults]


def changed(old: str, new: str) -> str:
    assert old in YONGXING
    return YONGXING.replace(old, new)


@pytest.mark.parametrize("name", ["yongxing", "regulation-2022"])
def test_a_shipped_policy_is_valid_and_speaks_both_languages(name):
    policy = read_policy(name)
    assert policy.id == f"{name}/3"
    for words in (
        policy.title,
        policy.source,
        *(r.words for r in policy.rules),
        *(r.basis for r in policy.rules),
    ):
        assert set(words) == {"zh", "en"}


@pytest.mark.parametrize("name", ["yongxing", "regulation-2022"])
@pytest.mark.parametrize("case_class", CASE_CLASSES)
def test_a_shipped_policy_says_for_each_class_when_it_is_received_replied_and_concluded(name, case_class):
    policy = read_policy(name)
    assert policy.rule(Obligation.RECEIVE, case_class, Start.ASSIGNMENT, "joint")
    assert policy.rule(Obligation.REPLY, case_class, Start.ASSIGNMENT, "lead")
    assert policy.rule(Obligation.REPLY, case_class, Start.ASSIGNMENT, "joint") is None
    assert policy.rule(Obligation.CONCLUDE, case_class, Start.FIRST_DISPATCH)
    assert policy.rule(Obligation.CONCLUDE, case_class, Start.REOPENING)


@pytest.mark.parametrize("name", ["yongxing", "regulation-2022"])
@pytest.mark.parametrize("part", PARTS)
def test_whatever_the_part_an_objection_is_made_within_five_working_days_of_the_receipt(name, part):
    rule = read_policy(name).rule(Obligation.OBJECTION, "ordinary", Start.RECEIPT, part)
    assert rule is not None
    assert (rule.days, rule.kind) == (5, DayKind.WORKING)
    assert read_policy(name).rule(Obligation.OBJECTION, "ordinary", Start.ASSIGNMENT, part) is None


@pytest.mark.parametrize("name", ["yongxing", "regulation-2022"])
def test_of_the_whole_time_the_miss_itself_tells(name):
    assert read_policy(name).warnings == (50, 75, 90, 100)
    assert read_policy(name).shares == (50, 75, 90)


def test_words_fall_back_on_chinese():
    assert Words(zh="十日", en="ten days").in_language("en") == "ten days"
    assert Words(zh="十日").in_language("en") == "十日"


def test_a_policy_is_the_same_when_it_is_read_from_its_stored_document():
    policy = read_policy("yongxing")
    assert policy_from(policy.document, policy.id) == policy


def test_a_file_that_is_not_there_names_the_shipped_policies(tmp_path):
    with pytest.raises(BadPolicy, match="regulation-2022、yongxing"):
        read_policy(tmp_path / "none.yaml")
    with pytest.raises(BadPolicy):
        read_policy("bad\0name")


CASES = [
    ("", "文件须为“键: 值”形式，以 policy: 开头。"),
    ("- a\n- b\n", "文件须为“键: 值”形式，以 policy: 开头。"),
    (b"\xff\xfe\x00", "文件须为 UTF-8 编码。"),
    (b"x" * (256 * 1024 + 1), "文件超过 256 KB。"),
    ("policy: [\n", "第 2 行: 不是正确的 YAML：expected the node content, but found '<stream end>'。"),
    ("policy: a\npolicy: b\n", "第 1 行: 不是正确的 YAML：键“policy”出现了两次。"),
    ("1: a\n", "第 1 行: 不是正确的 YAML：键“1”须为文字。"),
    ("a: &x [1]\nb: *x\n", "第 2 行: 不是正确的 YAML：不支持引用（*别名）。"),
    ("a: " + "[" * 1200, "不是正确的 YAML：RecursionError。"),
    ("policy: !!python/object:os.system x\n", None),
    (changed("version: 3\n", ""), "version: 缺少该项。"),
    (changed("version: 3\n", "version: 0\n"), "version: 须为 1 至 9999 的整数。"),
    (changed("version: 3\n", "version: 1.5\n"), "version: 须为整数。"),
    (changed("version: 3\n", "version: '1'\n"), "version: 须为整数。"),
    (changed("version: 3\n", "version:\n"), "version: 该项不能为空。"),
    (changed("version: 3\n", "version: 3\nversoin: 3\n"), "versoin: 没有这一项，请检查拼写。"),
    (
        changed("policy: yongxing", "policy: 永兴"),
        "policy: 须以小写字母开头，只含小写字母、数字和连字符，不超过 32 个字符。",
    ),
    (changed("[50, 75, 90, 100]", "[75, 50, 90]"), "warnings: 须从小到大排列，不得重复。"),
    (changed("[50, 75, 90, 100]", "[50, 50]"), "warnings: 须从小到大排列，不得重复。"),
    (changed("[50, 75, 90, 100]", "[50, 101]"), "warnings[1]: 须为 1 至 100 的整数。"),
    (changed("[50, 75, 90, 100]", "50"), "warnings: 须为列表，如 [50, 75, 90, 100]。"),
    (
        changed("late_after_minutes: 10", "late_after_minutes: 0"),
        "late_after_minutes: 须为 1 至 1440 的整数。",
    ),
    (changed("calendar_days: 60", "calendar_days: 0"), "rules[3].calendar_days: 须为 1 至 3650 的整数。"),
    (changed("calendar_days: 60", "calendar_days: 1e9"), "rules[3].calendar_days: 须为整数。"),
    (changed("calendar_days: 60", "calender_days: 60"), "rules[3].calender_days: 没有这一项，请检查拼写。"),
    (
        changed("calendar_days: 60", "calendar_days: 60\n    working_days: 5"),
        "rules[3]: calendar_days、working_days、until 三者须且只能写一项。",
    ),
    (
        changed("    until: conclude\n", ""),
        "rules[4]: calendar_days、working_days、until 三者须且只能写一项。",
    ),
    (changed("until: conclude", "until: forever"), "rules[4].until: 须为以下之一：conclude。"),
    (
        changed("from: reopening\n    calendar_days: 10", "from: reopening\n    until: conclude"),
        "rules[5].until: 只有 reply 可以随办结期限。",
    ),
    (
        changed("from: assignment\n    calendar_days: 1", "from: first_dispatch\n    calendar_days: 1"),
        "rules[0].from: receive 的期限须从 assignment 起算。",
    ),
    (
        changed("from: reopening", "from: assignment"),
        "rules[5].from: conclude 的期限须从 first_dispatch 或 reopening 起算。",
    ),
    (changed("from: receipt", "from: assignment"), "rules[6].from: objection 的期限须从 receipt 起算。"),
    (changed("from: conclusion", "from: reopening"), "rules[7].from: follow_up 的期限须从 conclusion 起算。"),
    (
        changed("from: reopening", "from: round"),
        "rules[5].from: 须为以下之一：first_dispatch、assignment、receipt、reopening、conclusion、review、final_review。",
    ),
    (
        changed("obligation: receive", "obligation: obey"),
        "rules[0].obligation: 须为以下之一：receive、objection、progress、reply、conclude、follow_up、review。",
    ),
    (changed("classes: [complex]", "classes: []"), "rules[2].classes: 至少列出一项。"),
    (changed("classes: [complex]", "classes: complex"), "rules[2].classes: 须为列表，如 [a, b]。"),
    (
        changed("parts: [handling, lead]", "parts: [handling, boss]"),
        "rules[4].parts[1]: 须为以下之一：handling、lead、joint。",
    ),
    (
        changed("rule: conclude-complex-60", "rule: conclude-ordinary-10"),
        "rules: 规则“conclude-ordinary-10”出现了两次。",
    ),
    (
        changed("classes: [ordinary]\n", "classes: [ordinary, complex]\n"),
        "rules: 规则“conclude-ordinary-10”与“conclude-complex-60”管的是同一件事，无法确定用哪一条。",
    ),
    (
        changed("classes: [ordinary, complex]\n    from: reopening", "classes: [ordinary]\n    from: reopening"),
        "rules: 缺少 complex 类信访件从 reopening 起算的 conclude（办结）期限。",
    ),
    (changed("      zh: “零时差”交办\n", ""), "rules[0].basis.zh: 缺少该项。"),
    (changed("zh: “零时差”交办", "zh: ''"), "rules[0].basis.zh: 须有 1 至 500 个字。"),
    (changed("zh: “零时差”交办", "zh: 2016-01-01"), "rules[0].basis.zh: 须为文字，含特殊字符时请加引号。"),
    (changed("\nrules:\n", "\nrules: 3\nother:\n"), "rules: 须为列表，每项以“- rule:”开头。"),
]


@pytest.mark.parametrize(("content", "said"), CASES, ids=[str(number) for number in range(len(CASES))])
def test_a_policy_that_cannot_be_used_says_where_and_why(tmp_path, content, said):
    faults = faults_of(tmp_path, content)
    assert said is None or said in faults


def test_every_fault_is_told_at_once(tmp_path):
    broken = YONGXING.replace("version: 3\n", "").replace("calendar_days: 60", "calendar_days: 0")
    assert len(faults_of(tmp_path, broken)) == 2


def test_the_faults_stand_in_the_exceptions_message_with_the_files_name(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    with pytest.raises(BadPolicy, match=r"mine\.yaml: "):
        read_policy(path)

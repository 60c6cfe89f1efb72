"""The follow-up policy: two are shipped, a county may have its own, and each fault is told with its place."""

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from services.followup.cli import commands
from services.followup.domain.policy import Question
from services.followup.policy_file import LARGEST, SHIPPED, BadPolicy, policy_from, read_policy
from services.supervision.policy import Obligation
from services.supervision.policy_file import read_policy as limits_of
from shared.contract import EVENTS


def document() -> dict:
    return yaml.safe_load((SHIPPED / "yongxing.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [path.stem for path in SHIPPED.glob("*.yaml")])
def test_a_shipped_policy_is_sound_and_asks_four_questions(name: str):
    policy = read_policy(name)
    assert policy.id == f"{name}/1"
    assert [question.code for question in policy.questions] == ["settled", "satisfied", "attitude", "speed"]
    assert all(question.in_language("en") != question.in_language("zh") for question in policy.questions)
    assert policy.correctable.total_seconds() == policy.correct_hours * 3600


@pytest.mark.parametrize("name", [path.stem for path in SHIPPED.glob("*.yaml")])
def test_what_is_shipped_under_one_name_has_one_limit_in_both_files(name: str):
    limits = {rule.days for rule in limits_of(name).rules if rule.obligation is Obligation.FOLLOW_UP}
    assert limits == {read_policy(name).limit_days}


def test_a_question_without_english_is_asked_in_chinese():
    assert Question(code="x", zh="问").in_language("en") == "问"


def test_what_is_told_with_a_question_fits_the_contract():
    policy = read_policy("yongxing")
    data = {
        "task_id": "a" * 36, "round": 1, "manner": "visit", "due_at": "2016-12-07T16:00:00.000Z", "policy": policy.id,
        "questions": policy.told(), "terms": policy.terms,
    }  # fmt: skip
    assert EVENTS["followup.due"].faults(data) == {}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"limit_days": 0}, "limit_days"), ({"limit_days": "7"}, "limit_days"), ({"sample_percent": 0}, "sample_percent"),
        ({"tries": {"count": 2, "days": 3}}, "tries.days"), ({"tries": 3}, "tries"), ({"limit": 3}, "limit"),
        ({"questions": []}, "questions"), ({"questions": "x"}, "questions"), ({"policy": "Yong Xing"}, "policy"),
        ({"correct_hours": 100}, "correct_hours"), ({"version": None}, "version"), ({"contest_days": 29}, "contest_days"),
        ({"review_days": 29}, "review_days"), ({"decide_days": 31}, "decide_days"),
    ],
)  # fmt: skip
def test_a_fault_names_its_place(change: dict, place: str):
    with pytest.raises(BadPolicy) as bad:
        policy_from(document() | change, "x")
    assert any(fault.startswith(place) for fault in bad.value.faults), bad.value.faults


def test_every_fault_is_told_at_once_and_the_two_that_decide_are_asked():
    wrong = document()
    wrong["questions"] = [wrong["questions"][2], wrong["questions"][2]]
    with pytest.raises(BadPolicy) as bad:
        policy_from(wrong, "x")
    assert len(bad.value.faults) == 3
    del wrong["rounds"]
    with pytest.raises(BadPolicy, match="rounds"):
        policy_from(wrong, "x")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("policy: [", "YAML"), ("- a", "键: 值"), ("a: &b 1\nc: *b", "引用"), ("a: 1\na: 2", "两次"), ("x" * (LARGEST + 1), "KB"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_policy_is_refused_in_words(tmp_path: Path, text: str, said: str):
    file = tmp_path / "own.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadPolicy, match=said):
        read_policy(file)


def test_what_is_not_utf8_or_not_there_is_refused_in_words(tmp_path: Path):
    file = tmp_path / "own.yaml"
    file.write_bytes("policy: 永兴".encode("gb18030"))
    with pytest.raises(BadPolicy, match="UTF-8"):
        read_policy(file)
    with pytest.raises(BadPolicy, match="yongxing"):
        read_policy("nowhere")


def test_the_command_checks_a_file(tmp_path: Path):
    good = CliRunner().invoke(commands, ["policy", "check", "regulation-2022"])
    assert good.exit_code == 0
    assert "regulation-2022/1" in good.output
    assert "事情是否已经解决" in good.output
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump(document() | {"rounds": 0}), encoding="utf-8")
    bad = CliRunner().invoke(commands, ["policy", "check", str(file)])
    assert bad.exit_code == 1
    assert "rounds" in bad.output

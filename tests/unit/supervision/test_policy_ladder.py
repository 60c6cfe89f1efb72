"""The section `ladder` of a policy: what follows a miss, and what is said when it does not hold together."""

from pathlib import Path

import pytest

from services.supervision.policy import Obligation, PeriodKind, Step
from services.supervision.policy_file import SHIPPED, BadPolicy, read_policy

YONGXING = (SHIPPED / "yongxing.yaml").read_text(encoding="utf-8")


def faults_of(folder: Path, content: str) -> list[str]:
    (folder / "policy.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(BadPolicy) as refused:
        read_policy(folder / "policy.yaml")
    return [str(fault) for fault in refused.value.faults]


def changed(old: str, new: str) -> str:
    assert old in YONGXING
    return YONGXING.replace(old, new, 1)


def test_yongxing_reminds_notices_interviews_publishes_and_bundles():
    ladder = read_policy("yongxing").ladder
    assert ladder is not None
    assert [rung.step for rung in ladder.rungs_for(Obligation.CONCLUDE)] == [
        Step.REMINDER, Step.NOTICE, Step.INTERVIEW, Step.CIRCULAR, Step.BUNDLE,
    ]  # fmt: skip
    assert [rung.step for rung in ladder.rungs_for(Obligation.RECEIVE)] == [Step.REMINDER]
    notice = ladder.rung(Step.NOTICE, Obligation.CONCLUDE)
    assert notice is not None
    assert (notice.rounds, notice.answer_days) == (PeriodKind.HALF_MONTH, 5)
    assert ladder.rung(Step.NOTICE, Obligation.RECEIVE) is None


def test_the_regulation_ends_with_a_suggestion_for_who_holds_to_account_is_another_authority():
    ladder = read_policy("regulation-2022").ladder
    assert ladder is not None
    assert [rung.step for rung in ladder.rungs] == [Step.REMINDER, Step.NOTICE, Step.SUGGESTION]


@pytest.mark.parametrize("name", ["yongxing", "regulation-2022"])
def test_a_shipped_ladder_speaks_both_languages(name):
    ladder = read_policy(name).ladder
    assert ladder is not None
    assert all(set(words) == {"zh", "en"} for rung in ladder.rungs for words in (rung.words, rung.basis))


def test_a_policy_without_the_section_has_nothing_follow(tmp_path):
    (tmp_path / "policy.yaml").write_text(YONGXING.split("\nladder:\n")[0], encoding="utf-8")
    assert read_policy(tmp_path / "policy.yaml").ladder is None


CASES = [
    (changed("- step: notice", "- step: warning"),
     "ladder.steps[1].step: 须为以下之一：reminder、notice、interview、suggestion、circular、bundle。"),
    (changed("obligations: [receive, progress, reply, conclude, review]", "obligations: [objection]"),
     "ladder.steps[0].obligations[0]: 须为以下之一：receive、progress、reply、conclude、follow_up、review。"),
    (changed("rounds: half_month", "rounds: month"), "ladder.steps[1].rounds: 须为以下之一：week、half_month、two_months。"),
    (changed("      answer_days: 5\n", ""), "ladder.steps[1].answer_days: 督办和建议须写明几日内报结果。"),
    (changed("      after_days: 0\n      document: 永催", "      after_days: 0\n      rounds: week\n      document: 永催"),
     "ladder.steps[0]: 提醒由系统自动发出，不分期，也不另给期限。"),
    (changed("document: 永督", "document: 永催"), "ladder.steps: 各步的文号代字不得相同。"),
    (changed("document: 永督", "document: 永兴县信访督办通知"), "ladder.steps[1].document: 须有 1 至 8 个字。"),
    (changed("- step: interview", "- step: reminder"),
     "ladder.steps: 各步须按 reminder、notice、interview、suggestion、circular、bundle 的次序排列，不得重复。"),
    (changed("obligations: [receive, progress, reply, conclude, review]", "obligations: [receive]"),
     "ladder.steps: “notice”涉及的 conclude、progress、review 没有经过前一步“reminder”。"),
    (changed("after_days: 5", "after_days: -1"), "ladder.steps[2].after_days: 须为 0 至 365 的整数。"),
    (changed("urgent_from_round: 2", "urgent_from_round: 1"), "ladder.urgent_from_round: 须为 2 至 99 的整数。"),
    (changed("urgent_from_round: 2", "urgent: 2"), "ladder.urgent: 没有这一项，请检查拼写。"),
    (YONGXING.split("  steps:\n    - step")[0] + "  steps: []\n", "ladder.steps: 至少列出一项。"),
    (YONGXING.split("  steps:\n    - step")[0], "ladder.steps: 缺少该项。"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), CASES, ids=[str(number) for number in range(len(CASES))])
def test_a_ladder_that_does_not_hold_says_where_and_why(tmp_path, content, said):
    assert said in faults_of(tmp_path, content)

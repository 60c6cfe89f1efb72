"""`zhida supervision policy check FILE` says every fault with its place, and changes nothing."""

from typer.testing import CliRunner

from services.supervision.cli import commands
from services.supervision.policy_file import SHIPPED

RUN = CliRunner()


def test_a_policy_that_can_be_used_is_told_rule_by_rule():
    done = RUN.invoke(commands, ["policy", "check", "yongxing"])
    assert done.exit_code == 0
    assert "yongxing/3" in done.stdout
    assert "conclude-ordinary-10" in done.stdout


def test_a_policy_that_cannot_be_used_is_told_fault_by_fault(tmp_path):
    path = tmp_path / "mine.yaml"
    text = (SHIPPED / "yongxing.yaml").read_text(encoding="utf-8")
    path.write_text(
        text.replace("calendar_days: 60", "calendar_days: 0").replace("[50, 75, 90, 100]", "[90, 50]"), encoding="utf-8"
    )
    done = RUN.invoke(commands, ["policy", "check", str(path)])
    assert done.exit_code == 1
    assert "rules[3].calendar_days: 须为 1 至 3650 的整数。" in done.stderr
    assert done.stdout == ""


def test_a_file_that_is_not_there_is_told_with_what_there_is(tmp_path):
    done = RUN.invoke(commands, ["policy", "check", str(tmp_path / "none.yaml")])
    assert done.exit_code == 1
    assert "yongxing" in done.stderr


def test_without_a_file_the_usage_is_shown():
    assert RUN.invoke(commands, ["policy", "check"]).exit_code == 2

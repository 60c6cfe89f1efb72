"""The duty roster: its page, its changes with a preview, its file, and the fault that a gap is."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY
from typer.testing import CliRunner

from services.intake.channels.duty_watch import watcher
from services.intake.cli import duty as cli_duty
from services.intake.domain.submission import CHINA
from services.intake.handlers import duty
from services.intake.site import read_site
from shared.web.server import build
from tests.integration.intake.intake_cases import post as posted
from tests.integration.intake.intake_telephone import people, rows, write_site

CHANGE = "/intake/duty/change"
TODAY, MORROW = "<today>", "<morrow>"  # filled in when a test runs: the run may have begun before midnight


def today(days: int = 0) -> date:
    """So many days from today on the county's wall."""
    return datetime.now(CHINA).date() + timedelta(days=days)


def filled(value):
    return value.replace(TODAY, f"{today()}").replace(MORROW, f"{today(1)}") if isinstance(value, str) else value


def post(client, path, form):
    return posted(client, path, {name: filled(value) for name, value in form.items()})


@pytest.fixture(scope="module")
def lined(settings, tmp_path_factory):
    """The settings of an instance with two lines."""
    return replace(settings, service_files={"intake": write_site(tmp_path_factory.mktemp("site"))})


@pytest.fixture(scope="module")
def site(lined):
    return build(lined)


@pytest.fixture(autouse=True)
def directory(intake):
    people(intake, **{"o-1": "何文", "o-2": "周立", "o-3": "陈金", "o-4": "陈金"})


def a_pattern(**changes):
    return {
        "key": str(uuid4()), "line": "hot", "weekdays": list("1234567"), "slots": "00:00-08:00\n08:00-16:00\n16:00-24:00",
        "on_duty": "何文\no-2", "turn": "shift", "begins_on": TODAY, "step": "save",
    } | changes  # fmt: skip


def an_entry(**changes):
    return {
        "key": str(uuid4()), "line": "hot", "starts_at": f"{MORROW}T08:00", "ends_at": f"{MORROW}T16:00", "on_duty": "o-3",
        "step": "save",
    } | changes  # fmt: skip


def gaps_of(intake, *lines: str) -> list[duty.Piece]:
    with intake.unit_of_work() as uow:
        return duty.gaps_ahead(uow, lines)


# -- the page -----------------------------------------------------------------------------------------------------------


def test_a_roster_without_anybody_is_a_fault_that_the_page_and_the_menu_show(browse):
    page = browse("office").get("/intake/duty").text
    assert "未来 7 天有 2 处空班，共 336.0 小时无人接听" in page
    assert re.search(r'值班表 <span class="badge">2<', page)
    assert browse("first_in_command").get("/intake/duty?view=month").status_code == 200
    assert browse("officer").get("/intake/duty").status_code == 403


@pytest.mark.parametrize("query", ["view=month", "day=0001-01-01", "day=9999-12-31", "view=month&day=2016-02-29", ""])
def test_any_week_and_month_is_shown(browse, query):
    assert browse("clerk").get(f"/intake/duty?{query}").status_code == 200


def test_a_pattern_is_previewed_then_saved_once_and_closes_the_gaps(browse, intake):
    clerk = browse("clerk")
    shown = post(clerk, f"{CHANGE}/pattern", a_pattern(step="preview")).text
    assert "预览：还没有保存" in shown
    assert "原来 2 处，改后 1 处" in shown
    assert rows(intake, "duty_pattern") == []
    form = a_pattern()
    for _ in range(2):
        assert post(clerk, f"{CHANGE}/pattern", form).status_code == 303
    assert gaps_of(intake, "hot") == []
    page = clerk.get("/intake/duty").text
    assert "何文" in page
    assert "一班一换" in page
    assert post(clerk, f"{CHANGE}/pattern", form | {"turn": "week"}).status_code == 409


def test_a_single_shift_takes_the_patterns_place_and_is_taken_back(browse, intake):
    clerk = browse("clerk")
    post(clerk, f"{CHANGE}/pattern", a_pattern(slots="00:00-24:00", on_duty="o-1"))
    form = an_entry()
    assert "陈金" in post(clerk, f"{CHANGE}/entry", form | {"step": "preview"}).text
    for _ in range(2):
        assert post(clerk, f"{CHANGE}/entry", form).status_code == 303
    at = datetime.combine(today(1), time(9), CHINA)
    with intake.unit_of_work() as uow:
        assert duty.roster(uow, ["hot"], at, at + timedelta(days=1)).on_duty("hot", at) == ("o-3",)
    for _ in range(2):
        assert post(clerk, f"/intake/duty/entries/{form['key']}/withdraw", {}).status_code == 303
    with intake.unit_of_work() as uow:
        assert duty.roster(uow, ["hot"], at, at + timedelta(days=1)).on_duty("hot", at) == ("o-1",)
    assert post(clerk, f"/intake/duty/entries/{uuid4()}/withdraw", {}).status_code == 404


def test_a_pattern_ends_and_the_gap_after_it_is_a_fault(browse, intake):
    clerk, form = browse("clerk"), a_pattern()
    post(clerk, f"{CHANGE}/pattern", form)
    path = f"/intake/duty/patterns/{form['key']}/end"
    assert post(clerk, path, {"ends_on": "soon"}).status_code == 422
    assert post(clerk, path, {"ends_on": today(-1).isoformat()}).status_code == 422
    assert post(clerk, path, {"ends_on": today(2).isoformat()}).status_code == 303
    [gap] = gaps_of(intake, "hot")
    assert gap.starts_at.astimezone(CHINA).date() == today(3)
    assert post(clerk, f"/intake/duty/patterns/{uuid4()}/end", {"ends_on": TODAY}).status_code == 404


def test_a_swap_shows_both_names_before_and_afterwards_and_happens_once(browse, intake):
    clerk = browse("clerk")
    post(clerk, f"{CHANGE}/pattern", a_pattern(slots="00:00-24:00"))
    page = clerk.get(f"{CHANGE}/swap").text
    first, second, *_ = re.findall(r'<option value="(hot [^"]+)">', page)
    form = {"key": str(uuid4()), "first": first, "second": second, "swap_reason": "家中有事", "step": "preview"}
    shown = post(clerk, f"{CHANGE}/swap", form).text
    assert "何文 → <strong>周立</strong>" in shown or "周立 → <strong>何文</strong>" in shown
    assert rows(intake, "duty_swap") == []
    for _ in range(2):
        assert post(clerk, f"{CHANGE}/swap", form | {"step": "save"}).status_code == 303
    assert len(rows(intake, "duty_entry")) == 2
    page = clerk.get("/intake/duty").text
    assert "换班记录" in page
    assert "↔" in page
    other = post(clerk, f"{CHANGE}/swap", form | {"key": str(uuid4()), "step": "save"})
    assert other.status_code == 409  # the shifts have changed hands
    assert "这个班次已有变化" in other.text
    entry = rows(intake, "duty_entry", "id")[0]["id"]
    assert post(clerk, f"/intake/duty/entries/{entry}/withdraw", {}).status_code == 422
    again = re.findall(r'<option value="(hot [^"]+)">', clerk.get(f"{CHANGE}/swap").text)
    post(clerk, f"{CHANGE}/swap", form | {"key": str(uuid4()), "first": again[0], "second": again[1], "step": "save"})
    assert len(rows(intake, "duty_entry")) == 2  # the same two shifts, given back
    assert gaps_of(intake, "hot") == []


@pytest.mark.parametrize(
    ("kind", "form", "field"),
    [
        ("pattern", a_pattern(slots="8-16"), "slots"), ("pattern", a_pattern(on_duty="陈金"), "on_duty"),
        ("pattern", a_pattern(weekdays=[]), "weekdays"), ("pattern", a_pattern(begins_on="2016-11-07"), "begins_on"),
        ("pattern", a_pattern(turn="never"), "turn"), ("entry", an_entry(on_duty="o-9"), "on_duty"),
        ("entry", an_entry(ends_at=f"{MORROW}T07:00"), "ends_at"), ("entry", an_entry(starts_at="soon"), "starts_at"),
        ("entry", an_entry(line="nowhere"), "line"), ("swap", {"key": str(uuid4()), "first": "x", "second": "y"}, "first"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("step", ["preview", "save"])
def test_bad_input_names_the_field_and_changes_nothing(browse, intake, kind, form, field, step):
    answer = post(browse("clerk"), f"{CHANGE}/{kind}", form | {"step": step})
    assert answer.status_code in (409, 422)
    assert f'href="#field-{field}"' in answer.text
    assert rows(intake, "duty_pattern") == rows(intake, "duty_entry") == rows(intake, "duty_swap") == []


def test_there_are_three_kinds_of_changes(browse):
    assert browse("clerk").get(f"{CHANGE}/erase").status_code == 404
    assert post(browse("clerk"), f"{CHANGE}/erase", {}).status_code == 404


# -- the fault ----------------------------------------------------------------------------------------------------------


def test_a_gap_is_a_figure_and_is_logged_once(lined, intake, browse, caplog):
    look = watcher(read_site(lined).telephone)
    post(browse("clerk"), f"{CHANGE}/pattern", a_pattern(line="hall", slots="00:00-24:00"))
    with caplog.at_level(logging.WARNING, logger="services.intake.channels.duty_watch"):
        assert (look(intake), look(intake)) == (0, 0)
    assert [record.args[0] for record in caplog.records] == ["hot"]
    figures = [REGISTRY.get_sample_value("zhida_duty_gap_seconds", {"line": line}) for line in ("hot", "hall")]
    assert figures == [168 * 3600, 0]
    post(browse("clerk"), f"{CHANGE}/pattern", a_pattern())
    look(intake)
    assert REGISTRY.get_sample_value("zhida_duty_gap_seconds", {"line": "hot"}) == 0
    assert REGISTRY.get_sample_value("zhida_call_backs", {"state": "overdue"}) == 0


# -- the file -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(lined, intake, monkeypatch, tmp_path):
    monkeypatch.setattr(cli_duty, "_open", lambda: (intake, ["hot", "hall"]))

    def run(name: str, text: str | bytes, *options: str):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else filled(text).encode())
        return CliRunner().invoke(cli_duty.commands, ["import", str(tmp_path / name), *options])

    return run


CSV = f"line,start,end,official\nhot,{MORROW} 08:00,{MORROW} 16:00,何文\nhot,{MORROW}T16:00+08:00,{MORROW}T23:00,o-2\n"
YAML = f"""patterns:
  - {{line: hot, slots: ["00:00-24:00"], officials: [何文, 周立], turn: day, begins_on: {TODAY}}}
shifts:
  - {{line: hall, start: {MORROW} 08:00, end: {MORROW} 16:00, official: o-3}}
"""
# Each name stands for thirty of the one before it.
A_BOMB = "".join(
    f"{name}: &{name} [{', '.join([inner] * 30)}]\n" for name, inner in (("a", "x"), ("b", "*a"), ("c", "*b"), ("d", "*c"))
)


@pytest.mark.parametrize(("name", "text"), [("roster.csv", CSV), ("roster.yaml", YAML)])
def test_a_file_is_put_down_whole_and_again_without_doubles(run, intake, name, text):
    assert "2 would be added" in run(name, text, "--dry-run").output
    assert rows(intake, "duty_entry") == []
    assert run(name, text).output == "2 added, 0 there already\n"
    assert run(name, text).output == "0 added, 2 there already\n"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("r.csv", CSV + f"hot,{MORROW},x,何文\n", ":4: start|:4: end"), ("r.csv", CSV + "hot,1\n", ":4: 4 columns"),
        ("r.csv", CSV + f"nowhere,{MORROW} 08:00,{MORROW} 16:00,o-1\n", ":4: line:"), ("r.csv", "a,b\n", ":1: the first line"),
        ("r.csv", CSV + f"hot,{MORROW} 08:00,{MORROW} 16:00,陈金\n", ":4: official: .*o-3、o-4"), ("r.csv", b"\xff\xfe", ":0: not UTF-8"),
        ("r.csv", 'line,start,end,official\n"x', ":0: not CSV"), ("r.csv", CSV + "hot,2016-11-07 08:00,2016-11-07 16:00,何文\n", ":4: end:"),
        ("r.yaml", YAML + "  - {line: hot}\n", ":5: start|:5: end"), ("r.yaml", "patterns: [", "not YAML"), ("r.yaml", "[]", ":1: patterns"),
        ("r.yaml", "people: []", ":1: only"), ("r.yaml", YAML.replace("24:00", "25:00"), ":2: slots:"),
        ("r.yaml", YAML.replace("turn: day", "turn: never"), ":2: turn"), ("r.yaml", "shifts: [x]", ":1: "),
        ("r.yaml", "shifts: " + "[" * 9999, "nested too deeply"), ("r.yaml", A_BOMB, ":1: more than 20000 values"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_line_and_field_and_nothing_is_stored(run, intake, name, text, words):
    answer = run(name, text)
    assert answer.exit_code == 1
    assert re.search(words, answer.output), answer.output
    assert rows(intake, "duty_entry") == rows(intake, "duty_pattern") == []


def test_a_file_that_is_too_large_is_not_read(run):
    answer = run("r.csv", "x" * (2**20 + 1))
    assert (answer.exit_code, "larger than 1 MB" in answer.output) == (2, True)


def test_the_gaps_are_told_on_the_command_line_too(run, browse):
    answer = CliRunner().invoke(cli_duty.commands, ["gaps"])
    assert (answer.exit_code, answer.output.count("168.0 h")) == (1, 2)
    for line in ("hot", "hall"):
        post(browse("clerk"), f"{CHANGE}/pattern", a_pattern(line=line))
    assert CliRunner().invoke(cli_duty.commands, ["gaps"]).exit_code == 0

"""Planning the reception calendar, through the real pages and the command line, on a real database."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Mapping
from datetime import date
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner

from services.intake.cli import reception as cli_reception
from services.intake.domain.planning import Order
from services.intake.domain.reception import Act, Key, Reason, sessions
from services.intake.handlers.reception import save
from services.intake.store import reception_plan
from shared.errors import Conflict
from tests.integration.intake.intake_bus import CLERK
from tests.integration.intake.intake_cases import post
from tests.integration.intake.reception.reception_cases import MONDAY, ROTA, RULE, a_booking, visit_of

NEW_RULE = {
    "officials_in_turn": ["o-secretary"], "weekdays": ["1", "3"], "starts": "09:00", "ends": "11:30", "slot_minutes": "15",
    "room": "一号接访室", "from_on": "2016-11-07",
}  # fmt: skip


def held(intake, first=MONDAY, last=date(2016, 11, 30)):
    with intake.unit_of_work() as uow:
        return sessions(reception_plan(uow), first, last)


def hidden_of(page: str) -> dict[str, list[str]]:
    """What a preview's form would send when it is saved."""
    found: dict[str, list[str]] = {"do": ["save"]}
    for name, value in re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', page):
        if name != "csrf_token":
            found.setdefault(name, []).append(html.unescape(value))
    return found


def order_by_page(client, kind: str, form: Mapping[str, object]) -> str:
    """Preview, then save what the preview holds; the page that was previewed."""
    shown = post(client, f"/intake/reception/order/{kind}", dict(form))
    assert shown.status_code == 200, shown.text
    saved = post(client, f"/intake/reception/order/{kind}", hidden_of(shown.text))
    assert saved.status_code == 303, saved.text
    return shown.text


@pytest.mark.usefixtures("people")
def test_a_fixed_day_is_previewed_before_it_is_saved(browse, intake, hear):
    clerk, form = browse("clerk"), NEW_RULE | {"key": str(uuid4())}
    assert "赵宇" in clerk.get("/intake/reception/rule/fixed").text
    hear("directory.official_recorded", uuid4(), {"official": "o-administrator", "name": "管网络", "active": True, "posts": [
        {"organisation": "431023", "title": "系统管理员", "roles": ["administrator"]}]})  # fmt: skip
    assert "管网络" not in clerk.get("/intake/reception/rule/fixed").text
    preview = post(clerk, "/intake/reception/order/fixed", form)
    assert "2016-11-09" in preview.text
    assert held(intake) == ()
    assert "2016-11-09" in order_by_page(clerk, "fixed", form)
    assert [one.held_on.day for one in held(intake)] == [7, 9, 14, 16, 21, 23, 28, 30]
    page = clerk.get("/intake/reception").text
    assert "县委书记" in page
    for kind in ("fixed", "nothing"):
        assert clerk.get(f"/intake/reception/rule/{kind}").status_code == (200 if kind == "fixed" else 404)


@pytest.mark.usefixtures("people")
def test_a_rota_takes_turns_in_the_order_of_the_form(browse, intake):
    form = NEW_RULE | {"key": str(uuid4()), "officials_in_turn": ["o-c", "", "o-a", "o-b"], "weekdays": ["2"]}
    order_by_page(browse("office"), "rota", form)
    assert [one.official for one in held(intake)] == ["o-c", "o-a", "o-b", "o-c"]


@pytest.mark.usefixtures("plan")
def test_the_same_order_saved_twice_counts_once(browse, intake):
    clerk = browse("clerk")
    shown = post(
        clerk, "/intake/reception/order/cancel", {"key": str(uuid4()), "session": f"{RULE}/2016-11-14", "cancel_reason": "duty"}
    )
    for _ in range(2):
        assert post(clerk, "/intake/reception/order/cancel", hidden_of(shown.text)).status_code == 303
    with intake.unit_of_work() as uow:
        assert len(reception_plan(uow).changes) == 1


@pytest.mark.usefixtures("plan")
def test_an_order_that_was_previewed_on_an_older_plan_is_not_saved(browse, intake):
    clerk = browse("clerk")
    form = {"key": str(uuid4()), "session": f"{RULE}/2016-11-14", "cancel_reason": "duty"}
    shown = post(clerk, "/intake/reception/order/cancel", form)
    order_by_page(browse("office"), "close_day", {"key": str(uuid4()), "to_on": "2016-11-21", "day_name": "清洁日"})
    late = post(clerk, "/intake/reception/order/cancel", hidden_of(shown.text))
    assert late.status_code == 409
    assert "别人刚刚改过接访安排" in late.text
    assert [one.cancelled for one in held(intake, date(2016, 11, 14), date(2016, 11, 14))] == [None]


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        ("fixed", {"officials_in_turn": ["o-a", "o-b"]}, "officials_in_turn"), ("fixed", {"officials_in_turn": []}, "officials_in_turn"),
        ("fixed", {"officials_in_turn": ["o-nobody"]}, "officials_in_turn"), ("rota", {"officials_in_turn": ["o-a"]}, "officials_in_turn"),
        ("fixed", {"weekdays": []}, "weekdays"), ("fixed", {"weekdays": ["9"]}, "weekdays"), ("fixed", {"weeks": ["7"]}, "weeks"),
        ("fixed", {"starts": "25:00"}, "starts"), ("fixed", {"ends": "08:00"}, "ends"), ("fixed", {"slot_minutes": "1"}, "slot_minutes"),
        ("fixed", {"room": ""}, "room"), ("fixed", {"from_on": "2016-01-01"}, "from_on"), ("fixed", {"from_on": "9999-12-31"}, "from_on"),
        ("fixed", {"until_on": "0001-01-01"}, "until_on"), ("fixed", {"key": "x"}, "key"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("people")
def test_a_rule_that_makes_no_sense_names_the_field_and_keeps_what_was_written(browse, intake, kind, changes, field):
    answer = post(browse("clerk"), f"/intake/reception/order/{kind}", NEW_RULE | {"key": str(uuid4())} | changes)
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    assert "一号接访室" in answer.text or field == "room"
    assert held(intake) == ()


@pytest.mark.usefixtures("plan")
def test_bad_sessions_and_days_are_refused_and_change_nothing(browse, intake):
    clerk = browse("clerk")
    for kind, form in (
        ("cancel", {"session": "x", "cancel_reason": "duty"}), ("cancel", {"session": f"{RULE}/9999-99-99", "cancel_reason": "duty"}),
        ("cancel", {"session": f"{RULE}/2016-11-14", "cancel_reason": "whim"}), ("swap", {"session": f"{RULE}/2016-11-14"}),
        ("swap", {"session": f"{RULE}/2016-11-14", "other_session": f"{RULE}/2016-11-14"}), ("close_day", {"to_on": "2016-11-21"}),
        ("close_day", {"to_on": "0001-01-01", "day_name": "停"}), ("open_day", {"to_on": "2016-11-21"}),
        ("end", {"rule": str(RULE), "last_on": "2001-01-01"}), ("move", {"session": f"{RULE}/2016-11-14", "to_on": "2016-11-15"}),
        ("move", {"session": f"{RULE}/2016-11-14", "to_on": "9999-12-31", "starts": "09:00", "room": "三号"}),
    ):  # fmt: skip
        assert post(clerk, f"/intake/reception/order/{kind}", form | {"key": str(uuid4())}).status_code in (409, 422), (
            kind,
            form,
        )
    for kind, form in (
        ("cancel", {"session": f"{uuid4()}/2016-11-14", "cancel_reason": "duty"}), ("end", {"rule": str(uuid4()), "last_on": "2016-11-20"}),
        ("dance", {}),
    ):  # fmt: skip
        assert post(clerk, f"/intake/reception/order/{kind}", form | {"key": str(uuid4())}).status_code == 404
    assert clerk.get("/intake/reception/session").status_code == 422
    assert clerk.get(f"/intake/reception/session?session={uuid4()}/2016-11-14").status_code == 404
    with intake.unit_of_work() as uow:
        assert reception_plan(uow).changes == ()


@pytest.mark.usefixtures("plan")
def test_two_leaders_change_days_and_who_did_it_stands_in_the_log(browse, intake):
    clerk = browse("clerk")
    assert "唐立新" in clerk.get(f"/intake/reception/session?session={RULE}/2016-11-14").text
    order_by_page(clerk, "swap", {"key": str(uuid4()), "session": f"{RULE}/2016-11-14", "other_session": f"{ROTA}/2016-11-15"})
    assert [(one.official, one.regular) for one in held(intake, date(2016, 11, 14), date(2016, 11, 15))] == [
        ("o-b", "o-secretary"), ("o-secretary", "o-b"),
    ]  # fmt: skip
    page = clerk.get("/intake/reception").text
    assert "调班，原为赵宇" in page
    assert "何文 调班" in page


@pytest.mark.usefixtures("plan")
def test_bookings_go_with_a_session_that_is_moved_and_are_counted_before(browse, intake, vault, session):
    visit_id = a_booking(intake, vault, session(date(2016, 11, 14)), slot=2)
    form = {"key": str(uuid4()), "session": f"{RULE}/2016-11-14", "to_on": "2016-11-16", "starts": "14:00", "room": "大会议室"}
    assert "涉及 1 个预约" in order_by_page(browse("clerk"), "move", form)
    visit = visit_of(intake, visit_id)
    assert (visit.held_on, visit.slot_at.isoformat()) == (date(2016, 11, 16), "2016-11-16T06:30:00+00:00")
    desk = browse("clerk").get("/intake/visits").text
    assert "请打电话告知" in desk
    assert "场次有变" in desk
    assert post(browse("clerk"), f"/intake/visits/{visit_id}/told", {}).status_code == 303
    assert "请打电话告知" not in browse("clerk").get("/intake/visits").text


@pytest.mark.usefixtures("plan")
def test_a_rule_that_ends_loses_no_booking(browse, intake, vault, session):
    visit_id = a_booking(intake, vault, session(date(2016, 11, 21)))
    order_by_page(browse("clerk"), "end", {"key": str(uuid4()), "rule": str(RULE), "last_on": "2016-11-14"})
    assert "场次取消" in browse("clerk").get("/intake/visits").text
    again = {"key": str(uuid4()), "rule": str(RULE), "last_on": "2016-11-14", "do": "save", "plan_revision": "0"}
    assert post(browse("clerk"), "/intake/reception/order/end", again).status_code == 303  # a double click changes nothing
    assert (
        post(browse("clerk"), f"/intake/visits/{visit_id}/rebook", {"session": str(session(date(2016, 11, 22)))}).status_code
        == 303
    )
    assert visit_of(intake, visit_id).held_on == date(2016, 11, 22)


@pytest.mark.usefixtures("plan")
def test_of_two_planners_at_once_one_saves(intake, settings):
    """Two real connections, both having looked at the same revision."""
    with intake.unit_of_work() as uow:
        revision = reception_plan(uow).revision
    start, ended = threading.Barrier(2), []

    def change(day: int) -> None:
        values = {"rule": RULE, "planned_on": date(2016, 11, day), "reason": Reason.DUTY}
        order = Order(kind=Act.CANCEL, id=uuid4(), values=values)
        start.wait()
        try:
            with intake.unit_of_work() as uow:
                save(uow, order, CLERK, revision=revision)
            ended.append("saved")
        except Conflict:
            ended.append("conflict")

    threads = [threading.Thread(target=change, args=(day,)) for day in (14, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["conflict", "saved"]
    assert sum(one.cancelled is not None for one in held(intake)) == 1


@pytest.mark.usefixtures("plan")
def test_the_planning_is_closed_to_whoever_only_receives(browse):
    leader = browse("leader", "first_in_command", official="o-a", org="431023-gov")
    for path in ("/intake/reception", "/intake/reception/rule/fixed", "/intake/reception/session", "/intake/visits"):
        assert leader.get(path).status_code == 403
        assert browse().get(path).status_code == 303


# -- from a file -----------------------------------------------------------------------------------------------------------

FILE = """\
rules:
  - {kind: fixed, officials: [o-secretary], weekdays: [1], starts: 09:00, ends: 11:30, room: 一号接访室, from_on: 2016-11-07}
  - kind: rota
    officials: [o-a, o-b]
    weekdays: [2, 4]
    starts: 09:00
    ends: 11:30
    room: 一号接访室
    from_on: 2016-11-07
closed_days:
  - {day: 2016-11-14, name: 清洁日}
"""


@pytest.fixture
def load(intake, people, settings, monkeypatch, tmp_path):
    monkeypatch.setenv("ZHIDA_ORG", "431023")
    monkeypatch.setenv("DATABASE_URL_INTAKE", settings.service_url("intake"))
    monkeypatch.setenv("ZHIDA_SIMULATED", "true")

    def load(text: str, *options: str):
        file = tmp_path / "plan.yaml"
        file.write_text(text, encoding="utf-8")
        return CliRunner().invoke(cli_reception.commands, [str(file), *options])

    return load


def test_a_file_sets_the_calendar_up_once_however_often_it_is_loaded(load, intake):
    shown = load(FILE, "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert "赵宇 县委书记" in shown.output
    assert held(intake) == ()
    for _ in range(2):
        assert load(FILE).exit_code == 0
    assert [(one.held_on.day, one.official) for one in held(intake, last=date(2016, 11, 10))] == [
        (7, "o-secretary"), (8, "o-a"), (10, "o-b"),
    ]  # fmt: skip
    assert [one.cancelled for one in held(intake, date(2016, 11, 14), date(2016, 11, 14))] == [Reason.CLOSED]


@pytest.mark.parametrize(
    ("old", "new", "said", "code"),
    [
        ("starts: 09:00\n", "starts: dawn\n", "line 6: rules.1.starts: Not a valid time.", 2),
        ("    room: 一号接访室\n", "", "line 3: rules.1.room: Missing data for required field.", 2),
        ("officials: [o-a, o-b]", "officials: [o-a, o-nobody]", "line 3: officials_in_turn", 1),
        ("officials: [o-a, o-b]", "officials: [o-a]", "line 3: officials_in_turn", 1),
        ("day: 2016-11-14", "day: 2015-11-14", "line 11: to_on", 1), ("closed_days", "closed", "line 11: closed: Unknown field.", 2),
        ("rules:", "rules: [", "not YAML", 2), (FILE, "- 1", "must hold", 2), (FILE, "rules: &a [*a]", "not YAML", 2), (FILE, "", "must hold", 2),
        ("weekdays: [2, 4]", "weekdays: [2, 8]", "line 5: rules.1.weekdays.1", 2),
    ],
)  # fmt: skip
def test_a_file_that_makes_no_sense_is_refused_with_its_line_and_changes_nothing(load, intake, old, new, said, code):
    answer = load(FILE.replace(old, new, 1) if old != FILE else new)
    assert (answer.exit_code, said in answer.output) == (code, True), answer.output
    assert held(intake) == ()


def test_a_file_that_is_not_there_or_no_text_is_refused(load, tmp_path):
    assert CliRunner().invoke(cli_reception.commands, [str(tmp_path / "none.yaml")]).exit_code == 2
    (tmp_path / "large.yaml").write_bytes(b"#" * (2**20 + 1))
    answer = CliRunner().invoke(cli_reception.commands, [str(tmp_path / "large.yaml")])
    assert (answer.exit_code, "larger than 1 MB" in answer.output) == (2, True)
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    assert CliRunner().invoke(cli_reception.commands, [str(tmp_path / "bytes.yaml")]).exit_code == 2


def test_a_session_key_names_a_rule_and_a_day() -> None:
    assert Key(UUID(int=1), MONDAY).id != Key(UUID(int=1), date(2016, 11, 14)).id

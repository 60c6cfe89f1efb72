"""`zhida events`, `zhida parked`, `zhida case`, `zhida status`: what they say is what the tables and the broker hold."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime

import amqp
import pytest

from deploy.dev.waiting import until
from shared.bus.broker import connect, hang_up
from shared.contract import EVENTS
from shared.contract.document import asyncapi, markdown
from shared.errors import NotFound, Refused
from tests import canaries
from tests.integration.operation.conftest import ROOT, Answer, Site, Zhida


def lines(answer: Answer) -> list[dict[str, object]]:
    return [json.loads(line) for line in answer.out.splitlines()]


# -- events ------------------------------------------------------------------------------------------------------------
def test_the_list_of_events_is_printed_as_ever(zhida: Zhida) -> None:
    assert zhida("events", "--json").rows == asyncapi()
    assert zhida("events", "--markdown").out == zhida("events", "list", "--markdown").out == markdown()
    listed = zhida("events", "list").out
    assert all(name in listed for name in EVENTS)


def test_what_was_told_is_printed_in_the_order_in_which_it_was_told(site: Site, zhida: Zhida) -> None:
    told = lines(zhida("events", "tail", "-n", "100000", "--json"))
    assert len(told) == sum(site.county.query(f"SELECT count(*) FROM {name}.event_log")[0][0] for name in site.county.services)
    milliseconds = [int(str(event["event_id"]).replace("-", "")[:12], 16) for event in told]
    assert milliseconds == sorted(milliseconds)
    for service in site.county.services:
        ids = [event["event_id"] for event in told if event["service"] == service]
        assert ids == [str(row[0]) for row in site.county.query(f"SELECT event_id FROM {service}.event_log ORDER BY id")]
    assert lines(zhida("events", "tail", "-n", "3", "--json")) == told[-3:]
    assert not any("data" in event for event in told)


@pytest.mark.parametrize("given", ["number", "case"])
def test_the_events_of_a_case_are_found_by_number_and_by_id(site: Site, zhida: Zhida, given: str) -> None:
    told = lines(zhida("events", "tail", "--case", getattr(site, given), "--json"))
    assert {event["subject"] for event in told} == {site.case}
    assert told[0]["name"] == "case.registered"
    issued = lines(zhida("events", "tail", "--case", site.number, "--name", "assignment.*", "--bodies", "--json"))
    assert [event["name"] for event in issued] == ["assignment.issued"]
    assert issued[0]["data"]["responsible"]["official"] == "o-431023-epb-director"  # type: ignore[index]


def test_the_underline_of_a_name_stands_for_itself(site: Site, zhida: Zhida) -> None:
    names = {
        event["name"] for event in lines(zhida("events", "tail", "-n", "1000", "--name", "directory.official_recorded", "--json"))
    }
    assert names == {"directory.official_recorded"}
    assert lines(zhida("events", "tail", "--name", "directory_official.recorded", "--json")) == []


def test_what_is_told_meanwhile_follows(site: Site) -> None:
    command = [
        sys.executable,
        "-m",
        "shared.cli",
        "events",
        "tail",
        "-n",
        "1",
        "--follow",
        "--name",
        "case.supplemented",
        "--json",
    ]
    env = {**site.county.environment(), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        site.driver.supplement(site.case)
        second = json.loads(process.stdout.readline())
        process.terminate()
    assert (first["subject"], second["subject"]) == (site.case, site.case)
    assert second["caseversion"] > first["caseversion"]


def test_what_is_no_name_and_no_case_is_refused(zhida: Zhida) -> None:
    assert isinstance(zhida("events", "tail", "--name", "x'; DROP").fault, Refused)
    assert isinstance(zhida("events", "tail", "--case", "431023-1999-000001").fault, NotFound)


# -- case --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("given", ["number", "case"])
def test_a_case_is_shown_with_its_limits_and_history(site: Site, zhida: Zhida, given: str) -> None:
    found = zhida("case", "show", getattr(site, given), "--json").rows
    assert (found["case"]["number"], found["case"]["case_id"], found["case"]["stage"]) == (site.number, site.case, "instructed")
    assert found["case"]["responsible"].startswith("431023-epb o-431023-epb-director")
    rows = site.county.query("SELECT obligation, due_at FROM supervision.deadline WHERE case_id = %s", site.case)
    assert sorted((limit["obligation"], datetime.fromisoformat(limit["due_at"])) for limit in found["limits"]) == sorted(rows)
    assert {limit["stands"] for limit in found["limits"]} == {"runs"}
    told = [event["name"] for event in lines(zhida("events", "tail", "-n", "1000", "--case", site.case, "--json"))]
    history = [line["event"] for line in found["history"]]
    assert {"case.registered", "assignment.issued", "deadline.set"} <= set(history) <= set(told)


def test_an_operator_is_shown_no_word_and_nobody_of_the_petition(site: Site, zhida: Zhida) -> None:
    [(title, brief)] = site.county.query("SELECT title, brief FROM reporting.case_row WHERE case_id = %s", site.case)
    assert title
    assert brief
    for form in ((), ("--json",)):
        said = zhida("case", "show", site.number, *form).out
        assert not any(word in said for word in (*canaries.WORDS, title, brief, "健康的水"))
    assert "No identity and no words" in zhida("case", "show", site.number).out
    assert isinstance(zhida("case", "show", "431023-1999-000001").fault, NotFound)


# -- parked ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def broken(site: Site) -> Iterator[int]:
    """A message that nobody can read, parked by followup's worker. Its id."""
    connection = connect(site.county.settings.amqp_uri("followup"), "a test")
    connection.channel().basic_publish(
        amqp.Message(b"[bold]{", content_type="text/x"), exchange="", routing_key="431023.followup"
    )
    hang_up(connection)
    waits = "SELECT max(id) FROM followup.parked WHERE dismissed_at IS NULL"
    until(lambda: site.county.query(waits) != [(None,)], timeout=30, what="the message to be parked")
    yield int(site.county.query(waits)[0][0])
    site.county.query("DELETE FROM followup.parked")


def test_what_is_parked_is_listed_shown_tried_again_and_dismissed_with_its_reason(site: Site, zhida: Zhida, broken: int) -> None:
    one = str(broken)
    [row] = zhida("parked", "list", "--json").rows
    assert (row["service"], row["id"], row["reason"], row["bytes"]) == ("followup", broken, "unreadable", 7)
    assert zhida("parked", "list", "routing", "--json").rows == []
    shown = zhida("parked", "show", "followup", one, "--json").rows
    assert "content type is 'text/x'" in shown["error"]
    assert "body" not in shown
    assert zhida("parked", "show", "followup", one, "--body", "--json").rows["body"] == "[bold]{"
    assert "[bold]{" in zhida("parked", "show", "followup", one, "--body").out
    assert zhida("parked", "replay", "followup", one).code == 0
    refused = zhida("parked", "dismiss", "followup", one, "--reason", "  ")
    assert isinstance(refused.fault, Refused)
    assert zhida("parked", "list", "followup", "--json").rows != []
    assert zhida("parked", "dismiss", "followup", one, "--reason", "sent by hand", "--by", "li").code == 0
    assert zhida("parked", "list", "--json").rows == []
    [gone] = zhida("parked", "list", "--dismissed", "--json").rows
    assert (gone["dismissed_by"], gone["dismissed_for"]) == ("li", "sent by hand")
    assert "sent by hand" in zhida("parked", "list", "--dismissed").out
    for words in (("show", "followup", "4711"), ("dismiss", "followup", one, "--reason", "again"), ("list", "mail")):
        assert isinstance(zhida("parked", *words).fault, Refused), words


# -- status ------------------------------------------------------------------------------------------------------------
def test_the_status_says_what_waits_where(site: Site, zhida: Zhida, broken: int) -> None:
    at = site.county.address("worker")
    until(lambda: not zhida_waits(site), timeout=30, what="rest")
    found = zhida("status", "--json", "--at", at).rows
    services = {row["service"]: row for row in found["services"]}
    assert set(services) == set(site.county.services)
    assert {(row["to send"], row["set aside"], row["in queue"], row["readers"]) for row in services.values()} == {(0, 0, 0, 1)}
    assert {name for name, row in services.items() if row["parked"]} == {"followup"}
    for name, row in services.items():
        last = site.county.query(f"SELECT name FROM {name}.event_log ORDER BY id DESC LIMIT 1")
        assert row["last told"] == (last[0][0] if last else None)
        assert [(row["schema"],)] == site.county.query(f"SELECT max(migration_id) FROM {name}._yoyo_migration")
    assert found["deadlines"] == [{"due and untold for (s)": 0, "cases that owe": 1, "limits overdue": 0}]
    assert {row["service"] for row in found["timers"]} >= {"intake", "routing", "supervision"}
    for row in found["timers"]:
        assert row["late (s)"] == pytest.approx(max(row["ran (s ago)"] - row["rests (s)"], 0), abs=0.11), row
    assert (found["neighbours"], found["not asked"]) == ([], [])


def zhida_waits(site: Site) -> bool:
    unsealed = "UNION ALL ".join(
        f"SELECT count(*) FROM {name}.event_log WHERE sequence IS NULL " for name in site.county.services
    )
    unsent = "UNION ALL ".join(
        f"SELECT count(*) FROM {name}.delivery d JOIN {name}.stream_head h USING (stream) WHERE h.sequence > d.sequence "
        for name in site.county.services
    )
    return any(count for (count,) in site.county.query(f"{unsealed} UNION ALL {unsent}"))


def test_what_cannot_be_asked_is_said_and_the_rest_stands(site: Site, zhida: Zhida) -> None:
    answer = zhida(
        "status", "--json", "--at", "http://127.0.0.1:9", AMQP_URI_INTAKE="amqp://a:hush@127.0.0.1:9/x", LINKS="43=amqp://x/"
    )
    found = answer.rows
    intake, routing, *_ = found["services"]
    assert (intake["in queue"], routing["in queue"]) == (None, 0)
    assert [row["verdict"] for row in found["neighbours"]] == ["never heard of"]
    assert sorted(words.split(":")[0] for words in found["not asked"]) == ["http", "intake's queue"]
    assert "hush" not in answer.out
    assert "ZHIDA_HEALTH_PORT is not set" in zhida("status").out


def test_a_schema_that_is_behind_and_events_that_wait_are_in_the_status(site: Site, zhida: Zhida) -> None:
    """A stream whose cursor was put back by three is one from which three events have not left."""
    stream = "(SELECT stream FROM intake.stream_head ORDER BY sequence DESC LIMIT 1)"
    site.worker.pause()
    try:
        site.county.query(f"UPDATE intake.delivery SET sequence = sequence - 1 WHERE stream = {stream} AND destination = 'local'")
        site.county.query("DELETE FROM intake._yoyo_migration WHERE migration_id = '0001_bus'")
        row = zhida("status", "--json").rows["services"][0]
        assert row["to send"] == 1
        assert row["oldest (s)"] > 0
        assert row["schema"].endswith("1 lack")
    finally:
        site.county.query(
            "INSERT INTO intake._yoyo_migration (migration_hash, migration_id, applied_at_utc)"
            " SELECT '0001', '0001_bus', min(applied_at_utc) FROM intake._yoyo_migration"
        )
        site.worker.resume()

"""An agency receives what it subscribed to, and is refused everything else: by the real broker, with the examples of docs/."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import amqp
import pytest
from jsonschema import Draft7Validator

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.instance import ROOT
from deploy.dev.waiting import until
from services.reporting.public import asyncapi, rights
from shared.bus.management import call, part
from shared.bus.topology import PUBLIC_EXCHANGE
from shared.contract import EVENTS
from shared.errors import Unavailable
from tests import canaries, servers
from tests.integration.reporting.agencies import (
    Client,
    Site,
    environment,
    node_example,
    node_program,
    python_example,
    running,
    signed_in,
)
from tests.integration.reporting.story import CASE, COUNTY, TOWNSHIP, Bus, at
from tests.integration.reporting.test_reporting_public import WORDS, suggestion


@pytest.fixture(scope="module")
def site(broker: Broker, database: Database) -> Iterator[Site]:
    with servers.folder() as folder, running(folder, broker, database) as found:
        yield found


_numbers = iter(range(1, 100))


def a_case(site: Site) -> list[str]:
    """A case is read, handed out and concluded; the names of what is told of it."""
    before, bus = len(site.told()), Bus(seed=next(_numbers))
    case = suggestion(bus, UUID(int=CASE.int + (next(_numbers) << 20)))
    case.conclude(at("2016-12-01 09:00"), 1)
    site.take(bus.sent)
    return site.told()[before:]


def in_queue(site: Site, printed: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """The next events of an agency's queue."""
    found: list[dict[str, Any]] = []
    connection = signed_in(printed)
    channel = connection.channel()

    def note(message: amqp.Message) -> None:
        found.append({"key": message.delivery_info["routing_key"], "headers": dict(message.headers), "raw": message.body,
                      **json.loads(message.body)})  # fmt: skip
        channel.basic_ack(message.delivery_tag)

    channel.basic_consume(printed["queue"], callback=note)
    while len(found) < count:
        connection.drain_events(timeout=20)
    connection.close()
    return found


@pytest.mark.parametrize("language", ["python", "node"])
def test_an_example_client_prints_every_event_of_its_subscription(site: Site, tmp_path: Path, language: str) -> None:
    printed = site.add(f"{language}-bureau", "--events", "case.*", "--events", "assignment.issued", "--org", COUNTY)
    client = Client(python_example() if language == "python" else node_example(tmp_path), printed)
    try:
        wanted = a_case(site)
        assert wanted == ["case.registered", "case.instructed", "assignment.issued", "case.concluded"]
        found = client.read(4)
        assert [one["type"] for one in found] == [f"cn.zhida.public.{name}.v1" for name in wanted]
        for one in found:
            contract = EVENTS[one["type"].removeprefix("cn.zhida.").removesuffix(".v1")]
            assert [fault.message for fault in Draft7Validator(asyncapi.envelope(contract)).iter_errors(one)] == []
    finally:
        client.stop()


def test_what_is_printed_says_how_to_connect_and_the_password_once(site: Site) -> None:
    done = site.zhida("subscriber", "add", "printed-bureau", "--events", "case.*", "--reached-at", "amqps://mq.example")
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(maxsplit=1) for line in done.stdout.splitlines()[:5])
    assert re.fullmatch(r"amqps://431023\.agency\.printed-bureau:[\w-]{32}@mq\.example:5671/[0-9a-z]+\.public", lines["address"])
    assert lines["queue"] == "431023.agency.printed-bureau"
    assert lines["events"].split() == [
        f"case.{verb}" for verb in ("archived", "closed", "concluded", "instructed", "registered", "reopened", "withdrawn")
    ]
    assert lines["catalogue"].startswith("https://xf.example/reporting/events")
    assert done.stderr == ""
    again = site.zhida("subscriber", "add", "printed-bureau", "--events", "deadline.*")
    assert "as before" in again.stdout
    assert "not encrypted" not in again.stderr
    assert not re.search(r":[\w-]{32}@", again.stdout)


def test_an_agency_gets_what_it_asked_for_and_no_words(site: Site) -> None:
    narrow, all_of_it = site.add("narrow", "--events", "case.concluded"), site.add("wide")
    told = a_case(site)
    [concluded] = in_queue(site, narrow, 1)
    assert concluded["key"] == f"{COUNTY}.case.concluded"
    everything = in_queue(site, all_of_it, len(told))
    assert [one["key"] for one in everything] == [f"{COUNTY}.{name}" for name in told]
    for one in everything:
        text = one["raw"] if isinstance(one["raw"], str) else one["raw"].decode()
        seen = f"{text} {one['headers']} {one['key']}"
        assert [word for word in (*WORDS, *canaries.WORDS) if word in seen] == []
        assert one["headers"]["subject"] == one["data"]["case"]


@pytest.fixture(scope="module")
def nosy(site: Site) -> dict[str, Any]:
    site.add("neighbour")
    return site.add("nosy", "--events", "case.concluded")


def test_a_node_client_is_refused_everything_but_its_queue(site: Site, nosy: dict[str, Any], tmp_path: Path) -> None:
    said = refused(site, nosy, tmp_path)
    assert len(said) == 13
    shut_out = {what: answer for what, answer in said.items() if what.startswith("enter ")}
    assert shut_out == {f"enter {vhost}": "ConnectionClose instead of ConnectionOpenOk" for vhost in (site.county.vhost, "/")}
    assert {what: answer for what, answer in said.items() if what not in shut_out and "ACCESS_REFUSED" not in answer} == {}


def refused(site: Site, printed: dict[str, Any], folder: Path) -> dict[str, str]:
    """What the broker says to a client that tries whatever it should not."""
    more = {"NEIGHBOUR": f"{COUNTY}.agency.neighbour", "EXCHANGE": PUBLIC_EXCHANGE, "KEY": f"{COUNTY}.case.concluded",
            "VHOSTS": f"{site.county.vhost} /"}  # fmt: skip
    program = node_program(folder, ROOT / "tests/agencies/refused.mjs")
    done = subprocess.run(program, env=environment(printed) | more, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def tried(connection: amqp.Connection, attempt: Callable[[], Any] = lambda: None) -> None:
    """Do it, then hear what the broker says of it until it says something that ends the channel or the connection.

    A publication is refused when the broker has read it, so what is refused may be said later.
    """
    attempt()
    while True:
        connection.drain_events(timeout=20)


def test_rights_are_listed_as_they_should_be_until_one_is_too_wide(site: Site, nosy: dict[str, Any], tmp_path: Path) -> None:
    def listed() -> str:
        rows = json.loads(site.zhida("subscriber", "list", "--json").stdout)
        return str(next(row["rights"] for row in rows if row["name"] == "nosy"))

    assert listed() == "as they should be"
    admin, user, vhost = site.county.settings.management_url, part(nosy["queue"]), part(rights.vhost_of(site.county.vhost))
    grant = f"/api/permissions/{vhost}/{user}"
    right = {"configure": "^$", "write": "^$", "read": f"^{re.escape(nosy['queue'])}$"}
    topics = f"/api/topic-permissions/{vhost}/{user}"
    topic = {"exchange": PUBLIC_EXCHANGE, "write": "^$", "read": "^$"}
    call(admin, "PUT", grant, {**right, "write": ".*", "read": ".*"})
    call(admin, "PUT", topics, {**topic, "read": ".*"})
    assert listed() == "write .*; read .*; topic permissions"
    let_through = {what for what, answer in refused(site, nosy, tmp_path).items() if not answer}
    assert {"bind another key", "publish to its own queue", "read another agency's queue"} <= let_through
    call(admin, "PUT", grant, right)
    call(admin, "PUT", topics, topic)
    assert listed() == f"bound to #; not bound to {COUNTY}.case.concluded"
    assert site.zhida("subscriber", "add", "nosy", "--events", "case.concluded").returncode == 0
    assert listed() == "as they should be"


def test_another_password_ends_what_began_with_the_old_one_and_loses_nothing(site: Site) -> None:
    before = site.add("careful", "--events", "case.concluded")
    held = signed_in(before)
    a_case(site)
    done = site.zhida("subscriber", "rotate", "careful", "--json")
    after = json.loads(done.stdout)
    assert after["address"] != before["address"]
    with pytest.raises(amqp.ConnectionForced):
        tried(held)
    with pytest.raises(Unavailable, match="AccessRefused"):
        signed_in(before)
    assert len(in_queue(site, after, 1)) == 1


def test_who_was_removed_is_let_in_no_more(site: Site) -> None:
    printed = site.add("leaving")
    assert site.zhida("subscriber", "remove", "leaving").returncode == 0
    with pytest.raises(Unavailable, match="AccessRefused"):
        signed_in(printed)
    again = site.zhida("subscriber", "remove", "leaving")
    assert (again.returncode, "没有这个订阅单位" in again.stderr) == (1, True)


def test_what_cannot_be_subscribed_to_is_refused_and_changes_nothing(site: Site) -> None:
    done = site.zhida("subscriber", "add", "water", "--events", "petition.*")
    assert (done.returncode, "petition.*" in done.stderr, done.stdout) == (1, True, "")
    assert "Traceback" not in done.stderr
    users = call(site.county.settings.management_url, "GET", "/api/users")
    assert f"{COUNTY}.agency.water" not in {user["name"] for user in users}


def test_the_command_says_of_whose_cases_only_counts_are_told_here(site: Site) -> None:
    with site.county.unit_of_work("reporting") as uow:
        uow.all("INSERT INTO organisation VALUES (%(code)s, '柏林镇', 'Bailin', %(own)s, true)", code=TOWNSHIP, own=COUNTY)
    refused = site.zhida("subscriber", "add", "below", "--events", "case.*", "--org", TOWNSHIP)
    assert (refused.returncode, "有自己的系统" in refused.stderr, refused.stdout) == (1, True, "")
    done = site.zhida("subscriber", "add", "below", "--org", "*")
    assert (done.returncode, f"of {TOWNSHIP} monthly counts alone" in done.stdout) == (0, True), done.stderr
    assert site.add("below", "--org", TOWNSHIP)["counts_alone"] == [TOWNSHIP]
    assert site.add("below")["counts_alone"] == []


def test_an_agency_that_stays_away_holds_up_nobody(site: Site) -> None:
    away, here = site.add("away"), site.add("here", "--events", "case.concluded")
    a_case(site)
    vhost = rights.vhost_of(site.county.vhost)
    admin = site.county.settings.management_url
    policy = call(admin, "GET", f"/api/policies/{part(vhost)}/agencies")["definition"]
    assert (policy["max-length"], policy["message-ttl"]) == (rights.KEPT_EVENTS, 30 * 24 * 3600 * 1000)
    shorter = {"pattern": rights.AGENCIES, "apply-to": "queues", "definition": {**policy, "max-length": 2}}
    call(admin, "PUT", f"/api/policies/{part(vhost)}/agencies", shorter)
    in_away = f"/api/queues/{part(vhost)}/{COUNTY}.agency.away"
    until(
        lambda: call(admin, "GET", in_away).get("effective_policy_definition", {}).get("max-length") == 2,
        timeout=30,
        what="the policy",
    )
    told = a_case(site)
    unsent = (
        "SELECT count(*) FROM reporting.delivery d JOIN reporting.stream_head h USING (stream)"
        " WHERE destination = 'public' AND d.sequence < h.sequence"
    )
    unsealed = "SELECT count(*) FROM reporting.event_log WHERE sequence IS NULL"  # what is not sealed is not counted by the heads
    until(lambda: site.county.query(unsealed) == site.county.query(unsent) == [(0,)], timeout=30, what="all to have left")
    assert [one["key"] for one in in_queue(site, away, 2)] == [f"{COUNTY}.{name}" for name in told[-2:]]
    assert len(in_queue(site, here, 2)) == 2

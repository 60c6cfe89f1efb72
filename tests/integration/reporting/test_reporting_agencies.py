"""An agency receives what it subscribed to, and is refused everything else: by the real broker, with the examples of docs/."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import amqp
import pytest

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.waiting import until
from services.reporting.public import rights
from shared.bus.management import call, part
from shared.bus.topology import PUBLIC_EXCHANGE
from shared.contract import EVENTS
from shared.errors import Unavailable
from tests import canaries, servers
from tests.integration.reporting.agencies import Client, Site, node_example, python_example, running, signed_in
from tests.integration.reporting.story import CASE, COUNTY, Bus, at
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
            assert EVENTS[one["type"].removeprefix("cn.zhida.").removesuffix(".v1")].schema.validate(one["data"]) == {}
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


REFUSED = {
    "publishing to the public exchange": lambda channel, queue: channel.basic_publish(
        amqp.Message("{}"), PUBLIC_EXCHANGE, f"{COUNTY}.case.concluded"
    ),
    "publishing to its own queue": lambda channel, queue: channel.basic_publish(amqp.Message("{}"), "", queue),
    "publishing to the case exchange": lambda channel, queue: channel.basic_publish(amqp.Message("{}"), "case.events", "x"),
    "binding another key": lambda channel, queue: channel.queue_bind(queue, PUBLIC_EXCHANGE, "#"),
    "unbinding its own": lambda channel, queue: channel.queue_unbind(queue, PUBLIC_EXCHANGE, f"{COUNTY}.case.concluded"),
    "a queue of its own making": lambda channel, queue: channel.queue_declare("mine", durable=True, auto_delete=False),
    "a queue that the broker names": lambda channel, queue: channel.queue_declare("", exclusive=True),
    "an exchange": lambda channel, queue: channel.exchange_declare("mine", "topic"),
    "deleting its queue": lambda channel, queue: channel.queue_delete(queue),
    "another agency's queue": lambda channel, queue: channel.basic_consume(f"{COUNTY}.agency.neighbour"),
    "emptying another agency's queue": lambda channel, queue: channel.queue_purge(f"{COUNTY}.agency.neighbour"),
}  # fmt: skip


@pytest.fixture(scope="module")
def nosy(site: Site) -> dict[str, Any]:
    site.add("neighbour")
    return site.add("nosy", "--events", "case.concluded")


@pytest.mark.parametrize("what", REFUSED)
def test_an_agency_is_refused_everything_else(site: Site, nosy: dict[str, Any], what: str) -> None:
    connection = signed_in(nosy)
    channel = connection.channel()
    channel.confirm_select()
    with pytest.raises(amqp.AccessRefused):
        tried(connection, lambda: REFUSED[what](channel, nosy["queue"]))
    connection.close()


def tried(connection: amqp.Connection, attempt: Callable[[], Any] = lambda: None) -> None:
    """Do it, then hear what the broker says of it until it says something that ends the channel or the connection.

    A publication is refused when the broker has read it, so what is refused may be said later.
    """
    attempt()
    while True:
        connection.drain_events(timeout=20)


def test_an_agency_is_let_into_no_other_virtual_host(site: Site, nosy: dict[str, Any]) -> None:
    for vhost in (site.county.vhost, "%2F"):
        with pytest.raises(Unavailable, match="NotAllowed"):
            signed_in(nosy, vhost)


def test_rights_are_listed_as_they_should_be_until_one_is_too_wide(site: Site, nosy: dict[str, Any]) -> None:
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
    # and what the rights had kept from it is open to it now: the refusals above rest on them alone
    signed_in(nosy).channel().queue_bind(nosy["queue"], PUBLIC_EXCHANGE, f"{COUNTY}.case.closed")
    call(admin, "PUT", grant, right)
    call(admin, "PUT", topics, topic)
    assert listed() == f"bound to {COUNTY}.case.closed"
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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Water"], "NAME"), (["w ater"], "NAME"), (["water", "--events", "petition.*"], "petition.*"),
        (["water", "--org", "440000"], "440000"), (["water", "--org", "431023; x"], "431023; x"),
    ],
)  # fmt: skip
def test_what_cannot_be_subscribed_to_is_refused_and_changes_nothing(site: Site, arguments: list[str], said: str) -> None:
    done = site.zhida("subscriber", "add", *arguments)
    assert (done.returncode, said in done.stderr, done.stdout) == (1, True, "")
    assert "Traceback" not in done.stderr
    users = call(site.county.settings.management_url, "GET", "/api/users")
    assert f"{COUNTY}.agency.water" not in {user["name"] for user in users}


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
    until(lambda: site.county.query(unsent) == [(0,)], timeout=30, what="all to have left")
    assert [one["key"] for one in in_queue(site, away, 2)] == [f"{COUNTY}.{name}" for name in told[-2:]]
    assert len(in_queue(site, here, 2)) == 2

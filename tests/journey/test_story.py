"""The article's case, from its mail of 2016-11-07 to its archive, played by its people over pages and bus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import amqp
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from deploy.dev.broker import Broker
from deploy.dev.county import County
from deploy.dev.database import Database
from deploy.dev.story import CHINA, OFFICE, Story, at
from shared.bus.agreement import SYNC
from shared.bus.topology import EXCHANGE
from shared.contract import Event, decode
from shared.contract.envelope import CONTENT_TYPE
from tests import servers
from tests.faults import invariants
from tests.faults.invariants import Observed


@dataclass
class Told:
    """What was heard on the two exchanges while the story was played, and how it ended."""

    story: Story
    steps: list[str]
    bodies: list[tuple[str, bytes]]  # routing key and body of each event
    others: list[tuple[str, str]]  # routing key and content type of what is no event
    dossier: list[dict[str, Any]]

    def of(self, name: str) -> list[dict[str, Any]]:
        """The dossier's entries of one kind, in time order."""
        return [entry for entry in self.dossier if entry["name"] == name]


def _tap(county: County) -> tuple[amqp.Connection, list[tuple[str, bytes, str]]]:
    """Listens to everything on the county's exchange."""
    heard: list[tuple[str, bytes, str]] = []
    address = urlsplit(county.county.broker.uri("admin"))
    connection = amqp.Connection(
        f"{address.hostname}:{address.port}", "admin", unquote(address.password or ""), virtual_host=county.county.vhost
    )
    connection.connect()
    channel = connection.channel()
    channel.auto_decode = False
    queue = channel.queue_declare(exclusive=True).queue
    channel.queue_bind(queue, EXCHANGE, "#")
    channel.basic_consume(
        queue, no_ack=True,
        callback=lambda m: heard.append((m.delivery_info["routing_key"], bytes(m.body), m.properties["content_type"])),
    )  # fmt: skip
    return connection, heard


@pytest.fixture(scope="module")
def county(server_folder: Path, broker: Broker, database: Database) -> Iterator[County]:
    """A county of its own: the story moves the clock a month on, and its dates hold from 2016-11-07 alone."""
    with servers.running_county(server_folder / "story", broker, database, begin=at(11, 7, 8), label="story-") as running:
        yield running


@pytest.fixture(scope="module")
def told(county: County) -> Told:
    connection, heard = _tap(county)
    steps: list[str] = []

    def drain(silence: float) -> None:
        with suppress(TimeoutError):
            while True:
                connection.drain_events(timeout=silence)

    def step(line: str) -> None:
        steps.append(line)
        drain(0.2)

    story = Story(county, step)
    story.play()
    county.driver.rest.wait()
    drain(2)
    connection.close()
    page = county.desk(OFFICE).open(f"/api/reporting/cases/{story.case_id}/dossier")
    events = [(key, body) for key, body, content_type in heard if content_type == CONTENT_TYPE]
    others = [(key, content_type) for key, _, content_type in heard if content_type != CONTENT_TYPE]
    return Told(story, steps, events, others, json.loads(page)["entries"])


def test_every_act_of_the_article_stands_in_the_dossier_in_order(told: Told) -> None:
    acts = [
        "case.registered", "case.supplemented", "case.accepted", "case.instructed", "assignment.issued", "assignment.received",
        "deadline.missed", "assignment.replied", "assignment.returned", "case.escalated", "assignment.progressed",
        "assignment.approved", "accountability.recorded", "case.concluded", "followup.due", "case.dissatisfied",
        "case.reopened", "case.satisfied", "case.closed", "case.archived",
    ]  # fmt: skip
    first = [next(i for i, entry in enumerate(told.dossier) if entry["name"] == act) for act in acts]
    assert first == sorted(first)
    instants = [entry["at"] for entry in told.dossier]
    assert instants == sorted(instants)


def test_four_rounds_each_by_the_secretary_to_named_people(told: Told) -> None:
    rounds = [entry["data"] for entry in told.of("case.instructed")]
    assert [each["round"] for each in rounds] == [1, 2, 3, 4]
    assert {each["author"]["name"] for each in rounds} == {"赵宇"}
    assert [[person["name"] for person in each["addressees"]] for each in rounds] == [
        ["雷卫华"], ["唐立新", "何正平", "谭建国"], ["何正平"], ["唐立新"],
    ]  # fmt: skip
    assert "敷衍塞责" in rounds[1]["text"]
    assert rounds[1]["answers"] == told.of("assignment.replied")[0]["data"]["reply_id"]


def test_the_towns_reply_came_back_over_the_bus_signed_by_the_person_responsible(told: Told) -> None:
    reply = told.of("assignment.replied")[0]
    assert reply["source"] == "/431023104/routing"
    assert reply["data"]["signature"]["name"] == "雷卫华"
    assert reply["data"]["signature"]["post"] == "柏林镇党委书记"
    assert datetime.fromisoformat(reply["at"]).astimezone(CHINA).strftime("%Y-%m-%d %H:%M") == "2016-11-22 09:30"


def test_the_deadline_was_missed_when_the_tenth_day_ended(told: Told) -> None:
    missed = {entry["data"]["obligation"]: entry["data"] for entry in told.of("deadline.missed")}
    assert set(missed) == {"conclude", "reply"}
    assert {each["due_at"] for each in missed.values()} == {"2016-11-17T16:00:00.000Z"}, (
        "ten days from 2016-11-07, to midnight in China"
    )
    assert {each["fired_at"] for each in missed.values()} == {"2016-11-17T16:00:00.000Z"}
    assert not any(each["late"] for each in missed.values())


def test_accountability_was_decided_on_november_30_by_the_standing_committee(told: Told) -> None:
    (record,) = told.of("accountability.recorded")
    assert (record["data"]["decided_on"], record["data"]["decided_by"], record["data"]["kind"]) == (
        "2016-11-30",
        "县委常委会",
        "decision",
    )


def test_not_satisfied_then_satisfied_then_archived(told: Told, county: County) -> None:
    assert [entry["data"]["round"] for entry in told.of("followup.due")] == [3, 4]
    assert county.county.query("SELECT stage FROM routing.case_record WHERE id = %s", str(told.story.case_id)) == [("archived",)]


def test_every_event_on_the_bus_keeps_its_contract_and_the_official_sdk_reads_it(told: Told) -> None:
    assert len(told.bodies) >= len(told.dossier) > 70
    for key, body in told.bodies:
        event: Event = decode(body, content_type=CONTENT_TYPE, stream_key=key.split(".")[0])
        assert event.contract.schema.validate(json.loads(body)["data"]) == {}
        read = JSONFormat().read(CloudEvent, body)
        assert (read.get_id(), read.get_type()) == (str(event.id), event.contract.type)
    heard = {event["event_id"] for event in told.dossier}
    assert heard <= {json.loads(body)["id"] for _, body in told.bodies}, "the dossier holds nothing that was not on the bus"


def test_beside_events_the_bus_carries_only_what_two_instances_say_of_their_agreement(told: Told) -> None:
    assert {content_type for _, content_type in told.others} == {SYNC}
    assert not {key.split(".")[0] for key, _ in told.others} - {"431023", "431023104"}


def test_the_petitioners_words_and_alias_were_in_no_event(told: Told) -> None:
    words = [word.encode() for word in ("多说无益", "duoshuowuyi", "发黑发臭，希望县里管一管")]
    assert not [body for _, body in told.bodies for word in words if word in body]


def test_both_instances_are_whole_afterwards(told: Told, county: County) -> None:
    for instance in county.instances:
        seen = Observed(instance.org, instance.services, instance.query)
        found = invariants.violations(seen)
        assert found == [], found
        assert invariants.parked(seen) == []


def test_the_dossier_page_shows_every_round_with_names_and_times(told: Told, county: County) -> None:
    page = county.desk(OFFICE).open(f"/reporting/cases/{told.story.case_id}")
    for words in ("赵宇", "雷卫华", "唐立新", "何正平", "谭建国", "县委常委会", "敷衍塞责", "取缔", "2016-11-22 09:30"):
        assert words in page, words
    assert isinstance(told.story.case_id, UUID)

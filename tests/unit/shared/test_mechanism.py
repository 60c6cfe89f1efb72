"""Small parts of the mechanism: retries, bindings, rights, who may speak for whom, workflows, rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from uuid import UUID

import pytest

from shared.bus import rights, topology
from shared.bus.retry import next_attempt
from shared.bus.senders import may_speak
from shared.config import SERVICES, load
from shared.contract import EVENTS, heard_by
from shared.contract.envelope import uuid7
from shared.contract.person import Person
from shared.errors import Conflict, NotYet
from shared.rows import Table
from shared.transitions import Workflow
from tests.unit.shared.test_contract import NOW


def test_failures_are_tried_six_times_ever_more_slowly_and_then_left_to_a_person() -> None:
    delays = [next_attempt(attempt, ValueError()) for attempt in range(1, 8)]
    assert delays[:6] == sorted(delays[:6], key=lambda d: d or timedelta())
    assert delays[0] == timedelta(seconds=1)
    assert delays[6] is None


def test_an_event_whose_cause_is_missing_is_tried_for_ever() -> None:
    assert next_attempt(1, NotYet()) == timedelta(milliseconds=20)
    assert next_attempt(10_000, NotYet()) == timedelta(seconds=2)


@pytest.mark.parametrize(
    ("source", "user", "may"),
    [
        ("/431023/intake", "431023.intake", True),
        ("/431023/intake", "431023.routing", False),
        ("/431023104/routing", "431023.intake", False),
        ("/431023104/routing", "431023104", True),
        ("/431023104-fin/routing", "431023104", True),
        ("/431023105/routing", "431023104", False),
        ("/431023/routing", "431023104", False),
        ("/431023-jt-dd/routing", "431023-jt", True),
        ("/431023-jtj/routing", "431023-jt", False),
        ("/431023/routing", None, False),
        ("/431022/routing", "431023.link", True),
        ("/431023/routing", "own", True),
    ],
)
def test_a_user_speaks_for_its_own_subtree_only(source: str, user: str | None, may: bool) -> None:
    assert may_speak(source, user, own_user="own", org="431023") is may


def test_a_township_may_write_and_bind_what_decision_3_says_and_nothing_else() -> None:
    found = rights.link_rights("431023", "431023104")
    upward = ("replied", "extension_requested", "handed_over")
    for key in (*(f"431023.assignment.{verb}" for verb in upward), "431023104.case.instructed", "431023.sync.said"):
        assert re.search(found["topic_write"], key), key
    for key in (
        "431023.assignment.issued",
        "431023.assignment.extended",
        "431023.case.closed",
        "431023105.case.instructed",
        "431023.case.registered",
    ):
        assert not re.search(found["topic_write"], key), key
    assert re.search(found["topic_read"], "431023104.#")
    for key in ("#", "*.assignment.issued", "431023105.#", "431023.case.conflict_set"):
        assert not re.search(found["topic_read"], key), key
    assert found["configure"] == "^$"
    department = rights.link_rights("431023", "431023-jt")["topic_write"]
    keys = ("431023-jt.case.instructed", "431023-jt-dd.case.instructed", "431023-jtj.case.instructed")
    assert [bool(re.search(department, key)) for key in keys] == [True, True, False]


def test_only_routing_is_bound_to_who_is_complained_of() -> None:
    for service in ("intake", "supervision", "followup", "reporting"):
        assert not [key for key in topology.bindings("431023", service) if "conflict_set" in key]
        assert not re.search(rights.service_rights("431023", service)["topic_read"], "431023.case.conflict_set")
    assert "431023.case.conflict_set" in topology.bindings("431023", "routing")


@pytest.mark.parametrize("service", ["intake", "routing", "supervision", "followup", "reporting"])
def test_each_service_is_bound_to_what_it_hears_and_may_bind_it(service: str) -> None:
    keys = topology.bindings("431023", service)
    assert [key.split(".", 1)[1] for key in keys] == [contract.name for contract in heard_by(service)]
    pattern = rights.service_rights("431023", service)["topic_read"]
    for key in (*keys, *topology.sync_keys("431023", service)):
        assert re.search(pattern, key), key


def test_every_event_that_crosses_a_link_is_heard_by_the_superiors_reporting() -> None:
    to_neighbours = {"directory.unit_announced"}  # never told to oneself: the neighbour's routing hears it, and holds that stream
    assert all("routing" in EVENTS[name].heard_by for name in to_neighbours)
    unheard = {name for name, contract in EVENTS.items() if not contract.local and "reporting" not in contract.heard_by}
    assert unheard == to_neighbours, "at the superior these would be unroutable and stop their stream"


class Light(StrEnum):
    RED = "red"
    GREEN = "green"


def test_a_workflow_allows_its_moves_and_refuses_all_others() -> None:
    flow = Workflow(name="light", moves={"go": (frozenset({Light.RED}), Light.GREEN)})
    assert flow.move(Light.RED, "go") is Light.GREEN
    assert list(flow.pairs()) == [(Light.RED, Light.GREEN)]
    with pytest.raises(Conflict):
        flow.move(Light.GREEN, "go")
    assert not flow.allows(Light.GREEN, "go")


@dataclass(frozen=True, kw_only=True)
class Thing:
    id: UUID
    light: Light
    by: Person | None
    tags: tuple[str, ...]
    seen: frozenset[str] | None
    blob: bytes | None


def test_rows_become_entities_and_entities_rows() -> None:
    table = Table("thing", Thing)
    person = Person(official="o", name="甲", post="科员", organisation="431023")
    thing = Thing(id=uuid7(NOW), light=Light.RED, by=person, tags=("a", "b"), seen=frozenset({"x"}), blob=b"1")
    row = table.to_row(thing)
    assert row[1] == "red"
    back = table.from_row((row[0], row[1], person.as_data(), ["a", "b"], ["x"], memoryview(b"1")))
    assert back == thing
    assert table.from_row((row[0], "green", None, [], None, None)).by is None


def test_settings_name_the_variable_that_is_missing() -> None:
    with pytest.raises(OSError, match="ZHIDA_ORG"):
        load({})


@pytest.mark.parametrize("wrong", ["-1", "one", "1.5", "²", "10.0.0.0/8"])
def test_a_number_of_proxies_that_is_none_is_refused_by_name(wrong: str) -> None:
    assert load({"ZHIDA_ORG": "431023"}).trusted_proxies == 0
    assert load({"ZHIDA_ORG": "431023", "ZHIDA_TRUSTED_PROXIES": "2"}).trusted_proxies == 2
    with pytest.raises(OSError, match="ZHIDA_TRUSTED_PROXIES"):
        load({"ZHIDA_ORG": "431023", "ZHIDA_TRUSTED_PROXIES": wrong})


class Asked(dict[str, str]):
    """An environment that remembers what was asked for."""

    def get(self, name: str, default: object = None) -> object:  # type: ignore[override]
        self.setdefault("asked", "")
        self["asked"] += f" {name}"
        return super().get(name, default)


def test_every_setting_stands_in_the_operators_table_and_no_other() -> None:
    env = Asked(ZHIDA_ORG="431023")
    load(env)
    asked = {
        re.sub(rf"_({'|'.join(name.upper() for name in SERVICES)})$", "", name)
        for name in env["asked"].split()
        if not name.endswith("_FILE")
    }
    page = (Path(__file__).parents[3] / "docs/operations.md").read_text(encoding="utf-8")
    table = " ".join(
        line.split("|")[1]
        for line in page.partition("## Settings")[2].partition("## What")[0].splitlines()
        if line.startswith("| `")
    )
    assert {name.removesuffix("_<SERVICE>") for name in re.findall(r"`([^`]+)`", table)} == asked


def test_settings_keep_passwords_out_of_their_picture() -> None:
    settings = load(
        {
            "ZHIDA_ORG": "431023",
            "AMQP_URI": "amqp://u:secret@h/",
            "DATABASE_URL": "postgresql://u:secret@h/d",
            "LINKS": "4310=amqp://u:secret@h/",
        }
    )
    assert "secret" not in repr(settings)
    assert settings.amqp_uri("intake").startswith("amqp://u:")

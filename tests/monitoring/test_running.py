"""The rules and panels on the running county: none is empty, none in error, nobody is called; and a fault is seen."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from deploy.dev.broker import Broker
from deploy.dev.county import TOWN, County
from deploy.dev.database import Database
from deploy.dev.ports import free_port
from deploy.dev.processes import Process
from deploy.dev.story import Story, at
from deploy.dev.waiting import until
from deploy.monitoring import rules
from deploy.monitoring.dashboards import DASHBOARDS
from tests import servers
from tests.monitoring.exposed import ROOT
from tests.monitoring.prometheus import Prometheus, Target
from tests.monitoring.test_dashboards import expressions

HERE, THERE = "zhida-431023", "zhida-431023104"
DROPPED = "zhida_outbox_age_seconds"
BUSY = {
    "ZhidaPagesSlow",
    "ZhidaConfirmsSlow",
    "ZhidaEventsLate",
    "ZhidaThreadsShort",
    "ZhidaPoolShort",
}  # so may be the tests' machine


@pytest.fixture(scope="module")
def county(server_folder: Path, broker: Broker, database: Database) -> Iterator[County]:
    """A county of its own with its town, and the process that fetches, which answers Prometheus here."""
    with servers.running_county(server_folder / "watched", broker, database, begin=at(11, 7, 8), label="watched-") as running:
        yield running


@pytest.fixture(scope="module")
def channels(county: County) -> Iterator[int]:
    """A second such process, with a mail box and a board that do not answer; where it tells its figures."""
    folder, port = county.county.folder / "elsewhere", free_port()
    folder.mkdir()
    (folder / "password").write_text("secret\n")
    closed = free_port()
    site = {
        "mail": {"accounts": [{"name": "letters", "host": "127.0.0.1", "port": closed, "tls": "none", "user": "letters",
                               "password_file": "password"}], "domain": "yongxing.example"},
        "boards": [{"name": "news", "kind": "feed", "url": f"http://127.0.0.1:{closed}/feed", "allow_private": True}],
    }  # fmt: skip
    (folder / "intake.yaml").write_text(yaml.safe_dump(site), encoding="utf-8")
    env = county.county.environment() | {"ZHIDA_FILE_INTAKE": str(folder / "intake.yaml"), "ZHIDA_HEALTH_PORT": str(port)}
    command = [sys.executable, "-m", "shared.cli", "intake", "channels"]
    process = Process("channels", command, folder=folder, cwd=ROOT, env=env, die_with_parent=True)
    process.start()
    process.wait_http(f"http://127.0.0.1:{port}/livez", timeout=60)
    yield port
    process.stop()


@pytest.fixture(scope="module")
def targets(county: County, channels: int) -> list[Target]:
    """Every process, as pods."""
    found = [Target(channels, HERE, "channels-1", "channels")]
    for namespace, instance in ((HERE, county.county), (THERE, county.town)):
        found += [
            Target(instance.port("web"), namespace, "web-1", "web"),
            Target(instance.port("worker"), namespace, "worker-1", "worker"),
        ]
    return found


@pytest.fixture(scope="module")
def watched(county: County, targets: list[Target], server_folder: Path) -> Iterator[Prometheus]:
    """Prometheus, after the article's mail has come in, was read, handed to the town and answered from there."""
    server = Prometheus(server_folder / "prometheus", targets)
    server.start()
    until(lambda: server.number("sum(up)") == len(targets), timeout=60, what="every process to be scraped")
    story = Story(county, lambda line: None)
    story.arrives()
    story.first_round()
    yield server
    server.process.stop()


def asked() -> list[str]:
    """What every panel asks, every recorded figure, and every alert without its number."""
    panels = [one for dashboard in DASHBOARDS for one in expressions(dashboard)]
    recorded = [rule["record"] for rule in rules.read() if "record" in rule]
    return [*panels, *recorded, *(part for rule in rules.read() if "alert" in rule for part in rules.vectors(rule["expr"]))]


def test_no_panel_and_no_rule_is_empty_or_in_error(watched: Prometheus) -> None:
    everything = asked()
    assert len(everything) > 100
    left = everything

    def heard() -> bool:
        nonlocal left
        left = watched.silent(everything)
        return not left

    with suppress(TimeoutError):  # rates need two scrapes, and some figures are taken each 15 seconds
        until(heard, timeout=40, what="every expression to give something")
    assert left == []
    assert {rule["name"]: rule["lastError"] for rule in watched.rules() if rule["health"] != "ok"} == {}
    assert len(watched.rules()) == len(rules.read())


@pytest.mark.parametrize(
    ("expression", "at_least"),
    [
        (f'sum(zhida_routing_time_to_review_seconds_count{{namespace="{HERE}"}})', 1),
        (f'max(zhida_cases_owing{{namespace="{HERE}", unit="{TOWN}"}})', 1),
        (f'sum(zhida_events_published_total{{namespace="{THERE}", destination="link:431023", outcome="confirmed"}})', 1),
        (f'sum(zhida_events_handled_total{{namespace="{HERE}", service="reporting", outcome="handled"}})', 5),
        (f'sum(zhida_http_request_seconds_count{{namespace="{THERE}", view=~"routing.+", endpoint="http"}})', 1),
        ("sum(zhida_relay_leads)", 6),
        ('sum(zhida_mailbox_failures_total{account="letters"})', 1),
    ],
)
def test_what_people_did_is_seen(watched: Prometheus, expression: str, at_least: float) -> None:
    until(lambda: watched.number(expression) >= at_least, timeout=30, what=expression)


def test_nobody_is_called_but_for_the_roster_that_nobody_has_entered(watched: Prometheus) -> None:
    assert set(watched.alerts()) - BUSY == {"ZhidaDutyGap"}


def test_no_label_holds_a_person_a_case_or_an_address(watched: Prometheus) -> None:
    """I8. Nine digits are a township's code; a case's number, a telephone or an identity number has more."""
    values = {value for value in watched.label_values() if not value.startswith("127.0.0.1:")}
    assert TOWN in values
    doubtful = re.compile(r"[\u4e00-\u9fff@]|\d{10}|[0-9a-f]{8}-[0-9a-f]{4}-|^XF\d")
    assert {value for value in values if doubtful.search(value)} == set()


def test_a_figure_that_is_gone_is_noticed(targets: list[Target], watched: Prometheus, server_folder: Path) -> None:
    """The twin: the same, but for one figure."""
    twin = Prometheus(server_folder / "twin", targets, dropped=DROPPED)
    twin.start()
    try:
        reading = {DROPPED, "zhida:outbox_age_seconds"}
        lost = {one for one in asked() if rules.figures(one) & reading}
        until(lambda: set(twin.silent(asked())) == lost, timeout=30, what=f"exactly what reads {DROPPED} to be silent")
        assert len(lost) >= 5
    finally:
        twin.process.stop()


def test_a_process_that_is_gone_is_seen_at_once_and_called_for_after_its_time(county: County, watched: Prometheus) -> None:
    """The last test: the town's worker is killed, and not started again."""
    county.town.worker().kill()
    until(lambda: watched.alerts().get("ZhidaProcessDown") == {"worker-1"}, timeout=30, what="ZhidaProcessDown to be pending")
    until(lambda: "ZhidaServiceGone" in watched.alerts(), timeout=30, what="ZhidaServiceGone to be pending")

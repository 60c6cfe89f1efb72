"""A telephone system reports to a real web process that dies under it: each call is registered once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import requests

from deploy.dev.instance import Instance
from deploy.dev.ports import free_port
from deploy.dev.processes import Process
from deploy.dev.waiting import until
from tests.integration.intake.intake_telephone import HOOK, headers, told, write_site


class TelephoneSystem:
    """Calls that ring, are answered or missed and end; each message is sent until it is answered, as the documentation asks."""

    def __init__(self, address: str) -> None:
        self.url = address + HOOK

    def post(self, message: dict[str, Any]) -> int:
        """The answer's status; 0 when there was none."""
        raw = json.dumps(message).encode()
        try:
            return requests.post(self.url, data=raw, headers=headers(raw), timeout=10).status_code
        except requests.RequestException:
            return 0

    def insist(self, message: dict[str, Any]) -> None:
        until(lambda: self.post(message) == 200, timeout=30, what="an answer")

    def ring(self, call: str, *kinds: str) -> Iterator[dict[str, Any]]:
        for kind in kinds:
            yield told(kind, call, caller=f"1387351{call[-4:]}")


@pytest.fixture(scope="module")
def county(server_folder, broker, database) -> Instance:
    folder = server_folder / "telephone"
    folder.mkdir()
    made = Instance(
        "431023", folder, broker=broker, database=database, services=("intake",), label="telephone-", die_with_parent=True,
        extra={"ZHIDA_FILE_INTAKE": str(write_site(folder))},
    )  # fmt: skip
    made.prepare()
    return made


@pytest.fixture
def web(county: Instance) -> Iterator[Any]:
    """Start a web process of the county's, broken as `tests.faults.sabotage` says, in place of the one before."""
    running: list[Process] = []

    def start(broken: str = "-", **env: str) -> Process:
        for process in running:
            process.kill()
        process = county.web(command=("-m", "tests.faults.sabotage", broken, "web"), env=env)
        process.start()
        running.append(process)
        process.wait_http(f"{county.address()}/livez", timeout=30)
        return process

    county.query(
        "TRUNCATE intake.call, intake.call_sealed, intake.call_event, intake.call_back, intake.unread_mail, intake.unread_bytes"
    )
    yield start
    for process in running:
        process.kill()


def counts(county: Instance) -> dict[str, int]:
    names = {"calls": "call", "messages": "call_event", "duties": "call_back WHERE stage = 'waiting'", "unread": "unread_mail"}
    return {name: county.query(f"SELECT count(*) FROM intake.{table}")[0][0] for name, table in names.items()}


def ended(process: Process) -> bool:
    return not process.alive()


CALLS = {
    "0001": ("ringing", "missed"),
    "0002": ("ringing", "answered", "ended"),
    "0003": ("missed", "ringing"),
    "0004": ("answered",),
}


def report_through_deaths(county: Instance, web: Any, twin: str, deaths: int) -> None:
    """The first messages are committed by a process that dies before it answers, and are sent again to the next one."""
    system = TelephoneSystem(county.address())
    for number, (call, kinds) in enumerate(CALLS.items()):
        messages = list(system.ring(f"call-{call}", *kinds))
        if number < deaths:
            dying = web(f"kill@telephone_after_commit,{twin}")
            assert system.post(messages[-1]) == 0
            until(partial(ended, dying), timeout=10, what="the end of the process")
            web(twin)
        for message in [*messages, messages[-1]]:
            system.insist(message)


def test_each_call_is_registered_once_although_the_web_process_dies_between_commit_and_answer(county, web):
    report_through_deaths(county, web, "-", deaths=2)
    assert counts(county) == {"calls": 4, "messages": 8, "duties": 2, "unread": 0}
    answered = county.query("SELECT count(*) FROM intake.call WHERE answered_at IS NOT NULL")
    assert answered == [(2,)]


def test_twin_without_the_look_at_what_came_before_calls_are_registered_twice(county, web):
    report_through_deaths(county, web, "forgetful_telephone", deaths=1)
    assert counts(county)["calls"] > 4
    assert counts(county)["messages"] > 8


def test_with_the_database_away_the_telephone_system_is_told_to_come_again(county, web):
    system = TelephoneSystem(county.address())
    [message] = system.ring("call-0009", "missed")
    web(DATABASE_URL_INTAKE=f"postgresql://intake@127.0.0.1:{free_port()}/nowhere")
    assert system.post(message) == 503
    web()
    system.insist(message)
    assert counts(county)["duties"] == 1

"""The corpus of requests against a real web process: each gets a clear answer, none a 500, and nothing is stored by halves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.instance import Instance
from deploy.dev.processes import Process
from tests.corpus.requests import API, URLENCODED, Request
from tests.corpus.requests import requests as corpus

MEMORY = 300 * 2**20  # bytes, of any one process


@pytest.fixture(scope="module")
def instance(server_folder: Path, broker: Broker, database: Database) -> Instance:
    limits = {
        "ZHIDA_RATE_LIMIT": "100000 per minute",
        "ZHIDA_PUBLIC_RATE_LIMIT": "100000 per minute",
        "ZHIDA_COSTLY_RATE_LIMIT": "100000 per minute",
    }
    return Instance(
        "431023", server_folder / "hostile", broker=broker, database=database, services=("intake",), label="hostile-",
        extra=limits, die_with_parent=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def web(instance: Instance) -> Iterator[Process]:
    instance.prepare()
    process = instance.web()
    process.start()
    process.wait_http(f"{instance.address()}/livez", timeout=30)
    yield process
    process.stop()


@pytest.fixture(scope="module")
def visitor(instance: Instance, web: Process) -> requests.Session:
    """A browser with the token that each form needs, or nothing but the token would be tested."""
    session = requests.Session()
    session.headers["Connection"] = "close"  # the server may let a line rest no longer than a slow machine does
    page = session.get(f"{instance.address()}/submit", timeout=10).text
    session.headers["X-CSRFToken"] = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    return session


def stored(instance: Instance) -> int:
    return int(instance.query("SELECT count(*) FROM intake.petition")[0][0])


def peak(pid: int) -> int:
    """The most memory that a process has held, in bytes."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("odd", list(corpus()), ids=lambda odd: odd.name)
def test_each_request_is_refused_or_stored_whole(odd: Request, instance: Instance, visitor: requests.Session, web: Process):
    before = stored(instance)
    headers = {"Content-Type": odd.kind, "Accept-Language": "zh"}
    headers |= {"Idempotency-Key": str(uuid4())} if odd.path == API else {}
    answer = visitor.post(f"{instance.address()}{odd.path}", data=odd.body, headers=headers, timeout=60)
    assert answer.status_code < 500
    assert stored(instance) == before + (answer.status_code == 201)
    if answer.status_code == 201:
        assert odd.path == API
        return
    assert answer.status_code in (400, 404, 409, 413, 415, 422)
    said: dict[str, Any] = answer.json() if odd.path == API else {"wrong": answer.text, "errors": []}
    assert re.search(r"[\u4e00-\u9fff]{4}", said["wrong"]), "no words in the reader's language"
    assert not odd.fields or {error["field"] for error in said["errors"]} & odd.fields


def test_afterwards_it_answers_as_before_has_said_no_traceback_and_kept_small(instance: Instance, web: Process):
    assert requests.get(f"{instance.address()}/submit", timeout=10).status_code == 200
    assert "Traceback" not in web.log.read_text()
    workers = [int(pid) for pid in Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()]
    assert workers
    assert [held for pid in workers if (held := peak(pid)) > MEMORY] == []


def test_an_honest_request_is_not_caught_by_any_of_this(instance: Instance, visitor: requests.Session):
    page = visitor.get(f"{instance.address()}/submit", timeout=10).text
    fields = {name: re.findall(rf'name="{name}" value="([^"]+)"', page)[0] for name in ("csrf_token", "key")}
    form = fields | {"title": "井水发黑", "text": "村里喝不上水", "identity": "anonymous", "matter_type": "appeal"}
    answer = visitor.post(f"{instance.address()}/submit", data=form, headers={"Content-Type": URLENCODED}, timeout=10)
    assert answer.status_code == 201

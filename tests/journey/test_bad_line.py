"""The channels that are forms, over a line that breaks: in the middle of the form, then before the answer. The third try is told what
came of it, and everything is there exactly once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from http.client import HTTPException
from urllib.parse import urlsplit

import pytest

from deploy.dev.county import County
from deploy.dev.desk import Desk
from deploy.dev.story import CLERK, SECRETARY
from tests.integration.intake.proxy import Line, Proxy

TEXT = "人民路的路灯坏了半个月，晚上看不见路。"
NUMBER = re.compile(r"431023-2016-\d{6}")


@pytest.fixture(scope="module")
def proxy(county: County) -> Iterator[Proxy]:
    with Proxy(urlsplit(county.county.address()).port or 80) as running:
        yield running


@pytest.fixture(scope="module")
def desk(county: County, proxy: Proxy) -> Desk:
    """The clerk, at the far end of the line."""
    desk = Desk(f"http://127.0.0.1:{proxy.port}")
    desk.open(urlsplit(county.link(CLERK)).path)
    return desk


def stored(county: County) -> tuple[int, int, int, int]:
    """Petitions, events of registration, calls, visits."""
    [counts] = county.county.query(
        "SELECT (SELECT count(*) FROM intake.petition), (SELECT count(*) FROM intake.event_log WHERE name = 'case.registered'),"
        " (SELECT count(*) FROM intake.call), (SELECT count(*) FROM intake.visit)"
    )
    return counts


@pytest.fixture
def insist(desk: Desk, proxy: Proxy) -> Iterator[Callable[..., str]]:
    """Send one form three times: it is broken off half way, then its answer is; the page that the third try sees."""

    def insist(path: str, action: str, /, **answers: object) -> str:
        form, first = desk.fill(path, action, **answers), len(proxy.lines)

        def rule(line: Line, speaker: str, data: bytes) -> bytes | None:
            turn = line.number - first
            if turn == 0 and speaker == "client" and data.endswith(form.data):  # type: ignore[arg-type]
                line.server.sendall(data[: -len(form.data) // 2])  # type: ignore[arg-type]
                return None
            return None if turn == 1 and speaker == "server" else data

        proxy.rule = rule
        for _ in range(2):
            with pytest.raises((OSError, HTTPException)):
                desk.hand_in(form)
        return desk.hand_in(form)

    yield insist
    proxy.rule = lambda line, speaker, data: data


def test_a_letter_is_registered_once(insist: Callable[..., str], county: County) -> None:
    petitions, told, calls, visits = stored(county)
    page = insist(
        "/intake/register/letter", "/register/letter", title="路灯不亮", text=TEXT, identity="anonymous", matter_type="appeal"
    )
    assert NUMBER.search(page)
    assert stored(county) == (petitions + 1, told + 1, calls, visits)


def test_a_call_is_written_up_once(insist: Callable[..., str], county: County) -> None:
    petitions, told, calls, visits = stored(county)
    assert NUMBER.search(insist("/intake/calls/new", "/calls/new", text=TEXT, outcome="case"))
    assert stored(county) == (petitions + 1, told + 1, calls + 1, visits)


def test_what_somebody_submits_is_registered_once(insist: Callable[..., str], county: County) -> None:
    petitions, told, calls, visits = stored(county)
    assert NUMBER.search(insist("/submit", "/submit", title="路灯不亮", text=TEXT, identity="anonymous", matter_type="appeal"))
    assert stored(county) == (petitions + 1, told + 1, calls, visits)


def test_twin_with_a_key_of_its_own_for_each_try_it_is_registered_twice(
    insist: Callable[..., str], desk: Desk, county: County
) -> None:
    petitions, told, calls, visits = stored(county)
    words = {"title": "路灯不亮", "text": TEXT, "identity": "anonymous", "matter_type": "appeal"}
    insist("/submit", "/submit", **words)
    desk.send("/submit", "/submit", **words)
    assert stored(county) == (petitions + 2, told + 2, calls, visits)


def test_a_visitor_has_one_ticket_and_the_record_makes_one_petition(insist: Callable[..., str], county: County) -> None:
    petitions, told, calls, visits = stored(county)
    before = [visit for (visit,) in county.county.query("SELECT id FROM intake.visit")]
    assert re.search(r"A\d{3}", insist("/intake/visits/walk-in", "/walk-in", matter="路灯", group_size="1", inside="1"))
    [(visit,)] = county.county.query("SELECT id FROM intake.visit WHERE id <> ALL(%s)", before)
    assert stored(county) == (petitions, told, calls, visits + 1)
    for action in ("call", "begin"):
        insist("/intake/visits", f"/visits/{visit}/step", action=action)
    page = insist(
        f"/intake/visits/{visit}", "/record", visit_outcome="registered", official=SECRETARY, said=TEXT, title="路灯不亮",
        matter_type="appeal", identity="anonymous",
    )  # fmt: skip
    assert NUMBER.search(page)
    assert stored(county) == (petitions + 1, told + 1, calls, visits + 1)

"""Alerts by webhook, to the receiver that the documentation shows: signed, under one identity, no further than it was meant."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from deploy.dev.ports import free_port
from services.routing import telling
from tests.integration.routing.alerting import RECIPIENT, an_office, by_webhook, give, real_now, tell
from tests.integration.routing.world import EPB, instruct

DOCS = Path(__file__).parents[3] / "docs/alerts.md"
SECRET = b"an-example-secret-of-32-characters"
LATER = "2016-11-07 09:34"


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/zhida"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Gateway:
    """The documentation's receiver, as a reader would copy it."""

    def __init__(self) -> None:
        [code] = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
        self.made: dict[str, Any] = {}
        exec(compile(code, str(DOCS), "exec"), self.made)  # noqa: S102
        self.made["Gateway"].log_message = lambda *_: None
        self.port = free_port()
        self.answer = self.made["Gateway"].answer

    @property
    def taken(self) -> list[dict[str, Any]]:
        return list(self.made["taken"].values())

    def serve(self) -> Any:
        return running(self.made["serve"](self.port))

    def after_taking(self, status: int) -> None:
        """Answer this although the message is taken: the answer got lost."""
        self.made["Gateway"].answer = lambda one, was: self.answer(one, status if was == 204 else was)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def using(tmp_path: Path) -> Callable[..., telling.Office]:
    return lambda url, secret=SECRET: by_webhook(an_office(None), url, tmp_path, secret)


def messages(county) -> list[tuple[str, str, str]]:
    rows = county.query("SELECT medium, stage, failure FROM alert_message ORDER BY made_at, id")
    return [(row["medium"], row["stage"], row["failure"]) for row in rows]


@pytest.fixture
def issued(county, case_id):
    """The bureau's head has a new assignment, and an id at the gateway."""
    give(county, mail="", webhook=RECIPIENT)
    instruct(county, case_id, EPB)
    return county


def test_the_example_receiver_of_the_documentation_takes_a_signed_message(issued, gateway, using):
    with gateway.serve() as url:
        tell(issued, using(url), LATER)
    (message,) = gateway.taken
    assert (message["to"], message["url"]) == (RECIPIENT, "https://zhida.example.org")
    (line,) = message["lines"]
    assert (line["kind"], line["number"]) == ("issued", "XF20161107-0001")
    assert line["zh"] == "有一件新的交办，编号 XF20161107-0001"
    assert messages(issued) == [("webhook", "sent", "")]


def test_one_whose_answer_was_lost_is_sent_again_under_the_same_id_and_taken_once(issued, gateway, using):
    gateway.after_taking(500)
    with gateway.serve() as url:
        tell(issued, using(url), LATER)
        assert messages(issued) == [("webhook", "waiting", "http_500")]
        gateway.after_taking(204)
        tell(issued, using(url), "2016-11-07 09:40")
    assert len(gateway.taken) == 1
    assert messages(issued) == [("webhook", "sent", "")]


def test_the_twin_whose_receiver_keeps_no_ids_shows_that_it_came_twice(issued, gateway, using):
    class Forgetful(dict):
        came = 0

        def __contains__(self, key: object) -> bool:
            Forgetful.came += 1
            return False

    gateway.made["taken"] = Forgetful()
    test_one_whose_answer_was_lost_is_sent_again_under_the_same_id_and_taken_once(issued, gateway, using)
    assert Forgetful.came == 2


def test_another_secret_is_refused_and_tried_again_and_an_unknown_recipient_is_not(issued, gateway, using):
    with gateway.serve() as url:
        tell(issued, using(url, b"another-secret-of-thirty-two-characters"), LATER)
        assert messages(issued) == [("webhook", "waiting", "http_401")]
        give(issued, mail="", webhook="wx-nobody")
        tell(issued, using(url), "2016-11-07 09:40")
    assert (gateway.taken, messages(issued)) == ([], [("webhook", "failed", "http_404")])
    assert issued.query("SELECT webhook_failed FROM contact")[0]["webhook_failed"] == "http_404"


def test_a_redirect_leads_nowhere(issued, gateway, using):
    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(307)
            self.send_header("Location", f"http://127.0.0.1:{gateway.port}/zhida")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with gateway.serve(), running(ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)) as url:
        tell(issued, using(url), LATER)
    assert (gateway.taken, messages(issued)) == ([], [("webhook", "waiting", "http_307")])


def test_a_gateway_in_the_county_s_own_network_is_asked_only_where_the_site_says_so(issued, gateway, using):
    with gateway.serve() as url:
        outside = using(url)
        assert outside.webhook is not None
        hook = replace(outside.webhook, private=False)
        tell(issued, replace(outside, webhook=hook, asker=telling._asker(hook)), LATER)
    assert (gateway.taken, messages(issued)) == ([], [("webhook", "waiting", "address_refused")])


def test_a_gateway_that_is_away_and_a_secret_that_cannot_be_read_are_tried_again(issued, using, tmp_path):
    nobody = using(f"http://127.0.0.1:{free_port()}/zhida")
    tell(issued, nobody, LATER)
    assert messages(issued) == [("webhook", "waiting", "unreachable")]
    (tmp_path / "gateway.secret").write_text("short")
    issued.at("2016-11-07 09:40")
    assert telling.send_all(issued.database, 5, nobody, real_now) == 1
    assert messages(issued) == [("webhook", "waiting", "no_secret")]

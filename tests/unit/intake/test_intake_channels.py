"""What fetches is begun anew after a failure, and one that fails keeps no other from its work."""

from __future__ import annotations

import threading

import pytest

from services.intake.channels import fetchers as channels
from services.intake.channels.fetchers import Fetcher, run_all
from shared.errors import Unavailable


@pytest.mark.parametrize("fault", [Unavailable("the server is away"), RuntimeError("a mistake")])
def test_a_fetcher_that_fails_is_begun_anew_and_the_others_go_on(monkeypatch, fault, caplog):
    monkeypatch.setattr(channels, "FIRST_PAUSE", 0.01)
    stopping, tries, done = threading.Event(), [], threading.Event()

    def fails(_: threading.Event) -> None:
        tries.append(1)
        if len(tries) == 3:
            done.wait(10)
            stopping.set()
            return
        raise fault

    def works(told: threading.Event) -> None:
        done.set()
        told.wait(10)

    run_all([Fetcher(name="fails", run=fails), Fetcher(name="works", run=works)], stopping)
    assert len(tries) == 3
    assert done.is_set()
    assert caplog.text.count("fails waits") == 2
    assert "a mistake" not in caplog.text, "what a mistake says may be a mail's words"

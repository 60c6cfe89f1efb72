"""Invariant I8 where nothing lies on a disk: figures, readiness, answers of one process to another."""

from __future__ import annotations

import requests

from tests import canaries
from tests.faults.conftest import Make


def test_no_figure_of_any_process_tells_who_a_petitioner_is(make: Make) -> None:
    system = make()
    web, worker = system.web(), system.up(system.worker())
    assert [system.driver.register() for _ in range(3)] == [201] * 3
    system.rest()
    assert system.violations() == []
    said = b""
    for process in (web, worker):
        for page in ("livez", "readyz", "metrics"):
            answer = requests.get(f"{system.county.address(process.name)}/{page}", timeout=10)
            assert answer.status_code == 200
            said += answer.content
    assert b"zhida_petitions_registered_total" in said
    assert [pattern for pattern in canaries.patterns() if pattern in said] == []

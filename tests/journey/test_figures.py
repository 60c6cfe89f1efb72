"""What each process says of itself while the county runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request

import pytest

from deploy.dev.county import County
from deploy.dev.waiting import until


def fetch(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own process
        return str(answer.read().decode())


def processes(county: County) -> list[str]:
    return [address.removesuffix("/readyz") for _, _, address in county.processes()]


def test_every_process_is_alive_and_ready(county: County) -> None:
    for address in processes(county):
        assert fetch(f"{address}/livez")
        assert "down" not in fetch(f"{address}/readyz")


def test_promtool_accepts_the_figures_of_every_process_without_complaint(county: County) -> None:
    promtool = shutil.which("promtool")
    assert promtool, "no promtool here: run `make setup-tests`"
    for address in processes(county):
        figures = fetch(f"{address}/metrics")
        done = subprocess.run([promtool, "check", "metrics"], input=figures, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, ""), address


@pytest.mark.parametrize(
    "name", ["zhida_events_sealed_total", "zhida_events_handled_total", "zhida_outbox_age_seconds", "zhida_parked_events"]
)
def test_the_worker_states_the_figures_that_alarms_rest_on(county: County, name: str) -> None:
    county.driver.rest.wait()
    address = f"{county.county.address('worker')}/metrics"
    until(lambda: f"{name}{{" in fetch(address), timeout=15, what=f"{name}, which is measured every five seconds")


def test_logs_are_json_and_name_nobody(county: County) -> None:
    for _, process, _ in county.processes():
        lines = [line for line in process.log.read_text().splitlines() if line.startswith("{")]
        for line in lines:
            json.loads(line)
        text = "\n".join(lines)
        for name in ("赵宇", "雷卫华", "李秀英", "多说无益", "13907351234", "何水生"):
            assert name not in text

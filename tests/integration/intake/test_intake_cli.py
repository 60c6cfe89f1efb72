"""`zhida intake email`, `likeness` and `smtp`, as an operator runs them."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.dev.ports import free_port
from services.intake.handlers.likeness import take_up
from shared.config import Settings
from tests.integration.intake.intake_bus import ORG
from tests.integration.intake.intake_cases import SENDER, a_case, a_mail

ZHIDA = [sys.executable, "-c", "from shared.cli import main; main()", "intake"]


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    return os.environ | {
        "ZHIDA_ORG": ORG, "ZHIDA_KEYS": str(settings.keys), "DATABASE_URL": settings.database_url,
        "DATABASE_URL_INTAKE": settings.service_url("intake"),
    }  # fmt: skip


def run(environment: dict[str, str], *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*ZHIDA, *words], input=given, env=environment, capture_output=True, timeout=120)


def test_a_mail_from_a_file_and_from_standard_input_prints_one_number(environment, intake, tmp_path: Path, told):
    raw = a_mail()
    (tmp_path / "one.eml").write_bytes(raw)
    first = run(environment, "email", str(tmp_path / "one.eml"))
    again = run(environment, "email", "-", given=raw)
    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert first.stdout == again.stdout
    assert told()[0][1]["number"] == first.stdout.decode().strip()
    assert len(told()) == 1


def test_a_mail_that_is_kept_for_a_clerk_says_so_with_1(environment, intake, told):
    done = run(environment, "email", "-", given=b"")
    assert (done.returncode, done.stdout, b"no_text" in done.stderr) == (1, b"", True)
    assert told() == []


@pytest.mark.parametrize("fault", ["no file", "no database", "no key"])
def test_when_nothing_could_be_stored_the_code_is_2(environment, intake, tmp_path: Path, fault: str):
    away = f"postgresql://x@127.0.0.1:{free_port()}/x"
    changes = {"no database": {"DATABASE_URL_INTAKE": away}, "no key": {"ZHIDA_KEYS": "/nowhere"}}
    changed = changes.get(fault, {})
    done = run(environment | changed, "email", "/nowhere.eml" if fault == "no file" else "-", given=a_mail())
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr
    assert b"Traceback" not in done.stderr


def test_every_petition_waits_again_to_have_its_words_taken_up(environment, intake, vault):
    case_id = a_case(intake, vault)
    with intake.unit_of_work() as uow:
        assert take_up(uow, vault) == 1
    done = run(environment, "likeness")
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT case_id FROM unshingled") == [{"case_id": case_id}]
        assert uow.all("SELECT FROM shingle") == []
    away = f"postgresql://x@127.0.0.1:{free_port()}/x"
    assert run(environment | {"DATABASE_URL_INTAKE": away}, "likeness").returncode == 2


def test_the_receiver_listens_until_it_is_told_to_stop(environment, intake, told):
    port = free_port()
    receiver = subprocess.Popen([*ZHIDA, "smtp", "--port", str(port)], env=environment, stderr=subprocess.PIPE)
    try:
        assert receiver.stderr is not None
        assert b"listening" in receiver.stderr.readline()
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
            client.sendmail(SENDER, ["letters@yongxing.example"], a_mail())
    finally:
        receiver.send_signal(signal.SIGTERM)
        assert receiver.wait(30) == 0
    assert [name for name, _ in told()] == ["case.registered"]

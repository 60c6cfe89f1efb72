"""`zhida intake channels` as an operator runs it: killed at the worst moment, drained on request, plain about its mistakes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from deploy.dev.ports import free_port
from deploy.dev.waiting import until
from services.intake.mail.reading import LARGEST
from tests.integration.intake.dovecot import PASSWORD
from tests.integration.intake.intake_bus import ORG
from tests.integration.intake.mailbox_cases import TAKEN, all_taken, exactly_once, fill, ids, registered
from tests.integration.intake.proxy import Line, Proxy


@contextmanager
def channels_process(settings, tmp_path: Path, site: str, **extra: str) -> Iterator[subprocess.Popen[bytes]]:
    """`zhida intake channels` as an operator runs it."""
    file = tmp_path / "intake.yaml"
    file.write_text(site, encoding="utf-8")
    environment = os.environ | {
        "ZHIDA_ORG": ORG, "ZHIDA_KEYS": str(settings.keys), "DATABASE_URL": settings.database_url,
        "DATABASE_URL_INTAKE": settings.service_url("intake"), "ZHIDA_FILE_INTAKE": str(file), **extra,
    }  # fmt: skip
    command = [sys.executable, "-c", "from shared.cli import main; main()", "intake", "channels"]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        yield running
    finally:
        if running.poll() is None:
            running.kill()
        running.wait(10)


def a_site(tmp_path: Path, user: str, port: int) -> str:
    secret = tmp_path / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    return f"mail: {{accounts: [{{name: letters, host: 127.0.0.1, port: {port}, tls: none, user: {user}, password_file: {secret}}}]}}"


def test_kill_9_between_commit_and_flag_costs_no_mail_and_doubles_none(settings, intake, vault, dovecot, user, tmp_path):
    fill(dovecot, user, ids(3))
    held: list[float] = []

    def hold(line: Line, speaker: str, data: bytes) -> bytes:
        if line.number == 0 and speaker == "client" and b"STORE" in data:
            held.append(time.monotonic())
            until(lambda: not held, timeout=60, what="the process to be killed")
        return data

    with Proxy(dovecot.ports["imap"], hold) as proxy:
        with channels_process(settings, tmp_path, a_site(tmp_path, user, proxy.port)) as running:
            until(lambda: bool(held), timeout=60, what="the first flag")
            assert registered(intake, vault).total() == 1
            assert not any(TAKEN & flags for flags in dovecot.flags(user).values())
            running.kill()
            running.wait(10)
        proxy.lines[0].cut()
        held.clear()
        with channels_process(settings, tmp_path, a_site(tmp_path, user, proxy.port)) as running:
            all_taken(dovecot, user, 3)
            running.send_signal(signal.SIGTERM)
            _, said = running.communicate(timeout=30)
    assert running.returncode == 0, said
    assert b"channels have drained" in said
    assert PASSWORD.encode() not in said
    exactly_once(intake, vault, ids(3))


def test_a_mail_box_with_mails_of_25_mb_costs_less_than_300_mb(settings, intake, vault, dovecot, user, tmp_path):
    line = b"A" * 76 + b"\r\n"
    for name in ids(3):
        head = f"From: {name[1:-1]}\r\nMessage-ID: {name}\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n"
        part = "--b\r\nContent-Type: image/jpeg; name=a.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        dovecot.put(user, (head + part).encode() + line * ((LARGEST - 400) // len(line)) + b"--b--\r\n")
    with channels_process(settings, tmp_path, a_site(tmp_path, user, dovecot.ports["imap"])) as running:
        all_taken(dovecot, user, 3)
        status = Path(f"/proc/{running.pid}/status").read_text()
    most = int(status.partition("VmHWM:")[2].split()[0])  # kB
    assert 100_000 < most < 300 * 1024
    exactly_once(intake, vault, ids(3))


def test_the_process_tells_how_it_is_and_what_it_did(settings, intake, vault, dovecot, user, tmp_path):
    fill(dovecot, user, ids(1))
    port, smtp = free_port(), free_port()
    site = a_site(tmp_path, user, dovecot.ports["imap"]).removesuffix("}") + f", listeners: [{{protocol: smtp, port: {smtp}}}]}}"
    with channels_process(settings, tmp_path, site, ZHIDA_HEALTH_PORT=str(port)) as running:

        def ready() -> bool:
            try:
                return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
            except requests.RequestException:
                assert running.poll() is None
                return False

        until(ready, timeout=60, what="the process to be ready")
        all_taken(dovecot, user, 1)
        before = time.time()
        fill(dovecot, user, ids(2)[1:])
        all_taken(dovecot, user, 2)
        until(lambda: read_at(figures(port)) > before, timeout=10, what="the box to be read to its end")
        assert 'zhida_mails_taken_total{result="registered"} 2.0' in figures(port)


def figures(port: int) -> str:
    return requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text


def read_at(text: str) -> float:
    found = re.search(r'^zhida_mailbox_last_success_timestamp\{account="letters"\} (\S+)$', text, re.MULTILINE)
    assert found
    return float(found[1])


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ("{}", "names nothing to fetch"), ("mail: {accounts: [{name: a}]}", "mail.accounts.0.host"),
        ("mail: {accounts: [{name: a, host: localhost, user: u, password_file: nowhere}]}", "nowhere"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_sites_file_ends_the_process_with_its_name(settings, intake, tmp_path, site, words):
    with channels_process(settings, tmp_path, site) as running:
        _, said = running.communicate(timeout=60)
    assert running.returncode == 2
    assert words in said.decode()
    assert "Traceback" not in said.decode()

"""The standard library's own test messages, and the largest mails, pass through the door: none raises, none is lost, none fills the memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.intake.channels.taking import take
from services.intake.mail.reading import LARGEST, MOST_LINES
from tests.integration.intake.intake_bus import ORG

MOST_MEMORY = 300 * 2**20


def messages() -> list[Path]:
    """Where this Python has them; Debian puts them into a package of their own."""
    import test.test_email  # type: ignore[import-not-found]

    found = sorted(Path(test.test_email.__file__).parent.joinpath("data").iterdir())
    return [path for path in found if path.is_file() and path.suffix == ".txt"]


def test_every_message_of_the_standard_librarys_own_tests_is_registered_or_kept(intake, vault):
    raws = {path.name: path.read_bytes() for path in messages()}
    assert len(raws) >= 40
    for turn in (False, True):
        for raw in raws.values():
            for form in (raw, raw.replace(b"\n", b"\r\n")) if turn else (raw,):
                taken = take(intake, vault, form)
                assert bool(taken.number) != bool(taken.reason)
                assert taken.again or not turn or form != raw
    with intake.unit_of_work() as uow:
        kept = uow.one(
            "SELECT (SELECT count(*) FROM original) + (SELECT count(*) FROM correspondence_sealed) AS registered,"
            " (SELECT count(*) FROM unread_bytes) AS unread, (SELECT count(*) FROM unread_mail WHERE reason = 'broken') AS broken"
        )
    assert kept is not None
    assert kept["registered"] >= 20
    assert kept["registered"] + kept["unread"] >= len(set(raws.values()))
    assert kept["broken"] == 0


HEAD = b"From: a@example.org\r\nMessage-ID: <large@example.org>\r\nSubject: x\r\n"
LARGE = {
    "an attachment": b'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n--b\r\nContent-Type: image/jpeg; name="a.jpg"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\n%s--b--\r\n",
    "text in eight bits": b"Content-Type: text/plain; charset=gb18030\r\n\r\n%s",
    "as many lines as are read": b"\r\n%s",
    "nothing but lines": b"\r\n%s",
    "a header": b"X: %s\r\n\r\nwords",
    "html": b"Content-Type: text/html\r\n\r\n%s",
}
FILLED = {
    "an attachment": b"A" * 76 + b"\r\n", "text in eight bits": "井水发黑".encode("gb18030") * 9 + b"\r\n",
    "as many lines as are read": b"x" * 23 + b"\xce\xd2\n", "nothing but lines": b"\n", "a header": b"x" * 70 + b"\r\n ",
    "html": b"<p>x" * 19 + b"\r\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", LARGE)
def test_a_mail_of_25_mb_costs_less_than_300_mb(settings, intake, vault, tmp_path, kind):
    room = LARGEST - len(HEAD) - len(LARGE[kind])
    filling = FILLED[kind] * (room // len(FILLED[kind]))
    raw = HEAD + LARGE[kind] % filling
    assert LARGEST - 100 <= len(raw) <= LARGEST
    (tmp_path / "large.eml").write_bytes(raw)
    program = """
import json, re, sys
from pathlib import Path
from services.intake.vault.crypto import open_vault
from services.intake.channels.taking import take
from shared import config
from shared.database import Database
settings = config.load()
database = Database(settings.service_url("intake"), service="intake", org=settings.org)
def most():
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
before = most()
taken = take(database, open_vault(settings.keys), Path(sys.argv[1]).read_bytes())
print(json.dumps([taken.number, taken.reason, before, most()]))
"""
    environment = os.environ | {
        "ZHIDA_ORG": ORG, "ZHIDA_KEYS": str(settings.keys), "DATABASE_URL_INTAKE": settings.service_url("intake"),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "large.eml")], env=environment, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    number, reason, before, most = json.loads(done.stdout)
    print(f"{kind}: {before >> 20} MB before, {most >> 20} MB at most, {number or reason}")
    assert bool(number) != bool(reason)
    assert reason in ("", "too_many_lines" if filling.count(b"\n") > MOST_LINES else "")
    assert most < MOST_MEMORY

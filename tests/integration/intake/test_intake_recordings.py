"""Recordings: signed, once, among the case's attachments; and the documentation's examples, which are run as they stand there."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from services.intake.domain.submission import Purpose
from services.intake.files.cabinet import open_cabinet
from services.intake.handlers.opening import read_original
from services.intake.site import read_site
from shared.web.server import build
from tests.integration.intake.intake_cases import post
from tests.integration.intake.intake_telephone import HOOK, NUMBER, SECRET, headers, report, rows, told, write_site

DOCUMENT = Path(__file__).parents[3] / "docs" / "telephone.md"
RECORDINGS = f"{HOOK}/recordings"  # no call's id in it: that may be the number, and addresses stand in logs
VOICE = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"voice" * 40


@pytest.fixture(scope="module")
def lined(settings, tmp_path_factory):
    return replace(settings, service_files={"intake": write_site(tmp_path_factory.mktemp("site"))})


@pytest.fixture(scope="module")
def site(lined):
    return build(lined)


def send(client, content: bytes = VOICE, call: str = "call-1", *, signed: bytes | None = None, part: str = "file"):
    proof = signed or f"{call}.{hashlib.sha256(content).hexdigest()}".encode()
    return client.post(
        RECORDINGS, data={"call_id": call, part: (io.BytesIO(content), f"{NUMBER}.wav")},
        headers={"Zhida-Signature": headers(proof, path=RECORDINGS)["Zhida-Signature"]}, content_type="multipart/form-data",
    )  # fmt: skip


def write_up(client, intake, **changes: str):
    [call] = rows(intake, "call")
    form = {
        "key": str(uuid4()),
        "text": "井水发黑。",
        "line": "hot",
        "matter_type": "appeal",
        "outcome": "case",
        "call": str(call["id"]),
    }
    return post(client, "/intake/calls/new", form | changes)


@pytest.mark.parametrize("order", ["recording first", "case first"])
def test_a_recording_is_among_the_attachments_of_the_case_that_its_call_became_once(browse, intake, lined, vault, clerk, order):
    report(browse(), told("answered"))
    steps = [lambda: [send(browse()).status_code for _ in range(2)], lambda: write_up(browse("clerk"), intake).status_code]
    assert [step() for step in (steps if order == "recording first" else steps[::-1])] in ([[200, 200], 201], [201, [200, 200]])
    [kept] = rows(intake, "attachment")
    [recording] = rows(intake, "call_recording", "bytes, attachment_id")
    assert (kept["kind"], kept["form"], recording) == ("recording", "wav", {"bytes": None, "attachment_id": kept["id"]})
    store = open_cabinet(read_site(lined).files).store
    with intake.unit_of_work() as uow:
        _, _, content = read_original(uow, store, vault, kept["case_id"], clerk, kept["id"], purpose=Purpose.TRANSCRIBE)
    assert content == VOICE


def test_a_recording_may_come_before_its_call_and_is_opened_for_a_purpose_that_is_logged(browse, intake):
    assert send(browse()).json == {"taken": True, "again": False}
    assert send(browse()).json == {"taken": True, "again": True}
    report(browse(), told("answered", ago=3))
    [call], [recording] = rows(intake, "call"), rows(intake, "call_recording")
    assert (call["recorded"], call["answered_at"] == call["started_at"]) == (True, True)
    clerk, path = browse("clerk"), f"/intake/calls/{call['id']}/recordings/{recording['id']}"
    assert path in clerk.get(f"/intake/calls/{call['id']}").text
    assert post(clerk, path, {}).status_code == 303
    opened = post(clerk, path, {"purpose": "transcribe"})
    assert (opened.data, opened.mimetype) == (VOICE, "application/octet-stream")
    assert NUMBER not in opened.headers["Content-Disposition"]
    assert {"what": "original", "purpose": "transcribe"} in rows(intake, "look", "what, purpose")
    assert post(clerk, f"/intake/calls/{call['id']}/recordings/{uuid4()}", {"purpose": "transcribe"}).status_code == 404
    assert post(browse("leader"), path, {"purpose": "transcribe"}).status_code == 403


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [
        ({"signed": b"call-2." + hashlib.sha256(VOICE).hexdigest().encode()}, 401, "Zhida-Signature"),
        ({"signed": b"call-1." + hashlib.sha256(b"other").hexdigest().encode()}, 401, "Zhida-Signature"),
        ({"content": b"%PDF-1.4 no voice"}, 422, "file"), ({"content": b""}, 422, "files"), ({"content": b"MZ program"}, 422, "files"),
        ({"part": "voice", "signed": b"call-1." + hashlib.sha256(b"").hexdigest().encode()}, 422, "file"),
    ],
)  # fmt: skip
def test_what_is_no_signed_recording_is_refused_by_field_and_leaves_nothing(browse, intake, given, status, field):
    answer = send(browse(), **given)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (status, field)
    assert rows(intake, "call") == rows(intake, "call_recording") == []


def test_a_recording_as_json_or_without_a_possible_call_id_is_refused(browse):
    assert browse().post(RECORDINGS, json={}).status_code == 415
    assert browse().post(HOOK, data={"file": "x"}).status_code == 415
    for call in ("c" * 201, ""):
        answer = send(browse(), call=call)
        assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "call_id")


def test_a_voice_stands_nowhere_in_the_clear(browse, intake, settings):
    send(browse())
    [kept] = rows(intake, "call_recording", "bytes")
    assert b"voice" not in bytes(kept["bytes"])


# -- the documentation --------------------------------------------------------------------------------------------------


def example(language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    return found


@pytest.fixture
def environment(site, intake, tmp_path):
    """A web server on a port, and what the examples ask of their environment."""
    from threading import Thread

    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, site, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    (tmp_path / "hot.key").write_bytes(SECRET)
    yield os.environ | {
        "ZHIDA": f"http://127.0.0.1:{server.server_port}",
        "LINE": "hot",
        "SECRET_FILE": str(tmp_path / "hot.key"),
    }
    server.shutdown()
    thread.join()


def test_the_example_for_the_shell_does_what_it_says(environment, intake):
    done = subprocess.run(["bash", "-euc", example("sh")], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [row["calls"] for row in rows(intake, "call_back")] == [1]


def test_the_example_in_python_does_what_it_says_and_is_short(environment, intake):
    code = example("python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 30
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("{'again': False, 'taken': True}") == 4
    [call] = rows(intake, "call")
    assert (call["recorded"], call["answered_at"] is None, call["ended_at"] is None) == (True, False, False)
    assert len(rows(intake, "call_recording")) == 1

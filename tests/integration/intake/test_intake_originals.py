"""The mail as it came: opened by the clerk who reads its scan, for a purpose, as a download that nothing runs."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest

from services.intake.channels.taking import take
from tests import canaries
from tests.integration.intake.intake_bus import CLERK, HEAD
from tests.integration.intake.intake_cases import AT, PETITION, SENDER, a_case, a_mail, issued, post

SCAN = b"\xff\xd8\xff scan \x00\x01"
OPEN = {"part": "0", "purpose": "transcribe"}


def a_scan(**headers: str) -> bytes:
    """A mail whose words are all in its picture; one file tries to be a page."""
    message = EmailMessage()
    message["From"], message["Message-ID"] = f"{canaries.ALIAS} <{SENDER}>", "<scan@example.org>"
    for name, value in headers.items():
        message[name] = value
    message.add_attachment(SCAN, maintype="image", subtype="jpeg", filename="手写信.jpg")
    message.add_attachment(b"<script>alert(1)</script>", maintype="text", subtype="html", filename="page.html")
    return message.as_bytes()


@pytest.fixture
def mailed(intake, vault) -> UUID:
    """A petition that came as a mail with a scan; its sender is confidential."""
    take(intake, vault, a_scan(Subject="来信扫描件"))
    with intake.unit_of_work() as uow:
        return uow.one("SELECT id FROM petition")["id"]


@pytest.fixture
def kept(intake, vault) -> UUID:
    """A mail that was kept, for it has no text."""
    take(intake, vault, a_scan())
    with intake.unit_of_work() as uow:
        return uow.one("SELECT id FROM unread_mail")["id"]


def looks(intake) -> list[tuple[Any, ...]]:
    with intake.unit_of_work() as uow:
        return [(row["what"], row["purpose"], row["official"]) for row in uow.all("SELECT * FROM look ORDER BY id")]


def test_the_clerk_opens_the_mail_and_its_scan_for_a_purpose_that_the_auditor_sees(browse, intake, mailed):
    clerk, path = browse("clerk"), f"/intake/petitions/{mailed}/original"
    assert path in clerk.get(f"/intake/petitions/{mailed}").text
    form = clerk.get(path).text
    assert "手写信.jpg" in form
    assert SENDER not in form
    whole = post(clerk, path, OPEN)
    scan = post(clerk, path, OPEN | {"part": "1", "purpose": "verify"})
    assert (whole.status_code, scan.status_code) == (200, 200)
    assert SENDER.encode() in whole.data
    assert scan.data == SCAN
    assert [look for look in looks(intake) if look[0] == "original"] == [
        ("original", "transcribe", CLERK.official), ("original", "verify", CLERK.official),
    ]  # fmt: skip
    log = browse("auditor", official="o-auditor", org="431023-cdi").get("/intake/looks?what=original").text
    assert "抄录、摘要" in log
    assert SENDER not in log
    assert clerk.get(f"{path}?lang=en").status_code == 200


@pytest.mark.parametrize("part", ["0", "1", "2"])
def test_it_is_a_download_that_no_browser_runs_or_keeps(browse, mailed, part):
    answer = post(browse("clerk"), f"/intake/petitions/{mailed}/original", OPEN | {"part": part})
    headers = answer.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert re.fullmatch(r'attachment; filename="431023-\d{4}-\d{6}-\d\.(eml|jpg|bin)"', headers["Content-Disposition"])
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize(
    ("form", "field"),
    [({}, "part"), ({"part": "0"}, "purpose"), (OPEN | {"purpose": "contact"}, "purpose"), (OPEN | {"purpose": "curiosity"}, "purpose"),
     (OPEN | {"part": "3"}, "part"), (OPEN | {"part": "-1"}, "part"), (OPEN | {"part": "x"}, "part"), (OPEN | {"part": "9" * 30}, "part")],
)  # fmt: skip
def test_without_a_purpose_or_a_file_nothing_is_opened_or_logged(browse, intake, mailed, form, field):
    answer = post(browse("clerk"), f"/intake/petitions/{mailed}/original", form)
    assert (answer.status_code, f"field-{field}" in answer.text) == (422, True)
    assert "original" not in {what for what, _, _ in looks(intake)}


def test_a_petition_without_a_mail_says_so(browse, intake, vault):
    case_id, clerk = a_case(intake, vault), browse("clerk")
    assert "original" not in clerk.get(f"/intake/petitions/{case_id}").text
    for answer in (
        clerk.get(f"/intake/petitions/{case_id}/original"),
        post(clerk, f"/intake/petitions/{case_id}/original", OPEN),
    ):
        assert answer.status_code == 404
        assert "没有邮件原件" in answer.text


def test_neither_the_barred_nor_whoever_handles_a_confidential_case_opens_it(browse, intake, mailed, hear):
    path = f"/intake/petitions/{mailed}/original"
    hear("assignment.issued", mailed, issued())
    both = browse("office", "leader", official=HEAD.official, org="431023-office")
    assert path not in both.get(f"/intake/petitions/{mailed}").text
    hear("case.barred", mailed, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    for client, status in ((both, 403), (browse("clerk"), 404)):
        for answer in (client.get(path), post(client, path, OPEN)):
            assert answer.status_code == status
            assert SENDER not in answer.text
    for roles in (("leader",), ("first_in_command",), ("followup",), ("auditor",)):
        assert browse(*roles, official="o-x").get(path).status_code == 403
    assert browse("clerk", official="o-far", org="431023104", scope=("431023104",)).get(path).status_code == 404
    assert "original" not in {what for what, _, _ in looks(intake)}


def test_a_kept_mail_without_a_word_is_opened_and_then_lies_with_its_petition(browse, intake, kept):
    clerk = browse("clerk")
    shown = clerk.get(f"/intake/unread/{kept}").text
    assert "手写信.jpg" in shown
    answer = post(clerk, f"/intake/unread/{kept}/original", {"part": "1"})
    assert (answer.data, answer.headers["Content-Type"]) == (SCAN, "application/octet-stream")
    assert looks(intake)[-1] == ("original", "unread", CLERK.official)
    for wrong in ({}, {"part": "7"}):
        assert post(clerk, f"/intake/unread/{kept}/original", wrong).status_code == 422
    assert post(clerk, "/intake/register/email", PETITION | {"key": str(kept), "mail": str(kept)}).status_code == 303
    with intake.unit_of_work() as uow:
        case_id = uow.one("SELECT id FROM petition")["id"]
    assert post(clerk, f"/intake/petitions/{case_id}/original", OPEN | {"part": "1"}).data == SCAN


def test_a_kept_mail_that_was_registered_is_shut_to_whoever_is_barred_from_its_case(browse, intake, kept, hear):
    clerk = browse("clerk")
    post(clerk, "/intake/register/email", PETITION | {"key": str(kept), "mail": str(kept)})
    with intake.unit_of_work() as uow:
        case_id = uow.one("SELECT id FROM petition")["id"]
    assert clerk.get(f"/intake/unread/{kept}").status_code == 200
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    for answer in (
        clerk.get(f"/intake/unread/{kept}"), post(clerk, f"/intake/unread/{kept}/original", {"part": "0"}),
        post(clerk, f"/intake/unread/{kept}/dismiss", {"reason": "spam"}), clerk.get(f"/intake/petitions/{case_id}/original"),
    ):  # fmt: skip
        assert answer.status_code == 404
        assert SENDER not in answer.text


def test_the_bytes_come_back_as_they_were(browse, intake, vault):
    raw = a_mail()
    take(intake, vault, raw)
    with intake.unit_of_work() as uow:
        case_id = uow.one("SELECT id FROM petition")["id"]
    assert post(browse("clerk"), f"/intake/petitions/{case_id}/original", OPEN).data == raw

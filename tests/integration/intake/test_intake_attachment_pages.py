"""Files of petitions are looked at and opened for a purpose, by those who may know who is writing."""

from __future__ import annotations

import io
import re
from uuid import UUID, uuid4

import pytest
from PIL import Image

from services.intake.channels.taking import take
from tests.integration.intake.intake_attached import CANARY_NAME, FORM, case_of, kept, looks, pictures, rows, sent, submit
from tests.integration.intake.intake_bus import HEAD
from tests.integration.intake.intake_cases import AT, issued, post
from tests.unit.intake import intake_files as files


@pytest.fixture
def letter(browse, intake, folder) -> UUID:
    """A named petitioner's letter with a photo and a PDF."""
    submit(browse(), (CANARY_NAME, files.photo()), ("信.pdf", files.scanned_pdf(2)))
    return case_of(intake)


def test_a_clerk_looks_at_the_pages_for_a_purpose_and_one_look_is_logged(browse, intake, letter):
    clerk, path = browse("clerk"), f"/intake/petitions/{letter}/attachments"
    assert path in clerk.get(f"/intake/petitions/{letter}").text
    assert CANARY_NAME in clerk.get(path).text
    page = post(clerk, f"{path}/view", {"purpose": "transcribe"})
    assert page.status_code == 200
    shown = [clerk.get(one) for one in pictures(page.text)]
    assert len(shown) == 3
    for one in shown:
        assert (one.status_code, one.mimetype) == (200, "image/jpeg")
        assert files.CANARY.encode() not in one.data
        assert Image.open(io.BytesIO(one.data)).getexif() == {}
        assert "default-src 'none'; sandbox" in one.headers.getlist("Content-Security-Policy")
        assert (one.headers["X-Content-Type-Options"], one.headers["Cache-Control"]) == ("nosniff", "no-store")
    assert looks(intake) == [("original", "transcribe")]
    assert post(clerk, f"{path}/view", {}).status_code == 422
    assert post(clerk, f"{path}/view", {"purpose": "curiosity"}).status_code == 422
    assert looks(intake) == [("original", "transcribe")]


def test_a_page_without_a_look_before_is_not_shown(browse, intake, letter):
    clerk, path = browse("clerk"), f"/intake/petitions/{letter}/attachments"
    [first, *_] = pictures(post(clerk, f"{path}/view", {"purpose": "verify"}).text)
    bare = first.partition("?")[0]
    other = browse("clerk", official="o-431023-other")
    for client, wanted in ((clerk, bare), (clerk, f"{bare}?pass=x"), (other, first)):
        assert client.get(wanted).status_code == 403
    assert clerk.get(first.replace("/1?", "/9?")).status_code == 404
    assert clerk.get(re.sub("/1[?]", f"/{10**9}?", first)).status_code == 404
    assert clerk.get(first.replace(str(letter), str(uuid4()))).status_code == 404
    assert clerk.get(first).status_code == 200


def test_no_byte_of_a_file_is_read_for_who_did_not_say_what_for(browse, letter, folder):
    """Seen by files that are gone: only whoever may open them is told so."""
    clerk, path = browse("clerk"), f"/intake/petitions/{letter}/attachments"
    [first, *_] = pictures(post(clerk, f"{path}/view", {"purpose": "verify"}).text)
    for file in folder.glob("??/??/*"):
        file.unlink()
    assert clerk.get(first.partition("?")[0]).status_code == 403
    assert clerk.get(first).status_code == 503


def test_the_clerk_downloads_the_file_as_it_came_and_no_browser_runs_it(browse, intake, letter):
    clerk, path = browse("clerk"), f"/intake/petitions/{letter}/attachments/open"
    photo, pdf = (str(row["id"]) for row in rows(intake))
    answer = post(clerk, path, {"attachment": photo, "open_purpose": "investigate"})
    assert answer.data == files.photo()
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert re.fullmatch(r'attachment; filename="431023-\d{4}-\d{6}-1\.jpg"', answer.headers["Content-Disposition"])
    assert post(clerk, path, {"attachment": pdf, "open_purpose": "verify"}).data == files.scanned_pdf(2)
    assert looks(intake) == [("original", "investigate"), ("original", "verify")]
    for wrong in ({}, {"attachment": photo}, {"open_purpose": "verify"}, {"attachment": "x", "open_purpose": "verify"}):
        assert post(clerk, path, wrong).status_code == 422
    assert post(clerk, path, {"attachment": str(uuid4()), "open_purpose": "verify"}).status_code == 404
    assert len(looks(intake)) == 2


def test_whoever_handles_a_named_case_sees_pages_but_no_original(browse, intake, letter, hear):
    leader, path = browse("unit_head", official=HEAD.official, org=HEAD.organisation), f"/intake/petitions/{letter}/attachments"
    assert leader.get(path).status_code == 404
    hear("assignment.issued", letter, issued())
    assert path in leader.get(f"/intake/petitions/{letter}/embed").text
    assert "查看各页" in leader.get(path).text
    page = post(leader, f"{path}/view", {"purpose": "investigate"})
    assert leader.get(pictures(page.text)[0]).status_code == 200
    assert post(leader, f"{path}/open", {"attachment": str(rows(intake)[0]["id"]), "open_purpose": "verify"}).status_code == 403
    assert looks(intake) == [("original", "investigate")]


@pytest.mark.parametrize("identity", ["confidential", "anonymous"])
def test_pages_of_who_is_not_named_are_for_clerks_and_the_office(browse, intake, folder, hear, identity):
    who = {"identity": identity, "name": "" if identity == "anonymous" else "陈金丝雀", "alias": "陈金丝雀"}
    submit(browse(), (CANARY_NAME, files.photo()), **who)
    case_id = case_of(intake)
    hear("assignment.issued", case_id, issued())
    path = f"/intake/petitions/{case_id}/attachments"
    leader = browse("unit_head", official=HEAD.official, org=HEAD.organisation)
    shown = leader.get(path)
    assert shown.status_code == 200
    assert "陈金丝雀" not in shown.text
    assert "索取抄录件" in shown.text
    for client in (leader, browse("first_in_command", official="o-431023-head", org="431023")):
        assert post(client, f"{path}/view", {"purpose": "investigate"}).status_code == 403
    assert looks(intake) == []
    assert post(browse("clerk"), f"{path}/view", {"purpose": "transcribe"}).status_code == 200


def test_the_accused_and_strangers_find_no_files(browse, intake, letter, hear):
    path, row = f"/intake/petitions/{letter}/attachments", rows(intake)[0]
    accused = browse("clerk", "office", "first_in_command")
    [first, *_] = pictures(post(accused, f"{path}/view", {"purpose": "verify"}).text)
    hear("case.barred", letter, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    far = browse("clerk", official="o-far", org="431023104", scope=("431023104",))
    for client in (accused, far):
        answers = [client.get(path), client.get(first), post(client, f"{path}/view", {"purpose": "verify"})]
        answers += [
            post(client, f"{path}/{act}", data)
            for act, data in (
                ("open", {"attachment": str(row["id"]), "open_purpose": "verify"}), ("remove", {"removed": str(row["id"])}),
                ("arrange", {"id": [str(row["id"])], "order": ["1"], "kind": ["scan"]}),
            )
        ]  # fmt: skip
        answers.append(post(client, path, {"files": sent(("a.jpg", files.photo((9, 9))))}))
        assert {answer.status_code for answer in answers} == {404}
        assert all(CANARY_NAME not in answer.text for answer in answers)
    assert len(rows(intake)) == 2


def test_a_clerk_adds_files_and_takes_one_off_the_list_which_is_kept(browse, intake, letter, folder):
    clerk, path = browse("clerk"), f"/intake/petitions/{letter}/attachments"
    for _ in range(2):
        given = {"files": sent(("补.jpg", files.photo((60, 30)))), "file_kind": "envelope"}
        assert post(clerk, path, given).status_code == 303
    assert [(row["kind"], row["position"]) for row in rows(intake)][2:] == [("envelope", 3)]
    assert post(clerk, path, {"file_kind": ""}).status_code == 422
    last = str(rows(intake)[-1]["id"])
    for _ in range(2):
        assert post(clerk, f"{path}/remove", {"removed": last}).status_code == 303
    assert len(kept(folder)) == 3
    assert "补.jpg" in clerk.get(path).text
    assert "补.jpg" not in post(clerk, f"{path}/view", {"purpose": "verify"}).text
    post(clerk, path, {"files": sent(("补.jpg", files.photo((60, 30))))})
    assert "补.jpg" in post(clerk, f"{path}/view", {"purpose": "verify"}).text
    assert len(rows(intake)) == 3
    assert post(clerk, f"{path}/remove", {}).status_code == 422


def test_a_file_that_is_gone_is_said_to_be_away_and_one_that_was_altered_never_shows(browse, intake, letter, folder):
    clerk, path = browse("clerk"), f"/intake/petitions/{letter}/attachments/open"
    photo = rows(intake)[0]
    place = next(path for path in kept(folder) if path.name == photo["stored"])
    place.unlink()
    assert post(clerk, path, {"attachment": str(photo["id"]), "open_purpose": "verify"}).status_code == 503
    assert looks(intake) == []


def test_a_mail_that_a_clerk_registers_by_hand_takes_files_along_once(browse, intake, vault, folder):
    take(intake, vault, b"From: a@example.org\r\n\r\n")
    with intake.unit_of_work() as uow:
        mail = str(uow.one("SELECT id FROM unread_mail")["id"])
    for _ in range(2):
        form = FORM | {"key": mail, "mail": mail, "files": sent(("a.jpg", files.photo()))}
        assert post(browse("clerk"), "/intake/register/email", form).status_code == 303
    assert len(rows(intake)) == len(kept(folder)) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_open_in_both_languages(browse, letter, language):
    clerk, path = browse("clerk"), f"/intake/petitions/{letter}/attachments"
    assert clerk.get(f"{path}?lang={language}").status_code == 200
    assert post(clerk, f"{path}/view", {"purpose": "verify"}).status_code == 200

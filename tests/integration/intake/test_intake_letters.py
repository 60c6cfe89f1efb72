"""Paper: the slip that goes with a letter, and the answer that is posted to who has no e-mail."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from services.intake.domain.submission import CHINA, Identity, Petitioner
from tests import canaries
from tests.integration.intake.intake_attached import FORM
from tests.integration.intake.intake_bus import CLERK, HEAD
from tests.integration.intake.intake_cases import AT, a_case, concluded, issued, post, receipt_of

ADDRESS = {"address": canaries.ADDRESS}


@pytest.fixture
def case_id(browse, intake, hear) -> UUID:
    """A letter, concluded; its writer left an address and no e-mail."""
    post(browse("clerk"), "/intake/register/letter", FORM | ADDRESS | {"key": str(uuid4()), "matter_type": "appeal"})
    with intake.unit_of_work() as uow:
        found = uow.one("SELECT id FROM petition")["id"]
    hear("case.concluded", found, concluded())
    return found


def number_of(intake, case_id: UUID) -> str:
    with intake.unit_of_work() as uow:
        return uow.one("SELECT number FROM petition WHERE id = %(id)s", id=case_id)["number"]


def today(intake) -> date:
    with intake.unit_of_work() as uow:
        return uow.now.astimezone(CHINA).date()


def looks(intake) -> list[tuple[str, str, str]]:
    with intake.unit_of_work() as uow:
        rows = uow.all("SELECT * FROM look WHERE what = 'identity' ORDER BY id")
    return [(row["what"], row["purpose"], row["official"]) for row in rows]


def test_the_slip_bears_number_and_code_to_scan_and_nothing_of_who_wrote_what(browse, intake, case_id):
    clerk = browse("clerk")
    assert f"/intake/petitions/{case_id}/slip" in clerk.get(f"/intake/petitions/{case_id}").text
    slip = clerk.get(f"/intake/petitions/{case_id}/slip")
    assert slip.status_code == 200
    assert number_of(intake, case_id) in slip.text
    assert re.search(r'<svg[^>]*class="qr"', slip.text)
    assert not any(word in slip.text for word in (*canaries.WORDS, FORM["title"], FORM["text"]))
    assert looks(intake) == []


def test_a_clerk_reads_the_answer_on_the_page_and_comes_back_there_from_what_is_printed(browse, case_id):
    clerk, page = browse("clerk"), f"/intake/petitions/{case_id}"
    assert concluded()["answer"] in clerk.get(page).text
    assert f'href="{page}"' in clerk.get(f"{page}/slip").text
    assert f'href="{page}/answer"' in post(clerk, f"{page}/answer/letter", {}).text


def test_the_receipt_alone_bears_the_secret_code_beside_the_code_to_scan(browse, intake):
    receipt = post(browse("clerk"), "/intake/register/letter", FORM | {"key": str(uuid4())}).text
    number, code = receipt_of(receipt)
    assert re.search(r'<svg[^>]*class="qr"', receipt)
    with intake.unit_of_work() as uow:
        case_id = uow.one("SELECT id FROM petition")["id"]
    assert code not in browse("clerk").get(f"/intake/petitions/{case_id}/slip").text
    assert f'value="{number}"' in browse().get(f"/track?number={number}").text


def test_a_whole_number_typed_or_scanned_opens_the_case_but_not_to_the_accused(browse, intake, case_id, hear):
    clerk, number = browse("clerk"), number_of(intake, case_id)
    for typed in (number, f" {number} ", f"https://xinfang.example/track?number={number}"):
        answer = clerk.get("/intake/desk", query_string={"q": typed})
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/intake/petitions/{case_id}")
    for typed in (number[:-1], f"{number}1", "431023-2016-999999", f"x{number}"):
        assert clerk.get("/intake/desk", query_string={"q": typed}).status_code == 200
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    assert clerk.get("/intake/desk", query_string={"q": number}).status_code == 200


def test_the_answer_is_printed_with_its_address_for_a_purpose_that_is_logged(browse, intake, case_id):
    clerk, path = browse("clerk"), f"/intake/petitions/{case_id}/answer"
    assert path in clerk.get(f"/intake/petitions/{case_id}").text
    assert canaries.ADDRESS not in clerk.get(path).text
    assert looks(intake) == []
    letter = post(clerk, f"{path}/letter", {}).text
    for part in (canaries.ADDRESS, canaries.NAME, concluded()["answer"], number_of(intake, case_id), "第三十五条", "盖章"):
        assert part in letter
    assert looks(intake) == [("identity", "answer", CLERK.official)]


def test_that_it_was_posted_is_told_once_and_stands_on_the_tracking_page(browse, intake, vault, told, hear):
    receipt = post(browse("clerk"), "/intake/register/letter", FORM | ADDRESS | {"key": str(uuid4())})
    number, code = receipt_of(receipt.text)
    with intake.unit_of_work() as uow:
        case_id = uow.one("SELECT id FROM petition")["id"]
    hear("case.concluded", case_id, concluded())
    form = {"key": str(uuid4()), "posted_on": today(intake).isoformat()}
    clerk, path = browse("clerk"), f"/intake/petitions/{case_id}/answer"
    for _ in range(2):
        assert post(clerk, f"{path}/posted", form).status_code == 303
    sent = [(data["template"], data["medium"]) for name, data in told() if name == "message.sent"]
    assert sent == [("answer_letter", "post")]
    assert form["posted_on"] in clerk.get(path).text
    assert f"已于 {form['posted_on']} 邮寄给您" in post(browse(), "/track", {"number": number, "code": code}).text


def test_a_day_that_cannot_be_and_a_form_of_another_case_are_refused(browse, intake, vault, told, case_id):
    clerk, path = browse("clerk"), f"/intake/petitions/{case_id}/answer/posted"
    tomorrow, before = today(intake) + timedelta(days=1), date(2016, 11, 21)
    for wrong in ({"posted_on": tomorrow.isoformat()}, {"posted_on": before.isoformat()}, {"posted_on": "x"}, {"key": "x"}, {}):
        given = {"key": str(uuid4()), "posted_on": today(intake).isoformat()} | wrong if wrong else {}
        assert post(clerk, path, given).status_code == 422
    key = str(uuid4())
    assert post(clerk, path, {"key": key, "posted_on": today(intake).isoformat()}).status_code == 303
    other = a_case(intake, vault)
    assert post(clerk, f"/intake/petitions/{other}/answer/posted", {"key": key, "posted_on": "2016-11-30"}).status_code == 409
    assert [name for name, _ in told()].count("message.sent") == 1


@pytest.mark.parametrize(
    ("who", "status"), [(Petitioner(alias="网友"), 409), (Petitioner(name="某人", address=canaries.ADDRESS), 200)]
)
def test_without_an_answer_or_an_address_there_is_no_letter(browse, intake, vault, hear, who, status):
    case_id = a_case(intake, vault, identity=Identity.CONFIDENTIAL, petitioner=who)
    clerk, path = browse("clerk"), f"/intake/petitions/{case_id}/answer"
    assert clerk.get(path).status_code == 409
    assert post(clerk, f"{path}/letter", {}).status_code == 409
    hear("case.concluded", case_id, concluded())
    assert clerk.get(path).status_code == 200
    assert post(clerk, f"{path}/letter", {}).status_code == status


def test_whoever_is_barred_or_handles_a_confidential_case_writes_no_letter(browse, intake, vault, hear, case_id):
    path = f"/intake/petitions/{case_id}/answer"
    secret = a_case(intake, vault, identity=Identity.CONFIDENTIAL, petitioner=Petitioner(name="某人", address=canaries.ADDRESS))
    hear("assignment.issued", secret, issued())
    hear("case.concluded", secret, concluded())
    both = browse("office", "leader", official=HEAD.official, org="431023-office")
    for answer in (both.get(f"/intake/petitions/{secret}/answer"), post(both, f"/intake/petitions/{secret}/answer/letter", {})):
        assert answer.status_code == 403
        assert canaries.ADDRESS not in answer.text
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    clerk, form = browse("clerk"), {"key": str(uuid4()), "posted_on": "2016-11-30"}
    answers = [
        clerk.get(path),
        clerk.get(f"/intake/petitions/{case_id}/slip"),
        post(clerk, f"{path}/letter", {}),
        post(clerk, f"{path}/posted", form),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert looks(intake) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_slip_and_letter_are_printed_in_both_languages(browse, case_id, language):
    clerk = browse("clerk")
    for page in ("slip", "answer"):
        assert clerk.get(f"/intake/petitions/{case_id}/{page}?lang={language}").status_code == 200
    assert post(clerk, f"/intake/petitions/{case_id}/answer/letter", {}).status_code == 200

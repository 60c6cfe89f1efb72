"""A petitioner adds something on the tracking page: kept once, sealed, read like the text, and waiting until it is taken up."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from services.intake.domain.retention import Retention
from services.intake.domain.submission import Identity
from services.intake.handlers import supplements
from services.intake.handlers.looking import counts
from services.intake.handlers.retention import erase_due
from shared.errors import Conflict
from tests.integration.intake.intake_attached import leaks, rows, sent
from tests.integration.intake.intake_bus import HEAD
from tests.integration.intake.intake_cases import PETITION, find, issued, post, receipt_of
from tests.integration.intake.test_intake_retention import archive
from tests.unit.intake.intake_files import photo, scanned_pdf

MORE = "又查明：金丝雀造纸厂昨夜再次排污。"


@pytest.fixture
def petition(browse, intake):
    """(known, case_id): number and code of a petition that anybody submitted."""
    number, code = receipt_of(post(browse(), "/submit", PETITION | {"key": str(uuid4())}).text)
    with intake.unit_of_work() as uow:
        return {"number": number, "code": code}, uow.one("SELECT id FROM petition")["id"]


def addition(known: dict[str, str], text: str = MORE, key: UUID | None = None) -> dict[str, str]:
    return known | {"supplement": text, "supplement_key": str(key or uuid4())}


def test_what_is_added_waits_for_a_clerk_and_travels_in_the_brief_alone(browse, petition, told, settings):
    known, case_id = petition
    clerk, page = browse("clerk"), f"/intake/petitions/{case_id}"
    brief = {"title": "排污", "brief": "反映排污。", "category": "environment", "place": "", "revision": "0"}
    assert post(clerk, f"{page}/brief", brief).status_code == 303
    before = len(told())
    answer = post(browse(), "/track/supplement", addition(known))
    assert "补充材料已收到" in answer.text
    assert "您补充了材料" in answer.text
    assert MORE not in answer.text  # a screen in a shop shows it once at most
    assert len(told()) == before
    assert find(settings, "金丝雀造纸厂") == []
    assert known["number"] in clerk.get("/intake/desk?queue=supplemented").text
    shown = clerk.get(page).text
    assert MORE in shown
    [one] = re.findall(r'name="taken_up" value="([^"]+)" checked', shown)
    assert post(clerk, f"{page}/brief", brief | {"brief": "再次排污。", "revision": "1", "taken_up": [one]}).status_code == 303
    assert [(name, data["brief"]) for name, data in told()[before:]] == [("case.supplemented", "再次排污。")]
    assert known["number"] not in clerk.get("/intake/desk?queue=supplemented").text
    assert "何文已处理" in clerk.get(page).text


def test_what_came_while_the_clerk_was_reading_goes_on_waiting(browse, petition, intake, clerk):
    known, case_id = petition
    first, second = uuid4(), uuid4()
    for key in (first, second):
        post(browse(), "/track/supplement", addition(known, key=key))
    page = f"/intake/petitions/{case_id}"
    for _ in range(2):
        assert post(browse("clerk"), f"{page}/supplements", {"taken_up": [str(first)]}).status_code == 303
    with intake.unit_of_work() as uow:
        assert counts(uow, clerk)["supplemented"] == 1
        assert uow.all("SELECT id FROM supplement WHERE taken_up_at IS NULL") == [{"id": second}]
    assert post(browse("clerk"), f"{page}/supplements", {"taken_up": ["x"]}).status_code == 422


def test_the_same_form_adds_once_and_with_another_content_nothing(browse, petition, intake):
    known, _ = petition
    form = addition(known)
    assert [post(browse(), "/track/supplement", form).status_code for _ in range(2)] == [200, 200]
    other = post(browse(), "/track/supplement", form | {"supplement": "另一份"})
    assert other.status_code == 409
    assert "另一份" in other.text  # what was typed is shown again, under a new key
    assert form["supplement_key"] not in other.text
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT count(*) AS n FROM supplement")["n"] == 1


def test_a_sixth_addition_of_a_day_is_refused_however_many_come_at_once(petition, intake, vault):
    _, case_id = petition

    def add(number: int) -> bool:
        try:
            with intake.unit_of_work() as uow:
                return supplements.add(uow, vault, case_id, f"第 {number} 份", key=uuid4())
        except Conflict:
            return False

    with ThreadPoolExecutor(4) as crowd:
        assert sum(crowd.map(add, range(9))) == 5


def test_bad_additions_name_the_field_and_keep_what_was_written(browse, petition, intake):
    known, _ = petition
    for wrong in (addition(known, " "), addition(known, "长" * 20_001), addition(known) | {"supplement_key": "x"}):
        answer = post(browse(), "/track/supplement", wrong)
        assert answer.status_code == 422
        assert "#field-supplement" in answer.text
    assert post(browse(), "/track/supplement", addition(known | {"code": "A" * 26})).status_code == 422
    post(browse(), "/track/withdraw", known | {"confirm": "true"})
    late = post(browse(), "/track/supplement", addition(known))
    assert (late.status_code, "请重新提交" in late.text) == (409, True)
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT count(*) AS n FROM supplement")["n"] == 0


def test_a_key_of_another_petition_adds_nothing(browse, petition, intake, vault):
    known, _ = petition
    key = uuid4()
    post(browse(), "/track/supplement", addition(known, key=key))
    number, code = receipt_of(post(browse(), "/submit", PETITION | {"key": str(uuid4())}).text)
    assert post(browse(), "/track/supplement", addition({"number": number, "code": code}, key=key)).status_code == 409


def test_whoever_handles_it_reads_the_additions_without_names_and_each_look_is_logged(browse, intake, hear):
    form = PETITION | {"key": str(uuid4()), "identity": Identity.CONFIDENTIAL.value}
    number, code = receipt_of(post(browse(), "/submit", form).text)
    post(browse(), "/track/supplement", addition({"number": number, "code": code}, "我是陈十里，又来反映。"))
    with intake.unit_of_work() as uow:
        case_id = uow.one("SELECT id FROM petition")["id"]
    hear("assignment.issued", case_id, issued())
    leader = browse("leader", official=HEAD.official, org=HEAD.organisation, scope=(HEAD.organisation,))
    shown = leader.get(f"/intake/petitions/{case_id}/embed").text
    assert "又来反映" in shown
    assert "陈十里" not in shown
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT what, official FROM look") == [{"what": "text", "official": HEAD.official}]


def test_whoever_is_barred_counts_no_addition_and_takes_none_up(browse, petition, intake, hear, clerk):
    known, case_id = petition
    key = uuid4()
    post(browse(), "/track/supplement", addition(known, key=key))
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": "2016-11-07T00:00:00Z"})
    assert post(browse("clerk"), f"/intake/petitions/{case_id}/supplements", {"taken_up": [str(key)]}).status_code == 404
    with intake.unit_of_work() as uow:
        assert counts(uow, clerk)["supplemented"] == 0


def test_what_was_added_is_destroyed_with_the_petition(browse, petition, intake, settings):
    known, case_id = petition
    post(browse(), "/track/supplement", addition(known))
    archive(settings, case_id, 11)
    with intake.unit_of_work() as uow:
        assert erase_due(uow, Retention()) == 1
        rows = uow.all("SELECT text, fingerprint FROM supplement")
    assert [{name: bytes(value) for name, value in row.items()} for row in rows] == [{"text": b"", "fingerprint": b""}]
    assert browse("clerk").get(f"/intake/petitions/{case_id}").status_code == 200


def test_files_come_with_an_addition_once_and_a_program_is_refused_with_all_of_it(browse, petition, intake, folder, settings):
    known, case_id = petition
    form = addition(known)
    for _ in range(2):
        answer = post(browse(), "/track/supplement", form | {"files": sent(("金丝雀的照片.png", photo()))})
        assert answer.status_code == 200
    assert [(row["case_id"], row["added_by"]) for row in rows(intake)] == [(case_id, None)]
    assert leaks(settings, folder, "金丝雀的照片") == []
    other = post(browse(), "/track/supplement", form | {"files": sent(("金丝雀的照片.png", scanned_pdf(1)))})
    assert other.status_code == 409
    program = post(browse(), "/track/supplement", addition(known, "还有程序") | {"files": sent(("a.pdf", b"MZ" + bytes(600)))})
    assert (program.status_code, "还有程序" in program.text) == (422, True)
    assert len(rows(intake)) == 1
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT count(*) AS n FROM supplement")["n"] == 1

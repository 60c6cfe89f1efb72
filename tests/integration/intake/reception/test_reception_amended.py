"""A visit's record is corrected beside what was written first: nobody's words are overwritten."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from services.intake.domain.retention import Retention
from services.intake.domain.submission import Identity
from services.intake.handlers.retention import erase_due
from tests.integration.intake.intake_cases import a_case, find, post
from tests.integration.intake.reception.reception_cases import ENDING

pytestmark = pytest.mark.usefixtures("plan")
AMENDED = {"said": "造纸厂白天也排污，井水发黑。", "spot_answer": ENDING["spot_answer"], "amend_reason": "时间记错了"}


@pytest.fixture
def recorded(here):
    """A visit that was answered on the spot; the clerk, and its page."""
    clerk, visit_id = here()
    assert post(clerk, f"/intake/visits/{visit_id}/record", ENDING).status_code == 303
    return clerk, f"/intake/visits/{visit_id}"


def form(**changes: str) -> dict[str, str]:
    return AMENDED | {"key": str(uuid4())} | changes


def kept(intake) -> int:
    with intake.unit_of_work() as uow:
        return len(uow.all("SELECT FROM visit_amendment"))


def test_a_correction_stands_beside_the_first_record_with_reason_and_name(recorded, intake, settings):
    clerk, page = recorded
    sent = form()
    for _ in range(2):
        assert post(clerk, f"{page}/amend", sent).status_code == 303
    assert kept(intake) == 1
    text = clerk.get(page).text
    for words in ("造纸厂夜里排污", "造纸厂白天也排污", "时间记错了", "更正 1", "更正人：何文"):
        assert words in text
    assert post(clerk, f"{page}/amend", form(spot_answer="当场责成环保局一日内检测。")).status_code == 303
    text = clerk.get(page).text
    for words in ("更正 2", ENDING["spot_answer"], "一日内检测", "时间记错了"):
        assert words in text
    assert find(settings, "白天也排污") == find(settings, "时间记错了") == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amend_reason": ""}, "amend_reason"), ({"amend_reason": "长" * 501}, "amend_reason"), ({"said": ""}, "said"),
        ({"said": ENDING["said"]}, "said"), ({"spot_answer": ""}, "spot_answer"), ({"key": "x"}, "key"),
    ],
)  # fmt: skip
def test_a_correction_that_makes_no_sense_names_the_field_and_changes_nothing(recorded, intake, changes, field):
    clerk, page = recorded
    answer = post(clerk, f"{page}/amend", form(**changes))
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    assert kept(intake) == 0


def test_a_form_that_was_sent_with_other_words_and_a_visit_without_a_record_are_refused(recorded, browse, intake, here):
    clerk, page = recorded
    sent = form()
    post(clerk, f"{page}/amend", sent)
    assert post(clerk, f"{page}/amend", sent | {"amend_reason": "另一个理由"}).status_code == 409
    _, other = here(phone="13873512346")
    assert post(clerk, f"/intake/visits/{other}/amend", form()).status_code == 409
    assert post(clerk, f"/intake/visits/{uuid4()}/amend", form()).status_code == 404
    assert kept(intake) == 1


def test_a_correction_tells_no_more_of_who_came_than_the_record_does(here, browse, intake, vault):
    a_case(intake, vault, identity=Identity.CONFIDENTIAL)
    with intake.unit_of_work() as uow:
        number = uow.one("SELECT number FROM petition")["number"]
    clerk, visit_id = here()
    linked = ENDING | {"visit_outcome": "linked", "case_number": number}
    post(clerk, f"/intake/visits/{visit_id}/record", linked)
    named = form(said="陈十里（13873512345）说造纸厂白天也排污。", amend_reason="陈十里本人要求改")
    assert post(clerk, f"/intake/visits/{visit_id}/amend", named).status_code == 303
    page = browse("first_in_command", official="o-secretary", org="431023").get(f"/intake/visits/{visit_id}").text
    assert "白天也排污" in page
    assert not [word for word in ("陈十里", "13873512345") if word in page.split("<main", 1)[1]]
    assert "更正接访记录" not in page
    assert "陈十里" in clerk.get(f"/intake/visits/{visit_id}").text


def test_whoever_may_not_open_the_visit_corrects_nothing(recorded, browse, intake, hear):
    _, page = recorded
    for roles, who in ((("leader",), {"official": "o-a", "org": "431023-gov"}), (("clerk",), {"scope": ("431023104",)})):
        assert post(browse(*roles, **who), f"{page}/amend", form()).status_code in (403, 404)
    assert kept(intake) == 0


def test_with_the_visit_s_key_its_corrections_are_gone(recorded, intake):
    clerk, page = recorded
    post(clerk, f"{page}/amend", form())
    with intake.unit_of_work() as uow:
        uow.all("UPDATE visit SET ended_at = ended_at - %(ten)s RETURNING 1", ten=timedelta(days=3700))
        erase_due(uow, Retention())
    with intake.unit_of_work() as uow:
        assert bytes(uow.one("SELECT words FROM visit_amendment")["words"]) == b""

"""Who is complained of is looked up in steps that need no script, and no address tells who is meant."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest

from services.intake.store import bars
from services.intake.web.conflict import SHOWN
from tests.integration.intake.intake_cases import AT, a_case, post

UNITS = {"431023-epb": ("县生态环境局", "Environment Bureau"), "431023104": ("马田镇", "Matian Town")}
PEOPLE = {
    "o-epb-1": ("王强", "局长", "431023-epb"),
    "o-epb-2": ("李静", "副局长", "431023-epb"),
    "o-matian": ("王伟", "镇长", "431023104"),
}


@pytest.fixture
def case_id(intake, vault, hear) -> UUID:
    for code, (name, name_en) in UNITS.items():
        unit = {"code": code, "name": name, "name_en": name_en, "superior": "431023", "has_instance": False}
        hear("directory.organisation_recorded", uuid4(), unit)
    for official, (name, title, unit_code) in PEOPLE.items():
        held = {"organisation": unit_code, "title": title, "roles": []}
        hear("directory.official_recorded", uuid4(), {"official": official, "name": name, "active": True, "posts": [held]})
    return a_case(intake, vault)


@pytest.fixture
def search(browse, case_id):
    """The codes on the page after a search, ticked and not."""

    def search(words: str, **chosen: list[str]) -> tuple[list[str], list[str]]:
        page = post(browse("clerk"), f"/intake/petitions/{case_id}/conflict/find", {"who": words, **chosen})
        assert page.status_code == 200
        boxes = re.findall(r'name="(?:organisations|officials)" value="([^"]+)"( checked)?>', page.text)
        return [code for code, ticked in boxes if ticked], [code for code, ticked in boxes if not ticked]

    return search


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("王", ["o-epb-1", "o-matian"]), ("环境", ["431023-epb", "o-epb-1", "o-epb-2"]), ("生态环境 局长", ["o-epb-1", "o-epb-2"]),
        ("matian", ["431023104", "o-matian"]), ("镇长 王", ["o-matian"]), ("李四", []), ("%", []), ("_", []), ("\\", []), ("'; --", []),
    ],
)  # fmt: skip
def test_units_and_officials_are_found_by_parts_of_what_they_are_called(search, words, found):
    assert search(words) == ([], found)


def test_what_was_ticked_stays_ticked_through_another_search_and_is_put_down_at_once(browse, intake, case_id, search, told):
    assert search("王", officials=["o-epb-1"]) == (["o-epb-1"], ["o-matian"])
    ticked, found = search("马田", officials=["o-epb-1"], organisations=["431023-epb"])
    assert (ticked, found) == (["431023-epb", "o-epb-1"], ["431023104", "o-matian"])
    given = {"organisations": ["431023-epb"], "officials": ["o-epb-1"]}
    assert post(browse("clerk"), f"/intake/petitions/{case_id}/conflict", given).status_code == 303
    with intake.unit_of_work() as uow:
        assert bars(uow, case_id) == {"431023-epb", "o-epb-1"}
    page = browse("clerk").get(f"/intake/petitions/{case_id}").text
    assert ("县生态环境局" in page, "王强 局长" in page, "李静" in page) == (True, True, False)
    assert search("王") == ([], ["o-matian"])  # who is put down already is not offered again
    assert told()[-1][0] == "case.conflict_set"


def test_a_mistake_is_said_on_the_page_with_what_was_ticked(browse, case_id):
    clerk, path = browse("clerk"), f"/intake/petitions/{case_id}/conflict"
    page = post(clerk, path, {"officials": ["o-epb-1", "o-nobody"]})
    assert (page.status_code, "王强 局长" in page.text, 'href="#field-officials"' in page.text) == (422, True, True)
    for words in ("", "x" * 61):
        page = post(clerk, f"{path}/find", {"who": words})
        assert (page.status_code, 'href="#field-who"' in page.text) == (422, True)


def test_nobody_ticked_puts_nothing_down(browse, case_id, told):
    clerk, path = browse("clerk"), f"/intake/petitions/{case_id}/conflict"
    assert "记录勾选的" not in clerk.get(path).text
    page = post(clerk, path, {})
    assert (page.status_code, 'href="#field-officials"' in page.text) == (422, True)
    assert [event for event, _ in told()] == ["case.registered"]


def test_a_long_list_ends_and_says_so(browse, intake, case_id, hear, search):
    with intake.unit_of_work() as uow:
        uow.all(
            "INSERT INTO official (official, name, active, posts) SELECT 'o-' || n, '赵' || n, n > 1, '[]'::jsonb FROM generate_series(1, 60) AS n"
        )
    assert len(search("赵")[1]) == SHOWN
    assert search("赵1 ") == ([], [*(f"o-{n}" for n in range(10, 20)), "o-1"])  # who has left may be complained of, too
    page = post(browse("clerk"), f"/intake/petitions/{case_id}/conflict/find", {"who": "赵"})
    assert f"只列出前 {SHOWN} 个" in page.text


def test_the_accused_finds_no_search_of_the_case(browse, case_id, hear):
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    clerk, path = browse("clerk"), f"/intake/petitions/{case_id}/conflict"
    assert clerk.get(path).status_code == 404
    assert post(clerk, f"{path}/find", {"who": "王"}).status_code == 404
    assert clerk.get(f"/intake/petitions/{uuid4()}/conflict").status_code == 404

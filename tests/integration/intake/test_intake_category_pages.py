"""Categories on the pages and in the events: chosen from two levels, refused when unknown, read for ever."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from shared import keys
from shared.web.server import build
from shared.web.session import COOKIE, issue
from tests.integration.intake.intake_bus import a_reader
from tests.integration.intake.intake_cases import PETITION, a_case, post

BRIEF = {"title": "饮水", "brief": "反映饮水。", "category": "environment.water", "place": "", "revision": "0"}


@pytest.mark.parametrize("path", ["/submit", "/intake/register/letter", "/intake/desk"])
def test_a_form_offers_two_levels_without_script_and_each_top_level_itself(browse, path):
    page = browse("clerk").get(path).text
    [select] = re.findall(r'<select id="field-category".*?</select>', page, re.DOTALL)
    [group] = re.findall(r'<optgroup label="生态环境">.*?</optgroup>', select, re.DOTALL)
    assert re.findall(r'value="([^"]+)"', group)[:2] == ["environment", "environment.water"]
    assert select.count("<optgroup") == 13
    assert '<optgroup label="Environment">' in browse("clerk").get(f"{path}?lang=en").text


def test_the_event_carries_the_code_and_the_pages_the_words(browse, told):
    clerk = browse("clerk")
    form = PETITION | {"key": str(uuid4()), "category": "environment.water"}
    assert post(clerk, "/intake/register/letter", form).status_code == 201
    assert told()[0][1]["category"] == "environment.water"
    for query in ("", "?category=environment", "?category=environment.water"):
        assert "生态环境 / 水污染" in clerk.get(f"/intake/desk{query}").text
    assert "没有符合条件的信访件" in clerk.get("/intake/desk?category=environment.air").text


@pytest.mark.parametrize("code", ["environment.fire", "fire", "ENVIRONMENT", "environment.", "environment water", "%", "x" * 65])
def test_a_code_that_the_tree_does_not_know_is_refused_with_the_field_everywhere(browse, told, intake, vault, code):
    clerk, case_id = browse("clerk"), a_case(intake, vault)
    form = PETITION | {"key": str(uuid4()), "category": code}
    answers = [post(clerk, path, form) for path in ("/submit", "/intake/register/call")]
    answers.append(post(clerk, f"/intake/petitions/{case_id}/brief", BRIEF | {"category": code}))
    body = {name: value for name, value in form.items() if name not in ("key", "group_size")}
    resource = browse().post("/api/intake/petitions", json=body, headers={"Idempotency-Key": str(uuid4())})
    assert [answer.status_code for answer in answers] == [422] * 3
    assert all('href="#field-category"' in answer.text for answer in answers)
    assert (resource.status_code, resource.json["errors"][0]["field"]) == (422, "category")
    assert [name for name, _ in told()] == ["case.registered"]


@pytest.fixture
def county_of_its_own(settings, intake, tmp_path: Path):
    """The same county, whose file names a tree of its own in which 生态环境 has no parts and 水务 is new."""
    (tmp_path / "intake.yaml").write_text("categories: own.yaml", encoding="utf-8")
    (tmp_path / "own.yaml").write_text(
        "- {code: environment, zh: 环保, en: Green}\n- {code: waterworks, zh: 水务, en: Waterworks}", encoding="utf-8"
    )
    return build(replace(settings, service_files={"intake": tmp_path / "intake.yaml"}))


def test_a_county_has_its_own_tree_and_still_reads_what_it_gave_up(county_of_its_own, settings, intake, vault):
    old = a_case(intake, vault, category="environment.water", title="旧件")
    clerk, page = county_of_its_own.test_client(), f"/intake/petitions/{old}"
    clerk.set_cookie(COOKIE, issue(a_reader("clerk"), keys.read(settings.keys, keys.SESSION) or "", datetime.now(UTC)))
    assert post(clerk, "/submit", PETITION | {"key": str(uuid4()), "category": "waterworks"}).status_code == 201
    assert post(clerk, "/submit", PETITION | {"key": str(uuid4()), "category": "land"}).status_code == 422
    shown = clerk.get(page).text
    assert '<optgroup label="已停用">' in shown
    assert "环保 / 水污染" in shown
    assert post(clerk, f"{page}/brief", BRIEF).status_code == 303  # what it has, it keeps
    assert post(clerk, f"{page}/brief", BRIEF | {"category": "environment.air", "revision": "1"}).status_code == 422


def test_a_mistake_in_the_tree_ends_the_start_of_the_web_process(settings, tmp_path: Path):
    (tmp_path / "intake.yaml").write_text("categories: own.yaml", encoding="utf-8")
    (tmp_path / "own.yaml").write_text("- {code: water, zh: 水务}", encoding="utf-8")
    with pytest.raises(OSError, match=r"own\.yaml: 0\.en"):
        build(replace(settings, service_files={"intake": tmp_path / "intake.yaml"}))

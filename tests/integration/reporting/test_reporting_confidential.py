"""A confidential case: lists show it marked, and its words are for the persons responsible, the first-in-command and the office."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.reporting.handlers import listing
from tests.integration.reporting.conftest import SignIn, Take
from tests.integration.reporting.site import numbers
from tests.integration.reporting.story import CASE, EPB, SECRETARY, VICE, Bus, Case, at

DOSSIER, API, LIST = f"/reporting/cases/{CASE}", f"/api/reporting/cases/{CASE}/dossier", "/reporting/cases"
WORDS = ("暗访", "取水口")
OFFICE = {"official": "o-office", "name": "某", "post": "专干", "organisation": "431023-office"}
OTHERS = [
    ({"official": "o-sup", "name": "某", "post": "主任", "organisation": "431023-sup"}, "supervision_office"),
    ({"official": "o-audit", "name": "某", "post": "审计员", "organisation": "431023"}, "auditor"),
    ({"official": "o-clerk", "name": "某", "post": "登记员", "organisation": "431023-xf"}, "clerk"),
    ({"official": "o-epb-officer", "name": "某", "post": "队长", "organisation": "431023-epb"}, "officer"),
]


@pytest.fixture
def told(take: Take) -> Case:
    """A case whose instruction is confidential, replied to by the bureau."""
    bus = Bus()
    case = Case(bus)
    case.title, case.brief = "取水口污染", "反映取水口受污染。"
    case.register(at("2016-11-07 09:00"))
    beside: dict[str, Any] = {
        "confidential": True,
        "limit_days": 3,
        "enclosures": [{"name": "手写.jpg", "form": "jpeg", "size": 9, "sha256": "ab" * 32}],
    }
    case.instruct(at("2016-11-07 10:00"), 1, "请暗访取水口。", [EPB], **beside)
    assignment = case.assign(at("2016-11-07 10:00"), 1, EPB, text="请暗访取水口。", **beside)
    case.receive(at("2016-11-07 11:00"), assignment, EPB)
    case.reply(at("2016-11-08 11:00"), assignment, 1, EPB, findings="经暗访，取水口受污染。")
    take(bus.sent)
    return case


def words_in(client: FlaskClient) -> set[str]:
    """Where a reader finds a word of it."""
    found = set()
    for path in (DOSSIER, API, LIST, f"{LIST}?q=取水口", "/reporting/cases.csv", "/reporting/statistics"):
        page = client.get(path)
        listed = re.sub('value="取水口"|搜索：取水口', "", page.get_data(as_text=True))
        if any(word in listed or word.encode("unicode_escape").decode() in listed for word in WORDS):
            found.add(path)
    return found


@pytest.mark.parametrize(("who", "role"), OTHERS, ids=[role for _, role in OTHERS])
def test_nobody_else_reads_exports_or_finds_it_and_the_list_shows_the_mark(told: Case, sign_in: SignIn, who, role) -> None:
    client = sign_in(who, role)
    assert words_in(client) == set()
    assert client.get(DOSSIER).status_code == client.get(API).status_code == 403
    assert "本件是保密件" in client.get(DOSSIER).text
    page = client.get(LIST).text
    assert told.number in page
    assert "保密件" in page
    assert "保密件" in client.get("/reporting/cases.csv").text
    assert numbers(client, "?q=取水口") == numbers(client, f"?q={told.number} 取水口") == []
    assert numbers(client, f"?q={told.number}") == [told.number], "the number stands on the list that he sees"


@pytest.mark.parametrize(("who", "role"), [(EPB, "unit_head"), (SECRETARY, "first_in_command"), (OFFICE, "office")])
def test_whose_it_is_reads_all_that_the_instruction_says(told: Case, sign_in: SignIn, who, role) -> None:
    client = sign_in(who, role)
    assert words_in(client) >= {DOSSIER, API, LIST, f"{LIST}?q=取水口", "/reporting/cases.csv"}
    page = client.get(DOSSIER).text
    for words in ("保密件", "自交办之日起 3 日内回复", "手写.jpg", "ab" * 32):
        assert words in page, words


def test_the_condition_is_what_keeps_it(told: Case, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: with a condition that lets everybody read, the same search finds the words everywhere."""
    for name in ("LIST", "ONE", "ONLY_TEXT", "TEXT_SIGHT"):
        monkeypatch.setattr(listing, name, getattr(listing, name).replace(listing.SQL["readable"], "true"))
    assert words_in(sign_in(*OTHERS[0])) >= {DOSSIER, API, LIST, f"{LIST}?q=取水口", "/reporting/cases.csv"}


def test_a_further_instruction_opens_it(told: Case, take: Take, sign_in: SignIn) -> None:
    bus, office = told.bus, sign_in(*OTHERS[0])
    done = len(bus.sent)
    told.instruct(at("2016-11-09 10:00"), 2, "请继续办理。", [VICE])
    told.assign(at("2016-11-09 10:00"), 2, VICE)
    take(bus.sent[done:])
    assert office.get(DOSSIER).status_code == 200
    assert "取水口" in office.get(LIST).text

"""A period beside the one before it and the same of the year before, and the overview of each who reads it."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.reporting.domain import comparing
from tests.integration.reporting.conftest import SignIn, Take
from tests.integration.reporting.site import numbers
from tests.integration.reporting.story import EPB, VICE, Bus, Case, at

DECEMBER = "/reporting/statistics?from=2016-12-01&to=2016-12-31"


def months(cases: dict[str, tuple[int, int]], who: dict[str, str] = EPB) -> list:
    """(cases, of these replied to) by month; each is due for reply ten days after the first of the month."""
    bus, number = Bus(), 0
    for month, (count, replied) in cases.items():
        for n in range(count):
            number += 1
            case, day = Case(bus, UUID(int=(9 << 120) + number), number=f"永信〔{month[:4]}〕{number}号"), at(f"{month}-01 09:00")
            case.register(day)
            case.instruct(day + timedelta(hours=1), 1, "请办理。", [who])
            key = case.assign(day + timedelta(hours=1), 1, who)
            case.receive(day + timedelta(hours=2), key, who)
            case.owe(day + timedelta(hours=1), day + timedelta(days=10), "reply")
            if n < replied:
                case.reply(day + timedelta(days=3), key, 1, who)
    return bus.sent


def cells(page: str, label: str) -> list[str]:
    """The row of the comparison under this label."""
    table = re.search(r'<table class="compared">.*?</table>', page, re.DOTALL)
    assert table
    row = re.search(rf'<tr><th scope="row">{label}</th>(.*?)</tr>', table[0], re.DOTALL)
    assert row, label
    return [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td.*?</td>", row[1], re.DOTALL)]


def test_counts_differ_by_so_many_and_rates_by_percentage_points(take: Take, office: FlaskClient) -> None:
    take(months({"2015-12": (5, 5), "2016-11": (10, 6), "2016-12": (8, 6)}))
    page = office.get(DECEMBER).text
    assert cells(page, "登记") == ["8", "10", "−2", "5", "+3"]
    assert cells(page, "已回复") == ["6", "6", "0", "5", "+1"]
    assert cells(page, "到期回复率") == ["75.0% 6 ÷ 8", "60.0% 6 ÷ 10", "+15.0 个百分点", "100.0% 5 ÷ 5", "−25.0 个百分点"]
    assert cells(page, "到期结案率") == ["—"] * 5
    assert "分母不到五件的不列比率" in page


def test_of_fewer_than_five_no_percentage_stands_there(take: Take, office: FlaskClient) -> None:
    take(months({"2015-12": (4, 3), "2016-11": (5, 2), "2016-12": (6, 3)}))
    page = office.get(DECEMBER).text
    assert cells(page, "到期回复率") == ["50.0% 3 ÷ 6", "40.0% 2 ÷ 5", "+10.0 个百分点", "3 ÷ 4", "—"]


def test_with_a_lower_limit_the_same_page_would_tell_it(take: Take, office: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin."""
    monkeypatch.setattr(comparing, "LEAST", 1)
    take(months({"2015-12": (4, 3), "2016-12": (6, 3)}))
    assert cells(office.get(DECEMBER).text, "到期回复率")[3:] == ["75.0% 3 ÷ 4", "−25.0 个百分点"]


def test_a_month_that_is_not_over_stands_beside_as_many_days(take: Take, office: FlaskClient) -> None:
    """It is the 20th of December."""
    take(months({"2015-12": (5, 5), "2016-11": (10, 6), "2016-12": (8, 6)}))
    for page in (office.get(DECEMBER).text, office.get("/reporting/dashboard").text):
        heads = re.sub(r"\s", "", re.sub("<[^>]+>", " ", page[page.index('<table class="compared">') :]))
        assert "2016-12-01—2016-12-20" in heads
        assert "2016-11-01—2016-11-20" in heads
        assert "2015-12-01—2015-12-20" in heads
        assert cells(page, "登记") == ["8", "10", "−2", "5", "+3"]


def test_each_count_leads_to_its_cases(take: Take, office: FlaskClient) -> None:
    take(months({"2015-12": (5, 5), "2016-11": (10, 6), "2016-12": (8, 6)}))
    page = office.get("/reporting/dashboard").text
    row = re.search(r'<table class="compared">.*?<th scope="row">登记</th>(.*?)</tr>', page, re.DOTALL)
    assert row
    for href, count in re.findall(r'href="/reporting/cases([^"]*)">(\d+)</a>', row[1]):
        assert len(numbers(office, href.replace("&amp;", "&"))) == int(count)
    assert len(re.findall("href=", row[1])) == 3


@pytest.mark.parametrize(
    "query", ["?from=2030-01-01&to=2030-02-01", "?from=0001-01-01&to=2016-12-01", "?from=0001-01-02&to=9999-12-31"]
)
def test_where_there_is_nothing_to_compare_with_the_page_does_without(office: FlaskClient, query: str) -> None:
    page = office.get(f"/reporting/statistics{query}")
    assert page.status_code == 200
    assert "比上一期" not in page.text


def test_the_overview_of_a_leader_the_office_and_a_unit_head_says_of_each_what_is_his(
    take: Take, office: FlaskClient, sign_in: SignIn
) -> None:
    take([*months({"2016-11": (6, 3), "2016-12": (7, 5)}), *_of_the_leader()])
    waits = r"<b>(?:<a [^>]*>)?(\d+)(?:</a>)?</b>\s*<span>(待批示|待审回复|待签收|已签收|已超期|待回访)</span>"
    pages = {name: client.get("/reporting/dashboard").text for name, client in _readers(office, sign_in).items()}
    assert {name: {label: int(n) for n, label in re.findall(waits, page)}["已签收"] for name, page in pages.items()} == {
        "office": 14, "leader": 1, "unit_head": 13,
    }  # fmt: skip
    assert {name: cells(page, "登记")[:3] for name, page in pages.items()} == {
        "office": ["8", "6", "+2"], "leader": ["1", "0", "+1"], "unit_head": ["7", "6", "+1"],
    }  # fmt: skip
    for name, page in pages.items():
        assert '<svg class="weeks"' in page, name
        weeks = dict(re.findall(r'<tr><th scope="row">(\d{4}-\d\d-\d\d)</th><td class="number">(?:<a [^>]*>)?(\d+)', page))
        assert sum(map(int, weeks.values())) == {"office": 14, "leader": 1, "unit_head": 13}[name]
        assert ("各乡镇" in page) == (name == "office"), name
    assert "满意率" in pages["office"]
    assert "满意率" not in pages["leader"] + pages["unit_head"]


def _of_the_leader() -> list:
    bus = Bus(seed=4)
    case = Case(bus, UUID(int=(8 << 120)), number="永信〔2016〕900号")
    case.register(at("2016-12-05 09:00"))
    case.instruct(at("2016-12-05 10:00"), 1, "请办理。", [VICE])
    key = case.assign(at("2016-12-05 10:00"), 1, VICE)
    case.receive(at("2016-12-05 11:00"), key, VICE)
    return bus.sent


def _readers(office: FlaskClient, sign_in: SignIn) -> dict[str, FlaskClient]:
    return {"office": office, "leader": sign_in(VICE, "leader"), "unit_head": sign_in(EPB, "unit_head")}


def test_townships_stand_in_a_table_of_their_own(take: Take, office: FlaskClient) -> None:
    bus = Bus()
    for n, place in enumerate(("431023104", "431023104201", "431023105")):
        Case(bus, UUID(int=(9 << 120) + n), number=f"{n}号").register(at("2016-12-01 09:00"), place=place)
    take(bus.sent)
    page = office.get("/reporting/dashboard").text
    table = page[page.index("<h2>各乡镇</h2>") :]
    assert re.findall(r'<tr><th scope="row">(\d+)</th><td class="number">(?:<a [^>]*>)?(\d+)', table) == [
        ("431023104", "2"),
        ("431023105", "1"),
    ]

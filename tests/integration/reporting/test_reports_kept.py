"""What a report keeps from its readers: what is confidential by the latest word, and that there is a case from which one is barred."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from services.reporting.handlers import cutting, issuing, preparing
from services.reporting.store import SQL
from shared.contract.envelope import instant
from shared.database import Database
from tests.integration.reporting.periods import HALF_MONTH, TWO_MONTHS, WEEK, Ended, ended, frozen, remade
from tests.integration.reporting.story import CLERK, COUNTY, EPB, TOWN_HEAD, Bus, Case, article, at
from tests.integration.reporting.test_reports_issued import OFFICE, SECRETARY, SUPERVISOR, post, words_of
from tests.integration.reporting.test_reports_ladder import Late, interview

FORMS = ("", ".pdf", ".docx", ".xlsx")
PERIODS = [WEEK, HALF_MONTH, TWO_MONTHS]
WORDS = "十里洞"


def prepare(reporting: Database) -> None:
    with reporting.unit_of_work() as uow:
        assert preparing.prepare_owed(uow) == 1


def page_of(reporting: Database, period: Ended) -> str:
    return f"/reporting/reports/{frozen(reporting, period)['id']}"


def accepted() -> Case:
    """A case of the week."""
    case = Case(Bus())
    case.register(at("2016-11-07 09:30"))
    case.tell("case.accepted", at("2016-11-07 09:35"), accepted_at=instant(at("2016-11-07 09:35")), by=CLERK)
    return case


def hush(case: Case) -> list[Any]:
    """The instruction that makes it confidential, when the week is over."""
    told = len(case.bus.sent)
    case.instruct(at("2016-11-15 10:00"), 1, "保密办理。", [TOWN_HEAD], confidential=True)
    return case.bus.sent[told:]


def test_a_report_drawn_late_does_not_tell_what_has_become_confidential(
    reporting: Database, take: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = accepted()
    hush(case)
    take([*case.bus.sent, ended(case.bus, WEEK)])
    prepare(reporting)
    body = frozen(reporting, WEEK)["data"]
    (item,) = json.loads(body)["lists"]["accepted"]
    assert (item["number"], item["title"], item["confidential"]) == (case.number, None, True)
    assert WORDS not in body.decode()
    assert remade(reporting, WEEK) == body, "to the byte"
    at_the_cut_off = SQL["confidence_as_of"].replace("id <= %(place)s", f"occurred_at < '{WEEK.until.isoformat()}'")
    monkeypatch.setitem(cutting.SQL, "confidence_as_of", at_the_cut_off)
    assert WORDS in remade(reporting, WEEK).decode(), "the twin"


def test_neither_does_one_that_is_prepared_anew(reporting: Database, take: Any, sign_in: Any) -> None:
    case = accepted()
    take([*case.bus.sent, ended(case.bus, WEEK)])
    prepare(reporting)
    before = frozen(reporting, WEEK)["data"]
    assert WORDS in before.decode()
    take(hush(case))
    assert remade(reporting, WEEK) == before, "what was frozen stays"
    office, page = sign_in(OFFICE, "office"), page_of(reporting, WEEK)
    assert post(office, page, f"{page}/anew", reasons="保密").status_code == 303
    assert WORDS not in frozen(reporting, WEEK)["data"].decode()
    assert remade(reporting, WEEK) == frozen(reporting, WEEK)["data"]


def test_a_circular_drawn_late_tells_of_what_has_become_confidential_neither_title_nor_reasons(
    reporting: Database, take: Any
) -> None:
    bus = Bus()
    case = Late(bus, 1, "2016-11-11 10:00")
    case.list_in_circular("2017-01-01 09:00", "永通〔2017〕1号", "水源污染逾期未办结。")
    case.instruct(at("2017-01-02 10:00"), 2, "保密办理。", [EPB], confidential=True)
    take([*bus.sent, ended(bus, TWO_MONTHS)])
    prepare(reporting)
    body = frozen(reporting, TWO_MONTHS)["data"]
    (each,) = json.loads(body)["circular"]
    assert (each["number"], each["title"], each["reasons"]) == (case.number, None, None)
    assert WORDS not in body.decode()
    assert remade(reporting, TWO_MONTHS) == body


@pytest.fixture
def hushed_since(reporting: Database, take: Any) -> str:
    """The page of a circular that names a case, with its reasons, which became confidential after it was frozen."""
    bus = Bus()
    case = Late(bus, 1, "2016-11-11 10:00")
    case.list_in_circular("2016-12-20 09:00", "永通〔2016〕1号", "水源污染逾期未办结。")
    take([*bus.sent, ended(bus, TWO_MONTHS)])
    prepare(reporting)
    told = len(bus.sent)
    case.instruct(at("2017-01-02 10:00"), 2, "保密办理。", [EPB], confidential=True)
    take(bus.sent[told:])
    assert WORDS in frozen(reporting, TWO_MONTHS)["data"].decode()
    return page_of(reporting, TWO_MONTHS)


def test_what_became_confidential_is_read_in_an_old_report_by_those_whose_it_is(
    hushed_since: str, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, office = sign_in(SUPERVISOR, "supervision_office"), sign_in(OFFICE, "office")
    for form in FORMS:
        said = words_of(reader.get(hushed_since + form).data, form)
        assert (WORDS in said, "水源污染" in said) == (False, False), form
        assert "1号" in said, "that there is one he may know"
    assert WORDS in office.get(hushed_since).text
    monkeypatch.setattr(issuing, "SEEN", issuing.SEEN.replace(SQL["readable"], "true"))
    assert WORDS in reader.get(hushed_since).text, "the twin"


@pytest.mark.parametrize("form", ["", ".docx", ".xlsx"])
def test_whoever_is_barred_finds_in_a_report_what_his_statistics_say(
    reporting: Database, take: Any, sign_in: Any, form: str
) -> None:
    bus = Bus()
    article(bus)
    Case(bus).bar(at("2016-11-08 09:00"), officials=[OFFICE["official"]])
    take([*bus.sent, ended(bus, WEEK)])
    prepare(reporting)
    office, page = sign_in(OFFICE, "office"), page_of(reporting, WEEK)
    statistics = office.get("/reporting/statistics?from=2016-11-07&to=2016-11-13").text
    found = re.search(r'<th scope="row">登记</th><td class="number">(?:<a [^>]*>)?(\d+)', statistics)
    assert found
    said = words_of(office.get(page + form).data, form)
    assert int(found[1]) == 0
    assert re.search(r"登记信访件\s*0\s*件", said)
    assert "不逐件列出" not in said, "nothing is said to be left out"
    whole = words_of(sign_in({**OFFICE, "official": "o-other"}, "office").get(page + form).data, form)
    assert re.search(r"登记信访件\s*1\s*件", whole)


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.kind)
def test_what_a_barred_reader_finds_is_the_report_of_a_county_without_that_case(
    reporting: Database, take: Any, sign_in: Any, period: Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = Bus()
    article(bus)
    case, other = Late(bus, 1, "2016-11-20 10:00"), Late(bus, 2, "2016-11-20 10:00")
    held = at("2016-12-01 15:00")
    interview(bus, case, held, bus.identifier())
    interview(bus, other, held, bus.identifier())
    other.notice("2016-11-21 09:00", "永督〔2016〕2号")
    told = [event for event in bus.sent if event.subject != str(other.id)]
    take([*told, ended(bus, period)])
    prepare(reporting)
    without = sign_in(SECRETARY, "first_in_command").get(page_of(reporting, period)).text
    rest = [event for event in bus.sent if event.subject == str(other.id)]
    take([*rest, Case(bus, other.id).bar(held, officials=[SECRETARY["official"]])])
    page = page_of(reporting, period)
    supervisor, barred = sign_in(SUPERVISOR, "supervision_office"), sign_in(SECRETARY, "first_in_command")
    assert barred.get(page).text.count("此后又收到本期内的") == 0, "what came since is of the hidden case"
    with reporting.unit_of_work() as uow:
        assert (preparing.heard_since(uow, frozen(reporting, period)) > 0) is (period is TWO_MONTHS)
        anew = preparing.freeze(uow, {**frozen(reporting, period), "number": period.number}, preparing.Prepared(edition=2))
    page = f"/reporting/reports/{anew}"
    assert said_of(barred.get(page).text) == said_of(without)
    assert said_of(supervisor.get(page).text) != said_of(without)
    monkeypatch.setattr(preparing, "barred_from", lambda uow, sees: [])
    assert said_of(barred.get(page).text) != said_of(without), "the twin"


def said_of(page: str) -> str:
    """The document alone, without the number of the archive's row."""
    return re.sub(r"截至第\d+号", "", page[page.index('<article class="official"') :])


def test_the_page_says_the_same_to_whoever_reads(reporting: Database, take: Any, sign_in: Any) -> None:
    """That his view is narrower is said to everybody: it is no hint."""
    bus = Bus()
    article(bus)
    Case(bus).bar(at("2016-11-08 09:00"), officials=[OFFICE["official"]])
    take([*bus.sent, ended(bus, WEEK)])
    prepare(reporting)
    for who in (OFFICE, {**OFFICE, "official": "o-other", "organisation": COUNTY}):
        assert "按您可以查看的范围计数、列件" in sign_in(who, "office").get(page_of(reporting, WEEK)).text

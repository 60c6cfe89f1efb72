"""The desk says in one line what waits in the other rooms, and leads there; a list is empty for good or for bad."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import uuid4

import pytest

from services.intake.domain.boards import Post
from services.intake.domain.imports import ImportJob
from services.intake.domain.linking import Relation
from services.intake.handlers.boards import take_posts
from services.intake.site import read_site
from services.intake.store import IMPORT_JOBS
from services.intake.workflow import ImportStage
from tests.integration.intake import board_cases
from tests.integration.intake.intake_cases import AT, a_case, post
from tests.integration.intake.intake_links import linked
from tests.integration.intake.intake_telephone import a_form, case_of, report, telephone_site, told


@pytest.fixture(scope="module")
def site(settings, tmp_path_factory):
    return telephone_site(settings, tmp_path_factory.mktemp("site"))


def strip_of(client) -> dict[str, str]:
    """What each entry says, by the address that it leads to."""
    [strip] = re.findall(r'<nav class="strip".*?</nav>', client.get("/intake/desk").text, re.DOTALL)
    entries = re.findall(r'<a href="([^"]+)">(.*?)</a>', strip, re.DOTALL)
    return {href: " ".join(re.sub("<[^>]+>", "", text).split()) for href, text in entries}


@pytest.fixture
def forum(settings, tmp_path):
    """A board, as another county's file names it."""
    return board_cases.board(
        read_site(replace(settings, service_files={"intake": board_cases.write_site(tmp_path, "http://127.0.0.1:1")}))
    )


def test_the_desk_counts_what_waits_in_each_room_and_leads_there(browse, intake, vault, forum):
    clerk = browse("clerk")
    assert set(strip_of(clerk).values()) == {"0 待回电", "0 来电待补记", "0 候访", "0 来贴待看", "2 值班空缺", "0 导入待定"}
    report(browse(), told("missed", "1", ago=120))
    report(browse(), told("missed", "2", ago=1, caller="07355550001"))
    report(browse(), told("answered", "3", ago=1))
    post(clerk, "/intake/visits/walk-in", {"key": str(uuid4()), "matter": "低保", "group_size": "1", "inside": "1"})
    with intake.unit_of_work() as uow:
        take_posts(uow, vault, forum, [Post(guid="1", text="路灯坏了"), Post(guid="2")])
        for stage in (ImportStage.CHECKED, ImportStage.RUNNING):
            job = ImportJob(id=uuid4(), stage=stage, source="旧系统", format="xlsx", size=1, created_at=uow.now, created_by=None)
            uow.rows(IMPORT_JOBS).put(job)
    seen = strip_of(clerk)
    assert set(seen.values()) == {"2 待回电 超期 1", "1 来电待补记", "1 候访", "2 来贴待看", "2 值班空缺", "1 导入待定"}
    assert {clerk.get(href.replace("&amp;", "&")).status_code for href in seen} == {200}


def test_nothing_is_counted_of_a_case_that_the_reader_is_barred_from(browse, intake, hear):
    clerk = browse("clerk")
    post(clerk, "/intake/calls/new", a_form(phone="13873512345"))
    report(browse(), told("missed", "1", ago=1, caller="13873512345"))
    with intake.unit_of_work() as uow:
        number = uow.one("SELECT number FROM petition")["number"]
    form = {"key": str(uuid4()), "matter": "同一件事", "group_size": "1", "inside": "1", "case_number": number}
    post(clerk, "/intake/visits/walk-in", form)
    assert {"1 待回电", "1 候访"} <= set(strip_of(clerk).values())
    hear("case.barred", case_of(intake), {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    assert {"0 待回电", "0 候访"} <= set(strip_of(clerk).values())


def test_repeats_are_counted_and_are_no_work_that_the_menu_counts(browse, intake, vault, clerk, hear):
    first, second = (a_case(intake, vault) for _ in range(2))
    reader = browse("clerk")
    badge = re.findall(r'登记台\s*<span class="badge">(\d+)', reader.get("/intake/desk").text)
    linked(intake, vault, clerk, second, first, Relation.REPEAT_OF)
    page = reader.get("/intake/desk").text
    assert re.search(r'重复信访 <span class="count">1<', page)
    assert re.findall(r'登记台\s*<span class="badge">(\d+)', page) == badge
    hear("case.barred", first, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    assert re.search(r'重复信访 <span class="count">0<', reader.get("/intake/desk").text)


@pytest.mark.parametrize(
    ("query", "good"),
    [({}, False), ({"queue": "unbriefed"}, True), ({"queue": "unbriefed", "q": "井水"}, False), ({"queue": "repeat"}, False)],
)
def test_an_empty_queue_is_good_news_and_an_empty_search_is_not(browse, query, good):
    page = browse("clerk").get("/intake/desk", query_string=query).text
    assert ('class="empty good"' in page, 'class="empty"' in page) == (good, not good)


def test_filters_that_are_set_stand_open(browse):
    clerk = browse("clerk")
    for query, is_open in (
        ({}, False),
        ({"q": "井"}, False),
        ({"channel": "email"}, True),
        ({"q": "井", "since": "2016-11-07"}, True),
    ):
        page = clerk.get("/intake/desk", query_string=query).text
        assert ('<details class="fold" open>' in page) is is_open

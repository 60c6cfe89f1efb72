"""Supervision's pages show what is owed to those who may see it, and to nobody else."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from services.supervision.handlers import adopt_policy, fire_due
from services.supervision.web import READERS
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.site import READER, Site, refused
from tests.integration.supervision.world import COUNTY_LEADER, moment

LIST, POLICY = "/supervision/deadlines", "/supervision/policy"


@pytest.fixture
def site(world: Supervision, tmp_path) -> Iterator[Site]:
    made = Site(world, tmp_path)
    yield made
    made.close()


@pytest.fixture
def case(world: Supervision) -> UUID:
    """On 17 November: receipt overdue, reply and conclusion due today."""
    case = uuid4()
    names = {"code": "431023104", "name": "柏林镇", "name_en": "Bailin Town", "superior": "431023", "has_instance": True}
    world.hear(world.event("directory.organisation_recorded", "431023104", names))  # type: ignore[arg-type]
    world.hear(world.issued(case, "2016-11-07 09:30"))
    world.clock("2016-11-17 10:00")
    world.do(fire_due)
    return case


def test_the_list_opens_with_what_is_overdue_and_counts_every_queue(site: Site, case: UUID):
    page = site.client("supervision_office").get(LIST)
    assert page.status_code == 200
    assert "十里洞村民希望喝上健康的水" in page.text
    assert "永信〔2016〕17 号" in page.text
    assert f"/reporting/cases/{case}" in page.text
    assert "超期 9 天" in page.text
    assert "柏林镇" in page.text
    assert "已超期：共 1 项" in page.text


def test_what_is_due_today_and_everything_open_have_queues_of_their_own(site: Site, case: UUID):
    client = site.client("office")
    today = client.get(f"{LIST}?queue=today")
    assert today.text.count("今天到期</time>") == 2
    assert "2016-11-17" in today.text
    assert "全部未办：共 3 项" in client.get(f"{LIST}?queue=open").text
    assert "这一组没有未办的期限" in client.get(f"{LIST}?queue=approaching").text


def test_a_unit_narrows_list_and_counts(site: Site, world: Supervision, case: UUID):
    world.hear(world.issued(uuid4(), "2016-11-17 09:30", to=COUNTY_LEADER))
    client = site.client("auditor")
    assert "全部未办：共 6 项" in client.get(f"{LIST}?queue=open").text
    narrowed = client.get(f"{LIST}?queue=open&unit=431023-gov")
    assert "全部未办：共 3 项" in narrowed.text
    assert "廖志平" in narrowed.text
    assert "何立新" not in narrowed.text


@pytest.mark.parametrize("query", ["queue=none", "page=0", "page=x", "unit=" + "9" * 40])
def test_an_address_that_makes_no_sense_is_refused_with_the_rule(site: Site, case: UUID, query: str):
    assert site.client("auditor").get(f"{LIST}?{query}").status_code == 422


def test_a_page_beyond_the_last_shows_the_last(site: Site, case: UUID):
    assert "十里洞" in site.client("auditor").get(f"{LIST}?page=99").text


@pytest.mark.parametrize("path", [LIST, POLICY])
def test_nobody_else_opens_them(site: Site, case: UUID, path: str):
    assert set(refused(site, path, READERS).values()) == {403}
    assert site.app.test_client().get(path).status_code == 303


def test_a_reader_sees_the_units_in_his_scope_alone(site: Site, case: UUID):
    narrow = site.client("supervision_office", scope=frozenset({"431023-epb", "431024*"}))
    assert "十里洞" not in narrow.get(f"{LIST}?queue=open").text
    wide = site.client("supervision_office", scope=frozenset({"431023104"}))
    assert "十里洞" in wide.get(f"{LIST}?queue=open").text


@pytest.mark.parametrize(
    "bar", [{"organisations": [], "officials": [READER.official_id]}, {"organisations": ["431023-sup"], "officials": []}]
)
def test_who_is_barred_does_not_see_the_case(site: Site, world: Supervision, case: UUID, bar: dict):
    told = {**bar, "barred_at": moment("2016-11-17 10:00")}
    world.hear(world.event("case.barred", case, told, teller="routing"))
    page = site.client("supervision_office").get(f"{LIST}?queue=open")
    assert "十里洞" not in page.text
    assert "共 0 项" in page.text or "这一组没有" in page.text
    other = site.client("supervision_office", official_id="o-other", org="431023", posts=({"title": "", "org": "431023"},))
    assert "十里洞" in other.get(f"{LIST}?queue=open").text


def test_the_policy_in_force_is_shown_in_words(site: Site, world: Supervision):
    world.do(lambda uow: adopt_policy(uow, "regulation-2022"))
    page = site.client("first_in_command").get(POLICY)
    assert page.status_code == 200
    for words in ("《信访工作条例》", "5 个工作日", "60 日", "随办结期限", "2026-12-31", "50%、75%、90%"):
        assert words in page.text


def test_a_confidential_case_is_listed_by_its_number_and_an_instructions_limit_says_so(site: Site, world: Supervision):
    world.hear(world.issued(uuid4(), "2016-11-07 09:30", confidential=True, limit_days=3))
    page = site.client("supervision_office").get(f"{LIST}?queue=open").text
    assert "（保密件）" in page
    assert "永信〔2016〕17 号" in page
    assert "十里洞" not in page
    assert page.count("按批示期限") == 1

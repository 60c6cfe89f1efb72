"""Follow-up's pages: staff records, the auditor reads, the supervision office sees its sample, nobody else anything."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from tests.integration.followup.conftest import Followup
from tests.integration.supervision.site import READER, Site, csrf, hidden, refused
from tests.integration.supervision.world import SECRETARY, moment

LIST = "/followup/tasks"
STAFF = {
    "official_id": "o-431023-followup",
    "name": "黄秀英",
    "org": "431023-xf",
    "posts": ({"title": "回访员", "org": "431023-xf"},),
}


@pytest.fixture
def site(world: Followup, tmp_path) -> Iterator[Site]:
    made = Site(world, tmp_path)
    yield made
    made.close()


@pytest.fixture
def case(world: Followup) -> UUID:
    case = uuid4()
    world.hear(world.registered(case), world.concluded(case))
    return case


def form(page, result: str, **changes: str) -> dict[str, str]:
    return {
        "csrf_token": csrf(page), "try_id": hidden(page, "try_id"), "manner": "telephone", "result": result, **changes,
    }  # fmt: skip


def test_the_list_shows_what_is_to_be_asked(site: Site, case: UUID):
    page = site.client("followup", **STAFF).get(LIST)
    assert page.status_code == 200
    assert "十里洞村民希望喝上健康的水" in page.text
    assert "剩 7 天" in page.text
    assert "邮件回访" in page.text


def test_staff_records_satisfied_and_the_page_shows_the_closing(site: Site, world: Followup, case: UUID):
    client, path = site.client("followup", **STAFF), f"{LIST}/{world.task_id(case)}"
    page = client.get(path)
    assert "造纸厂已依法取缔。" in page.text
    done = client.post(path, data=form(page, "satisfied"), follow_redirects=True)
    assert done.status_code == 200
    for words in ("已记录：满意。本件已结案存档。", "电话回访 · 满意", "黄秀英 回访员", "信访人满意"):
        assert words in done.text
    assert "记录一次回访" not in done.text
    assert len(world.told("case.archived")) == 1
    listed = client.get(f"{LIST}?queue=done").text
    assert "已有结果：最近的在前" in listed
    assert "十里洞" in listed


def test_a_form_sent_twice_is_harmless(site: Site, world: Followup, case: UUID):
    client, path = site.client("followup", **STAFF), f"{LIST}/{world.task_id(case)}"
    data = form(client.get(path), "not_satisfied")
    assert [client.post(path, data=data).status_code for _ in range(2)] == [303, 303]
    assert len(world.told("case.dissatisfied")) == 1


def test_a_second_form_after_the_result_is_told_that_the_case_moved_on(site: Site, world: Followup, case: UUID):
    client, path = site.client("followup", **STAFF), f"{LIST}/{world.task_id(case)}"
    first, second = (form(client.get(path), "satisfied") for _ in range(2))
    client.post(path, data=first)
    answer = client.post(path, data=second)
    assert answer.status_code == 409
    assert "本轮回访已有结果" in answer.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"result": ""}, "回访结果"), ({"result": "happy"}, "回访结果"), ({"manner": "tracking_page"}, "回访方式"),
        ({"try_id": "x"}, "表单编号"),
    ],
)  # fmt: skip
def test_bad_input_names_its_field_and_changes_nothing(site: Site, world: Followup, case: UUID, changes, said):
    client, path = site.client("followup", **STAFF), f"{LIST}/{world.task_id(case)}"
    page = client.get(path)
    answer = client.post(path, data={**form(page, "satisfied"), **changes})
    assert answer.status_code == 422
    assert said in answer.text
    assert world.told("followup.recorded") == []


def test_a_form_without_its_token_is_refused(site: Site, world: Followup, case: UUID):
    client, path = site.client("followup", **STAFF), f"{LIST}/{world.task_id(case)}"
    data = form(client.get(path), "satisfied") | {"csrf_token": ""}
    assert client.post(path, data=data).status_code == 400
    assert world.told("case.closed") == []


def test_who_concluded_the_case_is_told_that_somebody_else_asks(site: Site, world: Followup, case: UUID):
    client, path = site.client("followup", official_id=SECRETARY["official"]), f"{LIST}/{world.task_id(case)}"
    page = client.get(path)
    assert "本件由您办结" in page.text
    data = {"csrf_token": csrf(page), "try_id": str(uuid4()), "manner": "visit", "result": "satisfied"}
    assert client.post(path, data=data).status_code == 403


def test_the_auditor_reads_and_does_not_record(site: Site, world: Followup, case: UUID):
    client, path = site.client("auditor"), f"{LIST}/{world.task_id(case)}"
    page = client.get(path)
    assert page.status_code == 200
    assert "记录一次回访" not in page.text
    data = {"csrf_token": csrf(page), "try_id": str(uuid4()), "manner": "visit", "result": "satisfied"}
    assert client.post(path, data=data).status_code == 403


def test_the_supervision_office_sees_the_sample_of_what_staff_recorded_and_nothing_else(site: Site, world: Followup):
    seen, other = uuid4(), uuid4()
    for case in (seen, other):
        world.hear(world.registered(case, number=str(case)), world.concluded(case))
    office, staff = site.client("supervision_office"), site.client("followup", **STAFF)
    assert office.get(f"{LIST}/{world.task_id(seen)}").status_code == 404  # not recorded yet
    for case in (seen, other):
        path = f"{LIST}/{world.task_id(case)}"
        staff.post(path, data=form(staff.get(path), "satisfied"))
    world.do(lambda uow: uow.all("UPDATE task SET sampled = (case_id = %(c)s)", c=seen))
    assert office.get(f"{LIST}/{world.task_id(seen)}").status_code == 200
    assert office.get(f"{LIST}/{world.task_id(other)}").status_code == 404
    page = office.get(f"{LIST}?queue=done").text
    assert str(seen) in page
    assert str(other) not in page


def test_units_persons_responsible_and_leaders_see_no_answer(site: Site, world: Followup, case: UUID):
    for path in (LIST, f"{LIST}/{world.task_id(case)}"):
        assert set(refused(site, path, ["followup", "auditor", "supervision_office"]).values()) == {403}


@pytest.mark.parametrize(
    "bar", [{"organisations": [], "officials": [READER.official_id]}, {"organisations": ["431023-sup"], "officials": []}]
)
def test_who_is_barred_finds_no_such_task(site: Site, world: Followup, case: UUID, bar: dict):
    told = {**bar, "barred_at": moment("2016-11-30 18:00")}
    world.hear(world.event("case.barred", case, told, teller="routing"))
    client = site.client("followup")
    assert client.get(f"{LIST}/{world.task_id(case)}").status_code == 404
    assert "十里洞" not in client.get(LIST).text


def test_another_instances_cases_are_not_in_scope(site: Site, world: Followup, case: UUID):
    client = site.client("followup", scope=frozenset({"431024*"}))
    assert client.get(f"{LIST}/{world.task_id(case)}").status_code == 404
    assert "十里洞" not in client.get(LIST).text


def test_the_petitioners_own_answers_are_shown_with_which_one_counted(site: Site, world: Followup, case: UUID):
    world.hear(world.answered(case, satisfied=False), world.answered(case))
    page = site.client("auditor").get(f"{LIST}/{world.task_id(case)}")
    assert page.text.count("信访人在查询页答复") == 2
    assert "已采用" in page.text
    assert "存查，本轮已有结果" in page.text


def test_the_rounds_of_a_case_lead_to_one_another(site: Site, world: Followup, case: UUID):
    world.hear(world.answered(case, satisfied=False), world.concluded(case, 4))
    page = site.client("auditor").get(f"{LIST}/{world.task_id(case, 4)}")
    assert f"{LIST}/{world.task_id(case, 3)}" in page.text


def test_what_has_its_result_has_pages_and_no_total(site: Site, world: Followup, monkeypatch):
    """It grows for ever, so nobody counts it for a page."""
    monkeypatch.setattr("services.followup.web.tasks.PAGE", 2)
    for number in range(3):
        case = uuid4()
        world.hear(world.registered(case, number=f"第 {number} 号"), world.concluded(case), world.answered(case))
    client = site.client("followup", **STAFF)
    first, second = (client.get(f"{LIST}?queue=done&page={page}").text for page in (1, 2))
    assert first.count(f"{LIST}/") == 2
    assert second.count(f"{LIST}/") == 1
    assert "下一页" in first
    assert "下一页" not in second
    assert "上一页" in second

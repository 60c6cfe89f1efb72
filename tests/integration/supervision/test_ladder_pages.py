"""The ladder's pages: a round in one click, each step under a name, and no word to whoever is barred."""

import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from services.supervision.handlers import end_periods, ladder_lists, listing
from services.supervision.web import READERS
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.ladder_steps import HEAD, call, issue, miss, organisations, overdue
from tests.integration.supervision.site import READER, Site, csrf, hidden, refused
from tests.integration.supervision.world import TOWNSHIP_SECRETARY, moment

LIST, ROUND = "/supervision/ladder", "2016-12-01 09:00"
MINE = {
    "official_id": TOWNSHIP_SECRETARY["official"], "name": "何立新", "org": "431023104", "scope": frozenset({"431023104"}),
    "posts": ({"title": "柏林镇党委书记", "org": "431023104"},),
}  # fmt: skip
FIRST = {
    "official_id": HEAD.official, "name": HEAD.name, "org": "431023", "posts": ({"title": HEAD.post, "org": "431023"},),
}  # fmt: skip


@pytest.fixture
def site(world: Supervision, tmp_path) -> Iterator[Site]:
    made = Site(world, tmp_path)
    yield made
    made.close()


@pytest.fixture
def case(world: Supervision) -> UUID:
    """On 1 December its conclusion is half a month overdue."""
    organisations(world)
    case = overdue(world)
    world.clock(ROUND)
    return case


def send(client, path: str, page: TestResponse, **form) -> TestResponse:
    return client.post(path, data={"csrf_token": csrf(page), **form})


def told(world: Supervision, name: str) -> list[dict]:
    return [data for _, data in world.told(name)]


def test_a_round_is_issued_with_one_click(site: Site, world: Supervision, case: UUID):
    other = overdue(world, when="2016-11-07 10:00", now=ROUND)
    client = site.client("supervision_office")
    page = client.get(LIST)
    assert "全部签发（2 件）" in page.text
    form = {"key": hidden(page, "key"), "step": "notice", "demand": "请五日内办结。", "all": "true"}
    assert send(client, LIST, page, **form).status_code == 303
    assert {data["by"]["name"] for data in told(world, "supervision.noticed")} == {READER.name}
    assert len(told(world, "supervision.noticed")) == 2
    assert send(client, LIST, page, **form).status_code == 303  # the same form again does nothing
    assert send(client, LIST, page, **{**form, "key": str(uuid4())}).status_code == 422  # and nothing is left for another
    assert len(told(world, "supervision.noticed")) == 2
    listed = client.get("/supervision/documents?step=notice")
    assert "永督〔2016〕1号" in listed.text
    assert "永督〔2016〕2号" in listed.text
    assert str(other) in listed.text


def test_the_list_opens_at_what_waits_for_its_reader(site: Site, world: Supervision, case: UUID):
    def opened(client) -> str:
        return re.findall(r'step=(\w+)" aria-current="page"', client.get(LIST).text)[0]

    head, office, auditor = site.client("first_in_command", **FIRST), site.client("supervision_office"), site.client("auditor")
    assert (opened(head), opened(office), opened(auditor)) == ("notice", "notice", "notice")
    issue(world, "notice", miss(world, case))
    assert (opened(head), opened(office)) == ("interview", "notice")  # nothing is due: each at his own
    world.clock("2016-12-07 09:00")
    assert (opened(head), opened(office), opened(auditor)) == ("interview", "interview", "interview")


def test_a_notice_without_its_demand_or_choice_is_refused_with_the_rule(site: Site, world: Supervision, case: UUID):
    client = site.client("supervision_office")
    page = client.get(LIST)
    without = send(client, LIST, page, key=str(uuid4()), step="notice", all="true")
    assert without.status_code == 422
    assert "没有写明督办要求。" in without.text
    nothing = send(client, LIST, page, key=str(uuid4()), step="notice", demand="x")
    assert nothing.status_code == 422
    assert "没有选中任何事项" in nothing.text
    for wrong in ({"step": "interview"}, {"step": "reminder"}, {"step": "x"}, {"ids": "x"}, {"key": "x"}):
        sent = {"key": str(uuid4()), "step": "notice", "demand": "x", "ids": str(miss(world, case)), **wrong}
        assert send(client, LIST, page, **sent).status_code == 422
    assert told(world, "supervision.noticed") == []


def test_the_first_in_command_calls_in_appoints_and_it_is_recorded(site: Site, world: Supervision, case: UUID):
    issue(world, "notice", miss(world, case))
    world.clock("2016-12-07 09:00")
    head = site.client("first_in_command", **FIRST)
    page = head.get(f"{LIST}?step=interview")
    assert "何立新" in page.text
    form = {"key": hidden(page, "key"), "ids": str(miss(world, case))}
    empty = send(head, "/supervision/interviews", page, **form)
    assert empty.status_code == 422
    done = send(head, "/supervision/interviews", page, **form, reasons="经督办仍未办结。")
    assert done.status_code == 303
    where = done.headers["Location"]
    office = site.client("office")
    page = office.get(where)
    past = send(office, f"{where}/appoint", page, place="小会议室", meets_at="2016-12-01T09:00")
    assert past.status_code == 422
    assert "约谈时间须晚于现在。" in past.text
    assert send(office, f"{where}/appoint", page, place="小会议室", meets_at="2016-12-08T15:00").status_code == 303
    (appointed,) = told(world, "interview.appointed")
    assert appointed["meets_at"] == moment("2016-12-08 15:00")
    world.clock("2016-12-08 18:00")
    record = {
        "held_at": "2016-12-08T15:00", "attended": "赵明\n何立新\n", "record": "说明了原因。", "demands": "十日内办结。", "until": "2016-12-18",
    }  # fmt: skip
    assert send(office, f"{where}/record", page, **{**record, "attended": "\n"}).status_code == 422
    assert send(office, f"{where}/record", page, **record).status_code == 303
    assert "说明了原因。" in office.get(where).text
    sheet = office.get(f"{where}/print")
    assert "约谈记录" in sheet.text
    assert "被约谈人签名" in sheet.text
    assert "2016 年已约谈" in office.get("/supervision/interviews").text
    assert send(office, f"{where}/cancel", page, reasons="x").status_code == 409


def test_a_case_shows_its_ladder_and_a_step_is_annulled_there(site: Site, world: Supervision, case: UUID):
    issue(world, "notice", miss(world, case))
    client = site.client("supervision_office")
    page = client.get(f"/supervision/cases/{case}/ladder")
    assert "永督〔2016〕1号" in page.text
    assert "责任人未阅" in page.text
    (step,) = world.rows("SELECT id FROM ladder_step WHERE step = 'notice'")
    path = f"/supervision/steps/{step['id']}/annul"
    assert send(client, path, page).status_code == 422
    assert send(client, path, page, reasons="文号有误。").status_code == 303
    again = client.get(f"/supervision/cases/{case}/ladder")
    assert "文号有误。" in again.text
    assert "永督〔2016〕1号" in again.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_notice_is_printed_with_who_what_and_by_when(site: Site, world: Supervision, case: UUID, language: str):
    (step,) = issue(world, "notice", miss(world, case))
    sheet = site.client("supervision_office").get(f"/supervision/steps/{step.id}?lang={language}")
    assert sheet.status_code == 200
    for words in ("永督〔2016〕1号", "何立新", "永信〔2016〕17 号", "2016-11-17 24:00", "2016-12-06", "永催〔2016〕"):
        assert words in sheet.text
    assert ("Supervision notice" if language == "en" else "信访事项督办单") in sheet.text


def test_whoever_is_responsible_sees_what_was_sent_to_him_what_he_owes_and_his_prints(site: Site, world: Supervision, case: UUID):
    (step,) = issue(world, "notice", miss(world, case))
    made = call(world, miss(world, case))
    mine = site.client("unit_head", **MINE)
    who = listing.sight(TOWNSHIP_SECRETARY["official"], {"431023104"}, ())
    assert world.do(lambda uow: ladder_lists.unseen(uow, who)) == 5  # three reminders, a notice and a call: the badge
    page = mine.get("/supervision/mine")
    assert world.do(lambda uow: ladder_lists.unseen(uow, who)) == 0
    for words in ("永督〔2016〕1号", "永约〔2016〕1号", "永催〔2016〕1号", "请于五日内办结并报告结果。", "署名回复"):
        assert words in page.text
    assert mine.get(f"/supervision/steps/{step.id}").status_code == 200
    assert mine.get(f"/supervision/interviews/{made.id}/print").status_code == 200
    assert "阅</small>" in site.client("supervision_office").get("/supervision/documents?step=notice").text
    other = site.client("unit_head", **{**MINE, "official_id": "o-other"})
    assert "永督" not in other.get("/supervision/mine").text
    assert other.get(f"/supervision/steps/{step.id}").status_code == 404
    assert other.get(f"/supervision/interviews/{made.id}/print").status_code == 404


def barred(world: Supervision, case: UUID, official: str) -> None:
    data = {"officials": [official], "organisations": [], "barred_at": moment(ROUND)}
    world.hear(world.event("case.barred", case, data, teller="routing"))


def test_the_accused_see_no_step_of_the_case_anywhere(site: Site, world: Supervision, case: UUID):
    (step,) = issue(world, "notice", miss(world, case))
    made = call(world, miss(world, case))
    pages = (
        LIST, f"{LIST}?step=circular&later=true", "/supervision/documents?step=notice", "/supervision/interviews",
    )  # fmt: skip
    alone = (f"/supervision/cases/{case}/ladder", f"/supervision/steps/{step.id}", f"/supervision/interviews/{made.id}",
             f"/supervision/interviews/{made.id}/print")  # fmt: skip
    client, mine = site.client("supervision_office"), site.client("unit_head", **MINE)
    assert all(client.get(path).status_code == 200 for path in alone)
    assert "十里洞" in client.get(pages[1]).text
    barred(world, case, READER.official_id)
    assert all("十里洞" not in client.get(path).text and "何立新" not in client.get(path).text for path in pages)
    assert [client.get(path).status_code for path in alone] == [404] * 4
    barred(world, case, TOWNSHIP_SECRETARY["official"])
    page = mine.get("/supervision/mine")
    assert "十里洞" not in page.text
    assert "永督" not in page.text
    assert mine.get(alone[1]).status_code == mine.get(alone[3]).status_code == 404


@pytest.mark.parametrize(
    "path", [LIST, "/supervision/documents", "/supervision/interviews", f"/supervision/cases/{UUID(int=0)}/ladder"]
)
def test_nobody_else_opens_the_offices_pages(site: Site, world: Supervision, path: str):
    assert set(refused(site, path, READERS).values()) == {403}


def test_what_turned_out_to_be_in_time_is_listed_to_be_annulled(site: Site, world: Supervision, case: UUID):
    issue(world, "notice", miss(world, case))
    world.hear(world.concluded(case, "2016-11-16 09:00"))
    page = site.client("supervision_office").get(f"{LIST}?step=in_vain")
    assert "永督〔2016〕1号" in page.text
    assert "后来查明按时办理" in site.client("supervision_office").get(f"/supervision/cases/{case}/ladder").text


def test_the_periods_of_the_office_are_shown(site: Site, world: Supervision, case: UUID):
    world.do(end_periods)
    world.clock("2016-12-16 00:00")
    world.do(end_periods)
    page = site.client("auditor").get(LIST)
    assert "2016-12-01" in page.text
    assert "进行中" in page.text
    assert "全部签发" not in page.text  # an auditor issues nothing


def test_of_a_confidential_case_no_page_says_what_it_is_about(site: Site, world: Supervision, case: UUID):
    (step,) = issue(world, "notice", miss(world, case))
    told = {"instruction_id": str(uuid4()), "round": 2, "text": "x", "author": HEAD.as_data(), "addressees": [], "answers": None,
            "case_class": "ordinary", "instructed_at": moment(ROUND), "confidential": True}  # fmt: skip
    world.hear(world.event("case.instructed", case, told, teller="routing"))
    client, mine = site.client("supervision_office"), site.client("unit_head", **MINE)
    pages = [
        client.get(path)
        for path in (LIST, "/supervision/documents", f"/supervision/cases/{case}/ladder", f"/supervision/steps/{step.id}")
    ]
    for page in [*pages, mine.get("/supervision/mine")]:
        assert page.status_code == 200
        assert "十里洞" not in page.text
    assert "（保密件）" in pages[2].text

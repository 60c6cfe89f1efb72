"""The calendar's pages and the reckoning of a limit: shown to whom they concern, changed by the supervision office alone."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner

from services.supervision.cli import commands
from services.supervision.domain.calendar import DayMark
from services.supervision.handlers import calendar as keeping
from services.supervision.web import READERS
from services.supervision.web.limits import HOLDERS
from shared.contract.person import Person
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.site import READER, Site, csrf, hidden, refused
from tests.integration.supervision.world import SECRETARY, TOWNSHIP_SECRETARY, moment

CALENDAR, DIFFERENCES = "/supervision/calendar", "/supervision/calendar/differences"
FIRST = "2026-05-18 09:00"  # a Monday
DAYS = {"first": "2026-05-20", "last": "", "mark": "day_off", "name": "临时放假", "reason": "国办发明电〔2026〕99 号"}


@pytest.fixture
def site(kept: Supervision, tmp_path) -> Iterator[Site]:
    made = Site(kept, tmp_path)
    yield made
    made.close()


@pytest.fixture
def case(kept: Supervision) -> UUID:
    case = uuid4()
    kept.clock(FIRST)
    kept.hear(kept.issued(case, FIRST))
    return case


def enter(site: Site, role: str = "supervision_office", **changes: str):
    client = site.client(role)
    page = client.get(CALENDAR)
    form = {"csrf_token": csrf(page), "key": hidden(page, "key"), **DAYS, **changes} if role == "supervision_office" else DAYS
    return client.post(f"{CALENDAR}/days", data=form, headers={"Sec-Fetch-Site": "same-origin"})


def decide(site: Site, role: str = "supervision_office", **form: str):
    client = site.client(role)
    token = {"csrf_token": csrf(client.get(CALENDAR))}
    return client.post(DIFFERENCES, data={**token, **form}, headers={"Sec-Fetch-Site": "same-origin"})


def test_a_year_is_shown_with_its_holidays_make_up_days_and_working_days(site: Site, kept: Supervision):
    kept.clock(FIRST)
    page = site.client("auditor").get(f"{CALENDAR}?year=2026")
    for words in ("248 个工作日", "春节", "2026-02-14 周六", "2026-02-16 周一", "国庆节", "2016-01-01 至 2026-12-31"):
        assert words in page.text
    assert page.text.count("<caption>") == 13  # twelve months and the list; no change yet
    assert 'name="reason"' not in page.text  # who only reads has no form
    assert "这一年还没有录入放假安排" in site.client("office").get(f"{CALENDAR}?year=2027").text


def test_the_supervision_office_enters_days_and_sees_the_record_and_what_would_differ(site: Site, case: UUID):
    assert enter(site).status_code == 303
    page = site.client("supervision_office").get(CALENDAR)
    for words in (
        "放假 临时放假：2026-05-20 周三",
        "王建平",
        "国办发明电〔2026〕99 号",
        "有 1 项期限按现在的日历会是另一天，尚未改动。",
    ):
        assert words in page.text
    listed = site.client("supervision_office").get(DIFFERENCES)
    assert "2026-05-25 24:00" in listed.text
    assert "2026-05-26 24:00" in listed.text


def test_a_decision_moves_what_was_chosen_and_needs_a_reason(site: Site, kept: Supervision, case: UUID):
    enter(site)
    (row,) = kept.rows("SELECT id FROM deadline WHERE obligation = 'receive'")
    assert decide(site, chosen=str(row["id"])).status_code == 422
    assert "没有选择期限" in decide(site, reason="通知有变").text
    assert kept.told("deadline.moved") == []
    assert decide(site, chosen=str(row["id"]), reason="通知有变").status_code == 303
    ((_, told),) = kept.told("deadline.moved", subject=case)
    assert (told["by"]["name"], told["by"]["post"], told["reason"]) == ("王建平", "督查室主任", "通知有变")
    assert "没有要重新计算的期限" in site.client("supervision_office").get(DIFFERENCES).text


def test_all_are_chosen_at_once(site: Site, kept: Supervision, case: UUID):
    kept.hear(kept.issued(uuid4(), FIRST))
    enter(site)
    assert decide(site, everything="true", reason="通知有变").status_code == 303
    assert len(kept.told("deadline.moved")) == 2


def test_nobody_but_the_supervision_office_changes_anything(site: Site, kept: Supervision, case: UUID):
    for role in ("office", "first_in_command", "auditor", "leader", "administrator"):
        assert enter(site, role).status_code == 403
    for role in ("office", "first_in_command", "auditor"):
        assert decide(site, role, everything="true", reason="通知有变").status_code == 403
    assert kept.do(keeping.history) == []


@pytest.mark.parametrize("path", [CALENDAR, DIFFERENCES])
def test_nobody_else_reads_them(site: Site, path: str):
    assert set(refused(site, path, READERS).values()) == {403}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"first": "2026-02-30"}, "首日"), ({"first": ""}, "首日"), ({"last": "2026-05-01"}, "末日早于首日"), ({"mark": "x"}, "性质"),
        ({"name": ""}, "没有写明是哪个节假日"), ({"name": "长" * 21}, "节假日名称"), ({"reason": "略"}, "依据和理由"),
        ({"first": "2026-05-23"}, "这些日子本来就是这样"), ({"first": "0001-01-01"}, "日期不在日历可以录入的范围内"),
        ({"first": "9999-12-31"}, "日期不在日历可以录入的范围内"), ({"key": "x"}, "表单编号"),
    ],
)  # fmt: skip
def test_bad_input_names_its_field_and_changes_nothing(site: Site, kept: Supervision, changes: dict, said: str):
    kept.clock(FIRST)
    page = enter(site, **changes)
    assert page.status_code == 422
    assert said in page.text
    assert kept.do(keeping.history) == []


def test_the_coverage_is_extended_after_the_year_was_entered(site: Site, kept: Supervision):
    kept.clock("2026-11-20 09:00")
    client = site.client("supervision_office")

    def reach():
        page = client.get(CALENDAR)
        form = {
            "csrf_token": csrf(page),
            "reach_key": hidden(page, "reach_key"),
            "until": "2027-12-31",
            "grounds": "国办通知已录全",
        }
        return client.post(f"{CALENDAR}/coverage", data=form, headers={"Sec-Fetch-Site": "same-origin"})

    early = reach()
    assert early.status_code == 422
    assert "2027年的放假安排还没有录全" in early.text
    for first, last in (("2027-01-01", "2027-01-01"), ("2027-02-05", "2027-02-11")):
        assert enter(site, first=first, last=last, name="节").status_code == 303
    assert reach().status_code == 303
    assert "工作日历现在覆盖至 2027-12-31。" in client.get(f"{CALENDAR}?year=2027").text


def test_its_end_is_told_on_every_page_of_supervision_long_before(site: Site, kept: Supervision):
    kept.clock("2026-10-01 12:00")
    assert "工作日历还剩" not in site.client("office").get("/supervision/deadlines").text
    kept.clock("2026-10-02 09:00")
    for path in (CALENDAR, "/supervision/deadlines", "/supervision/policy"):
        assert "工作日历还剩 90 天" in site.client("office").get(path).text
    kept.clock("2027-01-01 09:00")
    assert "工作日历已经到头" in site.client("office").get("/supervision/deadlines").text


# -- why it is due then -------------------------------------------------------------------------------------------
def limits(case: UUID) -> str:
    return f"/supervision/cases/{case}/limits"


def test_a_case_says_why_each_of_its_limits_falls_when_it_does(site: Site, kept: Supervision, case: UUID):
    page = site.client("supervision_office").get(limits(case))
    assert page.status_code == 200
    for words in (
        "起算：首次交办，2026-05-18 周一 09:00", "第 60 日，即 2026-07-17 周五", "第 5 个工作日是 2026-05-25 周一",
        "2026-05-23 周六 周末", "与本件的办结期限同时到期", "结果：2026-05-25 周一 24:00 到期", "第 3 日",
    ):  # fmt: skip
        assert words in page.text
    english = site.client("office").get(f"{limits(case)}?lang=en")
    assert "Start: First assignment, 2026-05-18 Mon 09:00" in english.text


def test_who_has_to_meet_a_limit_sees_his_own_and_nobody_elses(site: Site, kept: Supervision, case: UUID):
    other = {"official": "o-other", "name": "李强", "post": "镇长", "organisation": "431023105"}
    kept.hear(kept.issued(case, FIRST, to=other, part="joint"))
    his = site.client(
        "unit_head", official_id=TOWNSHIP_SECRETARY["official"], org="431023104", posts=({"title": "书记", "org": "431023104"},)
    )
    page = his.get(limits(case))
    assert "何立新" in page.text
    assert "李强" not in page.text
    elsewhere = site.client("officer", official_id="o-x", org="431023106", posts=({"title": "科员", "org": "431023106"},))
    assert elsewhere.get(limits(case)).status_code == 404
    assert set(refused(site, limits(case), (*READERS, *HOLDERS)).values()) == {403}


def test_who_is_barred_sees_no_reckoning_though_he_was_responsible(site: Site, kept: Supervision, case: UUID):
    told = {"organisations": [], "officials": [READER.official_id, TOWNSHIP_SECRETARY["official"]], "barred_at": moment(FIRST)}
    kept.hear(kept.event("case.barred", case, told, teller="routing"))
    assert site.client("supervision_office").get(limits(case)).status_code == 404
    his = site.client("unit_head", official_id=TOWNSHIP_SECRETARY["official"], org="431023104", posts=())
    assert his.get(limits(case)).status_code == 404
    assert site.client("office").get(limits(uuid4())).status_code == 404


def test_the_reckoning_keeps_the_calendar_of_the_day_on_which_the_limit_was_set(site: Site, kept: Supervision, case: UUID):
    kept.clock("2026-05-19 09:00")
    by = Person.of(SECRETARY)
    kept.do(
        lambda uow: keeping.change_days(
            uow,
            uuid4(),
            first=date(2026, 5, 20),
            last=date(2026, 5, 20),
            mark=DayMark.DAY_OFF,
            name="临时放假",
            reason="通知",
            by=by,
        )
    )
    page = site.client("office").get(limits(case))
    assert "第 5 个工作日是 2026-05-25 周一" in page.text
    assert "注意：按现在的工作日历应为 2026-05-26 周二 24:00" in page.text
    kept.do(
        lambda uow: keeping.recount(uow, WHO, {row["id"] for row in uow.all("SELECT id FROM deadline")}, by=by, reason="通知有变")
    )
    page = site.client("office").get(limits(case))
    assert "重算：工作日历改动后，2026-05-19 周二 09:00 决定重新计算（决定人：赵明，县委书记）" in page.text
    assert "注意：按现在" not in page.text


WHO = {"official": "o-1", "posts": ["431023"], "exact": [], "prefixes": ["431023"]}


def test_an_extension_and_a_pause_are_told_with_whose_authority_they_were(site: Site, kept: Supervision, case: UUID):
    (assignment,) = [row["id"] for row in kept.rows("SELECT id FROM known_assignment")]
    extension, pause = str(uuid4()), str(uuid4())
    base = {"assignment_id": str(assignment), "reasons": "检测", "authority": SECRETARY}
    kept.clock("2026-05-22 09:00")
    kept.hear(
        kept.event(
            "assignment.extended", case, {**base, "extension_id": extension, "days": 20, "at": moment("2026-05-19 09:00")}
        ),
        kept.event(
            "assignment.paused", case, {**base, "pause_id": pause, "category": "hearing", "at": moment("2026-05-20 09:00")}
        ),
    )
    page = site.client("office").get(limits(case))
    assert "准予延期 20 天（决定人：赵明，县委书记）" in page.text
    assert "期限自 2026-05-20 周三 09:00 暂停" in page.text
    told = {**base, "pause_id": pause, "category": "hearing", "at": moment("2026-05-21 09:00")}
    kept.hear(kept.event("assignment.resumed", case, told))
    assert (
        "暂停：因听证停止计时 1 天，2026-05-21 周四 09:00 恢复（决定人：赵明，县委书记）"
        in site.client("office").get(limits(case)).text
    )


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "第 5 个工作日是 2026-05-25 周一"), ("en", "working day 5 is 2026-05-25 Mon")]
)
def test_the_command_line_says_the_same(site: Site, kept: Supervision, case: UUID, monkeypatch, language: str, words: str):
    for name, value in {
        "ZHIDA_ORG": "431023", "ZHIDA_SERVICES": "supervision", "ZHIDA_SIMULATED": "true", "DATABASE_URL": site.settings.database_url,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(commands, ["explain", "永信〔2016〕17 号", "--language", language])
    assert done.exit_code == 0, done.output
    assert words in done.output
    assert CliRunner().invoke(commands, ["explain", str(case)]).exit_code == 0
    nothing = CliRunner().invoke(commands, ["explain", "没有"])
    assert (nothing.exit_code, "没有这个编号的信访件" in nothing.output) == (1, True)

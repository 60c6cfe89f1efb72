"""The pages of the score book: cards that are the same at the same address, objections, skip-level petitions, and who sees what."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from services.supervision.web import READERS
from tests.integration.supervision.carrying import (
    HEAD,
    MAYOR,
    NUMBER,
    OFFICE,
    SUPERVISOR,
    VICE,
    a_case,
    county,
    judged,
    official,
    returned,
    skip_level,
    take,
    whole_story,
)
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.site import Site, csrf, refused
from tests.integration.supervision.world import TOWNSHIP, TOWNSHIP_SECRETARY, moment

CARDS, SKIPS, OBJECTIONS = "/supervision/scores", "/supervision/skip-levels", "/supervision/scores/objections"
TITLE, UNIT_HEAD = "十里洞村民希望喝上健康的水", TOWNSHIP_SECRETARY["official"]
ROLES = {
    HEAD: "first_in_command",
    OFFICE: "office",
    SUPERVISOR: "supervision_office",
    VICE: "leader",
    MAYOR: "leader",
    UNIT_HEAD: "unit_head",
}
POSTS = {HEAD: "431023", OFFICE: "431023-office", SUPERVISOR: "431023-sup", UNIT_HEAD: TOWNSHIP}
PERIOD = "from=2016-11-01&until=2016-12-31"


@pytest.fixture
def site(world: Supervision, tmp_path) -> Iterator[Site]:
    county(world)
    made = Site(world, tmp_path)
    yield made
    made.close()


def client(site: Site, who: str, **more) -> FlaskClient:
    """Somebody of the county, signed in."""
    org = POSTS.get(who, "431023-gov")
    said = {"official_id": who, "org": org, "posts": ({"title": "", "org": org},)} | more
    return site.client(ROLES[who], **said)


def card(one: FlaskClient, code: str, **more: str):
    """A card's page, by the address that it is given."""
    query = "&".join([PERIOD, f"code={code}", *(f"{key}={value}" for key, value in more.items())])
    first = one.get(f"{CARDS}/card?{query}")
    return one.get(first.headers["Location"]) if first.status_code == 303 else first


def bar(world: Supervision, case: UUID, *officials: str) -> None:
    data = {"organisations": [], "officials": list(officials), "barred_at": moment("2016-12-20 10:00")}
    world.hear(world.event("case.barred", case, data, teller="routing"))


def test_those_who_oversee_them_see_everybodys_points_and_the_rules(site: Site, world: Supervision):
    whole_story(world)
    page = client(site, SUPERVISOR).get(f"{CARDS}?{PERIOD}")
    assert page.status_code == 200
    for said in ("廖志平", TOWNSHIP, "+4", "-6", "不得作为阻拦、为难任何人的理由", "越级上访", "15 日内"):
        assert said in page.text, said
    assert "本期没有计分" in client(site, SUPERVISOR).get(f"{CARDS}?from=2015-01-01&until=2015-12-31").text


def test_a_card_shows_each_entry_with_its_case_and_the_event_that_it_rests_on(site: Site, world: Supervision):
    whole_story(world)
    page = card(client(site, SUPERVISOR), VICE).text
    for said in ("廖志平 副县长", "+4", TITLE, NUMBER, "本件当时已超期，不计", "包人员稳控（关心帮扶）", "年度封顶 30 分"):
        assert said in page, said
    for row in world.rows("SELECT cause::text FROM score_entry WHERE whom = 'leader'"):
        assert row["cause"] in page


def test_the_same_address_gives_the_same_card_to_the_letter(site: Site, world: Supervision):
    case = whole_story(world)
    one = client(site, SUPERVISOR)
    first = one.get(f"{CARDS}/card?code={VICE}&{PERIOD}&as=json")
    address = urlsplit(first.headers["Location"])
    path = f"{address.path}?{address.query}"
    assert "cut=2016-12-20T02:00:00.000Z" in path
    made = one.get(path)
    world.clock("2016-12-22 10:00")
    skip_level(world, date(2016, 12, 22))
    world.do(lambda uow: uow.all("UPDATE official SET name = '改名' WHERE official = %(o)s", o=VICE))
    judged(world)
    assert one.get(path).data == made.data
    told = json.loads(made.data)
    assert (told["points"], told["code"]) == (4, VICE)
    assert {entry["case_id"] for line in told["lines"] for entry in line["entries"]} == {str(case)}
    assert json.loads(one.get(path.replace("cut=2016-12-20T02", "cut=2016-12-22T02")).data)["points"] == 4, "void: it was overdue"


def test_a_card_as_a_table_has_no_identifiers_and_runs_nothing(site: Site, world: Supervision):
    whole_story(world)
    got = card(client(site, SUPERVISOR), VICE, **{"as": "csv"})
    assert got.headers["Content-Disposition"].endswith('.csv"')
    rows = list(csv.reader(io.StringIO(got.get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows[0] == ["日期", "规则", "依据", "分值", "信访件", "说明"]
    assert rows[-1][3] == "4"
    assert ["2016-12-20", "5", NUMBER] in [[row[0], row[3], row[4]] for row in rows]
    ids = {row["id"] for row in world.rows("SELECT id::text FROM score_entry UNION SELECT cause::text FROM score_entry")}
    assert not any(each in got.text for each in ids)
    english = client(site, SUPERVISOR)
    english.set_cookie("zhida_lang", "en")
    assert "Void: the case was overdue then" in card(english, VICE, **{"as": "csv"}).text


@pytest.mark.parametrize(
    "query",
    ["from=2016-12-31&until=2016-01-01", "from=x", "cut=2099-01-01T00:00:00Z", "cut=2016-12-01", "as=pdf", "from=0001-01-01"],
)
def test_an_address_that_makes_no_sense_is_refused_with_the_rule(site: Site, world: Supervision, query: str):
    a_case(world)
    one = client(site, SUPERVISOR)
    assert one.get(f"{CARDS}?{query}").status_code == 422
    assert one.get(f"{CARDS}/card?code={VICE}&{query}").status_code == 422


def test_an_official_sees_his_own_card_and_his_units_and_no_other(site: Site, world: Supervision):
    whole_story(world)
    vice, head = client(site, VICE), client(site, UNIT_HEAD)
    assert "+4" in vice.get(f"{CARDS}?{PERIOD}").text
    assert TOWNSHIP not in vice.get(f"{CARDS}?{PERIOD}").text
    assert card(vice, VICE).status_code == 200
    assert card(vice, TOWNSHIP).status_code == 404
    assert card(vice, MAYOR).status_code == 404
    assert "-5" in head.get(f"{CARDS}?{PERIOD}").text
    assert card(head, TOWNSHIP).status_code == 200
    assert card(head, VICE).status_code == 404
    assert "本期没有计分" in card(client(site, MAYOR), MAYOR).text


def test_who_is_scored_for_an_answer_is_not_told_in_which_case_nor_when(site: Site, world: Supervision):
    whole_story(world)
    world.clock("2017-01-01 00:00")
    page = card(client(site, UNIT_HEAD), TOWNSHIP)
    section = page.text[page.text.index("回访时信访人不满意的") :]
    section = section[: section.index("</section>")]
    assert "不指明" in section
    for hidden in (NUMBER, TITLE, "2016-12-06", "依据事件"):
        assert hidden not in section, hidden
    told = json.loads(card(client(site, UNIT_HEAD), TOWNSHIP, **{"as": "json"}).data)
    (line,) = [line for line in told["lines"] if line["rule"] == "dissatisfied-unit"]
    assert set(line["entries"][0]) == {"entry_id", "points", "void"}
    rows = list(csv.reader(io.StringIO(card(client(site, UNIT_HEAD), TOWNSHIP, **{"as": "csv"}).text)))
    assert [[row[0], row[4]] for row in rows if "不满意" in row[1] and row[3] == "-1" and row[2] != "小计"] == [["", ""]]
    assert NUMBER in card(client(site, SUPERVISOR), TOWNSHIP).text


@pytest.mark.parametrize("who", [SUPERVISOR, VICE])
def test_a_card_shows_the_points_of_a_case_that_the_reader_may_not_see_without_naming_it(
    site: Site, world: Supervision, who: str
):
    case = whole_story(world)
    bar(world, case, who)
    page = card(client(site, who), VICE).text
    assert "+4" in page
    for hidden in (NUMBER, TITLE, str(case), "依据事件"):
        assert hidden not in page, hidden
    told = card(client(site, who), VICE, **{"as": "json"})
    assert json.loads(told.data)["points"] == 4
    assert NUMBER not in told.get_data(as_text=True).encode().decode("unicode_escape", "ignore")
    assert str(case) not in told.text


def test_a_reader_of_another_scope_sees_no_card(site: Site, world: Supervision):
    whole_story(world)
    narrow = client(site, SUPERVISOR, scope=frozenset({"431023-epb"}))
    assert "廖志平" not in narrow.get(f"{CARDS}?{PERIOD}").text
    for code in (VICE, TOWNSHIP):
        assert card(narrow, code).status_code == 404


# -- objections -----------------------------------------------------------------------------------------------------
def send(one: FlaskClient, page: str, path: str, **form):
    """Send a form of a page."""
    return one.post(path, data={"csrf_token": csrf(one.get(page)), "key": str(uuid4()), **form})


def test_an_objection_is_made_on_the_own_card_and_decided_by_somebody_else(site: Site, world: Supervision):
    whole_story(world)
    (row,) = world.rows("SELECT id FROM score_entry WHERE rule = 'duty-late' ORDER BY detail LIMIT 1")
    path = f"{CARDS}/entries/{row['id']}/objection"
    vice = client(site, VICE)
    assert path in card(vice, VICE).text
    assert client(site, MAYOR).get(path).status_code == 404
    assert send(vice, path, path).status_code == 422
    assert send(vice, path, path, words="当日已经落实，台账漏记").status_code == 303
    assert "异议待审定" in card(vice, VICE).text
    assert send(vice, path, path, words="再提一次").status_code == 409
    sup = client(site, SUPERVISOR)
    page = sup.get(OBJECTIONS)
    assert "当日已经落实" in page.text
    (made,) = world.rows("SELECT id FROM score_objection")
    assert send(sup, OBJECTIONS, f"{OBJECTIONS}/{made['id']}", words="属实").status_code == 422
    assert send(sup, OBJECTIONS, f"{OBJECTIONS}/{made['id']}", decision="upheld", words="属实").status_code == 303
    assert "异议成立" in sup.get(OBJECTIONS).text
    again = card(vice, VICE).text
    assert "更正分录" in again
    assert "+5" in again


def test_who_is_barred_from_the_case_neither_sees_the_objection_nor_decides_on_it(site: Site, world: Supervision):
    case = whole_story(world)
    (row,) = world.rows("SELECT id FROM score_entry WHERE rule = 'duty-late' ORDER BY detail LIMIT 1")
    path = f"{CARDS}/entries/{row['id']}/objection"
    send(client(site, VICE), path, path, words="当日已经落实")
    bar(world, case, SUPERVISOR)
    sup = client(site, SUPERVISOR)
    assert "当日已经落实" not in sup.get(OBJECTIONS).text
    (made,) = world.rows("SELECT id FROM score_objection")
    assert send(sup, SKIPS, f"{OBJECTIONS}/{made['id']}", decision="upheld", words="属实").status_code == 404


# -- skip-level petitions -------------------------------------------------------------------------------------------
def test_a_skip_level_petition_is_recorded_with_what_it_means_and_annulled(site: Site, world: Supervision):
    case, _ = a_case(world, overdue=False)
    take(world, case)
    world.clock("2016-11-17 12:00")
    sup = client(site, SUPERVISOR)
    page = sup.get(SKIPS)
    assert "任何人不得据此阻拦、接返、处罚信访人" in page.text
    form = {"number": NUMBER, "level": "province", "on_day": "2016-11-17", "source": "省信访局转送单"}
    assert send(sup, SKIPS, SKIPS, **form | {"number": "无此号"}).status_code == 422
    assert send(sup, SKIPS, SKIPS, **form | {"source": "13812345678 来电"}).status_code == 422
    assert send(sup, SKIPS, SKIPS, **form).status_code == 303
    assert send(sup, SKIPS, SKIPS, **form).status_code == 409
    judged(world)
    assert "到省" in sup.get(SKIPS).text
    (row,) = world.rows("SELECT id FROM skip_level")
    assert send(sup, SKIPS, f"{SKIPS}/{row['id']}/annul", words="张冠李戴").status_code == 303
    assert "记录已撤销" in sup.get(SKIPS).text
    assert [each["points"] for each in world.rows("SELECT points FROM score_entry ORDER BY points")] == [-5, 5]


def test_nothing_of_who_went_up_is_asked_for_or_kept(site: Site, world: Supervision):
    a_case(world)
    page = client(site, SUPERVISOR).get(SKIPS).text
    names = {"number", "level", "on_day", "source", "key", "csrf_token"}
    form = page[page.index('action="/supervision/skip-levels"') :]
    assert {part.split('"')[0] for part in form[: form.index("</form>")].split('name="')[1:]} == names
    columns = {row["name"] for row in world.rows(
        "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'skip_level'"
    )}  # fmt: skip
    assert columns == {
        "id",
        "case_id",
        "level",
        "on_day",
        "source",
        "by",
        "at",
        "told",
        "annulled_at",
        "annulled_by",
        "annulled_for",
    }


def test_who_is_barred_does_not_see_the_record(site: Site, world: Supervision):
    case, _ = a_case(world)
    skip_level(world, date(2016, 11, 18))
    bar(world, case, OFFICE)
    assert TITLE not in client(site, OFFICE).get(SKIPS).text
    assert TITLE in client(site, SUPERVISOR).get(SKIPS).text


def test_a_unit_head_of_another_unit_and_a_former_one_see_no_card(site: Site, world: Supervision):
    case, assignment = a_case(world)
    returned(world, case, assignment, "2016-11-22 10:00")
    judged(world)
    official(world, UNIT_HEAD, active=False)
    assert card(client(site, UNIT_HEAD), TOWNSHIP).status_code == 404


@pytest.mark.parametrize("path", [SKIPS, OBJECTIONS])
def test_nobody_else_opens_them(site: Site, world: Supervision, path: str):
    assert set(refused(site, path, READERS).values()) == {403}

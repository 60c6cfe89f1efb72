"""The pages of charges: who carries none is shown, a case is carried and its duties are kept, and bars hold everywhere."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from services.supervision.web import READERS
from tests.integration.supervision.carrying import (
    HEAD,
    MAYOR,
    OFFICE,
    SUPERVISOR,
    VICE,
    a_case,
    closed,
    county,
    evidence,
    official,
    take,
)
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.site import Site, csrf, refused
from tests.integration.supervision.world import moment

CHARGES, TITLE = "/supervision/charges", "十里洞村民希望喝上健康的水"
POSTS = {HEAD: "431023", OFFICE: "431023-office", SUPERVISOR: "431023-sup"}
ROLES = {HEAD: "first_in_command", OFFICE: "office", SUPERVISOR: "supervision_office"}


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
    return site.client(ROLES.get(who, "leader"), **said)


def send(one: FlaskClient, page: str, path: str, **form):
    """Send a form of a page."""
    shown = one.get(page)
    return one.post(path, data={"csrf_token": csrf(shown), "key": str(uuid4()), **form})


def test_leaders_who_carry_no_case_are_shown_until_they_do(site: Site, world: Supervision):
    case, _ = a_case(world)
    page = client(site, SUPERVISOR).get(CHARGES)
    assert page.status_code == 200
    for said in ("尚未包案的县级领导", "赵明", "周明远", "廖志平", "超期未办结、无人包案：1 件", TITLE):
        assert said in page.text, said
    take(world, case)
    other = uuid4()
    world.hear(world.issued(other, "2016-11-18 00:00", number="永信〔2016〕18 号"))
    take(world, other, HEAD, HEAD)
    text = client(site, SUPERVISOR).get(CHARGES).text
    nobody = text[text.index("尚未包案的县级领导") : text.index("在包：2 件")]
    assert "周明远" in nobody
    assert "廖志平" not in nobody
    third = uuid4()
    world.hear(world.issued(third, "2016-11-18 00:00", number="永信〔2016〕19 号"))
    take(world, third, MAYOR, HEAD)
    assert "每位县级领导都至少包了一件" in client(site, SUPERVISOR).get(CHARGES).text


def test_the_office_proposes_and_the_first_in_command_decides(site: Site, world: Supervision):
    case, _ = a_case(world)
    path = f"/supervision/cases/{case}/charge"
    office, head = client(site, SUPERVISOR), client(site, HEAD)
    assert send(office, path, f"/supervision/cases/{case}/proposal", ground="overdue", words="十日未办结").status_code == 303
    page = head.get(path)
    assert "十日未办结" in page.text
    assert "廖志平 副县长" in page.text
    refusal = send(head, path, path, ground="overdue", leader="o-nobody")
    assert refusal.status_code == 422
    assert "该同志不能包办该件。" in refusal.text
    assert send(head, path, path, ground="overdue", leader=VICE).status_code == 303
    assert "廖志平" in head.get(CHARGES).text
    again = send(head, CHARGES, path, ground="overdue", leader=MAYOR) if "csrf_token" in head.get(CHARGES).text else None
    assert again is None or again.status_code == 409


def test_a_proposal_is_declined_on_its_page(site: Site, world: Supervision):
    case, _ = a_case(world)
    path = f"/supervision/cases/{case}/charge"
    send(client(site, SUPERVISOR), path, f"/supervision/cases/{case}/proposal", ground="overdue", words="十日未办结")
    (row,) = world.rows("SELECT id FROM charge_proposal")
    head = client(site, HEAD)
    assert send(head, path, f"/supervision/cases/{case}/proposal/{row['id']}/decline").status_code == 422
    assert send(head, path, f"/supervision/cases/{case}/proposal/{row['id']}/decline", words="三日内办结").status_code == 303
    assert "待决定" not in head.get(CHARGES).text


def test_a_leader_takes_a_case_on_and_keeps_its_duty_log(site: Site, world: Supervision):
    case, _ = a_case(world)
    vice, path = client(site, VICE), f"/supervision/cases/{case}/charge"
    assert "由我包案" in vice.get(path).text
    send(vice, path, path, ground="key")
    (row,) = world.rows("SELECT id FROM charge")
    page = f"/supervision/charges/{row['id']}"
    assert "待落实" in vice.get(page).text
    form = {"duty": "support", "form": "help", "done_on": "2016-11-18", "place": "十里洞村", "words": "送去低保申请表"}
    assert send(vice, page, f"{page}/duties", **form).status_code == 303
    text = vice.get(page).text
    assert "送去低保申请表" in text
    assert "有佐证" in text
    mine = vice.get(CHARGES).text
    assert "缺 4 项" in mine
    assert "尚未包案的县级领导" not in mine, "who carries none is for those who oversee it"


def test_words_that_look_like_a_name_are_asked_about_once_and_only_these_words(site: Site, world: Supervision):
    case, _ = a_case(world)
    charge = take(world, case)
    vice, page = client(site, VICE), f"/supervision/charges/{charge}"
    form = {"duty": "reception", "form": "visit", "done_on": "2016-11-18", "place": "十里洞村", "words": "与李大娘谈了一小时"}
    asked = send(vice, page, f"{page}/duties", **form)
    assert asked.status_code == 422
    assert "“李大娘”像是信访人的姓名" in asked.text
    assert "与李大娘谈了一小时" in asked.text
    mark = hidden_box(asked.text)
    other = send(vice, page, f"{page}/duties", **{**form, "words": "与王大娘谈了一小时"}, sure=mark)
    assert other.status_code == 422
    assert send(vice, page, f"{page}/duties", **form, sure=mark).status_code == 303
    assert world.rows("SELECT words FROM duty") == [{"words": "与李大娘谈了一小时"}]


def hidden_box(text: str) -> str:
    """The value of the box that says: no name."""
    start = text.index('name="sure" value="') + len('name="sure" value="')
    return text[start : text.index('"', start)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"words": "安排专人盯守"}, "不记录对人的看管、跟踪或拦阻"),
        ({"words": "电话 13812345678"}, "文字中有电话、证件号码或邮箱。"),
        ({"done_on": "2016-11-01"}, "日期须在包案之日（2016-11-18）至今天之间。"),
        ({"form": "document", "duty": "reception"}, "该项责任不以这种形式落实。"),
        ({"duty": "watching"}, None),
        ({"done_on": "x"}, None),
        ({"words": ""}, None),
    ],
)
def test_bad_evidence_is_refused_with_the_rule_and_keeps_what_was_typed(
    site: Site, world: Supervision, change: dict, said: str | None
):
    case, _ = a_case(world)
    page = f"/supervision/charges/{take(world, case)}"
    form = {"duty": "support", "form": "help", "done_on": "2016-11-18", "place": "十里洞村", "words": "送去申请表"} | change
    refusal = send(client(site, VICE), page, f"{page}/duties", **form)
    assert refusal.status_code == 422
    assert said is None or said in refusal.text
    assert "十里洞村" in refusal.text
    assert world.rows("SELECT id FROM duty") == []


def test_the_first_in_command_hands_over_and_ends_a_charge(site: Site, world: Supervision):
    case, _ = a_case(world)
    page, head = f"/supervision/charges/{take(world, case)}", client(site, HEAD)
    assert send(head, page, f"{page}/hand-over", to=VICE, words="分工调整").status_code == 422
    assert send(head, page, f"{page}/hand-over", to=MAYOR, words="分工调整").status_code == 303
    assert "移交其他领导" in head.get(page).text
    (row,) = world.rows("SELECT id FROM charge WHERE ended_at IS NULL")
    page = f"/supervision/charges/{row['id']}"
    assert send(head, page, f"{page}/end").status_code == 422
    assert send(head, page, f"{page}/end", words="转常态办理").status_code == 303
    assert "经决定结束包案" in head.get(page).text


def test_a_charge_whose_leader_has_left_is_shown_as_to_be_handed_over(site: Site, world: Supervision):
    case, _ = a_case(world)
    charge = take(world, case)
    official(world, VICE, active=False)
    head = client(site, HEAD)
    assert "已离任，须移交" in head.get(CHARGES).text
    assert "请移交其他领导" in head.get(f"/supervision/charges/{charge}").text


def test_a_settled_case_stands_among_the_charges_that_are_over(site: Site, world: Supervision):
    case, _ = a_case(world)
    charge = take(world, case)
    evidence(world, charge, "ending", date(2016, 11, 18))
    closed(world, case, "2016-11-30 10:00")
    assert "化解息访" in client(site, SUPERVISOR).get(CHARGES).text
    assert "记入台账</h2>" not in client(site, VICE).get(f"/supervision/charges/{charge}").text


# -- who sees it ----------------------------------------------------------------------------------------------------
def bar(world: Supervision, case: UUID, *officials: str, organisations: tuple[str, ...] = ()) -> None:
    data = {"organisations": list(organisations), "officials": list(officials), "barred_at": moment("2016-11-18 00:00")}
    world.hear(world.event("case.barred", case, data, teller="routing"))


@pytest.mark.parametrize("who", [SUPERVISOR, HEAD, OFFICE])
def test_who_is_barred_sees_of_the_charge_nothing_but_that_the_leader_carries_one(site: Site, world: Supervision, who: str):
    case, _ = a_case(world)
    charge = take(world, case)
    bar(world, case, who)
    one = client(site, who)
    page = one.get(CHARGES).text
    assert TITLE not in page
    assert "17 号" not in page
    nobody = page[page.index("尚未包案的县级领导") : page.index("没有在包的信访件")]
    assert "廖志平" not in nobody, "he carries one, which is all that is told"
    for path in (f"/supervision/charges/{charge}", f"/supervision/cases/{case}/charge"):
        assert one.get(path).status_code == 404


def test_a_leader_sees_his_own_charges_and_no_others(site: Site, world: Supervision):
    case, _ = a_case(world)
    charge = take(world, case, MAYOR)
    vice = client(site, VICE)
    assert vice.get(f"/supervision/charges/{charge}").status_code == 404
    assert "在包" not in vice.get(CHARGES).text or TITLE not in vice.get(CHARGES).text
    assert client(site, MAYOR).get(f"/supervision/charges/{charge}").status_code == 200


def test_a_reader_of_another_scope_sees_no_charge(site: Site, world: Supervision):
    case, _ = a_case(world)
    charge = take(world, case)
    narrow = client(site, SUPERVISOR, scope=frozenset({"431023-epb"}))
    assert TITLE not in narrow.get(CHARGES).text.split("超期未办结")[0]
    assert narrow.get(f"/supervision/charges/{charge}").status_code == 404


def test_nobody_else_opens_them(site: Site, world: Supervision):
    case, _ = a_case(world)
    charge = take(world, case)
    for path in (CHARGES, f"/supervision/charges/{charge}", f"/supervision/cases/{case}/charge"):
        assert set(refused(site, path, (*READERS, "leader")).values()) == {403}

"""The pages of corrections, second askings, closings by decision and reviews: who may open them, and what their forms do."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from tests.integration.followup.conftest import Followup
from tests.integration.followup.test_followup_decisions import enlist
from tests.integration.followup.test_followup_pages import LIST, STAFF, form
from tests.integration.followup.test_followup_whole import lose, sampled
from tests.integration.supervision.site import Site, csrf, refused
from tests.integration.supervision.world import COUNTY_LEADER, SECRETARY, TOWNSHIP_SECRETARY, moment

REASONS = "诉求没有法律依据，已三次当面解释。"
OFFICE = {"official_id": "o-431023-office-clerk", "name": "何平", "org": "431023-office", "posts": ()}
LEADER = {"official_id": COUNTY_LEADER["official"], "org": COUNTY_LEADER["organisation"], "posts": ()}


@pytest.fixture
def site(world: Followup, tmp_path) -> Iterator[Site]:
    made = Site(world, tmp_path)
    yield made
    made.close()


@pytest.fixture
def case(world: Followup) -> UUID:
    case = uuid4()
    world.hear(world.registered(case), world.instructed(case, 3), world.concluded(case))
    return case


def recorded(site: Site, world: Followup, case: UUID, result: str, **more: str):
    client, path = site.client("followup", **STAFF), f"{LIST}/{world.task_id(case)}"
    return client.post(path, data=form(client.get(path), result, **more), follow_redirects=True)


# -- records ---------------------------------------------------------------------------------------------------------
def test_single_answers_and_a_note_are_shown_with_the_record(site: Site, world: Followup, case: UUID):
    page = recorded(site, world, case, "not_satisfied", ask_speed="yes", ask_attitude="no", note="当面交谈半小时")
    for words in ("对办理速度是否满意 <b>是</b>", "对工作人员的态度是否满意 <b>否</b>", "当面交谈半小时", "更正这次记录"):
        assert words in page.text


@pytest.mark.parametrize(
    ("result", "more", "said"),
    [
        ("satisfied", {"ask_settled": "no"}, "不一致"), ("not_reached", {"note": "13873512345无人接"}, "备注里不得有"),
        ("not_satisfied", {"note": "字" * 201}, "备注"),
    ],
)  # fmt: skip
def test_a_record_that_contradicts_itself_or_names_somebody_is_refused(
    site: Site, world: Followup, case: UUID, result, more, said
):
    page = recorded(site, world, case, result, **more)
    assert page.status_code == 422
    assert said in page.text
    assert world.told("followup.recorded") == []


def test_the_third_try_in_vain_says_so_and_the_list_has_a_place_for_it(site: Site, world: Followup, case: UUID):
    for day in ("2016-12-01", "2016-12-02"):
        world.clock(f"{day} 10:00")
        recorded(site, world, case, "not_reached")
    world.clock("2016-12-03 10:00")
    page = recorded(site, world, case, "not_reached", note="无人接听")
    assert "已在不同日子试满规定次数" in page.text
    assert "本件不因此结案" in page.text
    assert "多次未联系上：共 1 件" in site.client("followup", **STAFF).get(f"{LIST}?queue=unreachable").text


def test_whoever_recorded_corrects_it_and_nobody_else_is_offered_that(site: Site, world: Followup, case: UUID):
    page = recorded(site, world, case, "satisfied")
    path = f"{LIST}/{world.task_id(case)}"
    other = site.client("followup", **{**STAFF, "official_id": "o-431023-followup-2"})
    assert "更正这次记录" not in other.get(path).text
    data = {"csrf_token": csrf(page), "try_id": str(uuid4()), "result": "not_satisfied"}
    assert other.post(f"{path}/correction", data=data | {"csrf_token": csrf(other.get(path))}).status_code == 403
    done = site.client("followup", **STAFF)
    done.get(path)
    answer = done.post(f"{path}/correction", data=data | {"csrf_token": csrf(done.get(path))}, follow_redirects=True)
    assert "更正的记录由督查室复核" in answer.text
    assert "更正 · 电话回访 · 不满意" in answer.text
    assert world.told("case.dissatisfied")[0][1]["cause"] == "corrected"


def test_a_case_is_found_difficult_by_a_button(site: Site, world: Followup, case: UUID):
    client, path = site.client("followup", **STAFF), f"{LIST}/{world.task_id(case)}"
    answer = client.post(f"{path}/difficult", data={"csrf_token": csrf(client.get(path))}, follow_redirects=True)
    assert "已建议领导包案" in answer.text
    assert "标为疑难件" not in answer.text


# -- second askings --------------------------------------------------------------------------------------------------
def test_the_supervision_office_asks_again_and_a_difference_is_shown(site: Site, world: Followup, case: UUID):
    recorded(site, world, case, "satisfied")
    sampled(world)
    office, path = site.client("supervision_office"), f"{LIST}/{world.task_id(case)}"
    assert "待复核：共 1 件" in office.get(f"{LIST}?queue=recheck").text
    page = office.get(path)
    data = {
        "csrf_token": csrf(page),
        "try_id": str(uuid4()),
        "manner": "telephone",
        "found": "not_satisfied",
        "note": "本人说未解决",
    }
    answer = office.post(f"{path}/check", data=data, follow_redirects=True)
    assert "以复核为准" in answer.text
    assert "记录为“满意”，复核为“不满意”" in answer.text
    assert world.told("case.dissatisfied")[0][1]["cause"] == "checked"


def test_staff_does_not_know_what_is_asked_again(site: Site, world: Followup, case: UUID):
    page = recorded(site, world, case, "satisfied")
    sampled(world)
    staff, path = site.client("followup", **STAFF), f"{LIST}/{world.task_id(case)}"
    for text in (staff.get(path).text, staff.get(LIST).text, staff.get(f"{LIST}?queue=recheck").text):
        assert "待复核" not in text
        assert "抽中" not in text
    data = {"csrf_token": csrf(page), "try_id": str(uuid4()), "manner": "telephone", "found": "satisfied"}
    assert staff.post(f"{path}/check", data=data).status_code == 403


# -- who keeps out ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["followup", "auditor", "supervision_office"])
def test_whoever_handled_the_case_sees_no_task_of_it_in_any_role(site: Site, world: Followup, case: UUID, role: str):
    recorded(site, world, case, "satisfied")
    sampled(world)
    world.hear(world.assigned(case, TOWNSHIP_SECRETARY))
    for who in (
        {"official_id": TOWNSHIP_SECRETARY["official"], "org": "431023", "posts": ()},
        {"official_id": "o-colleague", "org": TOWNSHIP_SECRETARY["organisation"], "posts": ()},
    ):
        client = site.client(role, **who)
        assert client.get(f"{LIST}/{world.task_id(case)}").status_code == 404
        assert "十里洞" not in client.get(f"{LIST}?queue=done").text
    assert site.client(role).get(f"{LIST}/{world.task_id(case)}").status_code == 200


def test_that_whoever_handles_a_case_is_kept_out_can_fail(site: Site, world: Followup, case: UUID, monkeypatch):
    """The twin: with the wall gone he would see it."""
    from services.followup.handlers import listing

    world.hear(world.assigned(case, TOWNSHIP_SECRETARY))
    monkeypatch.setattr(
        listing, "_TASK", listing._TASK.replace("AND NOT has_handled(t.case_id, %(official)s, %(posts)s::text[])", "")
    )
    client = site.client("followup", official_id=TOWNSHIP_SECRETARY["official"])
    assert client.get(f"{LIST}/{world.task_id(case)}").status_code == 200


# -- closing by decision ---------------------------------------------------------------------------------------------
def test_a_case_is_closed_by_a_decision_with_authority_and_reasons(site: Site, world: Followup, case: UUID):
    lose(world, case)
    client, path = site.client("office", **OFFICE), f"/followup/closings/{case}"
    assert "十里洞" in client.get("/followup/closings").text
    wrong = client.post(path, data={"csrf_token": csrf(client.get(path)), "authority": "领导小组第5次会议", "reasons": "短"})
    assert wrong.status_code == 422
    assert "结案理由须有 10 至 2000 个字" in wrong.text
    assert "领导小组第5次会议" in wrong.text
    data = {"csrf_token": csrf(client.get(path)), "authority": "领导小组第5次会议", "reasons": REASONS}
    done = client.post(path, data=data, follow_redirects=True)
    assert "已决定结案" in done.text
    assert "经决定结案" in done.text
    assert world.told("case.closed")[0][1]["reason"] == "decision"
    assert "没有等待决定的信访件" in client.get("/followup/closings").text


def test_what_the_petitioner_answered_in_single_stands_on_no_page_of_a_decision(site: Site, world: Followup, case: UUID):
    recorded(site, world, case, "not_satisfied", ask_speed="no", note="说得很激动")
    page = site.client("office", **OFFICE).get(f"/followup/closings/{case}").text
    assert "不满意" in page
    for words in ("说得很激动", "对办理速度", "电话回访"):
        assert words not in page


def test_who_concluded_is_told_that_somebody_else_decides(site: Site, world: Followup, case: UUID):
    lose(world, case)
    client, path = site.client("first_in_command", official_id=SECRETARY["official"]), f"/followup/closings/{case}"
    page = client.get(path)
    assert "不能由您决定结案" in page.text
    data = {"csrf_token": csrf(page), "authority": "县委书记", "reasons": REASONS}
    assert client.post(path, data=data).status_code == 403


def test_a_case_that_is_still_asked_about_cannot_be_decided(site: Site, world: Followup, case: UUID):
    client, path = site.client("office", **OFFICE), f"/followup/closings/{case}"
    page = client.get(path)
    assert "本件现在不能经决定结案" in page.text
    data = {"csrf_token": csrf(page), "authority": "领导小组", "reasons": REASONS}
    assert client.post(path, data=data).status_code == 409


@pytest.mark.parametrize("path", ["/followup/closings", "/followup/closings/01a219dd-f9f7-7687-8428-acf8fc8e2250"])
def test_decisions_are_the_offices_and_the_first_in_commands(site: Site, path: str):
    assert set(refused(site, path, ["office", "first_in_command"]).values()) == {403}
    assert site.client("office").get(path).status_code == (200 if path.endswith("closings") else 404)


# -- reviews ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def review(world: Followup, case: UUID) -> UUID:
    review = uuid4()
    world.hear(world.asks_for_review(case, id=review))
    enlist(world, COUNTY_LEADER)
    enlist(world, SECRETARY)
    return review


def test_the_office_hands_a_review_to_somebody_who_decides_it(site: Site, world: Followup, review: UUID):
    office, path = site.client("office", **OFFICE), f"/followup/reviews/{review}"
    page = office.get(path)
    assert COUNTY_LEADER["name"] in page.text
    assert f'value="{SECRETARY["official"]}"' not in page.text  # he concluded it
    leader = site.client("leader", **LEADER)
    assert leader.get(path).status_code == 404  # not his yet
    office.post(f"{path}/reviewer", data={"csrf_token": csrf(page), "official": COUNTY_LEADER["official"], "organ": ""})
    page = leader.get(path)
    assert "作出决定" in page.text
    wrong = leader.post(f"{path}/decision", data={"csrf_token": csrf(page), "decision": "upheld", "answer": ""})
    assert wrong.status_code == 422
    data = {"csrf_token": csrf(page), "decision": "upheld", "answer": "经复查，维持。", "document": "1 号"}
    assert "决定已记录" in leader.post(f"{path}/decision", data=data, follow_redirects=True).text
    assert world.told("review.decided")[0][1]["decision"] == "upheld"
    assert "作出决定并告知信访人" not in office.get(path).text


def test_an_organs_decision_is_written_down_by_the_office_and_a_hearing_moves_the_limit(
    site: Site, world: Followup, review: UUID
):
    office, path = site.client("office", **OFFICE), f"/followup/reviews/{review}"
    token = csrf(office.get(path))
    office.post(f"{path}/reviewer", data={"csrf_token": token, "organ": "郴州市人民政府"})
    world.clock("2016-12-09 18:00")
    wrong = office.post(f"{path}/hearing", data={"csrf_token": token, "begun": "2016-12-09", "ended": "2016-12-08"})
    assert wrong.status_code == 422
    assert "听证的起止日期不对" in wrong.text
    heard = office.post(
        f"{path}/hearing", data={"csrf_token": token, "begun": "2016-12-08", "ended": "2016-12-09"}, follow_redirects=True
    )
    assert "不计入期限" in heard.text
    assert world.rows("SELECT due_at FROM review")[0]["due_at"].isoformat() == "2017-01-03T16:00:00+00:00"
    data = {"csrf_token": token, "decision": "redo", "answer": "重新办理。", "document": ""}
    assert office.post(f"{path}/decision", data=data).status_code == 303
    assert world.told("case.dissatisfied")[0][1]["cause"] == "review"


def test_neither_both_nor_none_reviews_and_who_is_barred_finds_nothing(site: Site, world: Followup, case: UUID, review: UUID):
    office, path = site.client("office", **OFFICE), f"/followup/reviews/{review}"
    page = office.get(path)
    both = {"csrf_token": csrf(page), "official": COUNTY_LEADER["official"], "organ": "市政府"}
    assert office.post(f"{path}/reviewer", data=both).status_code == 422
    bar = {"organisations": [], "officials": [OFFICE["official_id"]], "barred_at": moment("2016-11-30 18:00")}
    world.hear(world.event("case.barred", case, bar, teller="routing"))
    assert office.get(path).status_code == 404
    assert "十里洞" not in office.get("/followup/reviews").text


def test_reviews_are_read_by_those_who_hand_them_out_or_decide_them(site: Site, review: UUID):
    readers = ["office", "first_in_command", "auditor", "leader", "unit_head", "supervision_office"]
    assert set(refused(site, "/followup/reviews", readers).values()) == {403}
    assert "十里洞" in site.client("auditor").get("/followup/reviews").text
    for role in ("leader", "unit_head", "supervision_office"):
        assert "十里洞" not in site.client(role).get("/followup/reviews").text


@pytest.mark.parametrize("path", [LIST, "/followup/closings", "/followup/reviews"])
def test_the_pages_speak_english(site: Site, world: Followup, case: UUID, path: str):
    lose(world, case)
    page = site.client("followup", "office", "first_in_command", **STAFF).get(f"{path}?lang=en")
    assert page.status_code == 200
    assert "Sign out" in page.text or "English" in page.text

"""The clerks' pages of boards, through the real site: one post after the other, and the answer under it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from services.intake.domain.boards import failed
from services.intake.handlers.boards import hold, take_posts
from services.intake.site import read_site
from services.intake.store import BOARDS
from shared.web.server import build
from tests.integration.intake.board_cases import AUTHOR, WORDS, a_post, board, some_answers, write_site
from tests.integration.intake.intake_cases import a_case, concluded, post

FORM = {"title": "药费没有着落", "matter_type": "appeal", "category": "health", "place": "", "revision": "1"}


@pytest.fixture(scope="module")
def site_file(settings, tmp_path_factory):
    return replace(settings, service_files={"intake": write_site(tmp_path_factory.mktemp("site"), "http://127.0.0.1:1")})


@pytest.fixture(scope="module")
def site(site_file):
    """The real site of a county that names boards."""
    return build(site_file)


@pytest.fixture
def take(intake, vault, site_file):
    def take(*posts, name="forum"):
        with intake.unit_of_work() as uow:
            return take_posts(uow, vault, board(read_site(site_file), name), posts)

    return take


def items_of(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"/intake/boards/items/([0-9a-f-]{36})", page)))


def heard_of(intake) -> list[str]:
    with intake.unit_of_work() as uow:
        return [row["purpose"] for row in uow.all("SELECT purpose FROM look ORDER BY id")]


def test_the_list_shows_how_posts_begin_and_never_who_wrote_them_and_a_first_sight_is_a_look(browse, intake, take, clerk):
    call = f"{AUTHOR}的电话是 138 7351 2345，请县里管一管"
    take(a_post(title=call), a_post(guid="2", title="", text="第二条\n说了很多"), a_post(guid="3", title="", text="", author=""))
    reader = browse("clerk")
    for _ in range(2):
        listed = reader.get("/intake/boards").text
    assert "＊＊＊＊＊的电话是 ＊＊＊＊＊＊，请县里管一管" in listed
    assert "第二条" in listed
    assert not any(text in listed for text in ("说了很多", AUTHOR, "2345"))
    assert "网****" in listed
    assert heard_of(intake) == ["board_list"] * 2
    [unread] = items_of(reader.get("/intake/boards?queue=unread").text)
    assert heard_of(intake) == ["board_list"] * 3
    reader.get(f"/intake/boards/items/{unread}")
    browse("clerk", official="o-431023-other").get("/intake/boards")
    assert heard_of(intake)[3:] == ["board", "board_list", "board_list"]


def test_a_damaged_post_does_not_close_the_list(browse, intake, take):
    take(a_post(), a_post(guid="2", title="第二条"))
    with intake.unit_of_work() as uow:
        uow.all(
            "UPDATE board_text SET bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 1) WHERE item_id = (SELECT min(id::text)::uuid FROM board_item)"
        )
    page = browse("clerk").get("/intake/boards")
    assert page.status_code == 200
    assert page.text.count("打不开，请联系管理员") == 1
    assert len(items_of(page.text)) == 2


def test_a_petition_is_listed_by_its_brief_and_says_that_its_answer_waits(browse, intake, take, hear):
    take(a_post())
    reader = browse("clerk")
    [item] = items_of(reader.get("/intake/boards").text)
    post(reader, f"/intake/boards/items/{item}/register", FORM)
    take(a_post(text=WORDS + "还有。"))
    with intake.unit_of_work() as uow:
        case_id = uow.one("UPDATE petition SET title = '药费报销' RETURNING id")["id"]
    before = heard_of(intake)
    listed = reader.get("/intake/boards?queue=edited").text
    assert ("药费报销" in listed, "答复待回帖" in listed, WORDS in listed) == (True, False, False)
    hear("case.concluded", case_id, concluded())
    assert "答复待回帖" in reader.get("/intake/boards?queue=edited").text
    assert heard_of(intake) == before  # nobody saw a word of it


def test_the_next_post_opens_from_the_page_of_each_and_after_the_last_comes_the_first(browse, take):
    for n in range(3):
        take(a_post(guid=str(n), text=f"第 {n} 件事", posted_at=None if n == 1 else datetime.now(UTC) - timedelta(hours=9 - n)))
    reader = browse("clerk")
    waiting = items_of(reader.get("/intake/boards").text)

    def next_of(item: str) -> list[str]:
        page = reader.get(f"/intake/boards/items/{item}").text
        return re.findall(r'href="/intake/boards/items/([0-9a-f-]{36})" data-key-next', page)

    assert [next_of(item) for item in waiting] == [[waiting[1]], [waiting[2]], [waiting[0]]]
    for item in waiting[:2]:
        post(reader, f"/intake/boards/items/{item}/aside", {"revision": "1", "aside": "not_ours"})
    assert (next_of(waiting[0]), next_of(waiting[2])) == ([waiting[2]], [])


def test_a_queue_without_posts_says_which_and_only_what_is_done_is_good_news(browse, take):
    for queue, text, good in (
        ("", "没有待处理的帖子", True),
        ("unread", "没有读不出的帖子", True),
        ("aside", "没有搁置的帖子", False),
    ):
        page = browse("clerk").get("/intake/boards", query_string={"queue": queue}).text
        [shown] = re.findall(rf'<div class="(empty[^"]*)">(?:(?!</div>).)*{text}', page, re.DOTALL)
        assert (shown == "empty good") is good


def test_a_clerk_goes_from_post_to_post(browse, take, told):
    hours = [datetime.now(UTC) - timedelta(hours=n) for n in (3, 2, 1)]
    take(
        a_post(posted_at=hours[0]), a_post(guid="2", text="招商快讯", posted_at=hours[1]),
        a_post(guid="3", text="", title="", posted_at=hours[2]),
    )  # fmt: skip
    clerk = browse("clerk")
    listed = clerk.get("/intake/boards").text
    assert "永兴论坛" in listed
    assert WORDS not in listed
    first, second = items_of(listed)
    shown = clerk.get(f"/intake/boards/items/{first}").text
    assert WORDS in shown
    assert AUTHOR in shown
    assert 'rel="noreferrer noopener nofollow"' in shown
    assert post(clerk, f"/intake/boards/items/{first}/aside", {"revision": "1"}).status_code == 422
    to_next = post(clerk, f"/intake/boards/items/{first}/aside", {"revision": "1", "aside": "no_request"})
    assert (to_next.status_code, to_next.location) == (303, f"/intake/boards/items/{second}")
    for _ in range(2):
        answer = post(clerk, f"/intake/boards/items/{second}/register", FORM)
        assert answer.status_code == 303
        assert answer.location.startswith("/intake/petitions/")
    assert [name for name, _ in told()] == ["case.registered"]
    assert "查看原帖和修改" in clerk.get(answer.location).text
    [unread] = items_of(clerk.get("/intake/boards?queue=unread").text)
    assert "系统读不出文字" in clerk.get(f"/intake/boards/items/{unread}").text
    assert post(clerk, f"/intake/boards/items/{unread}/register", FORM).status_code == 422
    assert post(clerk, f"/intake/boards/items/{unread}/register", FORM | {"text": "图里是药费单。"}).status_code == 303
    assert items_of(clerk.get("/intake/boards?queue=aside").text) == [first]
    assert post(clerk, f"/intake/boards/items/{first}/take-up", {}).status_code == 303
    assert items_of(clerk.get("/intake/boards").text) == [first]


def test_what_a_clerk_did_not_read_is_not_decided_on(browse, take):
    take(a_post())
    clerk = browse("clerk")
    [item] = items_of(clerk.get("/intake/boards").text)
    take(a_post(text="我改了主意。"))
    answer = post(clerk, f"/intake/boards/items/{item}/register", FORM)
    assert answer.status_code == 409
    assert "我改了主意。" in answer.text
    assert post(clerk, f"/intake/boards/items/{item}/register", FORM | {"revision": "2"}).status_code == 303
    take(a_post(text="补充一句。"))
    assert items_of(clerk.get("/intake/boards?queue=edited").text) == [item]
    assert "补充一句。" in clerk.get(f"/intake/boards/items/{item}").text
    assert post(clerk, f"/intake/boards/items/{item}/read", {"revision": "3"}).status_code == 303
    assert items_of(clerk.get("/intake/boards?queue=edited").text) == []


def test_the_page_says_which_board_fails_since_when_and_why(browse, intake):
    with intake.unit_of_work() as uow:
        state = hold(uow, "forum")
        uow.rows(BOARDS).put(failed(state, code="refused 404", now=uow.now, every=timedelta(minutes=15), retry_after=0))
    page = browse("office").get("/intake/boards").text
    assert "对方拒绝 HTTP 404" in page
    assert "连续 1 次" in page
    assert "等待第一次" in page
    english = browse("office").get("/intake/boards?lang=en").text
    assert "Refused HTTP 404" in english


AGREED = {"reply_consent": "true"}


def a_concluded_case(browse, take, hear) -> tuple[FlaskClient, str]:
    take(a_post())
    clerk = browse("clerk")
    [item] = items_of(clerk.get("/intake/boards").text)
    page = post(clerk, f"/intake/boards/items/{item}/register", FORM).location
    early = clerk.get(f"{page}/board-reply").text
    assert "还没有办结" in early
    assert post(clerk, f"{page}/board-reply", AGREED | {"reply": "早了"}).status_code == 409
    hear("case.concluded", page.rpartition("/")[2], concluded())
    return clerk, page


def test_an_answer_is_approved_without_personal_data_and_waits_to_be_sent(browse, take, hear, intake):
    clerk, page = a_concluded_case(browse, take, hear)
    assert page.rpartition("/")[2] in clerk.get("/intake/boards/replies").text
    form = clerk.get(f"{page}/board-reply").text
    assert "造纸厂已取缔。" in form
    assert "永兴县" in form
    assert post(clerk, f"{page}/board-reply", AGREED | {"reply": "请打 13873512345"}).status_code == 422
    assert post(clerk, f"{page}/board-reply", AGREED | {"reply": " "}).status_code == 422
    unasked = post(clerk, f"{page}/board-reply", {"reply": "造纸厂已取缔。"})
    assert (unasked.status_code, 'href="#field-reply_consent"' in unasked.text) == (422, True)
    for _ in range(2):
        assert post(clerk, f"{page}/board-reply", AGREED | {"reply": "造纸厂已取缔。"}).status_code == 303
    assert post(clerk, f"{page}/board-reply", AGREED | {"reply": "另一段话。"}).status_code == 409
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT stage, text, round FROM board_reply") == [
            {"stage": "waiting", "text": "造纸厂已取缔。", "round": 1}
        ]
    assert post(clerk, f"{page}/board-reply/posted", {"link": "https://forum.example.org/t/1#2"}).status_code == 409


def test_an_answer_that_no_board_takes_is_copied_and_its_place_is_noted(browse, take, hear, intake, vault, site_file, told):
    clerk, page = a_concluded_case(browse, take, hear)
    post(clerk, f"{page}/board-reply", AGREED | {"reply": "造纸厂已取缔。"})
    some_answers(replace(read_site(site_file), boards=()), intake, vault).send()
    shown = clerk.get(f"{page}/board-reply").text
    assert "版块没有回帖接口" in shown
    assert "可复制的文字" in shown
    for wrong in ("", "forum", "javascript:alert(1)", "https://" + "x" * 3000):
        assert post(clerk, f"{page}/board-reply/posted", {"link": wrong}).status_code == 422
    for _ in range(2):
        assert post(clerk, f"{page}/board-reply/posted", {"link": "https://forum.example.org/t/1#2"}).status_code == 303
    assert "https://forum.example.org/t/1#2" in clerk.get(f"{page}/board-reply").text
    assert [name for name, _ in told()][-2:] == ["message.failed", "message.sent"]
    with intake.unit_of_work() as uow:
        assert b"forum" not in bytes(uow.one("SELECT link FROM board_reply")["link"])
    assert post(clerk, f"{page}/board-reply/again", {}).status_code == 409


def test_whoever_is_barred_finds_neither_the_post_nor_the_answer(browse, take, hear):
    clerk, page = a_concluded_case(browse, take, hear)
    case_id = page.rpartition("/")[2]
    item = re.findall(r"/intake/boards/items/([0-9a-f-]{36})", clerk.get(page).text)[0]
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": "2016-11-07T00:00:00Z"})
    assert case_id not in clerk.get("/intake/boards/replies").text
    answers = [clerk.get(f"{page}/board-reply"), clerk.get(f"/intake/boards/items/{item}")]
    answers += [
        post(clerk, f"{page}/board-reply{act}", AGREED | {"reply": "一", "link": "https://x.example/"})
        for act in ("", "/again", "/posted")
    ]
    answers += [
        post(clerk, f"/intake/boards/items/{item}/{act}", FORM | {"aside": "no_request"})
        for act in ("register", "aside", "take-up", "read")
    ]
    assert {answer.status_code for answer in answers} == {404}


def test_pages_of_boards_are_closed_to_others_and_empty_things_are_404(browse, take):
    for path in ("/intake/boards", "/intake/boards/replies", f"/intake/boards/items/{uuid4()}"):
        assert browse().get(path).status_code == 303
        assert browse("leader").get(path).status_code == 403
    clerk = browse("clerk")
    assert clerk.get(f"/intake/boards/items/{uuid4()}").status_code == 404
    assert clerk.get(f"/intake/petitions/{uuid4()}/board-reply").status_code == 404
    for act in ("register", "aside", "take-up", "read"):
        assert post(clerk, f"/intake/boards/items/{uuid4()}/{act}", FORM | {"aside": "no_request"}).status_code == 404
    for query in ("queue=x", "page=0", "board=" + "x" * 50, "board=%00"):
        assert clerk.get(f"/intake/boards?{query}").status_code in (400, 422)


def test_a_petition_that_came_by_another_channel_has_no_board(browse, intake, vault):
    case_id = a_case(intake, vault)
    assert browse("clerk").get(f"/intake/petitions/{case_id}/board-reply").status_code == 404
    assert "查看原帖" not in browse("clerk").get(f"/intake/petitions/{case_id}").text

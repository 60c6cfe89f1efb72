"""Booking a place: by petitioners without an account, and by clerks, through the real site."""

from __future__ import annotations

import re
from datetime import date
from uuid import uuid4

import pytest

from services.intake.domain.reception import Act, Reason
from services.intake.handlers.registration import register
from shared.web.app import limiter
from tests.integration.intake.intake_bus import CLERK
from tests.integration.intake.intake_cases import a_canary, a_case, find, post
from tests.integration.intake.reception.reception_cases import (
    BOOKING,
    a_booking,
    book_page,
    booked_of,
    cases_of,
    change,
    visit_of,
)

SOON, NEXT = date(2016, 11, 14), date(2016, 11, 15)
pytestmark = pytest.mark.usefixtures("plan")


def test_a_place_is_booked_shown_changed_and_cancelled_without_an_account(browse, intake, session):
    client, key = browse(), str(uuid4())
    page = client.get(f"/reception/{session(SOON)}").text
    assert "09:45" in page
    first, again = (book_page(client, session(SOON), key=key, slot="1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    number, code = booked_of(first.text)
    assert booked_of(again.text) == (number, code)
    assert "2016-11-14 09:15" in first.text
    assert len(cases_of(intake)) == 1
    known = {"number": number, "code": code}
    assert "已预约" in post(client, "/reception/booking", known).text
    changed = post(client, "/reception/booking/change", known | {"session": str(session(NEXT))})
    assert "2016-11-15 09:00" in changed.text
    assert post(client, "/reception/booking/cancel", known).status_code == 422
    for _ in range(2):
        assert "预约已取消" in post(client, "/reception/booking/cancel", known | {"confirm": "true"}).text
    assert post(client, "/reception/booking/change", known | {"session": str(session(SOON))}).status_code == 409
    assert [row["stage"] for row in cases_of(intake)] == ["cancelled"]


def test_a_wrong_number_and_a_wrong_code_look_the_same(browse, session):
    client = browse()
    number, code = booked_of(book_page(client, session(SOON)).text)
    wrong = [
        post(client, "/reception/booking", pair)
        for pair in ({"number": number, "code": "A" * 26}, {"number": "431023-V2016-999999", "code": code})
    ]
    bodies = {re.sub(r'value="[^"]*"|[0-9a-f]{32}', "", answer.text) for answer in wrong}
    assert ({answer.status_code for answer in wrong}, len(bodies)) == ({422}, 1)


def test_the_same_form_with_another_content_is_refused(browse, session, intake):
    client, key = browse(), str(uuid4())
    book_page(client, session(SOON), key=key)
    other = book_page(client, session(SOON), key=key, matter="另一件事")
    assert other.status_code == 409
    assert "没有再预约" in other.text
    assert len(cases_of(intake)) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"), ({"phone": ""}, "phone"), ({"phone": "call me"}, "phone"), ({"matter": ""}, "matter"),
        ({"matter": "长" * 201}, "matter"), ({"group_size": "0"}, "group_size"), ({"group_size": "8"}, "representatives"),
        ({"group_size": "8", "representatives": "\n".join("甲乙丙丁戊己")}, "representatives"), ({"slot": "99"}, "slot"),
        ({"slot": "x"}, "slot"), ({"key": "x"}, "key"), ({"case_number": "431023-2016-000001", "case_code": "X"}, "code"),
    ],
)  # fmt: skip
def test_bad_input_names_the_field_keeps_what_was_written_and_books_nothing(browse, intake, session, changes, field):
    answer = book_page(browse(), session(SOON), **changes)
    assert answer.status_code == (409 if changes == {"slot": "99"} else 422)
    assert f'href="#field-{field}"' in answer.text
    assert "造纸厂" in answer.text or field == "matter"
    assert cases_of(intake) == []


def test_a_group_of_more_than_five_hears_of_article_20(browse, session):
    answer = book_page(browse(), session(SOON), group_size="30", representatives="\n".join("甲乙丙丁戊己"))
    assert "《信访工作条例》第二十条" in answer.text
    assert book_page(browse(), session(SOON), group_size="30", representatives="\n".join("甲乙丙丁戊")).status_code == 201


def test_sessions_that_are_over_far_away_cancelled_or_unknown_are_not_booked(browse, intake, session, clock):
    client, over, far = browse(), session(date(2016, 11, 7)), session(date(2017, 1, 9))
    assert client.get(f"/reception/{far}").status_code == 404
    assert book_page(client, far).status_code == 404
    assert book_page(client, uuid4()).status_code == 404
    change(intake, Act.CANCEL, SOON, reason=Reason.DUTY)
    assert book_page(client, session(SOON)).status_code == 409
    clock("2016-11-07 10:00")
    assert book_page(client, over).status_code == 409
    assert cases_of(intake) == []


def test_a_full_session_says_so_and_a_taken_time_names_the_next(browse, intake, vault, session):
    for slot in (0, 1, 3):
        a_booking(intake, vault, session(SOON), slot=slot)
    taken = book_page(browse(), session(SOON), slot="1")
    assert taken.status_code == 409
    assert "这一场还有：09:30" in taken.text
    a_booking(intake, vault, session(SOON))
    full = book_page(browse(), session(SOON))
    assert full.status_code == 409
    assert "约满" in full.text


def test_one_visitor_books_ten_times_an_hour_at_most_and_looks_as_often_as_before(browse, session, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    client = browse()
    answers = [book_page(client, session(SOON), matter="") for _ in range(11)]
    calendar = client.get(f"/reception/{session(SOON)}")
    limiter.reset()
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert "Retry-After" in answers[-1].headers
    assert calendar.status_code == 200


def test_one_telephone_holds_two_bookings_at_most_however_it_is_written(browse, intake, session, clock):
    client = browse()
    number, code = booked_of(book_page(client, session(SOON)).text)
    assert book_page(client, session(NEXT), phone="138-7351-2345").status_code == 201
    third = book_page(client, session(date(2016, 11, 21)), phone="+86 13873512345")
    assert (third.status_code, 'href="#field-session"' in third.text, "已经约满" in third.text) == (409, True, False)
    told = post(
        browse("clerk"), f"/intake/visits/book/{session(date(2016, 11, 21))}", BOOKING | {"key": str(uuid4())}
    )  # only a clerk learns that the number holds bookings
    assert (told.status_code, "同一个电话最多同时预约 2 次，已经约满" in told.text) == (422, True)
    assert book_page(client, session(date(2016, 11, 21)), phone="13900000000").status_code == 201
    post(client, "/reception/booking/cancel", {"number": number, "code": code, "confirm": "true"})
    assert book_page(client, session(date(2016, 11, 21))).status_code == 201
    clock("2016-11-16 08:00")  # what is over does not count
    assert book_page(client, session(date(2016, 11, 22))).status_code == 201


def test_a_clerk_books_for_a_petitioner_on_the_telephone(browse, intake, session):
    answer = post(browse("clerk"), f"/intake/visits/book/{session(SOON)}", BOOKING | {"key": str(uuid4())})
    assert answer.status_code == 201
    assert booked_of(answer.text)
    [row] = cases_of(intake)
    assert visit_of(intake, row["id"]).made_by == CLERK
    assert browse("clerk").get(f"/intake/visits/book/{session(SOON)}").status_code == 200
    assert post(browse("clerk"), f"/intake/visits/book/{session(SOON)}", {}).status_code == 422


def test_a_booking_names_a_case_by_number_and_code(browse, intake, vault, session):
    with intake.unit_of_work() as uow:
        receipt = register(uow, vault, a_canary(), key=uuid4())
    client = browse()
    wrong = book_page(client, session(SOON), case_number=receipt.number, case_code="AAAA")
    assert wrong.status_code == 422
    assert book_page(client, session(SOON), case_number=receipt.number, case_code=receipt.code).status_code == 201
    [row] = cases_of(intake)
    assert visit_of(intake, row["id"]).named_case == receipt.case_id


def test_whoever_is_barred_from_the_case_is_not_booked_and_nobody_is_told_why(browse, intake, vault, session, hear):
    case_id = a_case(intake, vault)
    hear("case.barred", case_id, {"organisations": ["431023-gov"], "officials": [], "barred_at": "2016-11-01T00:00:00Z"})
    with intake.unit_of_work() as uow:
        number = uow.one("SELECT number FROM petition")["number"]
    form = BOOKING | {"key": str(uuid4()), "case_number": number}
    refused = post(browse("clerk"), f"/intake/visits/book/{session(NEXT)}", form)  # 唐立新 of the county's government
    assert refused.status_code == 422
    assert "这件信访件不能约这一场接访" in refused.text
    assert "请另选一位领导的场次" in refused.text
    assert not re.search("回避|被反映", refused.text.split("<main", 1)[1])
    assert post(browse("clerk"), f"/intake/visits/book/{session(SOON)}", form).status_code == 201
    barred_clerk = browse("clerk", official="o-x", org="431023-gov")
    unknown = post(barred_clerk, f"/intake/visits/book/{session(date(2016, 11, 21))}", form | {"key": str(uuid4())})
    assert (unknown.status_code, "没有找到这件信访件" in unknown.text) == (422, True)


def test_whoever_becomes_barred_is_no_longer_met_the_clerk_is_asked_to_choose_another_session(
    browse, intake, vault, session, hear
):
    case_id = a_case(intake, vault)
    with intake.unit_of_work() as uow:
        number = uow.one("SELECT number FROM petition")["number"]
    post(browse("clerk"), f"/intake/visits/book/{session(NEXT)}", BOOKING | {"key": str(uuid4()), "case_number": number})
    leader = browse("leader", official="o-b", org="431023-gov")
    assert "造纸厂排污" in leader.get("/intake/reception/mine").text
    hear("case.barred", case_id, {"organisations": [], "officials": ["o-b"], "barred_at": "2016-11-07T00:00:00Z"})
    desk = browse("clerk").get("/intake/visits").text
    assert "须改由其他领导接待" in desk
    assert "造纸厂排污" not in leader.get("/intake/reception/mine").text
    [row] = cases_of(intake)
    assert leader.get(f"/intake/visits/{row['id']}").status_code == 404


def test_what_a_visitor_says_and_is_stands_nowhere_in_the_clear(browse, intake, settings, session):
    answer = book_page(
        browse(),
        session(SOON),
        name="陈金丝雀",
        phone="13899887766",
        matter="金丝雀的事由",
        group_size="2",
        representatives="李金丝雀",
    )
    _, code = booked_of(answer.text)
    for canary in ("陈金丝雀", "13899887766", "金丝雀的事由", "李金丝雀", code):
        assert find(settings, canary) == []
        assert find(settings, canary.encode().hex()) == []


def test_a_petitioner_who_looks_at_the_booking_need_not_be_called(browse, intake, session):
    client = browse()
    number, code = booked_of(book_page(client, session(SOON)).text)
    change(intake, Act.CANCEL, SOON, reason=Reason.DUTY)
    assert "场次取消" in browse("clerk").get("/intake/visits").text
    assert "已经取消" in post(client, "/reception/booking", {"number": number, "code": code}).text
    assert "场次取消" not in browse("clerk").get("/intake/visits").text


def test_a_petition_is_not_opened_by_a_bookings_number(browse, session):
    client = browse()
    number, code = booked_of(book_page(client, session(SOON)).text)
    assert post(client, "/track", {"number": number, "code": code}).status_code == 422

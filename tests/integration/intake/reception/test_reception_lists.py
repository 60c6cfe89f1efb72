"""What the reception's lists leave out and what they do not: empty weeks in one line, rules in the log, fields by outcome."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.intake.reception.reception_cases import MONDAY, a_booking


def test_weeks_without_a_booking_take_one_line_and_today_its_own(browse, intake, vault, session, plan):
    a_booking(intake, vault, session(MONDAY + timedelta(days=14)))
    page = browse("first_in_command", official="o-secretary", org="431023").get("/intake/reception/mine").text
    shown, folded = page.count('<section class="card">'), page.count("场还没有人预约")
    assert (shown, folded) == (2, 2)  # today and the booked Monday; the Monday between, and all after it
    assert "1 场还没有人预约" in page


def test_the_planning_log_says_who_made_a_rule(browse, plan):
    log = browse("clerk").get("/intake/reception").text.partition("最近的变动")[2]
    assert "新增定期接访" in log
    assert "新增轮班接访" in log


def test_a_record_marks_which_fields_an_outcome_needs(here):
    clerk, visit_id = here()
    page = clerk.get(f"/intake/visits/{visit_id}").text
    assert page.count("data-outcome") == 1
    for outcome in ("answered refused", "registered", "linked"):
        assert page.count(f'data-when="{outcome}"') == 1

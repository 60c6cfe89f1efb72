"""The public reception calendar, as a page and as iCalendar, through the real site."""

from __future__ import annotations

import re
from datetime import date, time

import pytest
from icalendar import Calendar

from services.intake.domain.reception import Act, Reason
from tests.integration.intake.reception.reception_cases import ROTA, a_booking, change

SOON, NEXT = date(2016, 11, 14), date(2016, 11, 15)
pytestmark = pytest.mark.usefixtures("plan")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_calendar_says_who_receives_where_and_how_many_places_are_free(browse, intake, vault, session, language):
    a_booking(intake, vault, session(SOON))
    change(intake, Act.CANCEL, NEXT, ROTA, reason=Reason.DUTY)
    page = browse().get(f"/reception?lang={language}").text
    row = re.search(r"<tr data-key-item>(?:(?!</tr>).)*2016-11-14.*?</tr>", page, re.DOTALL)
    assert row
    assert "赵宇" in row[0]
    assert "一号接访室" in row[0]
    assert ("余 3 个" if language == "zh" else "3 free") in row[0]
    assert ("取消：公务安排" if language == "zh" else "Cancelled") in page
    assert "2016-12-26" in page
    assert "2017-01-09" not in page
    assert "<script" not in page.split("<main", 1)[1]


def test_the_calendar_file_keeps_names_counts_changes_and_is_not_sent_twice(browse, intake, session):
    client = browse()
    first = client.get("/reception.ics")
    assert first.mimetype == "text/calendar"
    assert first.headers["Cache-Control"] == "public, max-age=900"
    assert client.get("/reception.ics", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    change(intake, Act.CANCEL, SOON, reason=Reason.LEAVE)
    change(intake, Act.MOVE, NEXT, ROTA, to_on=date(2016, 11, 16), starts=time(14), room="大会议室")
    second = client.get("/reception.ics", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    before, after = (
        {str(event["uid"]): event for event in Calendar.from_ical(answer.data).walk("VEVENT")} for answer in (first, second)
    )
    assert set(before) == set(after)
    cancelled = after[f"{session(SOON)}@431023.zhida"]
    assert (cancelled["status"], cancelled["sequence"]) == ("CANCELLED", 1)
    [moved] = [event for uid, event in after.items() if event["location"] == "大会议室"]
    assert moved["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert moved["dtstart"].to_ical() == b"20161116T140000"
    assert moved["sequence"] == 1
    [zone] = Calendar.from_ical(second.data).walk("VTIMEZONE")
    assert zone["tzid"] == "Asia/Shanghai"
    assert all(len(line) <= 75 for line in second.data.split(b"\r\n"))
    assert "赵宇" in str(before[f"{session(SOON)}@431023.zhida"]["summary"])

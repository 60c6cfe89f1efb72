"""Why something is due when it is: the steps lead to the date that was told, in words of both languages."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from services.supervision.cli import Language, _tongue
from services.supervision.domain import Deadline, miss
from services.supervision.domain.explaining import Moved, counted_days, explain
from services.supervision.wording import length, limit_of, sentences
from services.supervision.working_calendar import WorkingCalendar, due_at, end_of
from tests.unit.supervision.supervision_builders import COUNTY_LEADER, Book, at
from tests.unit.supervision.test_due_dates import CALENDAR

FIRST = "2016-11-07 09:30"
ZH, EN = _tongue(Language.ZH), _tongue(Language.EN)


def book_of(policy: str = "yongxing", when: str = FIRST, calendar: WorkingCalendar = CALENDAR, **more) -> Book:
    book = Book(policy)
    book.calendar = calendar
    book.dispatch(when, **more)
    return book


def moved(book: Book, deadline: Deadline) -> list[Moved]:
    """What the log would hold of a book with one limit of that kind."""
    return [
        Moved(cause=data["cause"], was=data["was_due_at"], due=deadline.due_at, at=data["moved_at"], by=data.get("by"),
              category=data.get("category"), reason=data.get("reason"))
        for name, obligation, data in book.told if name == "deadline.moved" and obligation == deadline.obligation
    ]  # fmt: skip


def told(book: Book, obligation: str, now: WorkingCalendar = CALENDAR, paused_at: datetime | None = None, tongue=ZH) -> list[str]:
    deadline = book.all(obligation)[-1]
    steps = explain(deadline, book.policy, then=[CALENDAR], now=now, moves=moved(book, deadline), paused_at=paused_at)
    return sentences(steps, tongue)


def test_the_articles_case_is_reckoned_from_its_first_dispatch():
    assert told(book_of(), "conclude") == [
        "起算：首次交办，2016-11-07 周一 09:30（北京时间）。",
        (
            "适用规定：一般件自首次交办之日起 10 日内办结，将结果报书记；再次批示不重新计时（10 日）。依据：一般信访件限时 10 日办结，将结果报书记；"
            "永兴县“五位一体”信访工作期限 第 3 版，conclude-ordinary-10。"
        ),
        "计日：当日不计，从 2016-11-08 周二 数第 1 日，数到第 10 日，即 2016-11-17 周四。休息日、节假日照数。",
        "结果：2016-11-17 周四 24:00 到期，此后即为超期。",
    ]


def test_in_english_the_steps_are_the_same():
    assert told(book_of(), "conclude", tongue=EN) == [
        "Start: First assignment, 2016-11-07 Mon 09:30 (Beijing time).",
        (
            "Rule: Ordinary cases are concluded within 10 days of the first dispatch; a further round does not restart the clock (10 days)."
            " Rests on: Ordinary cases have a limit of 10 days, and the result is reported to the secretary; Yongxing County, five channels"
            " in one, version 3, conclude-ordinary-10."
        ),
        "Days: the day itself does not count; 2016-11-08 Tue is day 1, and day 10 is 2016-11-17 Thu. Days off count as any other.",
        "Result: due 2016-11-17 Thu 24:00, and late from then on.",
    ]


def test_of_a_right_nobody_is_late():
    book = book_of()
    assignment = book.one("receive").assignment_id
    book.step(FIRST, "may_object", assignment, round_number=1, part="handling", to=COUNTY_LEADER, at=at(FIRST))
    assert told(book, "objection")[-1] == "结果：2016-11-14 周一 24:00 截止，此后不能再提出。"


def test_a_reply_ends_with_the_conclusion():
    assert told(book_of(), "reply")[2] == "计日：与本件的办结期限同时到期，即 2016-11-17 周四 24:00。"


def test_where_the_instruction_set_an_earlier_limit_that_one_stands():
    book = Book()
    book.dispatch(FIRST, wanted_by=at("2016-11-11 00:00"))
    assert told(book, "reply")[2] == "计日：批示自定的期限更早，以批示为准，即 2016-11-10 周四 24:00。"


def test_working_days_are_named_one_by_one_with_holidays_and_make_up_days():
    assert told(book_of("regulation-2022", "2016-09-30 10:00"), "receive")[2] == (
        "计日：当日不计，只数工作日；第 5 个工作日是 2016-10-12 周三。不计的有：2016-10-01 周六 周末, 2016-10-02 周日 周末, 2016-10-03 周一 国庆节, "
        "2016-10-04 周二 国庆节, 2016-10-05 周三 国庆节, 2016-10-06 周四 国庆节, 2016-10-07 周五 国庆节。"
        "调休上班照计的有：2016-10-08 周六 国庆节, 2016-10-09 周日 国庆节。"
    )
    english = told(book_of("regulation-2022", "2016-09-30 10:00"), "receive", tongue=EN)[2]
    assert "working day 5 is 2016-10-12 Wed. Not counted: 2016-10-01 Sat weekend," in english
    assert english.endswith("Worked to make up, so counted: 2016-10-08 Sat 国庆节, 2016-10-09 Sun 国庆节.")


def test_where_every_day_counts_nothing_is_left_out():
    assert told(book_of("regulation-2022", "2016-11-13 10:00"), "receive")[2] == (
        "计日：当日不计，只数工作日；第 5 个工作日是 2016-11-18 周五。"
    )


@pytest.mark.parametrize(
    "start", ["2016-09-30 10:00", "2017-01-26 23:59", "2018-12-28 10:00", "2016-02-05 10:00", "2026-02-13 10:00"]
)
def test_the_days_that_are_shown_lead_to_the_limit(start: str):
    book = book_of("regulation-2022", start)
    rule = book.policy.named("receive-5w")
    assert rule is not None
    days = counted_days(book.one("receive"), rule, CALENDAR)
    assert [each.number for each in days if each.number] == [1, 2, 3, 4, 5]
    assert end_of(days[-1].day) == book.one("receive").due_at == due_at(at(start), 5, rule.kind, CALENDAR)
    assert all((each.number is not None) == CALENDAR.is_working(each.day) for each in days)


def test_an_extension_and_a_pause_stand_with_who_gave_them():
    book = book_of()
    book.step("2016-11-08 09:00", "extend", uuid4(), days=20, at=at("2016-11-08 09:00"), by=COUNTY_LEADER)
    assert told(book, "conclude")[3] == (
        "延期：2016-11-08 周二 09:00 准予延期 20 天（决定人：廖志平，副县长），到期改为 2016-12-07 周三 24:00。一件只延一次。"
    )
    paused = book_of()
    pause = uuid4()
    paused.step("2016-11-08 09:00", "pause", pause, at=at("2016-11-08 09:00"), by=COUNTY_LEADER, category="hearing")
    assert (
        told(paused, "conclude", paused_at=at("2016-11-08 09:00"))[-1] == "现状：期限自 2016-11-08 周二 09:00 暂停，恢复后顺延。"
    )
    assert told(paused, "conclude")[-1] == "现状：期限暂停，恢复后顺延。"
    paused.step("2016-11-09 10:30", "resume", pause, at=at("2016-11-09 10:30"), category="hearing")
    assert told(paused, "conclude")[3] == (
        "暂停：因听证停止计时 1 天 1 小时 30 分，2016-11-09 周三 10:30 恢复，到期顺延为 2016-11-19 周六 01:30。"
    )


def test_what_was_given_to_the_limit_before_is_counted_on():
    book = book_of()
    book.step("2016-11-08 09:00", "extend", uuid4(), days=20, at=at("2016-11-08 09:00"))
    book.step("2016-11-09 09:00", "classify", "complex", at=at("2016-11-09 09:00"))
    deadline = book.all("conclude")[-1]
    steps = explain(deadline, book.policy, then=[CALENDAR], now=CALENDAR, moves=[], paused_at=None)
    assert sentences(steps, ZH)[3] == "此前已经准予的延期和暂停照计：加 20 天。"
    assert sentences(steps, ZH)[-1] == "结果：2017-01-26 周四 24:00 到期，此后即为超期。"


def test_a_calendar_that_has_changed_since_is_told_and_a_decision_too():
    book = book_of("regulation-2022")
    off = replace(
        CALENDAR, days={**CALENDAR.days, date(2016, 11, 9): False}, names={**CALENDAR.names, date(2016, 11, 9): "临时放假"}
    )
    said = told(book, "receive", now=off)
    assert "2016-11-14 周一" in said[2]  # by the calendar of the day on which it was set
    assert said[-1].startswith("注意：按现在的工作日历应为 2016-11-15 周二 24:00。")
    book.calendar = off
    book.step("2016-11-08 09:00", "recount", {book.one("receive").id}, by=COUNTY_LEADER, reason="临时放假一天")
    said = told(book, "receive", now=off)
    assert said[3] == (
        "重算：工作日历改动后，2016-11-08 周二 09:00 决定重新计算（决定人：廖志平，副县长），到期由 2016-11-14 周一 24:00 改为 2016-11-15 周二 24:00。"
        "理由：临时放假一天"
    )
    assert not any(each.startswith("注意") for each in said)


@pytest.mark.parametrize("then", [WorkingCalendar.none(), replace(CALENDAR, days={**CALENDAR.days, date(2016, 11, 9): False})])
def test_days_that_cannot_be_retraced_are_not_made_up(then: WorkingCalendar):
    book = book_of("regulation-2022")
    steps = explain(book.one("receive"), book.policy, then=[then], now=CALENDAR, moves=[], paused_at=None)
    assert sentences(steps, ZH)[2].startswith("计日：设定时得出 2016-11-14 周一 24:00；")


def test_of_two_ways_in_which_the_calendar_may_have_stood_the_one_that_leads_to_the_limit_is_shown():
    book = book_of("regulation-2022")
    off = replace(CALENDAR, days={**CALENDAR.days, date(2016, 11, 9): False})
    steps = explain(book.one("receive"), book.policy, then=[off, CALENDAR], now=CALENDAR, moves=[], paused_at=None)
    assert "第 5 个工作日是 2016-11-14 周一" in sentences(steps, ZH)[2]


def test_a_rule_that_no_version_has_is_said_to_be_unknown():
    deadline = replace(book_of().one("conclude"), rule="gone")
    steps = explain(deadline, book_of().policy, then=[CALENDAR], now=CALENDAR, moves=[], paused_at=None)
    assert sentences(steps, ZH)[:2] == [
        "起算：开始，2016-11-07 周一 09:30（北京时间）。", "适用规定：yongxing/3 的 gone。现存的版本里没有这一条，无法逐日说明。",
    ]  # fmt: skip


def test_what_became_of_it_comes_last():
    book = book_of()
    for each in book.all("conclude"):
        book.put(miss(each, at("2016-11-18 00:00"))[0])
    assert told(book, "conclude")[-1] == "超期：2016-11-17 周四 24:00 记为超期，这一记录不会撤销。"
    book.step("2016-11-19 09:00", "conclude", round_number=1, at=at("2016-11-19 09:00"))
    assert told(book, "conclude")[-1] == "现状：2016-11-19 周六 09:00 完成，晚于期限。"
    assert told(book, "reply")[-1].endswith("终止，不再计时。")
    other = book_of()
    other.step("2016-11-08 09:00", "conclude", round_number=1, at=at("2016-11-08 09:00"))
    assert told(other, "conclude")[-1] == "现状：2016-11-08 周二 09:00 按期完成。"


@pytest.mark.parametrize(
    ("by", "zh", "en"),
    [(timedelta(days=20), "20 天", "20 d"), (timedelta(hours=25, minutes=1), "1 天 1 小时 1 分", "1 d 1 h 1 min"),
     (timedelta(seconds=2), "1 分", "1 min"), (timedelta(days=-1), "1 天", "1 d")],
)  # fmt: skip
def test_a_length_of_time_is_said_in_days_hours_and_minutes(by, zh, en):
    assert (length(by, ZH), length(by, EN)) == (zh, en)


def test_a_limit_is_said_in_words_of_both_languages():
    rules = book_of("regulation-2022").policy.rules
    assert {limit_of(rule, EN) for rule in rules} == {"5 working days", "30 days", "60 days", "7 days", "with the conclusion"}

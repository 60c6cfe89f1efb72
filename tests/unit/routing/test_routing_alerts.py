"""What officials are told, by what, when, and who is told when nobody reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid5

import pytest

from services.routing.domain import Directory, alert_message, alerts
from services.routing.domain.alert_message import AlertMessage
from services.routing.domain.alerts import KINDS, WAITING, Alert, Contact
from services.routing.workflow import AlertMessageStage
from shared.errors import Conflict
from tests.unit.routing.builders import CASE_ID, EPB, NOW, SECRETARY, TOWN, VICE, directory, later, official

EVERYTHING = frozenset({"mail", "webhook", "digest"})
BOTH = Contact(official=EPB.official, mail="deng@example.org", webhook="wx-1")
EIGHT = time(8, 0)


def alert(kind: str = "issued", number: int = 1, **changes: object) -> Alert:
    made = Alert(
        id=UUID(int=number), official=EPB.official, cause=UUID(int=number), kind=kind, case_id=CASE_ID, about=None, at=NOW
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("contact", "carried", "may_switch_off", "found"),
    [
        (BOTH, EVERYTHING, EVERYTHING, ["mail", "webhook"]),
        (BOTH, {"mail"}, EVERYTHING, ["mail"]),
        (Contact(official="o-x"), EVERYTHING, EVERYTHING, []),
        (replace(BOTH, mail_on=False), EVERYTHING, EVERYTHING, ["webhook"]),
        (replace(BOTH, mail_on=False), EVERYTHING, {"webhook"}, ["mail", "webhook"]),
        (BOTH.failed("mail", "refused"), EVERYTHING, EVERYTHING, ["webhook"]),
        (BOTH.failed("webhook", "http_404"), EVERYTHING, EVERYTHING, ["mail"]),
    ],
)
def test_he_is_told_by_what_the_site_carries_works_and_was_not_switched_off(contact, carried, may_switch_off, found):
    assert alerts.media(contact, carried=frozenset(carried), may_switch_off=frozenset(may_switch_off)) == found


def test_a_new_address_is_not_held_to_the_failure_of_the_old_one():
    failed = BOTH.failed("mail", "refused").failed("webhook", "http_404")
    assert failed.with_addresses(mail="new@example.org", webhook="wx-1") == replace(
        failed, mail="new@example.org", mail_failed="", webhook_failed="http_404"
    )
    assert failed.with_addresses(mail=BOTH.mail, webhook="wx-2").webhook_failed == ""
    assert failed.with_addresses(mail=BOTH.mail, webhook="wx-2").addresses() == {"mail": BOTH.mail, "webhook": "wx-2"}


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2016-11-06 23:59", "2016-11-07 00:00"),
        ("2016-11-07 00:00", "2016-11-08 00:00"),  # the hour itself has come
        ("2016-11-07 15:59", "2016-11-08 00:00"),
        ("2016-11-07 16:30", "2016-11-08 00:00"),  # past midnight in Beijing
        ("2020-02-28 00:30", "2020-02-29 00:00"),
    ],
)
def test_the_day_s_hour_is_beijing_s(now, then):
    stamp = [datetime.fromisoformat(f"{text}+00:00").astimezone(UTC) for text in (now, then)]
    assert alerts.next_daily(stamp[0], EIGHT) == stamp[1]
    assert alerts.last_daily(stamp[0], EIGHT) == stamp[1] - timedelta(days=1)


def test_what_came_within_the_minutes_goes_together_and_the_digest_waits_for_its_hour():
    pending = [alert("issued"), alert("charge_proposed", 2), alert("approved", 3)]
    gone, waits = alerts.gather(pending, BOTH, NOW, hour=EIGHT, may_switch_off=EVERYTHING)
    assert [one.kind for one in gone] == ["issued", "approved"]
    assert {one.gathered_at for one in gone} == {NOW}
    assert [(one.kind, one.wait_until) for one in waits] == [("charge_proposed", alerts.next_daily(NOW, EIGHT))]
    assert waits[0].wait_until is not None
    again, none = alerts.gather(waits, BOTH, NOW, hour=EIGHT, may_switch_off=EVERYTHING)
    assert (again, none) == ([], [])
    (late,), none = alerts.gather(waits, BOTH, waits[0].wait_until, hour=EIGHT, may_switch_off=EVERYTHING)
    assert (late.kind, none) == ("charge_proposed", [])


def test_who_wants_a_digest_gets_one_but_for_what_somebody_waits_for_and_where_the_county_lets_him():
    pending, wants = [alert("issued"), alert("approved", 2)], replace(BOTH, digest=True)
    gone, waits = alerts.gather(pending, wants, NOW, hour=EIGHT, may_switch_off=EVERYTHING)
    assert ([one.kind for one in gone], [one.kind for one in waits]) == (["issued"], ["approved"])
    gone, waits = alerts.gather(pending, wants, NOW, hour=EIGHT, may_switch_off=frozenset())
    assert ([one.kind for one in gone], waits) == (["issued", "approved"], [])


def test_what_is_not_read_is_told_again_and_then_to_who_stands_above_by_name():
    once = alerts.again(alert(), later(hours=24))
    assert once.again_at == later(hours=24)
    changed, told = alerts.raised(once, SECRETARY, now=later(hours=48))
    assert (changed.raised_at, changed.raised_to) == (later(hours=48), SECRETARY)
    assert told is not None
    assert (told.official, told.kind, told.about, told.case_id) == (SECRETARY.official, "unread", once.id, once.case_id)
    assert told.cause == uuid5(once.id, "raised")  # whoever does it twice tells once
    alone, nobody = alerts.raised(once, None, now=later(hours=48))
    assert (alone.raised_at, alone.raised_to, nobody) == (later(hours=48), None, None)
    assert alerts.over(once, NOW).over_at == NOW
    assert alerts.read(once, NOW).read_at == NOW


def test_one_level_up_is_the_head_of_the_unit_then_the_office_then_the_first_in_command():
    officer = replace(EPB, official="o-431023-epb-officer", post="科员")
    clerk = replace(EPB, official="o-431023-office", organisation="431023", post="主任")
    gone = replace(clerk, official="o-431023-office-gone")
    known = directory()
    people = [
        official(SECRETARY, "first_in_command"), official(EPB, "unit_head"), official(officer, "officer"), official(clerk, "office"),
        official(gone, "office", active=False), official(TOWN, "office"), official(VICE, "leader"),
    ]  # fmt: skip
    here = Directory(own="431023", organisations=known.organisations, officials={one.official: one for one in people})
    order = {who.official: [one.official for one in alerts.above(here, who.official)] for who in (officer, EPB, clerk, SECRETARY)}
    assert order == {
        officer.official: [EPB.official, clerk.official, SECRETARY.official],
        EPB.official: [clerk.official, SECRETARY.official],
        clerk.official: [SECRETARY.official],
        SECRETARY.official: [clerk.official],
    }
    assert [one.official for one in alerts.above(here, "o-nobody")] == [clerk.official, SECRETARY.official]


def test_a_line_says_what_kind_of_thing_it_is_and_at_most_a_number():
    assert alerts.words("issued", "XF1", {}) == ("有一件新的交办，编号 XF1", "A case has been assigned to you, number XF1")
    assert alerts.words("missed", "", {})[0] == "一件交办已超过期限"
    zh, en = alerts.words("waiting", "", {"reviews": 3, "objections": 1, "replies": 0})
    assert zh == "今天等待您办理的事项：批阅 3 件，决定异议 1 件"
    assert en == "Waiting for you today: 3 to read, 1 objections"
    assert set(WAITING) == {"reviews", "replies", "objections", "extensions"}


def test_what_is_chased_is_never_kept_for_the_day_s_digest():
    assert [kind for kind, one in KINDS.items() if one.chased and one.daily] == []


def message(**changes: object) -> AlertMessage:
    made = AlertMessage(
        id=UUID(int=1), official=EPB.official, medium="mail", alerts=(str(UUID(int=1)),), made_at=NOW, stage=AlertMessageStage.WAITING,
        attempts=1, next_attempt_at=NOW,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_message_goes_or_is_dropped_or_is_tried_again_until_it_is_given_up():
    went = alert_message.went(message(), NOW)
    assert (went.stage, went.ended_at, went.next_attempt_at) == (AlertMessageStage.SENT, NOW, None)
    assert alert_message.dropped(message(), NOW).stage is AlertMessageStage.DROPPED
    later_ = alert_message.stuck(message(), NOW, failure="unreachable", for_good=False)
    assert (later_.stage, later_.next_attempt_at) == (AlertMessageStage.WAITING, NOW + timedelta(minutes=1))
    for over in (
        alert_message.stuck(message(), NOW, failure="refused", for_good=True),
        alert_message.stuck(message(attempts=6), NOW, failure="unreachable", for_good=False),
    ):
        assert (over.stage, over.next_attempt_at, over.ended_at) == (AlertMessageStage.FAILED, None, NOW)
    with pytest.raises(Conflict):
        alert_message.went(went, NOW)

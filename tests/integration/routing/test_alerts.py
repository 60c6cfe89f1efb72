"""Who is told of what: noted once for each person and event, in the transaction of the event, and by his own instance alone."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.routing import handlers, store
from services.routing.domain import alerts
from services.routing.handlers import appointments, roster
from shared.contract import Event
from shared.contract.envelope import instant
from tests.integration.routing.alerting import noted
from tests.integration.routing.appointing import appoint, term, terms, why
from tests.integration.routing.world import (
    AT,
    CDI,
    EPB,
    MATIAN,
    OFFICE,
    REPLY,
    SECRETARY,
    TOWN,
    VICE,
    Instance,
    conflict,
    event,
    instruct,
    registered,
)

HEAD = {"official": EPB, "name": "邓小芳", "post": "县环境保护局局长", "organisation": "431023-epb"}
CHIEF = {"official": "o-sup", "name": "王建平", "post": "县委督查室主任", "organisation": "431023-sup"}
LEADER = {"official": VICE, "name": "唐立新", "post": "副县长", "organisation": "431023-gov"}


def told(case_id: UUID, name: str, **data: object) -> Event:
    return event(name, case_id, data, source=f"/431023/{'followup' if name.startswith('review') else 'supervision'}", at=AT)


def deadline(case_id: UUID, verb: str, obligation: str = "reply", responsible: object = HEAD, **more: object) -> Event:
    return told(
        case_id, f"deadline.{verb}", deadline_id=str(uuid4()), obligation=obligation, round=1, due_at=instant(AT + timedelta(days=10)),
        responsible=responsible, policy="yongxing-1", rule="reply", fired_at=instant(AT), **more,
    )  # fmt: skip


def reply(county: Instance, assignment: UUID, by: str = EPB) -> UUID:
    with county.work() as uow:
        handlers.receive(uow, assignment, by)
        return handlers.reply(uow, assignment, by, **REPLY).id


def test_the_person_responsible_is_told_what_becomes_of_his_assignment(county, case_id):
    instruct(county, case_id, EPB)
    first = reply(county, county.assignment(case_id, EPB))
    with county.work() as uow:
        handlers.return_reply(uow, first, SECRETARY, "避重就轻。")
    second = reply(county, county.assignment(case_id, EPB))
    with county.work() as uow:
        handlers.approve(uow, second, SECRETARY)
    assert noted(county) == ["issued", "returned", "approved"]


def test_what_is_taken_back_is_told_and_what_he_had_not_read_is_overtaken(county, case_id):
    instruct(county, case_id, EPB)
    assert noted(county) == ["issued"]
    with county.work() as uow:
        handlers.withdraw(uow, county.assignment(case_id, EPB), SECRETARY)
    assert noted(county) == ["withdrawn"]
    instruct(county, case_id, EPB)
    assert noted(county) == ["withdrawn", "issued"]


def test_an_objection_and_a_wish_for_more_time_are_answered(county, case_id, owed):
    with county.work() as uow:
        handlers.object_to(uow, owed, EPB, "不属于本局职责。")
        handlers.decide_objection(uow, owed, SECRETARY, "dismissed", "属于。")
    with county.work() as uow:
        refused = handlers.ask_extension(uow, owed, EPB, 5, "需要监测。")
    with county.work() as uow:
        handlers.decide_extension(uow, refused.id, SECRETARY, grant=False, days=5, said="抓紧办理。")
    with county.work() as uow:
        asked = handlers.ask_extension(uow, owed, EPB, 5, "监测还要五天。")
    with county.work() as uow:
        handlers.decide_extension(uow, asked.id, SECRETARY, grant=True, days=5, said="同意。")
    assert noted(county) == ["issued", "objection_decided", "extension_refused", "extended"]


def test_a_limit_is_told_when_most_of_it_is_gone_and_when_it_is_missed_to_who_owes_it(county, case_id):
    instruct(county, case_id, EPB)
    county.hear(
        deadline(case_id, "approaching", percent=50), deadline(case_id, "approaching", percent=90),
        deadline(case_id, "approaching", "objection", percent=90), deadline(case_id, "missed", late=False),
        deadline(case_id, "missed", "conclude", None, late=False), deadline(case_id, "missed", "review", LEADER, late=False),
    )  # fmt: skip
    assert (noted(county), noted(county, VICE)) == (["issued", "approaching", "missed"], ["review_missed"])


def test_what_supervision_and_followup_send_is_told(county, case_id):
    instruct(county, case_id, EPB)
    step = {
        "step_id": str(uuid4()), "deadline_id": str(uuid4()), "obligation": "reply", "round": 1, "responsible": HEAD,
        "document": "永督〔2016〕6号", "due_at": instant(AT), "at": instant(AT),
    }  # fmt: skip
    interview = {"interview_id": str(uuid4()), "responsible": HEAD, "at": instant(AT), "by": CHIEF}
    charge = {"charge_id": str(uuid4()), "leader": LEADER, "ground": "overdue", "at": instant(AT)}
    review = {
        "review_id": str(uuid4()),
        "level": "review",
        "organ": "县政府",
        "due_at": instant(AT),
        "by": CHIEF,
        "at": instant(AT),
    }
    county.hear(
        told(case_id, "supervision.reminded", **step, step="reminder", late=False),
        told(case_id, "supervision.noticed", **step, step="notice", reasons="", by=CHIEF, demand="办结", until="2016-11-23"),
        told(case_id, "interview.called", **step, step="interview", reasons="", by=CHIEF, interview_id=str(uuid4())),
        told(case_id, "interview.appointed", **interview, place="会议室", meets_at=instant(AT)),
        told(case_id, "interview.cancelled", **interview, reasons="另定"),
        told(case_id, "charge.taken", **charge, by=LEADER),  # he took it on by himself, and knows it
        told(case_id, "charge.taken", **charge, by=CHIEF),
        told(case_id, "charge.proposed", reason="difficult", words=None, by=None, at=instant(AT)),
        told(case_id, "review.assigned", **review, reviewer={**LEADER, "official": CDI}),
        told(case_id, "review.assigned", **review, reviewer=None),
        told(case_id, "review.assigned", **review, reviewer={**LEADER, "official": CDI}, heard=True),
    )
    assert noted(county) == ["issued", "reminded", "noticed", "interview_called", "interview_appointed", "interview_cancelled"]
    assert (noted(county, VICE), noted(county, CDI), noted(county, SECRETARY)) == (
        ["charge_taken"],
        ["review_assigned"],
        ["charge_proposed"],
    )


def test_the_same_event_twice_is_told_once_and_a_rolled_back_one_never(county, case_id):
    instruct(county, case_id, EPB)
    missed = deadline(case_id, "missed", late=False)
    county.hear(missed)
    county.hear(missed)
    with suppress(ZeroDivisionError), county.work() as uow:
        handlers.withdraw(uow, county.assignment(case_id, EPB), SECRETARY)
        uow.flush()
        raise ZeroDivisionError
    assert noted(county) == ["issued", "missed"]


def test_the_twin_that_notes_an_event_whenever_it_comes_is_caught(county, case_id, monkeypatch):
    careless = store.SQL["add_alerts"].replace("v.cause::uuid", "gen_random_uuid()")
    assert careless != store.SQL["add_alerts"]
    monkeypatch.setitem(store.SQL, "add_alerts", careless)
    with pytest.raises(AssertionError):
        test_the_same_event_twice_is_told_once_and_a_rolled_back_one_never(county, case_id)


def test_whoever_works_in_another_instance_is_told_there(county, township, case_id):
    instruct(county, case_id, TOWN, EPB)
    assert noted(county, TOWN) == []
    county.carry_to(township)
    assert noted(township, TOWN) == ["issued"]
    with township.work() as uow:
        handlers.receive(uow, township.assignment(case_id, TOWN), TOWN)
        reply_id = handlers.reply(uow, township.assignment(case_id, TOWN), TOWN, **REPLY).id
    township.carry_to(county)
    with county.work() as uow:
        handlers.return_reply(uow, reply_id, SECRETARY, "再查。")
    county.carry_to(township)
    assert (noted(township, TOWN), noted(county, TOWN)) == (["issued", "returned"], [])


@pytest.mark.parametrize("own", ["431023", "431023104"])
def test_who_works_here_is_found_alike_by_the_database_and_by_the_domain(county, township, own):
    instance = {"431023": county, "431023104": township}[own]
    with instance.work() as uow:
        known = store.directory(uow)
        for code in [*known.organisations, "431023-nowhere"]:
            found = uow.one("SELECT works_here(%(code)s, %(own)s) AS here", code=code, own=own)
            assert found == {"here": not known.works_elsewhere(code)}, code


def test_a_post_that_changes_hands_is_told_to_both(county, case_id):
    instruct(county, case_id, EPB)
    with county.work() as uow:
        day = roster.today(uow)
        head = [one for one in terms(county, EPB) if "unit_head" in one.roles]
        appointments.end(uow, why(), EPB, [one.id for one in head], day)
    appoint(county, term("o-431023-epb-officer", head[0].title, "unit_head"))
    with county.work() as uow:
        handlers.hand_over(uow, county.assignment(case_id, EPB), OFFICE, "o-431023-epb-officer")
    assert noted(county, "o-431023-epb-officer") == ["handed_over"]
    assert noted(county) == ["passed_on"]  # what he had not read of it is overtaken


def test_who_is_barred_is_told_nothing_of_its_being_taken_back(county, case_id):
    instruct(county, case_id, EPB, MATIAN)
    county.hear(conflict(case_id, AT, officials=[EPB]))
    assert noted(county) == []
    assert noted(county, MATIAN) == ["issued"]


def test_every_kind_that_is_noted_has_its_words():
    named = {name for name in alerts.KINDS if name not in ("waiting", "unread")}
    text = "\n".join(path.read_text() for path in (Path(store.__file__).parent / "handlers").glob("*.py"))
    verdicts = {"returned", "approved", "approaching", "missed", "review_approaching", "review_missed"}
    assert {name for name in named - verdicts if f'"{name}"' not in text} == set()


def test_a_case_that_was_never_handed_out_tells_nobody(county):
    county.hear(registered(uuid4(), AT))
    assert county.query("SELECT count(*) AS n FROM alert")[0]["n"] == 0

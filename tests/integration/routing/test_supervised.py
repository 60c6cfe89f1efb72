"""What supervision sends stands where the person responsible works, until it is over, and nowhere for whoever is barred."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.contract import Event
from shared.contract.envelope import instant
from tests.integration.routing.world import AT, EPB, SECRETARY, conflict, event, instruct

HEAD = {"official": EPB, "name": "邓小芳", "post": "县环境保护局局长", "organisation": "431023-epb"}
CHIEF = {"official": "o-sup", "name": "王建平", "post": "县委督查室主任", "organisation": "431023-sup"}
LATER = AT + timedelta(days=11)
LIST = "/routing/assignments"


def told(case_id: UUID, name: str, **data: Any) -> Event:
    return event(name, case_id, data, source="/431023/supervision", at=LATER)


def step(case_id: UUID, name: str, kind: str, step_id: UUID, **more: Any) -> Event:
    return told(
        case_id, name, step_id=str(step_id), step=kind, deadline_id=str(uuid4()), obligation="conclude", round=1, responsible=HEAD,
        document=f"永督〔2016〕{len(kind)}号", due_at=instant(LATER), at=instant(LATER), **more,
    )  # fmt: skip


def notice(case_id: UUID, step_id: UUID) -> Event:
    return step(
        case_id, "supervision.noticed", "notice", step_id, reasons="", by=CHIEF, demand="请五日内办结。", until="2016-11-23"
    )


def test_a_notice_stands_on_the_list_and_on_the_assignment_until_it_is_annulled(county, browser, case_id):
    instruct(county, case_id, EPB)
    number = uuid4()
    county.hear(notice(case_id, number), notice(case_id, number))
    for path in (LIST, f"{LIST}/{county.assignment(case_id, EPB)}"):
        page = browser(EPB).get(path).page
        assert page.count("永督〔2016〕6号") == 1
        assert "请五日内办结。" in page
        assert "2016-11-23" in page
    assert "永督" not in browser(SECRETARY).get(f"{LIST}?whose=unit").page
    wrong = {"step_id": str(number), "step": "notice", "responsible": HEAD, "document": "x", "reasons": "错", "by": CHIEF}
    county.hear(told(case_id, "supervision.annulled", **wrong, at=instant(LATER)))
    county.hear(told(case_id, "supervision.annulled", **{**wrong, "step_id": str(uuid4())}, at=instant(LATER)))
    assert "永督" not in browser(EPB).get(LIST).page


def test_an_interview_is_shown_with_its_place_and_then_with_what_was_demanded(county, browser, case_id):
    instruct(county, case_id, EPB)
    interview = str(uuid4())
    about = {"interview_id": interview, "responsible": HEAD, "at": instant(LATER), "by": CHIEF}
    county.hear(step(case_id, "interview.called", "interview", uuid4(), reasons="仍未办结", by=CHIEF, interview_id=interview))
    county.hear(told(case_id, "interview.appointed", **about, place="县委小会议室", meets_at=instant(LATER)))
    assert "县委小会议室" in browser(EPB).get(LIST).page
    held = {"attended": ["赵明"], "demands": "三日内办结。", "until": "2016-11-25", "held_at": instant(LATER)}
    county.hear(told(case_id, "interview.held", **about, **held))
    assert "三日内办结。" in browser(EPB).get(LIST).page
    county.hear(told(case_id, "interview.cancelled", **about, reasons="另行处理"))
    assert "三日内办结。" not in browser(EPB).get(LIST).page


def test_who_is_barred_meanwhile_is_shown_nothing_of_it(county, browser, case_id):
    instruct(county, case_id, EPB)
    county.hear(notice(case_id, uuid4()))
    assert "永督" in browser(EPB).get(LIST).page
    county.hear(conflict(case_id, LATER, officials=[EPB]))
    assert "永督" not in browser(EPB).get(LIST).page

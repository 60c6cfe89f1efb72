"""A repeat reaches the first-in-command with the earlier cases and their answers, and never shows what a reader is barred from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.routing import handlers, store
from shared.contract import Event
from shared.contract.envelope import instant
from tests.integration.routing.world import AT, EPB, OFFICE, REPLY, SECRETARY, conflict, event, instruct, registered

CLERK = {"official": OFFICE, "name": "邓小燕", "post": "县委办信访专干", "organisation": "431023-office"}


def linked(case_id: UUID, other: UUID, relation: str = "repeat_of", *, link_id: UUID | None = None, earlier: list[dict[str, Any]] | None = None,
           at: datetime = AT) -> Event:  # fmt: skip
    data = {
        "link_id": str(link_id or uuid4()), "relation": relation, "other": str(other), "other_number": "XF-other", "by": CLERK,
        "at": instant(at), "why": "same_matter", "earlier": earlier or [],
    }  # fmt: skip
    return event("case.linked", case_id, data, source="/431023/intake", at=at)


def unlinked(case_id: UUID, other: UUID, link_id: UUID, relation: str = "repeat_of") -> Event:
    data = {"link_id": str(link_id), "relation": relation, "other": str(other), "other_number": "XF-other", "by": CLERK, "at": instant(AT),
            "undone_for": "slip"}  # fmt: skip
    return event("case.unlinked", case_id, data, source="/431023/intake", at=AT)


def pair(case_id: UUID, other: UUID, relation: str, mirror: str, link_id: UUID) -> list[Event]:
    """As intake tells it of both."""
    return [linked(case_id, other, relation, link_id=link_id), linked(other, case_id, mirror, link_id=link_id)]


@pytest.fixture
def chain(county, case_id) -> list[UUID]:
    """Three registrations of one matter, the first one answered."""
    ids = [case_id, uuid4(), uuid4()]
    for number, each in enumerate(ids[1:], start=2):
        at = AT + timedelta(days=number)
        county.set_clock(at)
        county.hear(registered(each, at, number=f"XF20161107-000{number}"))
    instruct(county, case_id, EPB)
    with county.work() as uow:
        handlers.receive(uow, county.assignment(case_id, EPB), EPB)
    with county.work() as uow:
        reply = handlers.reply(uow, county.assignment(case_id, EPB), EPB, **REPLY)
    with county.work() as uow:
        handlers.approve(uow, reply.id, SECRETARY)
    with county.work() as uow:
        handlers.conclude(uow, case_id, SECRETARY, outcome="supported", summary="取缔造纸厂", answer="已依法取缔造纸厂。")
    return ids


def test_the_review_page_counts_the_repeat_and_shows_earlier_cases_outcomes_and_answers(county, browser, chain):
    first, second, third = chain
    links = [uuid4(), uuid4()]
    county.hear(*pair(second, first, "repeat_of", "repeated_by", links[0]))
    county.hear(*pair(third, second, "repeat_of", "repeated_by", links[1]))
    one = browser(SECRETARY)
    for path in (f"/routing/review?case={third}", f"/routing/cases/{third}"):
        one.get(path)
        for said in (
            "重复信访：第 3 次",
            "XF20161107-0001",
            "XF20161107-0002",
            "支持",
            "已依法取缔造纸厂。",
            f"/routing/cases/{first}",
        ):
            assert said in one.page, (path, said)
    assert "重复信访：第 2 次" in one.get(f"/routing/review?case={second}").page
    assert "其后又有重复信访" in one.get(f"/routing/cases/{first}").page
    county.hear(unlinked(second, first, links[0]), unlinked(first, second, links[0], "repeated_by"))
    assert "重复信访：第 2 次" in one.get(f"/routing/review?case={third}").page
    assert "已依法取缔造纸厂。" not in one.page
    assert 'id="linked"' not in one.get(f"/routing/cases/{first}").page
    assert county.query("SELECT count(*) AS n FROM case_link WHERE undone_at IS NOT NULL")[0]["n"] == 2  # nothing is erased


def test_an_earlier_case_that_was_never_in_hand_here_is_shown_as_intake_told_it(county, browser, chain):
    second, old = chain[1], uuid4()
    told = {
        "case": str(old),
        "number": "旧2015-7",
        "registered_at": "2015-03-01T01:00:00.000Z",
        "outcome": "explained",
        "answer": "已当面说明。",
    }
    county.hear(linked(second, old, earlier=[told]))
    page = browser(SECRETARY).get(f"/routing/review?case={second}").page
    for said in ("重复信访：第 2 次", "旧2015-7", "已当面说明。", "解释说明"):
        assert said in page
    assert f"/routing/cases/{old}" not in page


def test_who_is_barred_from_the_earlier_case_sees_nothing_of_it_and_no_count(county, browser, chain):
    first, second, _ = chain
    earlier = {
        "case": str(first),
        "number": "XF20161107-0001",
        "registered_at": instant(AT),
        "outcome": "supported",
        "answer": "已依法取缔造纸厂。",
    }
    county.hear(linked(second, first, earlier=[earlier]))
    one = browser(OFFICE)
    assert "重复信访：第 2 次" in one.get(f"/routing/cases/{second}").page
    county.hear(conflict(first, AT, officials=[OFFICE]))
    one.get(f"/routing/cases/{second}")
    assert one.status == 200
    for hidden in ("重复信访", "XF20161107-0001", "XF-other", "已依法取缔", 'id="linked"'):
        assert hidden not in one.page


def test_pages_that_ignore_bars_on_the_earlier_case_are_noticed(county, browser, chain, monkeypatch):
    first, second, _ = chain
    county.hear(linked(second, first), conflict(first, AT, officials=[OFFICE]))
    for name in ("links_of_case", "earlier_cases"):
        blind = (
            store.SQL[name]
            .replace("may_see(l.other, %(me)s, %(posts)s)", "true")
            .replace("may_see(c.id, %(me)s, %(posts)s)", "true")
        )
        monkeypatch.setitem(store.SQL, name, blind)
    assert "XF20161107-0001" in browser(OFFICE).get(f"/routing/cases/{second}").page


def test_a_merged_case_stays_in_the_queue_and_its_conclusion_starts_from_the_leads_answer(county, browser, chain):
    lead, child, _ = chain
    county.hear(*pair(child, lead, "merged_into", "leads", uuid4()))
    one = browser(SECRETARY)
    page = one.get(f"/routing/review?case={child}").page
    assert "并入主件" in page
    assert county.stage(child) in ("registered", "reviewed")
    instruct(county, child, EPB)
    page = one.get(f"/routing/cases/{child}").page
    assert "已依法取缔造纸厂。</textarea>" in page
    assert "主件，并入件为" in one.get(f"/routing/cases/{lead}").page


def test_a_link_heard_twice_or_undone_before_it_is_known_changes_nothing_more(county, chain):
    first, second, _ = chain
    link_id = uuid4()
    county.hear(unlinked(second, first, link_id))
    assert county.query("SELECT FROM case_link") == []
    for _ in range(2):
        county.hear(linked(second, first, link_id=link_id))
    assert len(county.query("SELECT link_id FROM case_link")) == 1

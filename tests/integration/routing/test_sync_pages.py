"""The page that says how it stands with superior and subordinates, and what it shows to whom."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from tests.integration.routing.browser import Browser
from tests.integration.routing.world import AT, OFFICE, SECRETARY, TOWN, Instance, conflict, registered

ADMINISTRATOR, AUDITOR = "o-431023-administrator", "o-431023-auditor"
BOLIN, MATIAN, OWN = "431023104", "431023101", "431023"
DOWN, UP, FACTS = f"/{OWN}/routing {BOLIN}", f"/{BOLIN}/routing {OWN}", f"/{BOLIN}/routing {BOLIN}"
_PUT = {
    "peer": "INSERT INTO platform.peer VALUES (%(org)s, %(epoch)s, platform.now(), %(restored)s)",
    "outgoing": "INSERT INTO platform.outgoing VALUES (%(peer)s, %(stream)s, 'routing', %(head)s, %(head)s, %(since)s, 1, now())",
    "reach": "INSERT INTO platform.reach VALUES (%(peer)s, 'routing', %(stream)s, %(sequence)s, '', platform.now(), %(agrees)s)",
    "held": "INSERT INTO platform.held (consumer, stream, sequence, known, missing_since, compared_at, agrees)"
    " VALUES (%(consumer)s, %(stream)s, %(sequence)s, %(known)s, %(since)s, platform.now(), %(agrees)s)",
    "difference": "INSERT INTO platform.difference (consumer, stream, sequence, subject, what, ours)"
    " VALUES ('routing', %(stream)s, 3, %(subject)s, %(what)s, gen_random_uuid())",
}  # fmt: skip


@pytest.fixture
def put(county: Instance) -> Callable[..., None]:
    """Put a row where relay and inbox state how things stand."""
    county.set_clock(AT)

    def put(table: str, **values: object) -> None:
        county.query(
            _PUT[table], **{"restored": None, "epoch": 1, "since": None, "agrees": True, "consumer": "routing", **values}
        )

    return put


@pytest.fixture
def even(put: Callable[..., None]) -> None:
    """County and town hold the same."""
    put("peer", org=BOLIN)
    put("outgoing", peer=BOLIN, stream=DOWN, head=12)
    put("reach", peer=BOLIN, stream=DOWN, sequence=12)
    put("held", stream=UP, sequence=7, known=7)


def test_the_page_says_that_both_hold_the_same(even: None, browser: Callable[..., Browser]) -> None:
    page = browser(ADMINISTRATOR).get("/routing/sync").page
    for said in ("上下级核对", "柏林镇", "一致", "没有发现不一致。", DOWN, UP):
        assert said in page
    assert "重新核对" not in page
    assert "尚未到齐" not in page


def test_it_says_behind_by_how_many_events_and_since_when(put: Callable[..., None], browser: Callable[..., Browser]) -> None:
    put("peer", org=BOLIN)
    put("outgoing", peer=BOLIN, stream=DOWN, head=12, since=AT)
    put("reach", peer=BOLIN, stream=DOWN, sequence=9)
    put("held", stream=UP, sequence=2, known=7, since=AT, agrees=None)
    put("held", consumer="reporting", stream=FACTS, sequence=1, known=2)
    page = browser(OFFICE).get("/routing/sync").page
    row = page.split("<tbody>")[1].split("</tr>")[0]
    for label, said in (("对方未收到", "3"), ("本单位未收到", "6"), ("自何时起", "2016-11-07 09:30"), ("结论", "尚未到齐")):
        assert said in row.split(f'data-label="{label}"')[1].split("</td>")[0], label


def test_what_differs_is_named_by_case_to_those_who_may_see_it(
    put: Callable[..., None], county: Instance, case_id: UUID, browser: Callable[..., Browser]
) -> None:
    hidden = uuid4()
    county.hear(registered(hidden, AT, title="举报办公室"), conflict(hidden, AT, officials=[OFFICE]))
    put("held", stream=UP, sequence=7, known=7, agrees=False)
    put("difference", stream=UP, subject=str(case_id), what="altered")
    put("difference", stream=FACTS, subject=str(hidden), what="another")
    page = browser(OFFICE).get("/routing/sync").page
    assert "十里洞村饮水污染" in page
    assert "内容不同" in page
    assert "不一致" in page
    assert "举报办公室" not in page
    assert str(hidden) not in page
    assert "举报办公室" in browser(ADMINISTRATOR).get("/routing/sync").page


def test_counting_anew_is_asked_for_once_however_often_it_is_sent(
    put: Callable[..., None], county: Instance, browser: Callable[..., Browser]
) -> None:
    put("held", stream=UP, sequence=7, known=7, agrees=False)
    keeper = browser(ADMINISTRATOR).get("/routing/sync")
    assert "重新核对" in keeper.page
    keeper.post(f"/routing/sync/{BOLIN}")
    assert "已请对方重发，正在重新核对：1 项。" in keeper.page
    keeper.post(f"/routing/sync/{BOLIN}")
    assert "没有需要重新核对的内容。" in keeper.page
    assert county.query("SELECT stream, after FROM platform.want") == [{"stream": UP, "after": 0}]
    assert keeper.post(f"/routing/sync/{MATIAN}").status == 404


def test_a_restored_county_is_told_that_it_lacks_what_a_township_holds_of_it(
    put: Callable[..., None], browser: Callable[..., Browser]
) -> None:
    put("peer", org=BOLIN, epoch=2, restored=AT)
    put("outgoing", peer=BOLIN, stream=DOWN, head=12)
    put("reach", peer=BOLIN, stream=DOWN, sequence=15, agrees=False)
    page = browser(ADMINISTRATOR).get("/routing/sync").page
    assert "柏林镇留有本单位所发的 3 条事件，本单位已经没有" in page
    assert "曾从备份恢复" in page


def test_only_those_who_keep_the_system_may_look(even: None, browser: Callable[..., Browser]) -> None:
    assert browser(AUDITOR).get("/routing/sync").status == 200
    auditor = browser(AUDITOR).get("/routing/sync")
    assert auditor.post(f"/routing/sync/{BOLIN}").status == 403
    for official in (SECRETARY, TOWN):
        assert browser(official).get("/routing/sync").status == 403


def test_the_page_speaks_english(even: None, browser: Callable[..., Browser]) -> None:
    page = browser(ADMINISTRATOR).get("/routing/sync?lang=en").page
    assert "Whether the systems of this organisation, its superior and its subordinates hold the same." in page
    assert "上下级核对" not in page

"""What stands on the ladder's papers: in whose post they are signed, how they are numbered, and no number by which a petitioner is found."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from services.supervision.handlers import interviews as calls
from services.supervision.handlers import ladder
from shared.errors import Refused
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.ladder_steps import DUE, HEAD, SEES, SUPERVISOR, call, issue, miss, overdue, scheduler
from tests.integration.supervision.site import Site, csrf
from tests.integration.supervision.world import at

ROUND = "2016-12-01 09:00"
NUMBERS = "联系信访人 13800001234"


@pytest.fixture
def site(world: Supervision, tmp_path: Path) -> Iterator[Site]:
    made = Site(world, tmp_path)
    yield made
    made.close()


def test_a_step_is_signed_in_the_post_that_gives_the_right_to_it(site: Site, world: Supervision):
    deadline = miss(world, overdue(world))
    posts = [
        {"organisation": "431023-gov", "title": "副县长", "roles": ["leader"]},
        {"organisation": "431023-sup", "title": "督查室主任", "roles": ["supervision_office"]},
    ]
    told = {"official": "o-431023-two", "name": "廖志刚", "active": True, "posts": posts}
    world.hear(world.event("directory.official_recorded", "o-431023-two", told))  # type: ignore[arg-type]
    held = tuple({"title": post["title"], "org": post["organisation"]} for post in posts)
    one = site.client("leader", "supervision_office", official_id="o-431023-two", name="廖志刚", org="431023-gov", posts=held)
    world.clock(ROUND)
    form = {
        "csrf_token": csrf(one.get("/supervision/ladder")), "step": "notice", "key": str(uuid4()), "ids": str(deadline), "demand": "办结。",
    }  # fmt: skip
    assert one.post("/supervision/ladder", data=form).status_code == 303
    rows = world.rows("SELECT by ->> 'post' AS post, by ->> 'organisation' AS org FROM ladder_step WHERE step = 'notice'")
    assert rows == [{"post": "督查室主任", "org": "431023-sup"}]


def test_two_who_issue_at_once_number_their_papers_without_gap_or_double(world: Supervision):
    cases = [uuid4() for _ in range(24)]
    world.hear(*[world.issued(case, "2016-11-07 09:30", number=str(case)) for case in cases])
    scheduler(world, DUE)
    world.clock(ROUND)
    ids, start = [miss(world, case) for case in cases], threading.Barrier(2)

    def run(mine: list) -> None:
        start.wait()
        for each in mine:
            issue(world, "notice", each)

    both = [threading.Thread(target=run, args=(ids[number::2],)) for number in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    rows = world.rows("SELECT document FROM ladder_step WHERE step = 'notice'")
    assert {row["document"] for row in rows} == {f"永督〔2016〕{number}号" for number in range(1, 25)}
    assert len(rows) == 24


def test_no_paper_holds_a_number_by_which_the_petitioner_is_found(world: Supervision):
    deadline = miss(world, overdue(world))
    world.clock(ROUND)
    with pytest.raises(Refused, match="电话、证件号码"):
        issue(world, "notice", deadline, demand=NUMBERS)
    with pytest.raises(Refused, match="电话、证件号码"):
        issue(world, "notice", deadline, reasons=NUMBERS)
    (step,) = issue(world, "notice", deadline, demand="严禁拦截信访人，限期办结。")
    with pytest.raises(Refused, match="电话、证件号码"):
        world.do(lambda uow: ladder.annul(uow, SEES, SUPERVISOR, step.id, NUMBERS))
    with pytest.raises(Refused, match="电话、证件号码"):
        call(world, deadline, reasons=NUMBERS)
    made = call(world, deadline, reasons="督办后仍未办结。")
    with pytest.raises(Refused, match="电话、证件号码"):
        world.do(lambda uow: calls.cancel(uow, SEES, HEAD, made.id, reasons=NUMBERS))
    world.do(lambda uow: calls.appoint(uow, SEES, HEAD, made.id, place="小会议室", meets_at=at("2016-12-08 15:00")))
    world.clock("2016-12-08 18:00")
    held = {"held_at": at("2016-12-08 15:00"), "attended": ("何立新",), "until": date(2016, 12, 18)}
    for record, demands in ((NUMBERS, "限期办结。"), ("说明了原因。", NUMBERS)):
        with pytest.raises(Refused, match="电话、证件号码"), world.database.unit_of_work() as uow:
            calls.hold(uow, SEES, SUPERVISOR, made.id, **held, record=record, demands=demands)  # type: ignore[arg-type]

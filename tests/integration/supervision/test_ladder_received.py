"""What a superior's ladder sends reaches the official of this instance: kept once, shown to him, followed until it is over."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.site import Site
from tests.integration.supervision.world import SECRETARY, moment

ABOVE = "431000"  # the prefecture; this instance is the county
HEAD = {"official_id": SECRETARY["official"], "name": "赵明", "org": "431023", "posts": ({"title": "县委书记", "org": "431023"},)}
CHIEF = {"official": "o-431000-sup", "name": "周立", "post": "市委督查室主任", "organisation": ABOVE}


@pytest.fixture
def site(world: Supervision, tmp_path) -> Iterator[Site]:
    made = Site(world, tmp_path)
    yield made
    made.close()


def step(kind: str, **more) -> dict:
    return {
        "step_id": str(uuid4()), "step": kind, "deadline_id": str(uuid4()), "obligation": "conclude", "round": 1, "responsible": SECRETARY,
        "document": f"市督〔2016〕{len(kind)}号", "due_at": moment("2016-11-18 00:00"), "at": moment("2016-11-18 09:00"), **more,
    }  # fmt: skip


def sent(world: Supervision, case: UUID, name: str, data: dict, org: str = ABOVE) -> None:
    world.hear(world.event(name, case, data, org=org))


def notice(**more) -> dict:
    return step("notice", reasons="", by=CHIEF, demand="请五日内办结。", until="2016-11-23", **more)


def test_a_superiors_steps_are_shown_to_whom_they_were_sent_to(world: Supervision, site: Site):
    case = uuid4()
    world.hear(world.issued(case, "2016-11-07 09:30", to=SECRETARY, org=ABOVE))
    told = notice()
    sent(world, case, "supervision.reminded", step("reminder", late=False))
    sent(world, case, "supervision.noticed", told)
    sent(world, case, "supervision.noticed", told)
    page = site.client("first_in_command", **HEAD).get("/supervision/mine")
    assert page.text.count("市督〔2016〕6号") == 1
    assert "请五日内办结。" in page.text
    assert "十里洞" in page.text
    client = site.client("first_in_command", **HEAD)
    assert "2016-11-23" in client.get(f"/supervision/steps/{told['step_id']}").text
    other = site.client("unit_head", official_id="o-x")
    assert other.get(f"/supervision/steps/{told['step_id']}").status_code == 404


def test_an_interview_is_followed_until_it_is_held_or_called_off(world: Supervision, site: Site):
    case, other, interview = uuid4(), uuid4(), str(uuid4())
    for each in (case, other):
        sent(world, each, "interview.called", step("interview", reasons="仍未办结", by=CHIEF, interview_id=interview))
    about = {"interview_id": interview, "responsible": SECRETARY, "at": moment("2016-11-19 09:00")}
    for each in (case, other):
        sent(world, each, "interview.appointed", {**about, "place": "市委", "meets_at": moment("2016-11-20 09:00"), "by": CHIEF})
    assert "市委" in site.client("first_in_command", **HEAD).get("/supervision/mine").text
    held = {
        "attended": ["周立"],
        "demands": "三日内办结。",
        "until": "2016-11-25",
        "held_at": moment("2016-11-20 09:00"),
        "by": CHIEF,
    }
    sent(world, case, "interview.held", {**about, **held})
    sent(world, other, "interview.cancelled", {**about, "reasons": "已经办结", "by": CHIEF})
    rows = world.rows("SELECT case_id, demand, ended_at IS NOT NULL AS over FROM ladder_received")
    assert {(row["case_id"], row["demand"], row["over"]) for row in rows} == {
        (case, "三日内办结。", True),
        (other, "仍未办结", True),
    }


def test_what_was_annulled_is_shown_as_over_and_what_is_ours_is_not_kept_twice(world: Supervision):
    case, told = uuid4(), notice()
    sent(world, case, "supervision.noticed", told)
    wrong = {"step_id": told["step_id"], "step": "notice", "responsible": SECRETARY, "document": "x", "reasons": "错", "by": CHIEF,
             "at": moment("2016-11-19 09:00")}  # fmt: skip
    sent(world, case, "supervision.annulled", wrong)
    sent(world, case, "supervision.annulled", {**wrong, "step_id": str(uuid4())})
    sent(world, case, "supervision.noticed", notice(), org="431023")
    sent(world, case, "supervision.annulled", wrong, org="431023")
    own = {"interview_id": str(uuid4()), "responsible": SECRETARY, "at": moment("2016-11-19 09:00"), "reasons": "x", "by": CHIEF}
    sent(world, case, "interview.cancelled", own, org="431023")
    (row,) = world.rows("SELECT ended_at FROM ladder_received")
    assert row["ended_at"] is not None

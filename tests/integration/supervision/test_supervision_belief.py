"""Supervision believes of an assignment what routing believes, and nothing else meets a deadline."""

from uuid import UUID, uuid4

import pytest

from shared.errors import Refused
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import COUNTY, COUNTY_LEADER, SECRETARY, TOWNSHIP, TOWNSHIP_SECRETARY, at, moment

FIRST = "2016-11-07 09:30"
MATIAN = "431023101"
LATE = "2016-11-18 09:00"  # the reply was due at the end of the 17th


def stages(world: Supervision, assignment: UUID) -> dict[str, str]:
    """The assignment's deadlines by obligation."""
    rows = world.rows("SELECT obligation, stage FROM deadline WHERE assignment_id = %(id)s ORDER BY set_at", id=assignment)
    return {row["obligation"]: row["stage"] for row in rows}


@pytest.fixture
def handed(world: Supervision) -> tuple[UUID, UUID]:
    """A case and its assignment to the township, a day after the reply was due, receipt and reply owed."""
    case, assignment = uuid4(), uuid4()
    world.clock(LATE)
    world.hear(world.issued(case, FIRST, assignment=assignment))
    return case, assignment


@pytest.mark.parametrize(
    "forged",
    [
        {"findings": "改动过"},
        {"signature": {**TOWNSHIP_SECRETARY, "at": moment(LATE), "alg": "none"}},
        {"signature": {**COUNTY_LEADER, "at": moment(LATE), "alg": "sha256"}},
        {"round": 2},
        {"replied_at": moment("2016-11-16 09:00")},
        {"org": MATIAN},
        {"org": "431023104-office"},
    ],
    ids=["words", "algorithm", "signer", "round", "time", "neighbour", "no instance"],
)
def test_a_reply_that_routing_refuses_meets_no_deadline(world: Supervision, handed: tuple[UUID, UUID], forged: dict):
    case, assignment = handed
    with pytest.raises(Refused):
        world.hear(world.replied(case, assignment, LATE, **forged))
    assert stages(world, assignment) == {"receive": "pending", "reply": "pending"}
    world.hear(world.replied(case, assignment, LATE))
    assert stages(world, assignment) == {"receive": "met_late", "reply": "met_late"}


@pytest.mark.parametrize(
    ("verb", "said"), [("received", {}), ("objected", {"reasons": "不属本镇"}), ("progressed", {"text": "办"})]
)
def test_what_a_neighbour_or_somebody_else_tells_meets_no_deadline(
    world: Supervision, handed: tuple[UUID, UUID], verb: str, said: dict
):
    for wrong in ({"org": MATIAN}, {"by": COUNTY_LEADER}, {"by": TOWNSHIP_SECRETARY | {"name": "别人"}}):
        with pytest.raises(Refused):
            world.hear(world.sent_up(verb, *handed, LATE, **said | wrong))
    assert stages(world, handed[1])["receive"] == "pending"


@pytest.mark.parametrize("when", ["2016-11-07 09:24", "2016-11-18 09:06"], ids=["before the issue", "in the future"])
def test_an_instant_that_cannot_be_meets_no_deadline(world: Supervision, handed: tuple[UUID, UUID], when: str):
    with pytest.raises(Refused):
        world.hear(world.replied(*handed, when))
    assert stages(world, handed[1]) == {"receive": "pending", "reply": "pending"}


@pytest.mark.parametrize("when", ["2016-11-07 09:24", "2016-11-18 09:06"], ids=["before the issue", "in the future"])
def test_a_clock_that_is_far_off_blocks_nothing_and_makes_nothing_late(world: Supervision, handed: tuple[UUID, UUID], when: str):
    world.hear(world.sent_up("received", *handed, when))
    world.hear(world.sent_up("progressed", *handed, when, text="办"))
    assert stages(world, handed[1])["receive"] in ("met", "met_late")
    issued, now = moment(FIRST), world.told("deadline.met")[-1][1]["met_at"]
    assert all(issued <= data["met_at"] <= now for _, data in world.told("deadline.met"))


def test_a_clock_that_is_off_by_a_little_neither_meets_nor_misses_what_is_owed(world: Supervision):
    case, assignment = uuid4(), uuid4()
    world.clock("2016-11-17 23:58")
    world.hear(world.issued(case, FIRST, assignment=assignment), world.received(case, assignment, "2016-11-07 09:26"))
    world.hear(world.replied(case, assignment, "2016-11-18 00:01"))
    assert [(data["obligation"], data["in_time"], data["met_at"]) for _, data in world.told("deadline.met")] == [
        ("receive", True, moment(FIRST)), ("reply", True, moment("2016-11-17 23:58")),
    ]  # fmt: skip


def test_a_returned_reply_that_is_sent_again_does_not_meet_the_next_deadline(world: Supervision):
    case, assignment = uuid4(), uuid4()
    world.clock("2016-11-09 09:00")
    reply = world.replied(case, assignment, "2016-11-08 09:00")
    world.hear(world.issued(case, FIRST, assignment=assignment), reply)
    back = {"assignment_id": str(assignment), "reply_id": reply.data["reply_id"], "round": 1, "reasons": "敷衍", "by": SECRETARY,
            "returned_at": moment("2016-11-09 09:00")}  # fmt: skip
    world.hear(world.event("assignment.returned", case, back, teller="routing"))
    with pytest.raises(Refused):
        world.hear(world.event("assignment.replied", case, reply.data, org=TOWNSHIP, teller="routing"))
    assert stages(world, assignment)["reply"] == "pending"


def test_only_the_issuer_returns_approves_withdraws_or_issues_again(world: Supervision, handed: tuple[UUID, UUID]):
    case, assignment = handed
    who, when = {"assignment_id": str(assignment), "by": TOWNSHIP_SECRETARY}, moment(LATE)
    told: dict[str, dict] = {
        "assignment.returned": who | {"reply_id": str(uuid4()), "round": 1, "reasons": "敷衍", "returned_at": when},
        "assignment.approved": who | {"approved_at": when},
        "assignment.withdrawn": who | {"reason": "replaced", "responsible": TOWNSHIP_SECRETARY, "withdrawn_at": when},
    }
    forged = [world.event(name, case, data, org=TOWNSHIP, teller="routing") for name, data in told.items()]
    for event in (*forged, world.issued(case, LATE, assignment=assignment, org=TOWNSHIP)):
        with pytest.raises(Refused):
            world.hear(event)
    world.hear(world.issued(case, LATE, assignment=assignment, to=COUNTY_LEADER))
    assert stages(world, assignment) == {"receive": "pending", "reply": "pending"}
    (row,) = world.rows("SELECT responsible, issued_at FROM known_assignment")
    assert (row["responsible"]["official"], row["issued_at"]) == ("o-431023104-secretary", at(FIRST))


def test_what_the_countys_own_unit_does_is_told_by_the_county(world: Supervision):
    case, assignment = uuid4(), uuid4()
    world.clock(FIRST)
    world.hear(world.issued(case, FIRST, assignment=assignment, to=COUNTY_LEADER))
    with pytest.raises(Refused):
        world.hear(world.sent_up("received", case, assignment, FIRST, by=COUNTY_LEADER))
    world.hear(world.sent_up("received", case, assignment, FIRST, by=COUNTY_LEADER, org=COUNTY))
    assert stages(world, assignment)["receive"] == "met"

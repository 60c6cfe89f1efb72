"""Who may move a limit, and what becomes of it on the database: extension, pause, hand-over, the right to object."""

from uuid import UUID, uuid4

import psycopg2
import pytest

from services.supervision.handlers import fire_due
from shared.contract.envelope import Event
from shared.errors import Refused
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import COUNTY, SECRETARY, TOWNSHIP, TOWNSHIP_SECRETARY, at, moment, names

FIRST = "2016-11-07 09:30"
DUE = "2016-11-18 00:00"
NEW_HEAD = TOWNSHIP_SECRETARY | {"official": "o-431023104-new", "name": "新书记"}


@pytest.fixture
def handed(world: Supervision) -> tuple[UUID, UUID]:
    """A case and its assignment to the township, received at once."""
    case, assignment = uuid4(), uuid4()
    world.clock(FIRST)
    world.hear(world.issued(case, FIRST, assignment=assignment), world.received(case, assignment, FIRST))
    return case, assignment


def given(
    world: Supervision, verb: str, case: UUID, assignment: UUID, when: str, key: UUID, *, org: str = COUNTY, **more
) -> Event:
    name = "extension_id" if verb == "extended" else "pause_id"
    said = {"days": 20} if verb == "extended" else {"category": "hearing"}
    data = {"assignment_id": str(assignment), name: str(key), "reasons": "案情复杂。", "authority": SECRETARY, "at": moment(when)}
    return world.event(f"assignment.{verb}", case, data | said | more, org=org, teller="routing")


def due(world: Supervision, obligation: str = "conclude") -> list[tuple]:
    rows = world.rows("SELECT stage, due_at FROM deadline WHERE obligation = %(o)s ORDER BY due_at", o=obligation)
    return [(row["stage"], row["due_at"]) for row in rows]


def test_an_extension_moves_the_limit_tells_so_and_fires_by_the_other_one(world: Supervision, handed):
    case, assignment = handed
    world.hear(given(world, "extended", case, assignment, FIRST, uuid4()))
    told = {data["obligation"]: data for _, data in world.told("deadline.moved")}
    assert told["conclude"]["was_due_at"] == moment(DUE)
    assert told["conclude"]["due_at"] == told["reply"]["due_at"] == moment("2016-12-08 00:00")
    assert told["reply"]["assignment_id"] == str(assignment)
    world.clock("2016-12-07 23:59")
    world.do(fire_due)
    assert world.told("deadline.missed") == []
    world.clock("2016-12-08 00:00")
    world.do(fire_due)
    assert sorted(data["obligation"] for _, data in world.told("deadline.missed")) == ["conclude", "reply"]


@pytest.mark.parametrize("verb", ["extended", "paused", "resumed"])
def test_nobody_but_the_issuer_moves_a_limit(world: Supervision, handed, verb: str):
    case, assignment = handed
    with pytest.raises(Refused):
        world.hear(given(world, verb, case, assignment, FIRST, uuid4(), org=TOWNSHIP))
    assert due(world) == [("pending", at(DUE))]


@pytest.mark.parametrize("org", [COUNTY, TOWNSHIP])
def test_who_was_handed_a_part_moves_no_limit_and_owes_none(world: Supervision, handed, org: str):
    case, whole = handed
    part = uuid4()
    officer = {"official": "o-431023104-officer", "name": "曹建军", "post": "环保站站长", "organisation": f"{TOWNSHIP}-env"}
    world.hear(world.issued(case, FIRST, assignment=part, to=officer, org=org, parent=str(whole)))
    assert world.rows("SELECT id FROM deadline WHERE assignment_id = %(id)s", id=part) == []
    for verb in ("extended", "paused"):
        with pytest.raises(Refused):
            world.hear(given(world, verb, case, part, FIRST, uuid4(), org=org))
    told = world.told()
    world.hear(
        world.sent_up("received", case, part, FIRST, org=org, by=officer),
        world.sent_up("progressed", case, part, FIRST, org=org, by=officer, text="已到现场"),
    )
    assert world.told() == told
    assert due(world) == [("pending", at(DUE))]


def test_what_a_township_hands_out_of_our_case_as_if_it_were_the_issuer_moves_no_clock_of_ours(world: Supervision, handed):
    case, forged = handed[0], uuid4()
    world.hear(world.issued(case, FIRST, assignment=forged, org=TOWNSHIP))
    with pytest.raises(Refused):
        world.hear(given(world, "extended", case, forged, FIRST, uuid4(), org=TOWNSHIP))
    assert due(world) == [("pending", at(DUE))]


def test_a_pause_keeps_the_clock_from_firing_and_gives_back_to_the_millisecond_what_was_left(world: Supervision, handed):
    case, assignment = handed
    key = uuid4()
    world.clock("2016-11-17 12:00:00.250")
    world.hear(given(world, "paused", case, assignment, "2016-11-17 12:00:00.250", key))
    world.clock("2016-12-01 12:00")
    world.do(fire_due)
    assert [data["obligation"] for _, data in world.told("deadline.missed")] == []
    assert {data["paused_at"] for _, data in world.told("deadline.paused")} == {moment("2016-11-17 12:00:00.250")}
    world.hear(given(world, "resumed", case, assignment, "2016-12-01 12:00", key))
    left = at(DUE) - at("2016-11-17 12:00:00.250")
    assert due(world) == [("pending", at("2016-12-01 12:00") + left)]
    world.clock("2016-12-01 23:59:59.749")
    world.do(fire_due)
    assert world.told("deadline.missed") == []
    world.clock("2016-12-01 23:59:59.750")
    world.do(fire_due)
    assert sorted(data["obligation"] for _, data in world.told("deadline.missed")) == ["conclude", "reply"]


def test_pause_and_end_in_one_batch_take_the_same_effect_also_on_a_clock_that_was_warned(world: Supervision, handed):
    case, assignment = handed
    world.clock("2016-11-14 12:00")
    world.do(fire_due)
    key = uuid4()
    world.hear(
        given(world, "paused", case, assignment, "2016-11-14 10:00", key),
        given(world, "paused", case, assignment, "2016-11-14 10:00", key),
        given(world, "resumed", case, assignment, "2016-11-14 12:00", key),
        given(world, "resumed", case, assignment, "2016-11-14 12:00", key),
    )
    assert due(world) == [("approaching", at("2016-11-18 02:00"))]


def test_an_extension_that_crosses_the_firing_leaves_exactly_one_running_limit(world: Supervision, handed):
    case, assignment = handed
    event = given(world, "extended", case, assignment, "2016-11-17 23:59", uuid4())
    world.clock(DUE)
    with world.database.unit_of_work() as handling:
        world._preload([event], handling)
        assert world.do(fire_due) == 0, "the handler holds the case"
        world._hears["assignment.extended"](event, handling)
    world.do(fire_due)
    assert world.told("deadline.missed") == []
    assert due(world) == [("pending", at("2016-12-08 00:00"))]


def test_an_extension_that_comes_after_the_firing_owes_anew(world: Supervision, handed):
    case, assignment = handed
    world.clock(DUE)
    world.do(fire_due)
    world.hear(given(world, "extended", case, assignment, "2016-11-17 23:59", uuid4()))
    assert due(world) == [("withdrawn", at(DUE)), ("pending", at("2016-12-08 00:00"))]
    assert {data["reason"] for _, data in world.told("deadline.withdrawn") if data["obligation"] != "objection"} == {"moved"}


def test_the_database_refuses_to_move_a_limit_by_anything_else(world: Supervision, handed):
    for statement in (
        "UPDATE deadline SET due_at = due_at + interval '1 day'",
        "UPDATE deadline SET moved_by = '1 day'",
    ):
        with pytest.raises(psycopg2.errors.RaiseException, match="without authority"):
            world.rows(statement)


def test_the_right_to_object_begins_with_the_receipt_and_lapses_without_a_miss(world: Supervision, handed):
    (row,) = world.rows("SELECT * FROM deadline WHERE obligation = 'objection'")
    assert (row["due_at"], row["rule"]) == (at("2016-11-15 00:00"), "objection-5w")
    world.clock("2016-11-15 00:00")
    assert world.do(fire_due) >= 1
    assert world.told("deadline.missed") == []
    assert [(data["obligation"], data["reason"]) for _, data in world.told("deadline.withdrawn")] == [("objection", "lapsed")]
    assert world.do(fire_due) == 0


def test_an_objection_meets_its_own_limit_and_no_other(world: Supervision, handed):
    case, assignment = handed
    world.clock("2016-11-08 10:00")
    world.hear(world.sent_up("objected", case, assignment, "2016-11-08 10:00", reasons="不属本镇"))
    assert [data["obligation"] for _, data in world.told("deadline.met")] == ["receive", "objection"]
    assert due(world) == [("pending", at(DUE))]


def test_the_new_holder_of_a_post_owes_what_was_owed_and_speaks_for_it(world: Supervision, handed):
    case, assignment = handed
    world.clock("2016-11-09 10:00")
    data = {
        "assignment_id": str(assignment), "from": TOWNSHIP_SECRETARY, "to": NEW_HEAD, "by": NEW_HEAD, "reason": "left",
        "at": moment("2016-11-09 10:00"),
    }  # fmt: skip
    stranger = data | {"to": NEW_HEAD | {"organisation": "431023101"}}
    for wrong, org in ((stranger, TOWNSHIP), (data, "431023101"), (data | {"from": NEW_HEAD}, TOWNSHIP)):
        with pytest.raises(Refused):
            world.hear(world.event("assignment.handed_over", case, wrong, org=org, teller="routing"))
    before = names(world.told())
    world.hear(world.event("assignment.handed_over", case, data, org=TOWNSHIP, teller="routing"))
    rows = world.rows("SELECT DISTINCT responsible ->> 'official' AS who FROM deadline WHERE stage <> 'met'")
    assert [row["who"] for row in rows] == [NEW_HEAD["official"]]
    assert names(world.told()) == before
    with pytest.raises(Refused):
        world.hear(world.sent_up("progressed", case, assignment, "2016-11-09 10:00", text="办"))
    world.hear(world.sent_up("progressed", case, assignment, "2016-11-09 10:00", text="办", by=NEW_HEAD))


def test_a_joint_units_progress_does_not_meet_what_the_case_owes(world: Supervision):
    case, lead, joint = uuid4(), uuid4(), uuid4()
    world.clock(FIRST)
    epb = {"official": "o-431023-epb", "name": "谭建国", "post": "局长", "organisation": "431023-epb"}
    world.hear(
        world.issued(case, FIRST, assignment=lead, part="lead", case_class="complex"),
        world.issued(case, FIRST, assignment=joint, part="joint", case_class="complex", to=epb),
    )
    world.hear(world.sent_up("progressed", case, joint, FIRST, by=epb, org=COUNTY, text="已到现场"))
    assert due(world, "progress")[0][0] == "pending"
    world.hear(world.sent_up("progressed", case, lead, FIRST, text="已到现场"))
    assert due(world, "progress")[0][0] == "met"


@pytest.mark.parametrize("org", ["4310", "43"])
def test_of_a_case_that_went_up_the_superior_moves_the_limit_and_no_neighbour(world: Supervision, org: str):
    case, first, again = uuid4(), uuid4(), uuid4()
    for code, superior in ((COUNTY, "4310"), ("4310", "43"), ("43", None)):
        told = {"code": code, "name": code, "name_en": code, "superior": superior, "has_instance": True}
        world.hear(world.event("directory.organisation_recorded", code, told, teller="routing"))  # type: ignore[arg-type]
    world.clock(FIRST)
    world.hear(world.issued(case, FIRST, assignment=first, to=SECRETARY))
    back = {
        "assignment_id": str(first),
        "reason": "referred_up",
        "by": None,
        "responsible": SECRETARY,
        "withdrawn_at": moment(FIRST),
    }
    world.hear(world.event("assignment.withdrawn", case, back, teller="routing"))
    for issuer in (org, "431099"):
        world.hear(world.issued(case, FIRST, assignment=again, to=SECRETARY, org=issuer))
        said = given(world, "extended", case, again, FIRST, uuid4(), org=issuer)
        if issuer == org:
            world.hear(said)
        else:
            with pytest.raises(Refused):
                world.hear(said)
        again = uuid4()
    assert [(data["cause"], data["obligation"]) for _, data in world.told("deadline.moved")] == [("extended", "reply")]
    ended = [data["reason"] for _, data in world.told("deadline.withdrawn") if data["obligation"] == "conclude"]
    assert ended == ["referred_up"], "nobody here misses the conclusion of what the superior concludes"
    world.clock("2017-03-01 00:00")
    world.do(fire_due)
    assert "conclude" not in {data["obligation"] for _, data in world.told("deadline.missed")}

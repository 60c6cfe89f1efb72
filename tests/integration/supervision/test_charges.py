"""Who carries a case: proposed, decided or taken, handed over, over; the duties with their evidence."""

from datetime import date
from uuid import uuid4

import pytest

from services.supervision.handlers import charge
from shared.errors import Conflict, Forbidden, NotFound, Refused
from tests.integration.supervision.carrying import (
    HEAD,
    MAYOR,
    OFFICE,
    SUPERVISOR,
    VICE,
    a_case,
    closed,
    county,
    evidence,
    official,
    take,
)
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import COUNTY, TOWNSHIP_SECRETARY, moment, names


@pytest.fixture(autouse=True)
def people(world: Supervision) -> None:
    county(world)


def running(world: Supervision) -> list[tuple[str, str]]:
    rows = world.rows("SELECT official, ground FROM charge WHERE ended_at IS NULL ORDER BY taken_at")
    return [(row["official"], row["ground"]) for row in rows]


def test_the_office_proposes_and_the_first_in_command_decides_who_carries_the_case(world: Supervision):
    case, _ = a_case(world)
    key = uuid4()
    for _again in range(2):
        world.do(
            lambda uow: charge.propose_by(uow, case, SUPERVISOR, proposal_id=key, reason="overdue", words="超期未办结，建议包案")
        )
    with pytest.raises(Conflict):
        world.do(lambda uow: charge.propose_by(uow, case, OFFICE, proposal_id=uuid4(), reason="key", words="再提"))
    take(world, case)
    assert running(world) == [(VICE, "overdue")]
    told = world.told("charge.proposed", "charge.taken", subject=case)
    assert names(told) == ["charge.proposed", "charge.taken"]
    assert (told[1][1]["leader"]["official"], told[1][1]["by"]["official"]) == (VICE, HEAD)
    (row,) = world.rows("SELECT decision, decided_by ->> 'official' AS who FROM charge_proposal")
    assert (row["decision"], row["who"]) == ("taken", HEAD)


def test_a_proposal_is_declined_with_reasons_and_may_be_made_again(world: Supervision):
    case, _ = a_case(world)
    first = uuid4()
    world.do(lambda uow: charge.propose_by(uow, case, SUPERVISOR, proposal_id=first, reason="overdue", words="建议包案"))
    with pytest.raises(Forbidden):
        world.do(lambda uow: charge.decline(uow, first, OFFICE, "不必"))
    world.do(lambda uow: charge.decline(uow, first, HEAD, "三日内可以办结"))
    with pytest.raises(Conflict):
        world.do(lambda uow: charge.decline(uow, first, HEAD, "再说一遍"))
    world.do(lambda uow: charge.propose_by(uow, case, SUPERVISOR, proposal_id=uuid4(), reason="overdue", words="仍未办结"))
    assert world.rows("SELECT count(*) AS n FROM charge_proposal") == [{"n": 2}]


def test_follow_ups_proposal_is_heard_and_our_own_is_not_heard_twice(world: Supervision):
    case, _ = a_case(world)
    data = {"reason": "difficult", "words": "三轮仍不满意", "by": None, "at": moment("2016-11-18 00:00")}
    world.hear(world.event("charge.proposed", case, data, teller="supervision"))
    assert world.rows("SELECT id FROM charge_proposal") == []
    world.hear(world.event("charge.proposed", case, data | {"reason": "rounds"}, teller="followup"))
    assert world.rows("SELECT reason, words FROM charge_proposal") == [{"reason": "rounds", "words": "三轮仍不满意"}]
    assert not world.do(lambda uow: charge.propose(uow, case, reason="difficult"))
    assert world.told("charge.proposed") == [], "who told it has told it"


def test_a_leader_takes_a_case_on_himself_once_however_often_the_form_is_sent(world: Supervision):
    case, _ = a_case(world)
    key = uuid4()
    for _again in range(2):
        world.do(lambda uow: charge.take(uow, case, MAYOR, MAYOR, charge_id=key, ground="key"))
    assert running(world) == [(MAYOR, "key")]
    assert names(world.told("charge.taken")) == ["charge.taken"]
    with pytest.raises(Conflict):
        take(world, case, VICE)


@pytest.mark.parametrize("by", [MAYOR, OFFICE, SUPERVISOR, TOWNSHIP_SECRETARY["official"], "o-nobody"])
def test_nobody_else_decides_that_another_one_carries_a_case(world: Supervision, by: str):
    case, _ = a_case(world)
    with pytest.raises(Forbidden):
        take(world, case, VICE, by)
    assert running(world) == []


def test_only_a_county_leader_carries_a_case_and_only_one_of_ours(world: Supervision):
    case, _ = a_case(world)
    for who in (TOWNSHIP_SECRETARY["official"], OFFICE, "o-nobody"):
        with pytest.raises(Refused):
            take(world, case, who)
    above = uuid4()
    world.hear(world.issued(above, "2016-11-07 09:30", org="431000"))
    with pytest.raises(Refused):
        take(world, above)
    with pytest.raises(NotFound):
        take(world, uuid4())
    closed(world, case, "2016-11-18 10:00")
    with pytest.raises(Conflict):
        take(world, case)


def bar(world: Supervision, case, *officials: str, organisations: tuple[str, ...] = ()) -> None:
    data = {"organisations": list(organisations), "officials": list(officials), "barred_at": moment("2016-11-18 00:00")}
    world.hear(world.event("case.barred", case, data, teller="routing"))


def test_who_is_barred_from_a_case_neither_carries_it_nor_hears_that_it_exists(world: Supervision):
    case, _ = a_case(world)
    bar(world, case, VICE)
    with pytest.raises(Refused, match="不能包办"):
        take(world, case, VICE)
    with pytest.raises(NotFound):
        take(world, case, VICE, by=VICE)
    bar(world, case, organisations=("431023-gov",))
    with pytest.raises(Refused):
        take(world, case, MAYOR)
    bar(world, case, HEAD)
    with pytest.raises(NotFound):
        take(world, case, MAYOR)


def test_who_is_found_to_be_barred_carries_the_case_no_longer_and_somebody_else_is_to(world: Supervision):
    case, _ = a_case(world)
    mine = take(world, case, VICE)
    bar(world, case, MAYOR)
    assert running(world) == [(VICE, "overdue")], "another one's bar changes nothing"
    bar(world, case, VICE, MAYOR)
    assert running(world) == []
    (_, ended) = world.told("charge.ended", subject=case)[0]
    assert (ended["reason"], ended["by"]) == ("conflict", None)
    assert names(world.told("charge.proposed")) == ["charge.proposed"]
    with pytest.raises(NotFound):
        evidence(world, mine, "situation", date(2016, 11, 18))
    take(world, case, HEAD, HEAD)
    assert running(world) == [(HEAD, "overdue")]


@pytest.mark.parametrize(("reason", "ended"), [("satisfied", "settled"), ("decision", "decision"), ("withdrawn", "withdrawn")])
def test_the_charge_is_over_with_the_case(world: Supervision, reason: str, ended: str):
    case, _ = a_case(world)
    take(world, case)
    closed(world, case, "2016-11-30 10:00", reason)
    assert [(data["reason"], data["leader"]["official"]) for _, data in world.told("charge.ended")] == [(ended, VICE)]
    assert world.rows("SELECT charge FROM supervised_case") == [{"charge": None}]


def test_a_case_that_goes_on_after_all_is_carried_on_by_the_same_leader(world: Supervision):
    case, _ = a_case(world)
    first = take(world, case)
    closed(world, case, "2016-11-30 10:00")
    again = {"round": 2, "cause": "dissatisfied", "reopened_at": moment("2016-12-05 10:00")}
    world.clock("2016-12-05 10:00")
    world.hear(world.event("case.reopened", case, again, teller="routing"))
    assert running(world) == [(VICE, "overdue")]
    assert world.rows("SELECT after FROM charge WHERE ended_at IS NULL") == [{"after": first}]
    world.hear(world.event("case.reopened", case, again | {"round": 3}, teller="routing"))
    assert len(world.told("charge.taken")) == 2, "what is carried already is not taken again"


def test_the_first_in_command_ends_a_charge_with_reasons_and_nobody_else_does(world: Supervision):
    case, _ = a_case(world)
    mine = take(world, case)
    with pytest.raises(Forbidden):
        world.do(lambda uow: charge.end_by_decision(uow, mine, VICE, "办不动"))
    world.do(lambda uow: charge.end_by_decision(uow, mine, HEAD, "转由镇里常态办理"))
    assert world.told("charge.ended")[0][1]["words"] == "转由镇里常态办理"
    with pytest.raises(Conflict):
        world.do(lambda uow: charge.end_by_decision(uow, mine, HEAD, "再来一次"))


def test_a_charge_is_handed_over_with_reasons_and_the_new_leader_owes_the_duties_anew(world: Supervision):
    case, _ = a_case(world)
    mine, key = take(world, case), uuid4()
    with pytest.raises(Refused, match="正在包办"):
        world.do(lambda uow: charge.hand_over(uow, mine, VICE, HEAD, new_id=uuid4(), words="分工调整"))
    for _again in range(2):
        world.do(lambda uow: charge.hand_over(uow, mine, MAYOR, HEAD, new_id=key, words="分工调整"))
    assert names(world.told("charge.taken", "charge.ended")) == ["charge.taken", "charge.ended", "charge.taken"]
    assert world.rows("SELECT id, official, after FROM charge WHERE ended_at IS NULL") == [
        {"id": key, "official": MAYOR, "after": mine}
    ]


def test_when_the_post_changes_hands_the_charge_goes_to_whoever_holds_it_now(world: Supervision):
    case, _ = a_case(world)
    take(world, case)
    official(world, VICE, active=False)
    assert running(world) == [(VICE, "overdue")], "nobody holds the post yet: the page shows it"
    official(world, "o-431023-new")
    assert running(world) == [("o-431023-new", "overdue")]
    ended, taken = world.told("charge.ended")[0][1], world.told("charge.taken")[1][1]
    assert (ended["reason"], taken["leader"]["official"]) == ("handed_over", "o-431023-new")


def test_the_successor_may_be_known_before_the_leader_leaves(world: Supervision):
    case, _ = a_case(world)
    take(world, case)
    official(world, "o-431023-new")
    assert running(world) == [(VICE, "overdue")]
    official(world, VICE, roles=["officer"])
    assert running(world) == [("o-431023-new", "overdue")]


def test_a_successor_who_is_barred_does_not_get_it(world: Supervision):
    case, _ = a_case(world)
    take(world, case)
    bar(world, case, "o-431023-new")
    official(world, "o-431023-new")
    official(world, VICE, active=False)
    assert running(world) == [(VICE, "overdue")]


def test_an_assignment_that_is_handed_over_with_the_post_takes_the_charge_along(world: Supervision):
    case, assignment = uuid4(), uuid4()
    vice = {"official": VICE, "name": "廖志平", "post": "副县长", "organisation": "431023-gov"}
    new = {"official": "o-431023-new", "name": "新人", "post": "常务副县长", "organisation": "431023-gov"}
    world.clock("2016-11-07 09:30")
    world.hear(world.issued(case, "2016-11-07 09:30", assignment=assignment, to=vice))
    take(world, case, VICE)
    official(world, "o-431023-new", title="常务副县长")
    data = {
        "assignment_id": str(assignment),
        "from": vice,
        "to": new,
        "by": new,
        "reason": "left",
        "at": moment("2016-11-07 09:30"),
    }
    world.hear(world.event("assignment.handed_over", case, data, org=COUNTY, teller="routing"))
    assert running(world) == [("o-431023-new", "overdue")]

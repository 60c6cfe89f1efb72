"""Parts handed on within an organisation, and posts that change hands."""

from dataclasses import replace

import pytest

from services.routing import domain
from services.routing.domain import Official, Post, handover
from services.routing.workflow import AssignmentStage as A
from shared.contract.person import Person
from shared.errors import Conflict, Refused
from tests.unit.routing.builders import (
    ASSIGNMENT_ID,
    CASE_ID,
    EPB,
    NOW,
    OTHER_ID,
    SECRETARY,
    TOWN,
    VICE,
    assignment,
    directory,
    later,
    official,
)  # fmt: skip

STATION = Person(official="o-431023104-env", name="曹建军", post="环保站站长", organisation="431023104-env")


def hand_on(subject=None, parts=(), to: Person | None = STATION, text=" 请取样检测，三日内报我 "):
    return domain.hand_on(
        subject or assignment(A.RECEIVED), parts, to, assignment_id=OTHER_ID, text=text, now=later(hours=1)
    )  # fmt: skip


def test_a_part_belongs_to_the_whole_and_is_issued_by_whoever_is_responsible_for_it():
    part = hand_on()
    assert (part.parent, part.responsible, part.issued_by) == (ASSIGNMENT_ID, STATION, TOWN)
    assert (part.issuer, part.instance, part.round, part.case_id) == ("431023104", "431023104", 1, CASE_ID)
    assert (part.text, part.stage, str(part.part)) == ("请取样检测，三日内报我", A.ISSUED, "handling")


def test_a_part_is_not_handed_on_again_nor_before_receipt_nor_to_nobody_nor_twice_nor_without_words():
    for act, fault, field in (
        (lambda: hand_on(assignment(A.RECEIVED, parent=OTHER_ID)), Refused, "receiver"),
        (lambda: hand_on(assignment(A.ISSUED)), Conflict, "receiver"),
        (lambda: hand_on(to=None), Refused, "receiver"),
        (lambda: hand_on(parts=[hand_on()]), Conflict, "receiver"),
        (lambda: hand_on(text=" "), Refused, "task"),
    ):
        with pytest.raises(fault) as refusal:
            act()
        assert refusal.value.field == field
    assert hand_on(parts=[replace(hand_on(), stage=A.APPROVED)]).stage is A.ISSUED
    assert hand_on(parts=[replace(hand_on(), responsible=VICE)]).stage is A.ISSUED


def test_a_part_stays_in_the_own_organisation_and_in_this_instance():
    left = official(replace(STATION, official="o-left"), "officer", active=False)
    both = Official(
        official="o-both", name="两职", active=True,
        posts=tuple(Post(organisation=code, title="专干", roles=frozenset({"officer"})) for code in ("431023104-env", "431023104")),
    )  # fmt: skip
    known = directory(official(STATION, "officer"), left, both, own="431023104")
    assert [one.official for one in domain.receivers(known, TOWN)] == [STATION.official, "o-both"]
    county = directory(official(STATION, "officer"))
    assert [one.official for one in domain.receivers(county, SECRETARY)] == [VICE.official, EPB.official]
    assert domain.receivers(county, EPB) == []


# -- posts that change hands ---------------------------------------------------------------------------------------
NEW_HEAD = replace(TOWN, official="o-431023104-new", name="新书记")
MAYOR = Person(official="o-431023104-mayor", name="镇长", post="镇长", organisation="431023104")


def changed(*people: Official, without: Person = TOWN):
    """The county's directory after the township's head left it, with these people besides."""
    known = directory(*people)
    return replace(
        known, officials={code: one for code, one in known.officials.items() if code != without.official or one in people}
    )


def test_a_post_is_vacated_by_leaving_and_by_changing_it():
    assert handover.vacated(directory(), TOWN) is None
    assert handover.vacated(changed(), TOWN) == "left"
    assert handover.vacated(directory(official(TOWN, "unit_head", active=False)), TOWN) == "left"
    assert handover.vacated(directory(official(replace(TOWN, post="镇人大主席"), "unit_head")), TOWN) == "changed_post"


def test_the_only_holder_of_a_heads_post_is_the_heir_and_of_several_deputies_nobody_is():
    assert handover.heir(directory(official(NEW_HEAD, "unit_head")), TOWN) is None  # the former one still holds it
    assert handover.heir(changed(official(NEW_HEAD, "unit_head")), TOWN) == NEW_HEAD
    twice = changed(official(NEW_HEAD, "unit_head"), official(replace(NEW_HEAD, official="o-third"), "unit_head"))
    assert handover.heir(twice, TOWN) is None
    assert handover.heir(changed(), TOWN) is None
    deputy = replace(VICE, official="o-other-vice")
    assert handover.heir(changed(official(deputy, "leader"), without=VICE), VICE) is None


def test_whoever_holds_the_post_may_take_over_else_a_head_of_the_organisation_else_its_people():
    clerk = Person(official="o-clerk", name="办事员", post="专干", organisation="431023104")
    everybody = (official(NEW_HEAD, "unit_head"), official(MAYOR, "unit_head"), official(clerk, "officer"))
    assert handover.candidates(changed(*everybody), TOWN) == [NEW_HEAD]
    assert handover.candidates(changed(*everybody[1:]), TOWN) == [MAYOR]
    assert handover.candidates(changed(*everybody[2:]), TOWN) == [clerk]
    assert handover.candidates(changed(official(clerk, "officer", active=False)), TOWN) == []


def test_a_hand_over_changes_who_is_responsible_and_nothing_else():
    subject = assignment(A.PROGRESSED)
    after, record = handover.hand_over(subject, NEW_HEAD, by=MAYOR, reason="left", handover_id=OTHER_ID, now=later(hours=1))
    assert after == replace(subject, responsible=NEW_HEAD)
    assert (record.former, record.successor, record.by, record.reason) == (TOWN, NEW_HEAD, MAYOR, "left")


@pytest.mark.parametrize(
    ("subject", "to", "fault"),
    [
        (assignment(A.APPROVED), NEW_HEAD, Conflict), (assignment(A.WITHDRAWN), NEW_HEAD, Conflict),
        (assignment(), TOWN, Refused), (assignment(), EPB, Refused),
    ],
    ids=["approved", "withdrawn", "himself", "another organisation"],
)  # fmt: skip
def test_what_is_over_and_who_is_elsewhere_is_not_handed_over(subject, to, fault):
    with pytest.raises(fault) as refusal:
        handover.hand_over(subject, to, by=MAYOR, reason="left", handover_id=OTHER_ID, now=NOW)
    assert refusal.value.field == "successor"

"""Which petitions may be linked, merged and split, and what undoing leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.intake.domain import linking as domain
from services.intake.domain.linking import CHOICES, LIKE, MIRROR, Link, Part, Relation, UndoneFor, Why
from services.intake.domain.petition import Petition
from services.intake.workflow import LinkStage, Stage
from shared.contract.cases import EXCERPT, LINK_REASONS, MOST_EARLIER, RELATIONS, UNLINK_REASONS
from shared.errors import Conflict, Refused
from tests.unit.intake.intake_builders import CLERK, NOW, a_petition

ONE, TWO, THREE, LINK = (UUID(int=number) for number in range(1, 5))
EARLIER = a_petition(id=ONE, number="431023-2016-000001", stage=Stage.HANDLING)
LATER = a_petition(id=TWO, number="431023-2016-000002", registered_at=NOW + timedelta(days=9))


def a_link(case: Petition = LATER, other: Petition = EARLIER, relation: Relation = Relation.REPEAT_OF, **changes: Any) -> Link:
    made = domain.linked(LINK, case, other, relation, why=Why.SAME_MATTER, by=CLERK, now=NOW)
    return replace(made, **changes)


def test_the_contract_lists_every_code_that_is_told() -> None:
    assert {*map(str, Relation), *MIRROR.values()} == set(RELATIONS)
    assert set(map(str, Why)) == set(LINK_REASONS)
    assert set(map(str, UndoneFor)) == set(UNLINK_REASONS)
    assert (domain.MOST_EARLIER, domain.LONGEST_EXCERPT) == (MOST_EARLIER, EXCERPT)


def test_of_a_long_answer_the_beginning_is_told() -> None:
    assert domain.excerpt("答" * 1_000) == "答" * 1_000
    assert domain.excerpt("答" * 1_001) == "答" * 999 + "…"


@pytest.mark.parametrize("relation", LIKE)
def test_the_later_one_repeats_the_earlier_one_whichever_is_named_first(relation: Relation) -> None:
    assert domain.in_order(EARLIER, LATER, relation) == domain.in_order(LATER, EARLIER, relation) == (LATER, EARLIER)


def test_registered_at_one_instant_the_number_decides() -> None:
    twin = replace(EARLIER, id=THREE, number="431023-2016-000009")
    assert domain.in_order(EARLIER, twin, Relation.REPEAT_OF) == (twin, EARLIER)


def test_a_merge_goes_the_way_that_was_asked_for() -> None:
    assert domain.in_order(EARLIER, LATER, Relation.MERGED_INTO) == (EARLIER, LATER)


def test_the_same_said_twice_is_known_and_what_was_undone_is_not() -> None:
    link = a_link()
    assert domain.known(LATER, EARLIER, Relation.REPEAT_OF, [link]) is link
    assert domain.known(LATER, EARLIER, Relation.JOINT_WITH, [link]) is None
    assert domain.known(LATER, EARLIER, Relation.REPEAT_OF, [a_link(stage=LinkStage.UNDONE)]) is None


@pytest.mark.parametrize("relation", CHOICES)
def test_two_open_petitions_may_be_linked(relation: Relation) -> None:
    domain.check_link(LATER, EARLIER, relation, [])
    domain.check_link(LATER, EARLIER, relation, [a_link(stage=LinkStage.UNDONE)])


def test_a_petition_is_not_linked_with_itself() -> None:
    with pytest.raises(Refused) as refusal:
        domain.check_link(LATER, LATER, Relation.RELATED_TO, [])
    assert refusal.value.field == "other"


def test_nothing_is_added_to_an_archived_file_but_it_may_be_repeated() -> None:
    with pytest.raises(Conflict):
        domain.check_link(replace(LATER, stage=Stage.ARCHIVED), EARLIER, Relation.REPEAT_OF, [])
    domain.check_link(LATER, replace(EARLIER, stage=Stage.ARCHIVED), Relation.REPEAT_OF, [])


def test_a_pair_is_of_one_kind_at_a_time_whichever_is_named_first() -> None:
    for link in (a_link(), a_link(EARLIER, LATER)):
        with pytest.raises(Conflict):
            domain.check_link(LATER, EARLIER, Relation.JOINT_WITH, [link])
    other_pair = a_link(LATER, replace(EARLIER, id=THREE))
    domain.check_link(LATER, EARLIER, Relation.JOINT_WITH, [other_pair])
    domain.check_link(LATER, EARLIER, Relation.MERGED_INTO, [a_link()])


@pytest.mark.parametrize("stage", [Stage.CONCLUDED, Stage.WITHDRAWN, Stage.CLOSED])
def test_nothing_that_has_ended_is_merged_on_either_side(stage: Stage) -> None:
    for child, lead in ((replace(LATER, stage=stage), EARLIER), (LATER, replace(EARLIER, stage=stage))):
        with pytest.raises(Conflict):
            domain.check_link(child, lead, Relation.MERGED_INTO, [])


@pytest.mark.parametrize(
    ("child", "lead"),
    [
        (LATER, replace(EARLIER, id=THREE)),  # the child has a lead already
        (EARLIER, replace(LATER, id=THREE)),  # the child leads others
        (replace(LATER, id=THREE), LATER),  # the lead goes under another one
        (EARLIER, LATER),  # the other way round: a ring of two
    ],
)
def test_merges_have_one_level_and_no_ring(child: Petition, lead: Petition) -> None:
    merged = a_link(relation=Relation.MERGED_INTO)
    with pytest.raises(Conflict):
        domain.check_link(child, lead, Relation.MERGED_INTO, [merged])
    domain.check_link(child, lead, Relation.MERGED_INTO, [replace(merged, stage=LinkStage.UNDONE)])


def test_a_lead_takes_several() -> None:
    domain.check_link(replace(LATER, id=THREE), EARLIER, Relation.MERGED_INTO, [a_link(relation=Relation.MERGED_INTO)])


def test_whoever_is_barred_from_a_petition_must_be_barred_from_its_lead() -> None:
    domain.check_bars([], ["o-mayor"])
    domain.check_bars(["o-mayor"], ["o-mayor", "431023-epb"])
    with pytest.raises(Refused) as refusal:
        domain.check_bars(["o-mayor"], [])
    assert "o-mayor" not in refusal.value.rule


def test_undoing_keeps_who_linked_and_says_who_undid_it_and_happens_once() -> None:
    undone = domain.undo(a_link(), reason=UndoneFor.ANOTHER_MATTER, by=CLERK, now=NOW + timedelta(days=1))
    assert (undone.stage, undone.undone_for, undone.undone_by) == (LinkStage.UNDONE, "another_matter", CLERK)
    assert (undone.linked_at, undone.linked_by, undone.why) == (NOW, CLERK, Why.SAME_MATTER)
    assert domain.undo(undone, reason=UndoneFor.SLIP, by=CLERK, now=NOW) is undone


def test_a_petition_comes_apart_into_its_own_sentences() -> None:
    said = domain.sentences("井水发黑！孩子生病？？\n另外，低保没有批。“没有名额。”他说；请过问")
    assert said == ["井水发黑！", "孩子生病？？", "另外，低保没有批。", "“没有名额。”", "他说；", "请过问"]
    assert domain.part_text(said, Part(title="低保", sentences=(3, 2, 2))) == "另外，低保没有批。\n“没有名额。”"
    assert domain.sentences(" 。\n ") == []


PART = Part(title="低保", sentences=(1,))


def test_parts_are_checked_before_anything_is_registered() -> None:
    said = ["井水发黑。", "低保没有批。"]
    domain.check_split(EARLIER, said, [PART])
    with pytest.raises(Conflict):
        domain.check_split(replace(EARLIER, stage=Stage.CONCLUDED), said, [PART])
    for parts in (
        [], [PART] * 4, [replace(PART, title=" ")], [replace(PART, title="长" * 201)], [replace(PART, sentences=())],
        [replace(PART, sentences=(2,))], [replace(PART, sentences=(-1,))],
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            domain.check_split(EARLIER, said, parts)
        assert refusal.value.field == "parts"

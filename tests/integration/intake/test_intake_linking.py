"""Linking, merging, splitting and undoing: what is kept, told and refused, and what two clerks at once come to."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from services.intake.domain.linking import Relation, UndoneFor
from services.intake.domain.viewing import Hidden
from services.intake.handlers import linking, looking
from services.intake.handlers.linking import earlier_of, family, links_of
from shared.errors import Conflict, Refused
from tests.integration.intake.intake_bus import CLERK, HEAD
from tests.integration.intake.intake_cases import AT, a_case, concluded
from tests.integration.intake.intake_links import case_of, linked, told_of, undone


@pytest.fixture
def cases(intake, vault) -> list[UUID]:
    """Three petitions, in the order of their registration."""
    return [a_case(intake, vault) for _ in range(3)]


def test_a_repeat_is_counted_along_the_chain_and_told_of_both_with_the_earlier_answers(intake, cases, clerk, hear, told):
    first, second, third = cases
    hear("case.concluded", first, concluded())
    linked(intake, clerk, first, second)  # named the other way round: the later one repeats
    linked(intake, clerk, third, second)
    with intake.unit_of_work() as uow:
        assert [row["id"] for row in earlier_of(uow, third, clerk)] == [first, second]
        assert [row["side"] for row in links_of(uow, second, clerk)] == ["repeated_by", "repeat_of"]
    data = [data for _, data in told_of(told, "case.linked")]
    assert [each["relation"] for each in data] == ["repeat_of", "repeated_by"] * 2
    assert [(each["case"], each["answer"]) for each in data[2]["earlier"]] == [(str(first), "造纸厂已取缔。"), (str(second), "")]
    assert data[0]["other_number"] == case_of(intake, first).number
    assert [each["earlier"] for each in (data[1], data[3])] == [[], []]


def test_the_same_link_twice_is_told_once_and_the_other_kind_is_refused(intake, cases, clerk, told):
    first, second, _ = cases
    assert linked(intake, clerk, second, first).id == linked(intake, clerk, first, second).id
    with pytest.raises(Conflict):
        linked(intake, clerk, second, first, Relation.JOINT_WITH)
    assert len(told_of(told, "case.linked")) == 2


def test_undoing_tells_both_keeps_the_history_and_happens_once(intake, cases, clerk, told):
    first, second, third = cases
    link = linked(intake, clerk, second, first)
    linked(intake, clerk, third, second)
    for _ in range(2):
        undone(intake, clerk, link.id, UndoneFor.ANOTHER_MATTER)
    assert [data["relation"] for _, data in told_of(told, "case.unlinked")] == ["repeat_of", "repeated_by"]
    with intake.unit_of_work() as uow:
        assert [row["id"] for row in earlier_of(uow, third, clerk)] == [second]
        [row] = links_of(uow, first, clerk)
    assert (row["stage"], row["undone_for"], row["undone_by"]["name"], row["linked_by"]["name"]) == (
        "undone", "another_matter", CLERK.name, CLERK.name,
    )  # fmt: skip
    assert linked(intake, clerk, second, first).id != link.id  # and may be linked anew
    assert len(told_of(told, "case.linked")) == 6


def test_an_undo_that_forgets_the_history_is_noticed(intake, cases, clerk, told, monkeypatch):
    link = linked(intake, clerk, cases[1], cases[0])
    monkeypatch.setattr(linking.domain, "undo", lambda link, **_: link)
    undone(intake, clerk, link.id)
    assert told_of(told, "case.unlinked") == []
    with intake.unit_of_work() as uow:
        assert [row["stage"] for row in links_of(uow, cases[0], clerk)] == ["linked"]


def test_two_clerks_at_once_link_a_pair_once(intake, cases, clerk, told):
    """One names the pair one way, one the other; each holds the rows in the same order, so neither waits for the other for ever."""
    first, second, _ = cases
    found: list[Any] = []
    gate = threading.Barrier(2)

    def work(pair: tuple[UUID, UUID], relation: Relation) -> None:
        gate.wait()
        try:
            found.append(linked(intake, clerk, *pair, relation).id)
        except Conflict as conflict:
            found.append(conflict.field)

    for relation, outcomes in ((Relation.REPEAT_OF, 1), (Relation.MERGED_INTO, 2)):
        found.clear()
        threads = [threading.Thread(target=work, args=(pair, relation)) for pair in ((first, second), (second, first))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(found) == 2
        # The same repeat for both; of two merges the later one would have closed a ring.
        assert (len(set(found)), "other" in found) == (outcomes, relation is Relation.MERGED_INTO)
    assert len(told_of(told, "case.linked")) == 4


def test_the_database_itself_refuses_a_second_link_of_a_pair(intake, cases, clerk, settings):
    first, second, third = cases
    linked(intake, clerk, second, first)
    linked(intake, clerk, second, first, Relation.MERGED_INTO)
    insert = "INSERT INTO intake.link SELECT gen_random_uuid(), %s, %s, %s, 'linked', why, linked_at, linked_by FROM intake.link LIMIT 1"
    for relation, case_id, other_id in (("joint_with", first, second), ("merged_into", second, third)):
        with (
            pytest.raises(psycopg2.errors.UniqueViolation),
            psycopg2.connect(settings.database_url) as owner,
            owner.cursor() as cursor,
        ):
            cursor.execute(insert, (relation, str(case_id), str(other_id)))


@pytest.mark.parametrize("side", [0, 1])
def test_whoever_is_barred_from_either_can_neither_link_nor_undo_nor_see_it(intake, cases, clerk, hear, side):
    first, second, third = cases
    link = linked(intake, clerk, second, first)
    hear("case.barred", cases[side], {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    with pytest.raises(Hidden):
        undone(intake, clerk, link.id)
    with pytest.raises(Hidden):
        linked(intake, clerk, third, cases[side])
    with intake.unit_of_work() as uow:
        assert links_of(uow, cases[1 - side], clerk) == []
        assert earlier_of(uow, second, clerk) == [] or side == 1
    apart = replace(clerk, codes=frozenset({"o-other"}))
    with intake.unit_of_work() as uow:
        assert len(links_of(uow, cases[1 - side], apart)) == 1
        [listed], _ = looking.desk(uow, apart, looking.Desk(queue="repeat"))
        assert listed["id"] == second
        assert looking.desk(uow, clerk, looking.Desk(queue="repeat")) == ([], 0)


# -- merging -----------------------------------------------------------------------------------------------------------
def test_a_merged_petition_gets_the_leads_answer_without_the_other_petitioners_name(intake, vault, cases, clerk, hear, told):
    lead, child, _ = cases
    link = linked(intake, clerk, child, lead, Relation.MERGED_INTO)
    assert [data["relation"] for _, data in told_of(told, "case.linked")] == ["merged_into", "leads"]
    assert case_of(intake, child).stage == "registered"  # its own clock, number and stage go on
    hear("case.concluded", lead, concluded() | {"answer": "陈十里同志：造纸厂已取缔。"})
    with intake.unit_of_work() as uow:
        found, parts = family(uow, vault, child)
        assert family(uow, vault, lead) == (None, [])
        messages = uow.all("SELECT template FROM message WHERE case_id = %(id)s", id=child)
    assert found is not None
    assert "造纸厂已取缔" in found["answer"]
    assert "陈十里" not in found["answer"]
    assert (parts, [row["template"] for row in messages]) == ([], ["case_merged"])
    undone(intake, clerk, link.id)
    with intake.unit_of_work() as uow:
        assert family(uow, vault, child) == (None, [])
        kinds = [row["kind"] for row in uow.all("SELECT kind FROM milestone WHERE case_id = %(id)s ORDER BY kind", id=child)]
    assert kinds == ["merged", "unmerged"]


def test_the_answer_of_a_lead_whose_petitioner_is_erased_is_not_shown(intake, vault, cases, clerk, hear, settings):
    lead, child, _ = cases
    linked(intake, clerk, child, lead, Relation.MERGED_INTO)
    hear("case.concluded", lead, concluded())
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("UPDATE intake.sealed SET data_key = '' WHERE case_id = %s", (str(lead),))
    with intake.unit_of_work() as uow:
        found, _ = family(uow, vault, child)
    assert found is not None
    assert found["answer"] == ""


def test_a_petition_against_whoever_answers_the_lead_is_not_merged(intake, cases, clerk, hear):
    lead, child, _ = cases
    barred = {"organisations": [], "officials": [HEAD.official], "barred_at": AT}
    hear("case.barred", child, barred)
    with pytest.raises(Refused):
        linked(intake, clerk, child, lead, Relation.MERGED_INTO)
    hear("case.barred", lead, barred)
    linked(intake, clerk, child, lead, Relation.MERGED_INTO)
    with intake.unit_of_work() as uow:
        assert not linking.bars_apart(uow, links_of(uow, child, clerk))
    hear("case.barred", child, barred | {"officials": [HEAD.official, "o-late"]})
    with intake.unit_of_work() as uow:
        assert linking.bars_apart(uow, links_of(uow, child, clerk))

"""Linking, merging, splitting and undoing: what is kept, told and refused, and what two clerks at once come to."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from services.intake.domain.linking import Relation, UndoneFor
from services.intake.domain.submission import Petitioner
from services.intake.domain.viewing import Hidden
from services.intake.handlers import linking, looking
from services.intake.handlers.linking import earlier_of, family, links_of
from services.intake.workflow import LinkStage
from shared.errors import Conflict, Refused
from tests.integration.intake.intake_bus import CLERK, HEAD
from tests.integration.intake.intake_cases import AT, a_case, concluded
from tests.integration.intake.intake_links import case_of, linked, told_of, undone


@pytest.fixture
def cases(intake, vault) -> list[UUID]:
    """Three petitions, in the order of their registration."""
    return [a_case(intake, vault) for _ in range(3)]


def test_a_repeat_is_counted_along_the_chain_and_told_of_both_with_the_earlier_answers(intake, vault, cases, clerk, hear, told):
    first, second, third = cases
    hear("case.concluded", first, concluded())
    linked(intake, vault, clerk, first, second)  # named the other way round: the later one repeats
    linked(intake, vault, clerk, third, second)
    with intake.unit_of_work() as uow:
        assert [row["id"] for row in earlier_of(uow, vault, third, clerk)] == [first, second]
        assert [row["side"] for row in links_of(uow, second, clerk)] == ["repeated_by", "repeat_of"]
    data = [data for _, data in told_of(told, "case.linked")]
    assert [each["relation"] for each in data] == ["repeat_of", "repeated_by"] * 2
    assert [(each["case"], each["answer"]) for each in data[2]["earlier"]] == [(str(first), "造纸厂已取缔。"), (str(second), "")]
    assert data[0]["other_number"] == case_of(intake, first).number
    assert [each["earlier"] for each in (data[1], data[3])] == [[], []]


def test_the_same_link_twice_is_told_once_and_the_other_kind_is_refused(intake, vault, cases, clerk, told):
    first, second, _ = cases
    assert linked(intake, vault, clerk, second, first).id == linked(intake, vault, clerk, first, second).id
    with pytest.raises(Conflict):
        linked(intake, vault, clerk, second, first, Relation.JOINT_WITH)
    assert len(told_of(told, "case.linked")) == 2


def history(intake, clerk, case_id: UUID) -> list[tuple[Any, ...]]:
    """What the page of a petition says of its links: in force or undone, why, and by whom either."""
    with intake.unit_of_work() as uow:
        rows = links_of(uow, case_id, clerk)
    return [(row["stage"], row["undone_for"], (row["undone_by"] or {}).get("name"), row["linked_by"]["name"]) for row in rows]


def test_undoing_tells_both_keeps_the_history_and_happens_once(intake, vault, cases, clerk, told):
    first, second, third = cases
    link = linked(intake, vault, clerk, second, first)
    linked(intake, vault, clerk, third, second)
    for _ in range(2):
        undone(intake, vault, clerk, link.id, UndoneFor.ANOTHER_MATTER)
    assert [data["relation"] for _, data in told_of(told, "case.unlinked")] == ["repeat_of", "repeated_by"]
    with intake.unit_of_work() as uow:
        assert [row["id"] for row in earlier_of(uow, vault, third, clerk)] == [second]
    assert history(intake, clerk, first) == [("undone", "another_matter", CLERK.name, CLERK.name)]
    assert linked(intake, vault, clerk, second, first).id != link.id  # and may be linked anew
    assert len(told_of(told, "case.linked")) == 6


def test_an_undo_that_forgets_who_did_it_and_why_is_noticed(intake, vault, cases, clerk, monkeypatch):
    link = linked(intake, vault, clerk, cases[1], cases[0])
    monkeypatch.setattr(linking.domain, "undo", lambda link, **_: replace(link, stage=LinkStage.UNDONE))
    undone(intake, vault, clerk, link.id, UndoneFor.ANOTHER_MATTER)
    assert history(intake, clerk, cases[0]) != [("undone", "another_matter", CLERK.name, CLERK.name)]


def test_two_clerks_at_once_link_a_pair_once(intake, vault, cases, clerk, told):
    """One names the pair one way, one the other; each holds the rows in the same order, so neither waits for the other for ever."""
    first, second, _ = cases
    found: list[Any] = []
    gate = threading.Barrier(2)

    def work(pair: tuple[UUID, UUID], relation: Relation) -> None:
        gate.wait()
        try:
            found.append(linked(intake, vault, clerk, *pair, relation).id)
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


def test_the_database_itself_refuses_a_second_link_of_a_pair(intake, vault, cases, clerk, settings):
    first, second, third = cases
    linked(intake, vault, clerk, second, first)
    linked(intake, vault, clerk, second, first, Relation.MERGED_INTO)
    insert = "INSERT INTO intake.link SELECT gen_random_uuid(), %s, %s, %s, 'linked', why, linked_at, linked_by FROM intake.link LIMIT 1"
    for relation, case_id, other_id in (("joint_with", first, second), ("merged_into", second, third)):
        with (
            pytest.raises(psycopg2.errors.UniqueViolation),
            psycopg2.connect(settings.database_url) as owner,
            owner.cursor() as cursor,
        ):
            cursor.execute(insert, (relation, str(case_id), str(other_id)))


def seen_of(intake, vault, viewer, cases: list[UUID]) -> dict[str, list[int]]:
    """Which of three petitions the pages of the others name to a viewer, by their places in the list."""
    first, second, third = cases
    with intake.unit_of_work() as uow:
        seen = {
            "of first": [row["opposite"] for row in links_of(uow, first, viewer)],
            "of second": [row["opposite"] for row in links_of(uow, second, viewer)],
            "of third": [row["opposite"] for row in links_of(uow, third, viewer)],
            "before third": [row["id"] for row in earlier_of(uow, vault, third, viewer)],
            "repeats": sorted(row["id"] for row in looking.desk(uow, viewer, looking.Desk(queue="repeat"))[0]),
        }
    return {name: [cases.index(case_id) for case_id in found] for name, found in seen.items()}


EVERYTHING = {"of first": [1], "of second": [2, 0], "of third": [1], "before third": [0, 1], "repeats": [1, 2]}


@pytest.mark.parametrize(
    ("barred", "left"),
    [
        (0, {"of second": [2], "before third": [1], "repeats": [2]}),
        (1, {"of first": [], "of third": [], "before third": [0], "repeats": []}),
    ],
)
def test_whoever_is_barred_from_either_can_neither_link_nor_undo_nor_see_it(intake, vault, cases, clerk, hear, barred, left):
    first, second, third = cases
    link = linked(intake, vault, clerk, second, first)
    linked(intake, vault, clerk, third, second)
    assert seen_of(intake, vault, clerk, cases) == EVERYTHING
    hear("case.barred", cases[barred], {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    with pytest.raises(Hidden):
        undone(intake, vault, clerk, link.id)
    with pytest.raises(Hidden):
        linked(intake, vault, clerk, third, cases[barred], Relation.RELATED_TO)
    assert seen_of(intake, vault, clerk, cases) == EVERYTHING | left
    assert seen_of(intake, vault, replace(clerk, codes=frozenset({"o-other"})), cases) == EVERYTHING


# -- merging -----------------------------------------------------------------------------------------------------------
def test_a_merged_petition_gets_the_leads_answer_without_the_other_petitioners_name(intake, vault, cases, clerk, hear, told):
    lead, child = cases[0], a_case(intake, vault, petitioner=Petitioner(name="李梅"))
    link = linked(intake, vault, clerk, child, lead, Relation.MERGED_INTO)
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
    undone(intake, vault, clerk, link.id)
    with intake.unit_of_work() as uow:
        assert family(uow, vault, child) == (None, [])
        kinds = [row["kind"] for row in uow.all("SELECT kind FROM milestone WHERE case_id = %(id)s ORDER BY kind", id=child)]
    assert kinds == ["merged", "unmerged"]


def test_the_answer_of_a_lead_whose_petitioner_is_erased_is_not_shown(intake, vault, cases, clerk, hear, settings):
    lead, child, _ = cases
    linked(intake, vault, clerk, child, lead, Relation.MERGED_INTO)
    hear("case.concluded", lead, concluded())
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("UPDATE intake.sealed SET data_key = '' WHERE case_id = %s", (str(lead),))
    with intake.unit_of_work() as uow:
        found, _ = family(uow, vault, child)
    assert found is not None
    assert found["answer"] == ""


def test_a_petition_against_whoever_answers_the_lead_is_not_merged(intake, vault, cases, clerk, hear):
    lead, child, _ = cases
    barred = {"organisations": [], "officials": [HEAD.official], "barred_at": AT}
    hear("case.barred", child, barred)
    with pytest.raises(Refused):
        linked(intake, vault, clerk, child, lead, Relation.MERGED_INTO)
    hear("case.barred", lead, barred)
    linked(intake, vault, clerk, child, lead, Relation.MERGED_INTO)
    with intake.unit_of_work() as uow:
        assert not linking.bars_apart(uow, links_of(uow, child, clerk))
    hear("case.barred", child, barred | {"officials": [HEAD.official, "o-late"]})
    with intake.unit_of_work() as uow:
        assert linking.bars_apart(uow, links_of(uow, child, clerk))

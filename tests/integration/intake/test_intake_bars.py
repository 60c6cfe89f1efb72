"""Whoever is barred from a case finds it in no list and no figure; a list that left the bar out would be noticed."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from services.intake.handlers import drafts, looking
from services.intake.store import SQL
from tests.integration.intake.intake_cases import AT, a_case

WHERE = ("desk", "desk_counts", "case_of_number", "cases_of_numbers", "looks", "drafts_of", "count_drafts")


@pytest.fixture
def seen(intake, vault, clerk):
    """Where the clerk comes upon a case that he has opened, and begun to write the brief of."""
    case_id = a_case(intake, vault)
    with intake.unit_of_work() as uow:
        case, identifies = looking.open_petition(uow, case_id, clerk)
        looking.read_words(uow, vault, case, clerk, identifies=identifies)
        drafts.save(uow, vault, clerk, uuid4(), form="brief", fields={"title": "排污"}, case_id=case_id)

    def seen() -> set[str]:
        with intake.unit_of_work() as uow:
            asked = {
                "desk": looking.desk(uow, clerk, looking.Desk())[0], "desk_counts": looking.counts(uow, clerk)["unbriefed"],
                "case_of_number": looking.case_of_number(uow, clerk, case.number), "looks": looking.looks(uow, clerk)[0],
                "cases_of_numbers": uow.all(SQL["cases_of_numbers"], numbers=[case.number], codes=list(clerk.codes)),
                "drafts_of": drafts.mine(uow, vault, clerk), "count_drafts": drafts.count(uow, clerk),
            }  # fmt: skip
        return {name for name, found in asked.items() if found}

    return seen, case_id


def test_whoever_is_barred_comes_upon_the_case_nowhere(seen, hear):
    look, case_id = seen
    assert look() == set(WHERE)
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    assert look() == set()


@pytest.mark.parametrize("statement", WHERE)
def test_the_twin_that_leaves_the_bar_out_is_caught(seen, hear, monkeypatch, statement):
    nobody = "(SELECT * FROM bar_in_force WHERE false) AS b "
    monkeypatch.setitem(SQL, statement, re.sub(r"\bbar_in_force (b )?", nobody, SQL[statement]))
    with pytest.raises(AssertionError, match=rf"{{'{statement}'}} == set"):
        test_whoever_is_barred_comes_upon_the_case_nowhere(seen, hear)

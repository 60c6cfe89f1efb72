"""What of a form is kept as a draft."""

from __future__ import annotations

import pytest

from services.intake.domain.drafts import KEPT, LARGEST, Draft, brief_of, typed
from shared.errors import Refused
from tests.unit.intake.intake_builders import CASE, NOW

NAMES = frozenset({"title", "text"})


def test_only_the_forms_own_fields_that_say_something_are_kept():
    assert typed({"title": "井", "text": " ", "csrf_token": "x", "by_itself": "1"}, NAMES) == {"title": "井"}


def test_more_than_anybody_types_is_refused():
    assert typed({"text": "长" * LARGEST}, NAMES)
    with pytest.raises(Refused):
        typed({"text": "长" * LARGEST, "title": "又"}, NAMES)


def test_a_draft_is_kept_for_thirty_days_after_it_was_last_saved():
    assert Draft(id=CASE, form="letter", fields={}, saved_at=NOW).kept_until - NOW == KEPT


def test_each_clerk_has_one_draft_of_a_cases_brief():
    assert brief_of(CASE, "o-1") == brief_of(CASE, "o-1") != brief_of(CASE, "o-2")

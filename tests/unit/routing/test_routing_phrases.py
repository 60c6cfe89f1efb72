"""Standard phrases: what may stand in one, and what takes the place of its placeholders."""

from uuid import UUID

import pytest

from services.routing.domain import phrases
from services.routing.domain.phrases import LONGEST, MOST, PLACEHOLDERS, check, check_filled, check_room, fill, moved
from shared.errors import NotFound, Refused

A, B, C = (UUID(int=number) for number in (1, 2, 3))


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_phrase_is_kept_in_one_line_with_its_placeholders(name):
    assert check(f" 请{{{name}}}\n 办理。 ") == f"请{{{name}}} 办理。"


@pytest.mark.parametrize(
    "text", [" ", "字" * (LONGEST + 1), "请{who}办理", "请{}办理", "请{ unit }办理", "请{unit办理", "请unit}办理", "{{unit}}"]
)
def test_what_nothing_would_fill_is_refused_on_save(text):
    with pytest.raises(Refused) as refusal:
        check(text)
    assert refusal.value.field == "phrase"


def test_twenty_are_kept():
    check_room(MOST - 1)
    with pytest.raises(Refused):
        check_room(MOST)


def test_what_is_known_is_filled_and_the_rest_stays_open():
    assert fill("请{unit}{days}日内办理{other}", {"unit": "县环保局", "days": ""}) == "请县环保局{days}日内办理{other}"


def test_an_open_placeholder_is_no_instruction_and_other_braces_are_its_authors_own():
    check_filled("按 {附件一} 办理 {")
    with pytest.raises(Refused, match="days") as refusal:
        check_filled("请{days}日内办理")
    assert refusal.value.field == "text"


@pytest.mark.parametrize(
    ("one", "up", "order"), [(B, True, [B, A, C]), (B, False, [A, C, B]), (A, True, [A, B, C]), (C, False, [A, B, C])]
)
def test_a_phrase_moves_a_place_and_stays_at_the_end(one, up, order):
    assert moved([A, B, C], one, up=up) == order


def test_who_has_no_such_phrase_is_told_so():
    with pytest.raises(NotFound):
        moved([A, B], C, up=True)


def test_the_countys_phrases_are_held_to_the_same_rule():
    from services.routing.web.phrases import COUNTY

    assert [phrases.check(text) for text in COUNTY] == COUNTY

"""The tree of categories: what may be chosen on a day, what is only read, and what is refused when it is read in."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from services.intake.domain.categories import PATTERN, UNSORTED, Entry, Tree, Unfit, grown
from services.intake.site.categories import read_tree, standard
from shared.errors import Refused

DAY = date(2016, 11, 7)
WATER = Entry(code="environment.water", zh="水污染", en="Water")
LIGHT = Entry(code="environment.light", zh="光污染", en="Light", until=DAY - timedelta(days=1))
SOIL = Entry(code="environment.soil", zh="土壤", en="Soil", since=DAY + timedelta(days=1))
TREE = grown(
    [Entry(code="environment", zh="生态环境", en="Environment"), WATER, LIGHT, SOIL, Entry(code="land", zh="土地", en="Land")]
)
# What cases of the first release carry.
FLAT = ["environment", "land", "housing", "labour", "social_security", "education", "health", "traffic", "agriculture", "safety",
        "justice", "conduct", "other"]  # fmt: skip


def offered(tree: Tree, on: date) -> list[str]:
    return [entry.code for top, parts in tree.offered(on) for entry in (top, *parts)]


def test_a_category_may_be_chosen_from_its_first_day_to_its_last():
    assert offered(TREE, DAY) == ["environment", "environment.water", "land"]
    assert "environment.light" in offered(TREE, LIGHT.until)
    assert "environment.soil" in offered(TREE, SOIL.since)


def test_a_retired_top_level_takes_its_parts_along():
    tree = grown([Entry(code="environment", zh="生态", en="E", until=LIGHT.until), WATER])
    assert offered(tree, DAY) == []
    assert offered(tree, LIGHT.until) == ["environment", "environment.water"]


@pytest.mark.parametrize("code", [UNSORTED, "land", "environment.water"])
def test_what_is_offered_passes_and_so_does_nothing(code):
    assert TREE.check(code, DAY) == code


@pytest.mark.parametrize("code", ["water", "environment.fire", "environment.light", "environment.soil", "environment."])
def test_what_is_unknown_retired_or_not_yet_begun_is_refused_with_the_field(code):
    with pytest.raises(Refused) as refusal:
        TREE.check(code, DAY)
    assert (refusal.value.field, refusal.value.values["code"]) == ("category", code)


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("land", "土地", "Land"), ("environment.water", "生态环境 / 水污染", "Environment / Water"),
        ("environment.light", "生态环境 / 光污染", "Environment / Light"), ("environment.fire", "生态环境", "Environment"),
        ("water", "water", "water"), ("water.deep", "water.deep", "water.deep"),
    ],
)  # fmt: skip
def test_every_code_is_called_something_a_retired_one_too(code, zh, en):
    assert (TREE.name(code, "zh"), TREE.name(code, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("entries", "where"),
    [
        ([], (0, "code")), ([WATER], (0, "code")), ([Entry(code="land", zh="土地", en="Land")] * 2, (1, "code")),
        ([WATER, Entry(code="environment", zh="生态", en="E")], (0, "code")),
        ([Entry(code="land", zh="土地", en="Land", since=DAY, until=LIGHT.until)], (0, "until")),
    ],
)  # fmt: skip
def test_a_tree_with_a_code_twice_without_its_top_level_or_with_its_end_before_its_beginning_is_refused(entries, where):
    with pytest.raises(Unfit) as refusal:
        grown(entries)
    assert (refusal.value.place, refusal.value.field) == where


def test_what_a_county_left_out_is_read_and_no_longer_chosen():
    own = grown([Entry(code="environment", zh="环保", en="Green")], TREE.entries)
    assert offered(own, DAY) == ["environment"]
    assert own.name("environment.water", "zh") == "环保 / 水污染"
    assert own.name("land", "zh") == "土地"


def test_the_standard_tree_offers_every_code_of_the_first_release_and_names_all_in_both_languages():
    codes = offered(standard(), DAY)
    assert set(FLAT) <= set(codes)
    assert len(codes) == len(standard().entries) > 60
    for entry in standard().entries:
        assert any("\u4e00" <= sign <= "\u9fff" for sign in entry.zh), entry
        assert entry.en.isascii(), entry


def test_a_countys_own_file_is_read(tmp_path):
    (tmp_path / "own.yaml").write_text(
        "- {code: water, zh: 水务, en: Water, from: 2016-01-01, until: 2016-12-31}", encoding="utf-8"
    )
    tree = read_tree(tmp_path / "own.yaml")
    assert offered(tree, DAY) == ["water"]
    assert offered(tree, date(2017, 1, 1)) == []
    assert tree.name("environment.water", "zh") == "生态环境 / 水污染"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "Invalid input type"), ("[", "not YAML"), ("- {code: water, zh: 水务}", r"0\.en"), ("- {code: Water, zh: 水, en: W}", r"0\.code"),
        ("- {code: a.b.c, zh: 水, en: W}", r"0\.code"), ("- {code: water, zh: '', en: W}", r"0\.zh"),
        ("- {code: water, zh: 水, en: W, from: soon}", r"0\.from"), ("- {code: water, zh: 水, en: W, until: 2016-11-07 10:00:00}", r"0\.until"),
        ("- {code: water, zh: 水, en: W}\n- {code: water, zh: 水, en: W}", r"1\.code: water stands there twice"),
        ("- {code: water.deep, zh: 水, en: W}", r"0\.code: Its top level water"), ("- {code: water, zh: 水, en: W, name: x}", r"0\.name"),
        ("[]", r"0\.code"), ("- {code: water, zh: 水, en: W, from: 2017-01-01, until: 2016-01-01}", r"0\.until"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_names_the_file_the_line_and_the_field(tmp_path, text, where):
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(OSError, match=where) as refused:
        read_tree(tmp_path / "own.yaml")
    assert "own.yaml" in str(refused.value)


def test_bytes_that_are_not_utf_8_are_a_mistake_in_the_file(tmp_path):
    (tmp_path / "own.yaml").write_bytes("- {code: water, zh: 水务局, en: W}".encode("gb18030"))
    with pytest.raises(OSError, match="not YAML"):
        read_tree(tmp_path / "own.yaml")


def test_the_pattern_of_codes_fits_every_code_of_the_tree():

    assert all(re.fullmatch(PATTERN, entry.code) for entry in standard().entries)

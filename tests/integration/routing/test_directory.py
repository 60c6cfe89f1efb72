"""The directory from a file."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.routing.handlers.directory import BadDirectory, import_directory

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

# -- the directory --------------------------------------------------------------------------------------------------
GOOD = """
organisations:
  - {code: "431023", name: 永兴县, name_en: Yongxing County, has_instance: true}
  - {code: "431023-epb", name: 县环境保护局, name_en: Environmental Protection Bureau, superior: "431023"}
officials:
  - official: o-431023-new
    name: 新人
    posts: [{organisation: "431023-epb", title: 副局长, roles: [officer, unit_head]}]
"""


def test_an_import_tells_what_changed_and_a_second_one_tells_nothing(county):
    def told() -> list[str]:
        return [one.subject for one in county.told() if one.contract.name.startswith("directory.")]

    before = len(told())
    for expected in (2, 0):
        with county.work() as uow:
            assert import_directory(uow, GOOD, NOW).changed == expected
    assert sorted(told()[before:]) == ["431023-epb", "o-431023-new"]  # its superior changed; the county did not
    with county.work() as uow:
        import_directory(uow, GOOD.replace("副局长", "局长"), NOW)
    assert told()[before + 2 :] == ["o-431023-new"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('{code: "431023-epb",', '{code: "x y",', "organisations[1] x y code"),
        ("name: 新人", "nmae: 新人", "officials[0] o-431023-new nmae"),
        ("roles: [officer, unit_head]", "roles: [officer, king]", "officials[0] o-431023-new posts[0].roles[1]"),
        ('superior: "431023"}', 'superior: "999999"}', "organisations[1] 431023-epb superior"),
        ('superior: "431023"}', 'superior: "431023-epb"}', "循环"),
        ('organisation: "431023-epb", title', 'organisation: "431023-xyz", title', "officials[0] o-431023-new posts[0]"),
        ("roles: [officer, unit_head]", "roles: [first_in_command]", "unit_head"),
        ("officials:", "people:", "officials"),
        ("organisations:", "organisations: [", "YAML"),
    ],
)
def test_a_bad_directory_is_refused_with_the_entry_named_and_changes_nothing(county, old, new, says):
    assert old in GOOD
    with pytest.raises(BadDirectory) as refusal, county.work() as uow:
        import_directory(uow, GOOD.replace(old, new, 1), NOW)
    assert says in str(refusal.value)
    assert county.query("SELECT official FROM official WHERE official = 'o-431023-new'") == []


def test_an_entry_given_twice_is_refused(county):
    with pytest.raises(BadDirectory, match="重复"), county.work() as uow:
        import_directory(uow, GOOD + GOOD.split("officials:")[1], NOW)

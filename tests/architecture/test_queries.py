"""The named statements: each is used, and those that leave out what a reader is barred from ask in one way."""

import ast
import re
from pathlib import Path

import pytest

from shared import sql
from tests.architecture.test_house import ROOT, SERVICES

# Rows of `bar` are read and written as a table, by store.BARS; whoever asks for those in force asks the view.
# Lists that readers page through, and why no bar matters to them.
OPEN_LISTS = {
    "import_jobs": "names files of old cases, and no case", "unread_mails": "holds what is no case yet",
    "published_answers": "is read by everybody, and leaves out each case from which anybody is barred",
}  # fmt: skip
# Statements whose codes are looked up in the directory.
OF_DIRECTORY = {"names_of_codes", "organisations_among", "unknown_codes"}
BARE = re.compile(r"\b(?:FROM|JOIN|USING)\s+bar\b", re.IGNORECASE)


def statements(service: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in (ROOT / "services" / service).glob("queries*"):
        found |= sql.load(path)
    return found


def named_by(folder: Path) -> re.Pattern[str]:
    """Every string in a folder's code that could name a statement; what is filled into a key stands for any word."""
    nodes = [node for path in folder.rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    plain = {re.escape(node.value) for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    filled = {
        "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in node.values)
        for node in (each.slice for each in nodes if isinstance(each, ast.Subscript))
        if isinstance(node, ast.JoinedStr)
    }
    return re.compile("|".join(sorted(plain | filled)))


@pytest.mark.parametrize("service", SERVICES)
def test_every_named_statement_is_used(service: str) -> None:
    named = named_by(ROOT / "services" / service)
    assert [name for name in statements(service) if not named.fullmatch(name)] == []


def test_bars_are_asked_for_in_one_way() -> None:
    assert [name for name, statement in statements("intake").items() if BARE.search(statement)] == []


def regardless(found: dict[str, str]) -> set[str]:
    """Statements that list cases page by page without asking who reads, or are told who reads and do not ask for bars."""
    asks = re.compile(r"\bbar_in_force\b|\bcall_barred\(")
    paged = {name for name, statement in found.items() if " AS total" in statement and "%(codes)s" not in statement}
    told = {name for name, statement in found.items() if "%(codes)s" in statement and not asks.search(statement)}
    return paged | told


def test_no_list_forgets_who_is_barred() -> None:
    assert regardless(statements("intake")) == OPEN_LISTS.keys() | OF_DIRECTORY


# The rules themselves can fail:


def test_a_list_that_forgets_who_is_barred_is_noticed() -> None:
    desk = statements("intake")["desk"]
    assert regardless({"desk": desk}) == set()
    assert regardless({"desk": desk.replace("bar_in_force", "bars")}) == {"desk"}
    assert regardless({"desk": "SELECT id, count(*) OVER () AS total FROM petition"}) == {"desk"}


def test_a_bar_asked_for_in_another_way_is_noticed() -> None:
    assert BARE.search("AND NOT EXISTS (SELECT FROM bar b WHERE b.case_id = p.id)")
    assert BARE.search("FROM case c JOIN bar USING (case_id)")
    assert not BARE.search("SELECT FROM bar_in_force b WHERE b.case_id = p.id")


def test_a_statement_that_nobody_names_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text('uow.all(SQL["used"])  # "unused"\nuow.all(SQL[f"only_{name}"])\n')
    assert [name for name in ("used", "unused", "only_stage", "stage") if named_by(tmp_path).fullmatch(name)] == [
        "used",
        "only_stage",
    ]

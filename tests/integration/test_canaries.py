"""The search for what must not stand in the clear finds it, however it is written down."""

from __future__ import annotations

from pathlib import Path

import psycopg2
import pytest

from deploy.dev.database import Database
from tests import canaries
from tests.canaries import Leaked

PLANTED = "430123197001018888"  # not one of those that the whole run is searched for


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "unicode-escape"])
def test_a_name_in_a_log_or_an_attachment_is_found(tmp_path: Path, encoding: str) -> None:
    assert canaries.in_files(tmp_path) == []
    (tmp_path / "worker.log").write_bytes(b"x" * (1 << 20) + b"said " + canaries.NAME.encode(encoding) + b"\n")
    [found] = canaries.in_files(tmp_path)
    assert found.endswith("in worker.log")
    with pytest.raises(Leaked, match=r"worker\.log"):
        canaries.check([found])


def test_a_name_across_two_pieces_of_a_file_is_found(tmp_path: Path) -> None:
    name = canaries.NAME.encode()
    (tmp_path / "segment").write_bytes(b"x" * ((1 << 20) - len(name) // 2) + name)
    assert canaries.in_files(tmp_path) != []


@pytest.mark.parametrize("column", ["text", "jsonb", "bytea"])
def test_a_number_in_any_table_is_found(database: Database, column: str) -> None:
    url = database.create(f"canaries_{column}")
    owner = psycopg2.connect(url)
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA other; CREATE TABLE other.kept (id int, value {column})")
        cursor.execute("INSERT INTO other.kept VALUES (1, NULL)")
        assert [hit for hit in canaries.in_server(database.url(), [PLANTED]) if hit.startswith("canaries_")] == []
        words = f'{{"by": "{PLANTED}"}}'
        cursor.execute("INSERT INTO other.kept VALUES (2, %s)", (words.encode() if column == "bytea" else words,))
        found = canaries.in_server(database.url(), [PLANTED])
        cursor.execute("DROP TABLE other.kept; DROP SCHEMA other")
    owner.close()
    assert found == [f"canaries_{column}: other.kept"]

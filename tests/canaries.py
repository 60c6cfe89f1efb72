"""Invariant I8: what tells who a petitioner is stands nowhere in the clear, looked for after the whole run.

The words below are planted wherever tests register petitions: names, numbers, addresses, words of the text. They are then looked
for in every table of every database of the run (events, other schemas, logs of looks), and in every byte that the run's servers
and processes left on the disk: database files and their write-ahead log, the broker's queues, attachments, processes' logs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg2

from services.intake.domain.submission import Petitioner
from shared.errors import ZhidaError

NAME, ALIAS, PHONE, ID_NUMBER = "陈金丝雀", "网名金丝雀", "138-9988-7766", "430123198001018765"
EMAIL, ADDRESS, TEXT = "canary@example.org", "金丝雀巷十里洞七组", "金丝雀病了，药费没有着落"
IN_PICTURE = "金丝雀在照片里"  # as author, comment and place of photos and scans
PETITIONER = Petitioner(
    name=NAME, alias=ALIAS, phone=PHONE, id_number=ID_NUMBER, address=ADDRESS, email=EMAIL, representatives=(NAME,)
)
WORDS = (NAME, ALIAS, PHONE, "13899887766", ID_NUMBER, EMAIL, ADDRESS, TEXT, IN_PICTURE)
_STEM = "金丝雀"  # what most of the words hold: looked for first, for it is hardly ever there
_CHUNK = 1 << 20


class Leaked(ZhidaError, AssertionError):
    """What tells who a petitioner is stands in the clear."""


def patterns(words: Iterable[str] = WORDS) -> list[bytes]:
    """The words as they may stand in a file: UTF-8, UTF-16, GB18030, hexadecimal, and escaped as JSON does it."""
    found = set()
    for word in words:
        plain = word.encode()
        found |= {plain, plain.hex().encode(), word.encode("gb18030"), word.encode("utf-16-le")}
        found.add(word.encode("unicode-escape"))
    return sorted(found)


def in_files(folder: Path, words: Iterable[str] = WORDS) -> list[str]:
    """`word in file` for each file below a folder that holds one."""
    sought = _Sought(patterns(words), patterns(_stems(words)))
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    return [f"{hit!r} in {path.relative_to(folder)}" for path in files if (hit := _first(path, sought))]


class _Sought(NamedTuple):
    words: Sequence[bytes]
    stems: Sequence[bytes]


def _stems(words: Iterable[str]) -> set[str]:
    return {_STEM if _STEM in word else word for word in words}


def _first(path: Path, sought: _Sought) -> bytes | None:
    with path.open("rb") as file:
        kept = b""
        while chunk := file.read(_CHUNK):
            if hit := _hit(kept + chunk, sought):
                return hit
            kept = chunk[-200:]
    return None


def in_tables(query: Callable[..., list[tuple[Any, ...]]], words: Sequence[str] = WORDS) -> list[str]:
    """`schema.table` of each table that holds a word, as text, JSON, or bytes in any row.

    The rows are looked through here, for PostgreSQL's regular expressions take several times as long.
    """
    given = [
        [plain for word in some for plain in (word.encode(), word.encode().hex().encode())] for some in (words, _stems(words))
    ]
    sought = _Sought(*given)
    tables = query(
        "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables"
        " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    return [
        table
        for (table,) in tables
        if _hit("\n".join(row for (row,) in query(f"SELECT t::text FROM {table} t")).encode(), sought)
    ]


def _hit(data: bytes, sought: _Sought) -> bytes | None:
    """The first of the words in it; one search for each is four times as fast as one regular expression for all."""
    if not any(pattern in data for pattern in sought.stems):
        return None
    return next((pattern for pattern in sought.words if pattern in data), None)


def in_server(url: str, words: Sequence[str] = WORDS) -> list[str]:
    """The same of every database of a server; `url` is its owner's."""
    found = []
    with _asked(url) as query:
        names = query("SELECT datname FROM pg_database WHERE NOT datistemplate AND datallowconn")
    for (name,) in names:
        with _asked(f"{url.rpartition('/')[0]}/{name}") as query:
            found += [f"{name}: {table}" for table in in_tables(query, words)]
    return found


@contextmanager
def _asked(url: str) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    connection = psycopg2.connect(url)
    connection.autocommit = True

    def query(statement: str, *params: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall()

    try:
        yield query
    finally:
        connection.close()


def check(found: Sequence[str]) -> None:
    """Raise Leaked when something was found."""
    if found:
        raise Leaked(f"I8: {len(found)} places hold what tells who a petitioner is: {'; '.join(found[:10])}")

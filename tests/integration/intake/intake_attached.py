"""Forms that bring files, and what of them lies where."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from tests import canaries
from tests.integration.intake.intake_cases import PETITION, find, post

CANARY_NAME = f"{canaries.NAME}的控告信.jpg"
FORM = PETITION | {"identity": "named", "name": canaries.NAME}


def sent(*given: tuple[str, bytes]) -> list[tuple[io.BytesIO, str]]:
    """Files as a browser sends them: (name, bytes)."""
    return [(io.BytesIO(content), name) for name, content in given]


def submit(client: Any, *given: tuple[str, bytes], key: str = "", **changes: Any) -> Any:
    return post(client, "/submit", FORM | {"key": key or str(uuid4()), "files": sent(*given)} | changes)


def kept(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def rows(intake) -> list[dict[str, Any]]:
    with intake.unit_of_work() as uow:
        return uow.all("SELECT * FROM attachment ORDER BY position, id")


def case_of(intake) -> UUID:
    with intake.unit_of_work() as uow:
        return uow.one("SELECT id FROM petition")["id"]


def looks(intake) -> list[tuple[str, str]]:
    with intake.unit_of_work() as uow:
        return [(row["what"], row["purpose"]) for row in uow.all("SELECT * FROM look WHERE what = 'original' ORDER BY id")]


def leaks(settings, folder: Path, *words: str) -> list[str]:
    """Where words stand in the clear: files of the folder, tables of the database."""
    on_disk = [
        str(path) for path in kept(folder) if any(word.encode() in path.read_bytes() or word in path.name for word in words)
    ]
    return on_disk + [table for word in words for table in find(settings, word)]


def pictures(page: str) -> list[str]:
    """The addresses of the pictures on a page."""
    return [path.replace("&amp;", "&") for path in re.findall(r'<img src="([^"]+)"', page)]

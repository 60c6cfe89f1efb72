"""Words from the catalogue of the service that shows them: one Chinese word may have another English one in another service."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path

from flask import Blueprint, Flask, current_app, request
from flask_babel import Domain, get_domain

EXTENSION = "zhida-words"  # {blueprint: its catalogues}


def folders(app: Flask, parts: Iterable[Blueprint]) -> list[Path]:
    """Where the site's catalogues are; of two that know a word, the later has it."""
    return list(dict.fromkeys(found for part in (app, *parts) if (found := _own(Path(part.root_path)))))


def install(app: Flask, parts: Iterable[Blueprint]) -> None:
    """Pages of a part speak by its own catalogue, and by the others' where that does not know a word."""
    parts = list(parts)
    known = folders(app, parts)
    owners = {part.name: own for part in parts if (own := _own(Path(part.root_path)))}
    app.extensions[EXTENSION] = {name: _domain(known, own) for name, own in owners.items()}
    app.before_request(_begin)


def said(label: object, endpoint: str) -> str:
    """A label of another part's page, in that part's words; the request goes on in its own."""
    before = get_domain()
    domain = current_app.extensions[EXTENSION].get(endpoint.rpartition(".")[0], before)
    domain.as_default()
    try:
        return str(label)
    finally:
        before.as_default()


def _begin() -> None:
    if domain := current_app.extensions[EXTENSION].get(request.blueprint):
        domain.as_default()


def _own(root: Path) -> Path | None:
    """The folder of catalogues of the package or of the nearest one that it lies in."""
    packages = [root, *takewhile(lambda folder: (folder / "__init__.py").exists(), root.parents)]
    return next((found for each in packages if (found := each / "translations").is_dir()), None)


def _domain(known: list[Path], own: Path) -> Domain:
    return Domain([str(path) for path in sorted(known, key=lambda path: path == own)])

"""What a county decides about its intake: the file that ZHIDA_FILE_INTAKE names, a section for each topic.

    files: {folder: /srv/zhida/files, largest_mb: 25}

Without a file every section has its defaults. `docs/operations.md` lists the sections.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, post_load

from services.intake.domain.retention import Retention
from services.intake.site.files import Files, FilesSection
from services.intake.site.retention import RetentionSection
from shared.config import Settings


@dataclass(frozen=True, kw_only=True)
class Site:
    """The sections, read and checked."""

    files: Files
    retention: Retention

    def at(self, folder: Path) -> Site:
        """The same, with the paths that are not absolute taken from `folder`: the file's, or the one beside the keys."""
        return replace(self, files=replace(self.files, folder=folder / self.files.folder))


class SiteFile(Schema):
    """The whole file; a word that it does not know is a mistake, not a comment."""

    files = fields.Nested(FilesSection, load_default=lambda: FilesSection().load({}))
    retention = fields.Nested(RetentionSection, load_default=lambda: RetentionSection().load({}))

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Site:
        return Site(**data)


def read_site(settings: Settings) -> Site:
    """The site of this instance. Raises OSError, naming file, field and rule, when the file is missing or makes no sense."""
    path = settings.service_files.get("intake")
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) if path else None
        site: Site = SiteFile().load({} if given is None else given)
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise OSError(f"{path}: not YAML: {fault}") from fault
    except ValidationError as fault:
        raise OSError(f"{path}: {_first(fault.messages)}; see docs/operations.md") from fault
    return site.at(path.parent if path else settings.keys.parent)


def _first(messages: Any, where: str = "") -> str:
    """`boards.0.url: Not a valid URL.`: the first mistake and where it stands."""
    if isinstance(messages, dict):
        name, inner = next(iter(messages.items()))
        return _first(inner, f"{where}.{name}".strip(".") if name != "_schema" else where)
    return f"{where}: {messages[0] if isinstance(messages, list) else messages}"

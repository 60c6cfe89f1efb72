"""Where attachments lie, and how large one may be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields, post_load, validate


@dataclass(frozen=True, kw_only=True)
class Files:
    """`folder`: of the sealed files; `largest`: bytes of one file."""

    folder: Path
    largest: int


class FilesSection(Schema):
    """The section `files`."""

    folder = fields.String(load_default="files", validate=validate.Length(1))
    largest_mb = fields.Integer(load_default=25, validate=validate.Range(1, 200))

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Files:
        return Files(folder=Path(data["folder"]), largest=data["largest_mb"] * 2**20)

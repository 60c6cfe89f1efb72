"""Where attachments lie, how large they may be, and who looks for viruses in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields, post_load, validate


@dataclass(frozen=True, kw_only=True)
class Files:
    """`folder`: of the sealed files; `largest` and `together`: bytes of one file, of all files of one form.

    `clamd`: the virus scanner's socket, as a path or `host:port`; empty: there is none.
    """

    folder: Path
    largest: int
    together: int
    clamd: str


class FilesSection(Schema):
    """The section `files`."""

    folder = fields.String(load_default="files", validate=validate.Length(1))
    largest_mb = fields.Integer(load_default=25, validate=validate.Range(1, 200))
    together_mb = fields.Integer(load_default=60, validate=validate.Range(1, 500))
    clamd = fields.String(load_default="", validate=validate.Regexp(r"^(/.+|.+:\d{1,5})?$"))

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Files:
        return Files(
            folder=Path(data["folder"]),
            largest=data["largest_mb"] * 2**20,
            together=data["together_mb"] * 2**20,
            clamd=data["clamd"],
        )

"""What a process needs at hand to take files in: where they lie, how large they may be, and who looks for viruses in them."""

from __future__ import annotations

from dataclasses import dataclass

from services.intake.files.clamav import Scanner
from services.intake.files.filestore import FileStore, Folder
from services.intake.site.files import Files


@dataclass(frozen=True, kw_only=True)
class Cabinet:
    """The store, the limits, and the scanner if there is one."""

    store: FileStore
    limits: Files
    scanner: Scanner | None = None


def open_cabinet(files: Files) -> Cabinet:
    """The cabinet of an instance, by the section `files` of its site. Touches nothing yet."""
    return Cabinet(store=Folder(files.folder), limits=files, scanner=Scanner(files.clamd) if files.clamd else None)

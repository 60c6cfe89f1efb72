"""What `zhida doctor` looks at for intake: its file, the master key, room for attachments, the virus scanner."""

from __future__ import annotations

import os
import shutil

from services.intake.files.cabinet import open_cabinet
from services.intake.handlers.retention import wrapped_by
from services.intake.site import read_site
from services.intake.vault import keyring
from shared.config import Settings
from shared.operation import Check, NotLooked, reading
from shared.operation.checks import agree

FORMS = 20  # of the largest size, for which there has to be room
GB = 2**30


def site(settings: Settings) -> str:
    """ZHIDA_FILE_INTAKE, the files and secrets that it names."""
    found = read_site(settings)
    path = settings.service_files.get("intake", "no file, defaults")
    return f"{path}: {len(found.boards)} boards, {len(found.mail.accounts)} mail boxes"


def master_key(settings: Settings) -> str:
    """The keys in the folder are whole, and open every row."""
    ring = keyring.read_ring(settings.keys)
    here = {keyring.key_id(key) for key in (ring.master, *ring.older)}
    with reading(settings, "intake") as uow:
        rows = wrapped_by(uow)
    wrong = [
        f"{count} data keys need the master key {name}, which is not there" for name, count in rows.items() if name not in here
    ]
    return agree(wrong, f"{keyring.key_id(ring.master)} in force, {sum(rows.values())} data keys")


def room(settings: Settings) -> str:
    """The folder of the sealed attachments can be written, and has room."""
    files = read_site(settings).files
    there = next(path for path in (files.folder, *files.folder.absolute().parents) if path.exists())
    free, wanted = shutil.disk_usage(there).free, FORMS * files.together
    wrong = [
        *([f"{there} cannot be written"] if not os.access(there, os.W_OK | os.X_OK) else []),
        *([f"{free / GB:.1f} GB free, {FORMS} forms of the largest size take {wanted / GB:.1f}"] if free < wanted else []),
    ]
    return agree(wrong, f"{files.folder}: {free / GB:.1f} GB free{'' if files.folder.exists() else ', made with the first file'}")


def scanner(settings: Settings) -> str:
    """clamd answers."""
    found = open_cabinet(read_site(settings).files)
    if found.scanner is None:
        raise NotLooked("files.clamd is not set: files are not scanned")
    found.scanner.ping()
    return found.limits.clamd


CHECKS = (
    Check("intake: file", site, "docs/operations.md, What intake has to know."),
    Check("intake: master key", master_key, "Put the keys' folder back from its own backup; `zhida intake keys list`."),
    Check("intake: file store", room, "Make room, or another `folder` (section `files`), which the processes' user may write."),
    Check(
        "intake: virus scanner", scanner, "clamd and the socket that `clamd` names; files are taken meanwhile and scanned later."
    ),
)

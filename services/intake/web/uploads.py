"""Files that come with a form. Until they are sealed they stand in memory, or on the disk under a key that nobody keeps."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable
from typing import IO, Any, TypeVar

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR
from flask import current_app, request

from services.intake.domain.attachment import Kind
from services.intake.handlers.attachments import Prepared, Upload, prepare
from services.intake.web.common import blueprint, cabinet, costly_rate, public_rate

TEXTS = 2**20  # bytes of a form beside its files
WORDS_ALONE = 2**18  # bytes: the longest text that a form takes is smaller, however its characters are coded
_IN_MEMORY = 500_000
View = TypeVar("View", bound=Callable[..., Any])


def takes_files(view: View) -> View:
    """Let a view's form bring files, as many bytes as the site allows. Stands next to the route."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def files_rate() -> str:
    """How often one visitor may send this form: more seldom when it is larger than words are. Known before any of it is read."""
    size = request.content_length
    return costly_rate() if size is None or size > WORDS_ALONE else public_rate()


@blueprint.url_value_preprocessor
def make_room(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Before anything reads the form: how large it may be, and where its files stand meanwhile."""
    if request.method == "POST" and getattr(current_app.view_functions.get(endpoint or ""), "takes_files", False):
        request.max_content_length = cabinet().limits.together + TEXTS
        request.max_form_parts = 200
        request._get_file_stream = stream  # type: ignore[method-assign]


def received(field: str, kind: Kind | None = None) -> list[Upload]:
    """The files of one box of the form. `kind`: what pages in it are."""
    return [Upload(name=file.filename, content=file.read(), kind=kind) for file in request.files.getlist(field) if file.filename]


def taken_in() -> list[Prepared]:
    """What may be kept of the files of a petition's form. Raises Refused."""
    uploads = received("scans", Kind.SCAN) + received("envelope", Kind.ENVELOPE) + received("files")
    return prepare(cabinet(), uploads) if uploads else []


def stream(
    total_content_length: int | None, content_type: str | None, filename: str | None = None, content_length: int | None = None
) -> IO[bytes]:
    """Where a file of a form stands while it comes in: what a request's `_get_file_stream` does."""
    small = total_content_length is not None and total_content_length <= _IN_MEMORY
    return io.BytesIO() if small else Veiled()  # type: ignore[return-value]


class Veiled(io.RawIOBase):
    """A file without a name that is written once and then read from its beginning; its key is in this object alone."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (closed with this object)
        self._cipher = Cipher(AES256(os.urandom(32)), CTR(os.urandom(16)))
        self._writing: CipherContext = self._cipher.encryptor()
        self._reading: CipherContext = self._cipher.decryptor()

    def writable(self) -> bool:
        """Once, from the beginning."""
        return True

    def readable(self) -> bool:
        """After `seek(0)`."""
        return True

    def write(self, data: Any) -> int:
        """Append."""
        self._file.write(self._writing.update(bytes(data)))
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """To the beginning. Raises UnsupportedOperation for any other place."""
        if (offset, whence) != (0, 0):
            raise io.UnsupportedOperation("read from the beginning")
        self._reading = self._cipher.decryptor()
        return self._file.seek(0)

    def read(self, size: int = -1) -> bytes:
        """The next bytes, or all that are left."""
        return self._reading.update(self._file.read(size))

    def close(self) -> None:
        """Forget it."""
        self._file.close()
        super().close()

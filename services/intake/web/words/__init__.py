"""Words for codes, in the reader's language; a module for each topic."""

from __future__ import annotations

from typing import Any

from services.intake.web.words import (
    attachments,
    boards,
    correspondence,
    duty,
    imports,
    linking,
    petition,
    published,
    reception,
)

WORDS: dict[str, dict[str, Any]] = {
    **petition.WORDS,
    **attachments.WORDS,
    **published.WORDS,
    **duty.WORDS,
    **correspondence.WORDS,
    **boards.WORDS,
    **reception.WORDS,
    **linking.WORDS,
    **imports.WORDS,
}

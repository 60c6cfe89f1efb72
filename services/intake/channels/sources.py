"""Everything that fetches or listens by itself, composed of what the site's file names: one function for each topic."""

from __future__ import annotations

from collections.abc import Callable

from services.intake.channels import boards, mailboxes, smtp
from services.intake.channels.fetchers import Fetcher, Office

SOURCES: tuple[Callable[[Office], list[Fetcher]], ...] = (smtp.fetchers, mailboxes.fetchers, boards.fetchers)


def fetchers(office: Office) -> list[Fetcher]:
    """All of them. Raises OSError when the site's file names something that is not there."""
    return [found for source in SOURCES for found in source(office)]

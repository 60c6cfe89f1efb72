"""What is believed of a message before anybody looks into it: who sent it, and that it can be written down."""

from __future__ import annotations

import re

from shared.contract import Event


def storable(event: Event) -> bool:
    """Whether the envelope can be written down: PostgreSQL's texts hold neither NUL nor half a character, its numbers end at 2^63."""
    text = event.stream + event.subject
    whole = "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
    return whole and 0 < event.sequence < 2**63 and event.time.tzinfo is not None


def may_speak(source: str, user: str | None, *, own_user: str, org: str) -> bool:
    """Whether a user of the broker may speak for a source (decision 3).

    A user `<org>.<service>` speaks for that service, `<org>` for its subtree, the instance's own link for whoever its
    superior lets speak. An installation with one user for all its services trusts that user.
    """
    if user is None:
        return False
    if user == f"{org}.link" or (user == own_user and not user.startswith(f"{org}.")):
        return True
    speaker, _, service = user.partition(".")
    if service:
        return source == f"/{speaker}/{service}"
    return re.fullmatch(subtree(speaker), source.split("/")[1]) is not None


def subtree(code: str) -> str:
    """The codes that lie under one, as a pattern: a national code goes on in further digits, a department's behind a hyphen alone."""
    return rf"{re.escape(code)}[^.]*" if code.isdigit() else rf"{re.escape(code)}(-[^.]*)?"

"""Figures of intake; none of them knows a person."""

from __future__ import annotations

from prometheus_client import Counter

_REGISTERED = Counter("zhida_petitions_registered", "Petitions registered", ["channel"])
_MAILS = Counter("zhida_mails_taken", "Mails taken in, by what became of them", ["result"])
_MESSAGES = Counter("zhida_messages", "Tries to send a message to a petitioner, by result", ["result"])
_HIDDEN = Counter("zhida_hidden_cases_refused", "Tries of officials to open a case that is not theirs to see")


def record_registration(channel: str) -> None:
    """A petition was registered and committed."""
    _REGISTERED.labels(channel).inc()


def record_mail(result: str) -> None:
    """A mail was `registered`, a `repeat`, or kept as `unread`."""
    _MAILS.labels(result).inc()


def record_message(result: str) -> None:
    """A message was `mailed`, `shown`, or not sent for this reason."""
    _MESSAGES.labels(result).inc()


def record_hidden() -> None:
    """An official tried to open a case that is barred or not theirs."""
    _HIDDEN.inc()

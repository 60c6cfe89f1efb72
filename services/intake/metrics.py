"""Figures of intake; none of them knows a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from prometheus_client import Counter, Gauge

_REGISTERED = Counter("zhida_petitions_registered", "Petitions registered", ["channel"])
_MAILS = Counter("zhida_mails_taken", "Mails taken in, by what became of them", ["result"])
_MESSAGES = Counter("zhida_messages", "Tries to send a message to a petitioner, by result", ["result"])
_UNSENT = Gauge("zhida_oldest_message_seconds", "For how long the oldest message to a petitioner has waited")
_BOX = Gauge(
    "zhida_mailbox_last_success_timestamp", "When a mail box was last read to its end, in seconds since 1970", ["account"]
)
_BOX_FAILURES = Counter("zhida_mailbox_failures", "Times that a mail box could not be reached or broke off", ["account"])
_IMPORTED = Counter("zhida_import_rows", "Rows of old lists, by what became of them", ["result"])
_HIDDEN = Counter("zhida_hidden_cases_refused", "Tries of officials to open a case that is not theirs to see")

_TELEPHONE = Counter("zhida_telephone_messages", "Messages of telephone systems, by what became of them", ["result"])
_GAP = Gauge("zhida_duty_gap_seconds", "Seconds of the next seven days in which nobody is on duty at a line", ["line"])
_CALL_BACKS = Gauge("zhida_call_backs", "Missed callers to ring back: all that wait, and those whose limit is over", ["state"])
_BOARD_SUCCESS = Gauge(
    "zhida_board_last_success_timestamp", "When a board last gave what it has, seconds of the epoch", ["board"]
)
_BOARD_FAILURES = Counter("zhida_board_failures", "Times a board could not be fetched or read, by reason", ["board", "reason"])
_BOARD_ITEMS = Counter("zhida_board_items", "Posts that a board gave, by what became of them", ["board", "result"])
_REPLIES = Counter("zhida_board_replies", "Tries to post an answer back, by result", ["board", "result"])

for _result in ("taken", "repeat", "unread"):
    _TELEPHONE.labels(_result)
for _channel in ("letter", "visit", "call", "email", "post"):
    _REGISTERED.labels(_channel)


def expect_mailbox(account: str) -> None:
    """A mail box will be read; from now on it is late when it is not, also if it never was."""
    _BOX.labels(account).set_to_current_time()
    _BOX_FAILURES.labels(account)


def expect_board(board: str) -> None:
    """A board will be fetched; the same holds."""
    _BOARD_SUCCESS.labels(board).set_to_current_time()


def record_registration(channel: str) -> None:
    """A petition was registered and committed."""
    _REGISTERED.labels(channel).inc()


def record_mail(result: str) -> None:
    """A mail was `registered`, `joined` its case, a `repeat`, or kept as `unread`."""
    _MAILS.labels(result).inc()


def record_message(result: str) -> None:
    """A message was `mailed`, `shown`, or not sent for this reason."""
    _MESSAGES.labels(result).inc()


def record_unsent(seconds: float) -> None:
    """For how long the oldest message to a petitioner has waited."""
    _UNSENT.set(seconds)


def record_hidden() -> None:
    """An official tried to open a case that is barred or not theirs."""
    _HIDDEN.inc()


def record_telephone(result: str) -> None:
    """A telephone system's message was `taken`, a `repeat`, or kept as `unread`."""
    _TELEPHONE.labels(result).inc()


def record_gap(line: str, seconds: float) -> None:
    """How long nobody is on duty at a line in the next seven days."""
    _GAP.labels(line).set(seconds)


def record_call_backs(waiting: int, overdue: int) -> None:
    """How many missed callers wait to be rung back."""
    _CALL_BACKS.labels("waiting").set(waiting)
    _CALL_BACKS.labels("overdue").set(overdue)


def record_mailbox(account: str) -> None:
    """A mail box was read to its end."""
    _BOX.labels(account).set_to_current_time()


def record_mailbox_failure(account: str) -> None:
    """A mail box could not be reached, or the connection broke."""
    _BOX_FAILURES.labels(account).inc()


def record_board_success(board: str, at: datetime) -> None:
    """A board was fetched, or called us, and everything that it gave is committed."""
    _BOARD_SUCCESS.labels(board).set(at.timestamp())


def record_board_failure(board: str, reason: str) -> None:
    """A board could not be fetched or read, or somebody called in its name."""
    _BOARD_FAILURES.labels(board, reason).inc()


def record_board_items(board: str, results: Mapping[str, int]) -> None:
    """So many posts became `waiting`, `unread`, `registered`, `edited`, `repeated` or `passed_over`."""
    for result, count in results.items():
        _BOARD_ITEMS.labels(board, result).inc(count)
    if results.get("registered"):
        _REGISTERED.labels("post").inc(results["registered"])


def record_reply(board: str, result: str) -> None:
    """A try to post an answer back: `sent`, or why not."""
    _REPLIES.labels(board, result).inc()


def record_import(result: str, rows: int) -> None:
    """So many rows of old lists were registered as `open` or `finished`, were known (`again`), or `failed`."""
    _IMPORTED.labels(result).inc(rows)

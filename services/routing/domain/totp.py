"""One-time passwords by time (RFC 6238) as the second factor of local accounts, and the recovery codes beside them."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote

from services.routing.domain.slowing import wait_after

PERIOD = 30  # seconds
DIGITS = 6
WINDOW = 1  # steps by which a telephone's clock may differ, either way
SECRET_BYTES = 20  # RFC 4226: as long as the hash
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
FREE_TRIES = 5
LONGEST_WAIT = timedelta(hours=1)
STEP = timedelta(minutes=10)  # how long a right password waits for its code


@dataclass(frozen=True, kw_only=True)
class Factor:
    """An official's second factor; in force once `confirmed_at` is set. `last_step`: no code of it or before is taken any more.

    Failures count over all addresses: whoever gets as far as the code knows the password.
    """

    official: str
    secret: bytes  # sealed
    made_at: datetime
    not_before: datetime
    confirmed_at: datetime | None = None
    last_step: int = 0
    failures: int = 0

    def wait(self, now: datetime) -> timedelta:
        """How long the next try has to wait."""
        return max(self.not_before - now, timedelta(0))

    def failed(self, now: datetime) -> Factor:
        """After a wrong code: five in a row are free, then the wait doubles up to an hour."""
        failures = self.failures + 1
        return replace(self, failures=failures, not_before=now + wait_after(failures, FREE_TRIES, LONGEST_WAIT))

    def succeeded(self, step: int | None, now: datetime) -> Factor:
        """After a right code of this step, or a recovery code (None)."""
        last = self.last_step if step is None else step
        return replace(self, failures=0, not_before=now, last_step=last, confirmed_at=self.confirmed_at or now)


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a step (HMAC-SHA-1, as every app has it)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of(now: datetime) -> int:
    """The step of an instant."""
    return int(now.timestamp()) // PERIOD


def matching_step(secret: bytes, typed: str, last_step: int, now: datetime) -> int | None:
    """The step whose code was typed, if it was not used yet and is near enough; compared in constant time."""
    here, found = step_of(now), None
    for step in range(here - WINDOW, here + WINDOW + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), plain(typed).encode()) and step > last_step:
            found = step
    return found


def plain(typed: str) -> str:
    """A code as it is compared: without the blanks and hyphens that people type, in capitals."""
    return "".join(sign for sign in typed if sign.isalnum()).upper()


def secret_text(secret: bytes) -> str:
    """The secret as it is typed into an app."""
    return base64.b32encode(secret).decode().rstrip("=")


def address(secret: bytes, official: str, issuer: str) -> str:
    """What the square shows: otpauth://, with the account's name and the site's."""
    label = quote(f"{issuer}:{official}")
    return f"otpauth://totp/{label}?secret={secret_text(secret)}&issuer={quote(issuer)}&algorithm=SHA1&digits={DIGITS}&period={PERIOD}"


def recovery_code(random: bytes) -> str:
    """A recovery code as it is shown: four groups of four."""
    text = base64.b32encode(random).decode()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def is_required(roles: Iterable[str], policy: frozenset[str]) -> bool:
    """Whether the site demands a second factor of who holds these roles."""
    return not policy.isdisjoint(roles)

"""Keys that officials sign replies with: one in force for each at a time, and what a signature by one is worth.

The private half is sealed under its owner's PIN (`services/routing/pins.py`) and nothing here ever sees it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.routing.domain.reply import Reply, canonical, verify
from services.routing.domain.slowing import wait_after
from shared.contract.signature import KEYED
from shared.errors import Conflict, Refused

SHORTEST, LONGEST = 6, 64  # characters of a PIN
REASONS = ("replaced", "lost", "left", "suspected")
MOST_TRIES = 10  # wrong PINs in a row: then the key has to be made anew
_RUNS = (
    "01234567890",
    "09876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "qwertyuiop",
    "147258369",
    "159357",
)


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """The public half. `instance` told of it: only what comes from there can be signed with it."""

    key_id: UUID
    official: str
    instance: str
    alg: str
    public: str
    begins: datetime
    ends: datetime | None = None
    reason: str | None = None

    def in_force(self, at: datetime) -> bool:
        """Whether it could be signed with at this instant."""
        return self.begins <= at and (self.ends is None or at < self.ends)


class Signer(Protocol):
    """The person responsible with his key open."""

    @property
    def key_id(self) -> UUID:
        """Which key."""

    def sign(self, text: bytes) -> bytes:
        """The signature over these bytes."""


def check_pin(pin: str, official: str, name: str) -> None:
    """Refuse a PIN that somebody would guess first. Raises Refused."""
    plain = pin.lower()
    if not SHORTEST <= len(pin) <= LONGEST:
        raise Refused("pin", "签名口令须为%(least)s至%(most)s位。", "请重新设定。", least=SHORTEST, most=LONGEST)
    if len(set(plain)) < 3 or any(plain in run for run in _RUNS) or _repeats(plain):
        raise Refused("pin", "签名口令不能是连续、重复的数字或字母。", "请换一个别人猜不到的口令。")
    if plain in official.lower() or official.lower() in plain or name.lower() in plain:
        raise Refused("pin", "签名口令不能是账号或姓名。", "请换一个口令。")


def _repeats(text: str) -> bool:
    """Whether it is one short piece over and over: 123123, abab12 is not."""
    return any(text == text[:size] * (len(text) // size) for size in range(1, len(text) // 2 + 1))


def tried(failures: int, now: datetime) -> tuple[int, datetime]:
    """One try more, counted as a failure until it has succeeded: how many there are, and before when none may follow.

    Raises Refused when the key is used up.
    """
    if failures >= MOST_TRIES:
        raise Refused("pin", "签名口令连续输错%(most)s次，签名密钥已停用。", "请到“签名口令”重新设定。", most=MOST_TRIES)
    return failures + 1, now + wait_after(failures + 1)


def end(key: SigningKey, reason: str, *, at: datetime) -> SigningKey:
    """The key's end; what was signed before stays as it is. Raises Conflict when it has ended already."""
    if key.ends is not None:
        raise Conflict("key", "该签名密钥已经停用。", "请刷新页面后重试。")
    if reason not in REASONS:
        raise Refused("reason", "停用原因不在可选范围内。", "请选择一项原因。")
    return replace(key, ends=max(at, key.begins), reason=reason)


def believed(known: SigningKey | None, told: SigningKey, others: Iterable[SigningKey]) -> SigningKey:
    """The key as another instance tells of it, if it says nothing else than before: a key ends once and never changes.

    Raises Refused. `others` are the official's other keys of that instance: two are never in force at once.
    """
    if known is None:
        if told.alg != KEYED or not _loads(told.public):
            raise Refused("alg", "签名密钥的算法或内容无法识别。", "请由来源单位核对后重新登记。")
        if any(told.in_force(other.begins) or other.in_force(told.begins) for other in others):
            raise Refused("from", "该人员在同一时间已有另一把签名密钥。", "请由来源单位核对后重新登记。")
    elif replace(told, ends=known.ends, reason=known.reason) != known or (known.ends and told.ends != known.ends):
        raise Refused("key_id", "所报签名密钥与此前登记的不符。", "请由来源单位核对。")
    if told.ends is not None and told.ends < told.begins:
        raise Refused("until", "签名密钥的停用时间早于启用时间。", "请由来源单位核对。")
    return told


def genuine(reply: Reply, key: SigningKey) -> bool:
    """Whether the signature over the reply's canonical form was made with this key."""
    try:
        value = base64.b64decode(reply.signature.get("value") or "", validate=True)
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key.public)).verify(value, canonical(reply))
    except (InvalidSignature, ValueError):
        return False
    return True


def standing(reply: Reply, key: SigningKey | None, *, instance: str, owed: bool) -> str:
    """What a reply's signature is worth: `keyed`, or `hashed` from before its signer had a key; else what is wrong.

    `altered`: hash or signature does not fit; `unkeyed`: the signer had got a key by then (`owed`) and did not use one; `unknown_key`: it is not
    known, or not this official's in this instance; `not_in_force`: it began later, or had ended.
    """
    signature = reply.signature
    if not verify(reply):
        return "altered"
    if signature["alg"] != KEYED:
        return "unkeyed" if owed else "hashed"
    if key is None or (key.official, key.instance) != (signature["official"], instance):
        return "unknown_key"
    if not genuine(reply, key):
        return "altered"
    return "keyed" if key.in_force(reply.replied_at) else "not_in_force"


SOUND = frozenset({"keyed", "hashed"})


def instant_of_key(now: datetime) -> datetime:
    """When a key begins or ends: told in milliseconds, as the instants are that are signed."""
    return now - timedelta(microseconds=now.microsecond % 1000)


def _loads(public: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
    except ValueError:
        return False
    return True

"""Keys that replies are signed with: made, ended, told upward, and asked for by their PIN.

What is slow, sealing and opening a key, is `pins.py`, in the web process. Keys begin and end in business time; tries count in real
time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from services.routing import domain, pins, store
from services.routing.domain import Assignment, Reply, SigningKey, keys
from services.routing.handlers.common import log, logged
from services.routing.handlers.events import moment
from shared.contract.envelope import Event, instant
from shared.contract.signature import KEYED
from shared.database import UnitOfWork
from shared.directory import OFFICIALS
from shared.errors import Forbidden, NotFound, NotYet, Refused


class Try(NamedTuple):
    """A try to open a key: the sealed key, None when the official has none, or how long to wait first."""

    sealed: pins.Sealed | None
    wait: timedelta = timedelta(0)


def key_in_force(uow: UnitOfWork, official: str, instance: str, at: datetime) -> SigningKey | None:
    """The key that an official of `instance` signs with at this instant, not locked."""
    return next((key for key in keys_of(uow, official, instance) if key.in_force(at)), None)


def keys_of(uow: UnitOfWork, official: str, instance: str) -> list[SigningKey]:
    """An official's keys of one instance, the oldest first, not locked."""
    uow.flush(store.SIGNING_KEYS)
    return [SigningKey(**row) for row in uow.all(store.SQL["signing_keys_of"], official=official, instance=instance)]


@logged
def set_key(uow: UnitOfWork, official: str, public: str, sealed: pins.Sealed) -> SigningKey:
    """Take a new key into force in place of the one before. Raises Forbidden for who is not active or works elsewhere."""
    directory = store.directory(uow)
    posts = directory.active(official).posts
    if all(directory.works_elsewhere(post.organisation) for post in posts):
        raise Forbidden("official", "签名口令在本人办理公务的系统中设定。", "请登录本单位的系统设定。")
    uow.rows(OFFICIALS).get(official)  # the lock of what is told of him
    now = keys.instant_of_key(uow.now)
    for earlier in uow.rows(store.SIGNING_KEYS).where("official = %s AND instance = %s AND ends IS NULL", official, uow.org):
        _end(uow, earlier, "replaced", now)
    uow.flush(store.SIGNING_KEYS)
    key = SigningKey(key_id=sealed.key_id, official=official, instance=uow.org, alg=KEYED, public=public, begins=now)
    uow.rows(store.SIGNING_KEYS).put(key)
    uow.flush(store.SIGNING_KEYS)
    uow.all(store.SQL["keep_sealed_key"], **vars(sealed))
    _tell(uow, key)
    return key


@logged
def end_key(uow: UnitOfWork, key_id: UUID, by: str, reason: str) -> SigningKey:
    """End a key: an administrator anybody's, everybody his own. Raises Forbidden, NotFound, Conflict, Refused."""
    found = uow.one(store.SQL["official_of_key"], key=key_id, own=uow.org)
    if found is None:
        raise NotFound("key", "没有找到该签名密钥。", "请核对后重试；其他单位的密钥由其自行停用。")
    if found["official"] != by:
        store.directory(uow).acting(by, "administrator")
    uow.rows(OFFICIALS).get(found["official"])
    key = uow.rows(store.SIGNING_KEYS).get(key_id)
    if key is None:  # it is never deleted
        raise NotFound("key", "没有找到该签名密钥。", "请核对后重试；其他单位的密钥由其自行停用。")
    log.info("signing key %s of %s ended by %s: %s", key_id, key.official, by, reason)
    return _end(uow, key, reason, keys.instant_of_key(uow.now))


def _end(uow: UnitOfWork, key: SigningKey, reason: str, now: datetime) -> SigningKey:
    ended = uow.rows(store.SIGNING_KEYS).put(keys.end(key, reason, at=now))
    uow.all(store.SQL["drop_sealed_key"], key=key.key_id)
    _tell(uow, ended)
    return ended


def _tell(uow: UnitOfWork, key: SigningKey) -> None:
    """To the superior, who will read what is signed with it; its own instance knows already."""
    known = store.directory(uow).organisations.get(uow.org)
    told = {
        "official": key.official, "key_id": str(key.key_id), "alg": key.alg, "public": key.public, "from": instant(key.begins),
        "until": instant(key.ends) if key.ends else None, "reason": key.reason,
    }  # fmt: skip
    uow.tell("directory.signing_key_recorded", key.official, told, addressee=known.superior if known else None)


def begin_try(uow: UnitOfWork, official: str, now: datetime) -> Try:
    """Count a try as failed before its PIN is looked at, so that tries side by side cannot outrun the count.

    `now` is real time. Raises Refused when too many have failed: the key has to be made anew.
    """
    row = uow.one(store.SQL["lock_sealed_key"], official=official)
    if row is None:
        return Try(None)
    failures, not_before = row.pop("failures"), row.pop("not_before")
    if not_before is not None and not_before > now:
        return Try(None, not_before - now)
    failures, not_before = keys.tried(failures, now)
    uow.all(store.SQL["count_pin_tries"], official=official, failures=failures, not_before=not_before)
    return Try(pins.Sealed(**row | {name: bytes(row[name]) for name in ("salt", "nonce", "sealed")}))


def end_try(uow: UnitOfWork, official: str) -> None:
    """The PIN was right: what failed before is forgotten."""
    uow.all(store.SQL["count_pin_tries"], official=official, failures=0, not_before=None)


def check_signer(uow: UnitOfWork, official: str, signer: keys.Signer | None) -> None:
    """Refuse a reply that is not signed with the key in force. Who ever had a key does not go back to none. Raises Refused."""
    known = keys_of(uow, official, uow.org)
    key = next((one for one in known if one.in_force(uow.now)), None)
    if key is None and (known or signer):
        raise Refused("pin", "签名密钥已停用。", "请重新设定签名口令。")
    if key is not None and (signer is None or signer.key_id != key.key_id):
        raise Refused("pin", "您已设定签名口令，回复须用它签名。", "请输入签名口令。")


# -- what other instances tell ----------------------------------------------------------------------------------------
def recorded(event: Event, uow: UnitOfWork) -> None:
    """directory.signing_key_recorded: believed of an instance below, of officials in its own subtree. Raises Refused."""
    if event.organisation == uow.org:
        return
    data, directory = event.data, store.directory(uow)
    posts = domain.posts_of(data["official"], directory)
    if not directory.within(event.organisation, uow.org):
        raise Refused("source", "来源%(source)s不是本单位的下级。", "请由本人所在单位登记。", source=event.source)
    if not any(directory.within(post, event.organisation) for post in posts):
        raise Refused("source", "来源%(source)s登记的签名密钥属于其他单位的人员。", "请由本人所在单位登记。", source=event.source)
    uow.rows(OFFICIALS).get(data["official"])
    told = SigningKey(
        key_id=UUID(data["key_id"]), official=data["official"], instance=event.organisation, alg=data["alg"], public=data["public"],
        begins=moment(data["from"]), ends=moment(data["until"]) if data.get("until") else None, reason=data.get("reason"),
    )  # fmt: skip
    known = uow.rows(store.SIGNING_KEYS).get(told.key_id)
    others = keys_of(uow, told.official, told.instance)
    uow.rows(store.SIGNING_KEYS).put(keys.believed(known, told, others))


def check_told(uow: UnitOfWork, reply: Reply, assignment: Assignment) -> None:
    """Refuse a reply of another instance whose signature is not its signer's own, by the key in force at that instant.

    Raises NotYet while the key has not been told of.
    """
    found = standing(uow, reply, assignment.instance)
    if found == "unknown_key" and reply.signature.get("key_id") and not _known(uow, reply.signature["key_id"]):
        raise NotYet(f"assignment.replied before the key {reply.signature['key_id']} that it is signed with")
    if found not in keys.SOUND:
        raise Refused("signature", "署名无法用责任人当时的签名密钥验证。", "请由责任人重新署名回复。")


def _known(uow: UnitOfWork, key_id: str) -> bool:
    return bool(uow.all(store.SQL["signing_keys"], keys=[UUID(key_id)]))


def standing(uow: UnitOfWork, reply: Reply, instance: str) -> str:
    """What a reply's signature is worth (`keys.standing`)."""
    known = keys_of(uow, reply.signature["official"], instance)
    return _standing(reply, known, instance)


def standings(uow: UnitOfWork, replies: Iterable[tuple[Reply, str]]) -> Mapping[UUID, str]:
    """The same for many, each with the instance that it was signed in; by the reply's id, read in one statement."""
    replies = list(replies)
    rows = uow.all(store.SQL["signing_keys_of_many"], officials=sorted({reply.signature["official"] for reply, _ in replies}))
    known = [SigningKey(**row) for row in rows]
    return {reply.id: _standing(reply, known, instance) for reply, instance in replies}


def _standing(reply: Reply, known: Iterable[SigningKey], instance: str) -> str:
    mine = [key for key in known if (key.official, key.instance) == (reply.signature["official"], instance)]
    used = next((key for key in mine if str(key.key_id) == reply.signature.get("key_id")), None)
    owed = any(key.begins <= reply.replied_at for key in mine)  # an ended key is no way back to none
    return keys.standing(reply, used, instance=instance, owed=owed)


HEARS: dict[str, Any] = {"directory.signing_key_recorded": recorded}

"""Verifying a signed reply by its id or from a file, with the keys that this instance knows: never with one that the file brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from services.routing import store
from services.routing.domain import Reply
from services.routing.domain.keys import SOUND
from services.routing.domain.reply import as_told
from services.routing.handlers import signing
from services.routing.handlers.events import moment
from services.routing.store import REPLIES
from shared.contract import EVENTS
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused


class Verified(NamedTuple):
    """What a look at a signature came to; `standing` as in `domain.keys.standing`.

    Of a file also `unproven`: it is not the reply that is kept here, and by its hash alone, or a key that has ended since, anybody may have
    made it.
    """

    reply: Reply
    instance: str
    standing: str

    @property
    def sound(self) -> bool:
        """Whether the reply is what the signer signed."""
        return self.standing in SOUND

    def as_data(self) -> dict[str, Any]:
        """For `--json`."""
        signature = self.reply.signature
        return {
            "reply": str(self.reply.id), "case": str(self.reply.case_id), "valid": self.sound, "standing": self.standing,
            "instance": self.instance, **{name: signature.get(name) for name in ("official", "name", "post", "organisation", "at", "alg",
            "key_id", "hash")},
        }  # fmt: skip


def number(case_number: str, reply: Reply) -> str:
    """The reply's number: the case's, the round, and the beginning of its digest, which ties paper to words."""
    return f"{case_number}-{reply.round}-{reply.signature['hash'][:8]}"


def as_file(reply: Reply, instance: str) -> dict[str, Any]:
    """The signed form as it is handed out."""
    return {"case_id": str(reply.case_id), "instance": instance, **as_told(reply)}


def by_id(uow: UnitOfWork, reply_id: UUID) -> Verified:
    """The reply as it is stored here. Raises NotFound."""
    row = uow.one(store.SQL["reply_to_verify"], reply=reply_id)
    if row is None:
        raise NotFound("reply", "没有找到该份回复。", "请核对后重试。")
    reply = REPLIES.from_row([row[column] for column in REPLIES.codecs])
    return Verified(reply, row["instance"], signing.standing(uow, reply, row["instance"]))


def from_file(uow: UnitOfWork, content: Any) -> Verified:
    """The reply as a file says it. Raises Refused for what is no signed form."""
    faults = EVENTS["assignment.replied"].faults(content) if isinstance(content, Mapping) else {"": ["no object"]}
    try:
        if faults:
            raise ValueError(next(iter(faults)))
        reply = Reply(
            id=UUID(content["reply_id"]), assignment_id=UUID(content["assignment_id"]), case_id=UUID(content["case_id"]),
            round=content["round"], outcome=content["outcome"], findings=content["findings"], measures=tuple(content["measures"]),
            answer=content["answer"], signature={key: value for key, value in content["signature"].items() if value},
            replied_at=moment(content["replied_at"]), evidence=tuple(content.get("evidence", ())), page=content.get("page"),
        )  # fmt: skip
        instance = str(content["instance"])
    except (KeyError, ValueError, TypeError) as fault:
        raise Refused("file", "不是回复的署名文件（%(what)s）。", "请使用核验页上下载的文件。", what=str(fault)) from fault
    kept = uow.one(store.SQL["reply_to_verify"], reply=reply.id)
    if kept is not None and (kept["signature"], kept["instance"]) == (reply.signature, instance):
        return Verified(reply, kept["instance"], signing.standing(uow, reply, kept["instance"]))
    found = signing.standing(uow, reply, instance)
    if found in SOUND and (found == "hashed" or _has_ended(uow, reply, instance)):
        found = "unproven"
    return Verified(reply, instance, found)


def _has_ended(uow: UnitOfWork, reply: Reply, instance: str) -> bool:
    """Whether the key that a reply is signed with has ended: what came of it since may be dated back."""
    used = (
        key for key in signing.keys_of(uow, reply.signature["official"], instance) if str(key.key_id) == reply.signature["key_id"]
    )
    return any(key.ends is not None for key in used)

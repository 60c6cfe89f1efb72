"""The form of a reply: what was typed so far, what it lacks, whether it is signed with a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.routing import pins
from services.routing.domain.checklist import Said
from services.routing.domain.scans import LARGEST
from services.routing.handlers import checking, drafts, signing
from services.routing.web.common import reader
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web import session
from shared.web.databases import unit_of_work
from shared.web.frame import language

OWED = ("received", "objected", "progressed", "returned")
Row = dict[str, Any]


def said_in(values: Mapping[str, Any]) -> Said:
    """The reply as it stands in the form's boxes."""
    words = {name: str(values.get(name) or "").strip() for name in ("outcome", "findings", "answer")}
    return Said(**words, measures=lines(values.get("measures")), evidence=lines(values.get("evidence")))


def lines(text: Any) -> tuple[str, ...]:
    """One item a line."""
    return tuple(line.strip() for line in str(text or "").split("\n") if line.strip())


def lacks_of(values: Mapping[str, Any], brief: str) -> list[Row]:
    """What the reply lacks, in the reader's language."""
    found = checking.lacking(said_in(values), brief)
    told = [(lack, lack.say(language())) for lack in found]
    return [
        {"field": lack.rule.field, "blocks": lack.rule.blocks, "points": lack.points, "rule": rule, "remedy": remedy}
        for lack, (rule, remedy) in told
    ]


def context(uow: UnitOfWork, row: Row, brief: str, more: Mapping[str, Any]) -> Row:
    """What the form needs where the reader owes this reply; nothing elsewhere."""
    me = reader().official_id
    if row["responsible"]["official"] != me or row["instance"] != uow.org or row["stage"] not in OWED:
        return {}
    draft = drafts.find(uow, row["id"], me)
    values = draft | dict(more.get("values") or {})  # another form of the page sends none of these
    return {
        "values": values, "kept": bool(draft), "lacks": lacks_of(values, brief) if values.get("findings") or values.get("answer") else [],
        "page": drafts.latest_page(uow, row["id"], me), "largest": LARGEST // 2**20,
        "keyed": bool(signing.keys_of(uow, me, uow.org)),
    }  # fmt: skip


def open_key(official: str, pin: str) -> pins.Opened | None:
    """The official's key, opened by his PIN; None when he has none. Every try counts until it has succeeded.

    Raises Refused for a wrong PIN, for none, and while it is to be waited.
    """
    now = session.web.real_now()
    with unit_of_work("routing") as uow:
        if signing.key_in_force(uow, official, uow.org, uow.now) is None:
            return None
        if not pin:
            raise Refused("pin", "您已设定签名口令，回复须用它签名。", "请输入签名口令。")
        begun = signing.begin_try(uow, official, now)
    if begun.sealed is None:
        seconds = int(begun.wait.total_seconds()) + 1
        raise Refused("pin", "签名口令输错次数过多，请在%(num)s秒后再试。", "忘记口令的，可到“签名口令”重新设定。", num=seconds)
    opened = pins.unseal(begun.sealed, pin, session.web.settings.secret_key)
    if opened is None:
        raise Refused("pin", "签名口令不正确。", "请重新输入；连续输错会停用签名密钥。")
    with unit_of_work("routing") as uow:
        signing.end_try(uow, official)
    return opened


def id_in(values: Mapping[str, Any], name: str) -> UUID | None:
    """The id that a box of the form holds, or none."""
    try:
        return UUID(str(values.get(name) or ""))
    except ValueError:
        return None

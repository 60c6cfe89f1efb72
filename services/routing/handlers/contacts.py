"""Under what officials are told: recorded by page or file, with its history, told to no other service and no other instance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from services.routing import store
from services.routing.domain.alerts import Contact
from services.routing.handlers import addresses, roster
from services.routing.handlers.appointments import EDITORS, Editing
from services.routing.handlers.common import logged
from services.routing.handlers.directory import check_reason
from services.routing.handlers.gathering import contact_of
from services.routing.handlers.roster import Change
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused


@logged
def record(uow: UnitOfWork, editing: Editing, official: str, on: date, *, mail: str, webhook: str) -> bool:
    """Another address of an official; False when this form has been done already. Raises Forbidden, NotFound, Refused."""
    known = roster.load(uow)
    by = store.directory(uow).acting(editing.by, *EDITORS)
    if roster.is_done(uow, editing.key):
        return False
    reason = check_reason(editing.reason)
    if official not in known.names:
        raise NotFound("official", "通讯录中没有该人员。", "请核对人员代码。")
    found = addresses.adopt(uow, known, {official: {"mail": mail, "webhook": webhook}})
    if not found:
        raise Refused("mail", "没有任何改动。", "请修改后提交。")
    roster.remember(uow, found, Change(key=editing.key, kind="contact", reason=reason, effective_on=on, by=by, now=editing.now))
    return True


def choose(
    uow: UnitOfWork, official: str, *, mail_on: bool, webhook_on: bool, digest: bool, may_switch_off: frozenset[str]
) -> Contact:  # fmt: skip
    """How he wants to be told himself. Raises Refused for what his county does not leave to him."""
    wanted = {"mail": not mail_on, "webhook": not webhook_on, "digest": digest}
    for name, off in wanted.items():
        if off and name not in may_switch_off:
            raise Refused(name, "本县不允许关闭或推迟这种提醒。", "请保持开启。")
    return uow.rows(store.CONTACTS).put(replace(contact_of(uow, official), mail_on=mail_on, webhook_on=webhook_on, digest=digest))

"""Letters on paper: the answer to a petitioner who has no e-mail, addressed for a purpose, and the note that it was posted."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from services.intake.domain import messages as domain
from services.intake.domain.petition import Petition
from services.intake.domain.submission import Petitioner, Purpose
from services.intake.domain.viewing import Viewer
from services.intake.handlers.casework import lock
from services.intake.handlers.groups import secrets_of_group
from services.intake.handlers.looking import identifiable, open_petition, read_identity
from services.intake.store import MESSAGES
from services.intake.vault.crypto import Vault
from shared.contract.envelope import instant
from shared.database import UnitOfWork
from shared.errors import Conflict


def answerable(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> Petition:
    """The petition whose answer this viewer may write to its petitioner. Raises Hidden, Forbidden; Conflict without an answer."""
    case = identifiable(uow, case_id, viewer)
    if case.concluded_at is None:
        raise Conflict("answer", "这件信访件还没有办结答复。", "请等办结以后再打印。")
    return case


def addressed(uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer) -> tuple[Petition, Petitioner, str]:
    """The petition, whom its answer goes to, and the answer as it goes out; a look at the identity, logged as one for delivering the answer.

    Raises as `answerable`, and Conflict when no address is known or the answer may name somebody who is not known any more.
    """
    answerable(uow, case_id, viewer)
    case, who = read_identity(uow, vault, case_id, viewer, purpose=Purpose.ANSWER)
    if not who.address:
        raise Conflict("answer", "信访人没有留下通信地址。", "请电话告知，或请信访人到接待室领取。")
    group = secrets_of_group(uow, vault, case_id)
    group.check_whole()
    return case, who, group.to_petitioner(case.answer)


def note_posted(uow: UnitOfWork, case_id: UUID, viewer: Viewer, *, posted_on: date, key: UUID) -> None:
    """The letter was put into the post that day: the tracking page says so, and the case's history. One `key` is one letter.

    Raises Hidden; Conflict without an answer, or for a key of another case; Refused for a day that cannot be.
    """
    open_petition(uow, case_id, viewer)
    case = lock(uow, case_id, viewer)
    known = uow.rows(MESSAGES).get(key)
    if known is not None:
        if known.case_id != case_id:
            raise Conflict("key", "这份表单已经用过。", "请重新打开页面。")
        return
    letter = uow.rows(MESSAGES).put(domain.posted(case, id=key, posted_on=posted_on, now=uow.now))
    data = {"message_id": str(letter.id), "template": letter.template, "medium": "post", "at": instant(uow.now)}
    uow.tell("message.sent", case_id, data)

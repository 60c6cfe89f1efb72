"""What a petitioner adds on the tracking page: kept once for each form, sealed, and waiting until a clerk takes it up."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from uuid import UUID

from services.intake.domain import supplements as domain
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.handlers.attachments import Prepared
from services.intake.handlers.casework import lock
from services.intake.handlers.sealed import sealed_of
from services.intake.store import PETITIONS, SQL, sure
from services.intake.vault.crypto import Vault
from shared.database import UnitOfWork
from shared.errors import Conflict


def add(uow: UnitOfWork, vault: Vault, case_id: UUID, text: str, *, key: UUID, files: Sequence[Prepared] = ()) -> bool:
    """Add a text to a petition; the caller has checked the secret code, and keeps the files when this gives True.

    The same form again, with the same files, changes nothing and gives False.

    Raises Refused and Conflict as the domain says; Conflict when the form was used for something else; Erased.
    """
    case = uow.rows(PETITIONS).get(case_id)  # the lock: two forms at once are counted one after the other
    if case is None:
        raise Hidden("case", "没有找到这件信访件。", "请核对编号，或返回列表。")
    prints = "".join(vault.fingerprint(file.content).hex() for file in files)
    fingerprint = vault.fingerprint(f"supplement\n{case_id}\n{prints}\n{text.strip()}".encode())
    before = uow.one(SQL["supplement_of_key"], id=key)
    if before is None:
        since = domain.midnight(uow.now)
        domain.check(case, text, sure(uow, "supplements_since", case_id=case_id, since=since)["n"])
        case_key = sealed_of(uow, vault, case_id).key
        sealed = case_key.seal("supplement", text.strip().encode())
        if uow.one(SQL["add_supplement"], id=key, case_id=case_id, fingerprint=fingerprint, text=sealed, now=uow.now):
            return True
        before = sure(uow, "supplement_of_key", id=key)  # the insert waited for whoever has the key: another case's form
    if not hmac.compare_digest(bytes(before["fingerprint"]), fingerprint):
        raise Conflict("supplement", "这份补充材料已经提交过，这次的内容和上次不一样，没有再收。", "请刷新页面后重新填写。")
    return False


def take_up(uow: UnitOfWork, case_id: UUID, viewer: Viewer, *, ids: Sequence[UUID]) -> int:
    """A clerk has read these and seen to the brief; how many waited. What came meanwhile goes on waiting. Raises Hidden."""
    lock(uow, case_id, viewer)
    by = json.dumps(viewer.person.as_data(), ensure_ascii=False)
    return len(uow.all(SQL["take_up_supplements"], case_id=case_id, ids=list(map(str, ids)), by=by, now=uow.now))

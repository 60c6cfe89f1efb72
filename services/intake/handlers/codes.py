"""A new secret code for a petitioner who lost the first and shows who he is."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from services.intake.domain import codes as domain
from services.intake.domain.petition import Petition
from services.intake.domain.viewing import Viewer
from services.intake.handlers.casework import lock, owe_message, reach, split_family
from services.intake.handlers.looking import identifiable, log
from services.intake.handlers.registration import Receipt
from services.intake.store import SQL, sure
from services.intake.vault.crypto import Erased, Vault, code_hash, new_code
from shared.database import UnitOfWork

REPLACED = "code_replaced"  # what the log of looks, the tracking page and the message call it


def replace_code(uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer, *, key: UUID) -> Receipt:
    """Give the petition, and whatever has one code with it by a split, a new one; the old one dies, for all of them.

    The petitioner is told, so that a code that he did not ask for is noticed. The same form sent twice shows the same code.
    Raises Hidden, also when the viewer is barred from one of them; Forbidden, Refused, Conflict, Erased.
    """
    family = [lock(uow, each, viewer) for each in sorted(split_family(uow, [case_id]))]
    case = identifiable(uow, case_id, viewer)
    since = uow.now - domain.FRESH
    looked = sure(uow, "looked_for_lost_code", case_id=case_id, official=viewer.person.official, since=since)["looked"]
    domain.check(case, viewer, looked=looked)
    row = sure(uow, "code_of_case", case_id=case_id)
    again = row["code_key"] == key
    code = vault.open_key(case_id, bytes(row["data_key"])).open_json("identity", bytes(row["identity"]))["code"]
    if not again:
        code = new_code()
        for each in family:
            _replace(uow, vault, each, viewer, key, code)
        owe_message(uow, case_id, REPLACED)
    return Receipt(case_id=case_id, number=case.number, code=code, registered_at=case.registered_at, again=again)


def _replace(uow: UnitOfWork, vault: Vault, case: Petition, viewer: Viewer, key: UUID, code: str) -> None:
    row, sealed = sure(uow, "code_of_case", case_id=case.id), b""
    with suppress(Erased):  # what is left of it is opened by the new code alone, too
        case_key = vault.open_key(case.id, bytes(row["data_key"]))
        sealed = case_key.seal_json("identity", case_key.open_json("identity", bytes(row["identity"])) | {"code": code})
    uow.all(SQL["replace_code"], case_id=case.id, key=key, code_hash=code_hash(code), identity=sealed)
    log(uow, case, viewer, "identity", REPLACED)
    reach(uow, case.id, REPLACED)


def done_since(uow: UnitOfWork, case_id: UUID) -> list[dict[str, Any]]:
    """Withdrawals and answers within so many days of a new code: whoever replaced it could have made them himself."""
    return uow.all(SQL["done_with_new_code"], case_id=case_id, doubtful=domain.DOUBTFUL)

"""A new secret code for a petitioner who lost the first and shows who he is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.intake.domain import codes as domain
from services.intake.domain.viewing import Viewer
from services.intake.handlers.casework import lock, owe_message, reach
from services.intake.handlers.looking import identifiable, log
from services.intake.handlers.registration import Receipt
from services.intake.store import SQL, sure
from services.intake.vault.crypto import Vault, code_hash, new_code
from shared.database import UnitOfWork

REPLACED = "code_replaced"  # what the log of looks, the tracking page and the message call it


def replace_code(uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer, *, key: UUID) -> Receipt:
    """Give the petition a new code; the old one dies. The petitioner is told, so that a code that he did not ask for is noticed.

    The same form sent twice shows the same code. Raises Hidden, Forbidden, Refused, Conflict, Erased.
    """
    lock(uow, case_id, viewer)
    case = identifiable(uow, case_id, viewer)
    since = uow.now - domain.FRESH
    looked = sure(uow, "looked_for_lost_code", case_id=case_id, official=viewer.person.official, since=since)["looked"]
    domain.check(case, viewer, looked=looked)
    row = sure(uow, "code_of_case", case_id=case_id)
    case_key = vault.open_key(case_id, bytes(row["data_key"]))
    identity = case_key.open_json("identity", bytes(row["identity"]))
    again = row["code_key"] == key
    if not again:
        identity |= {"code": new_code()}
        sealed = case_key.seal_json("identity", identity)
        uow.all(SQL["replace_code"], case_id=case_id, key=key, code_hash=code_hash(identity["code"]), identity=sealed)
        log(uow, case, viewer, "identity", REPLACED)
        reach(uow, case_id, REPLACED)
        owe_message(uow, case_id, REPLACED)
    return Receipt(case_id=case_id, number=case.number, code=identity["code"], registered_at=case.registered_at, again=again)


def done_since(uow: UnitOfWork, case_id: UUID) -> list[dict[str, Any]]:
    """Withdrawals and answers within so many days of a new code: whoever replaced it could have made them himself."""
    return uow.all(SQL["done_with_new_code"], case_id=case_id, doubtful=domain.DOUBTFUL)

"""Registration: one statement stores the petition and what is sealed of it, one the event, one commit."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.domain.submission import CHINA, Petitioner, Submission, check
from services.intake.store import SQL, sure
from services.intake.vault.crypto import Vault, code_hash, new_code
from shared.contract.envelope import instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, Refused


@dataclass(frozen=True, kw_only=True, repr=False)
class Receipt:
    """What a petitioner is given. `again`: the petition had been registered before, and this is its receipt once more.

    `code` is empty when it was replaced since: whoever has the form still open must not learn the new one.
    """

    case_id: UUID
    number: str
    code: str
    registered_at: datetime
    again: bool = False


@dataclass(frozen=True, kw_only=True, repr=False)
class Ready:
    """A petition ready to be stored: its row with what is sealed of it, and the secret code. Nothing is stored yet."""

    case_id: UUID
    code: str
    row: dict[str, Any]


def register(uow: UnitOfWork, vault: Vault, given: Submission, *, key: UUID, by: Person | None = None, code: str = "") -> Receipt:
    """Register a petition under its submission's key (art. 22). A petition that was split off keeps its petitioner's `code`.

    The same key with the same content gives the same receipt, however often and however many at once. Raises Refused when
    a rule is broken, Conflict when the key was used for another content; either way nothing is stored.
    """
    check(given, uow.now)
    if bool(given.brief_title.strip()) != bool(given.brief.strip()):
        raise Refused("brief", "标题和交办摘要要么都写，要么都不写。", "请补上另一项，或两项都留空。")
    content = [_codes(given), words_of(given), petitioner_of(given.petitioner), *given.files]
    fingerprint = fingerprint_of(vault, content)
    made = enter(uow, vault, given, key=key, fingerprint=fingerprint, by=by, code=code)
    stored = uow.often(SQL["register"], **made.row)
    if stored is None:
        return _receipt_again(uow, vault, key, fingerprint)
    uow.tell("case.registered", made.case_id, told(made, stored["number"], by), first=True)
    return Receipt(case_id=made.case_id, number=stored["number"], code=made.code, registered_at=uow.now)


def fingerprint_of(vault: Vault, content: Any) -> bytes:
    """What tells a retry from another petition: equal for equal content, given as a JSON value."""
    return vault.fingerprint(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())


def _receipt_again(uow: UnitOfWork, vault: Vault, key: UUID, fingerprint: bytes) -> Receipt:
    found = sure(uow, "receipt_of_key", key=key)  # the insert waited for whoever has the key, and they committed
    if not hmac.compare_digest(bytes(found["fingerprint"]), fingerprint):
        raise Conflict(
            "key",
            "这份表单已经提交登记过，这次的内容和上次不一样，没有再登记。",
            "补充情况请到“进度查询”；另一件事请重新打开表单填写。",
        )
    opened = vault.open_key(found["case_id"], bytes(found["data_key"])).open_json("identity", bytes(found["identity"]))
    return Receipt(
        case_id=found["case_id"], number=found["number"], code="" if found["replaced"] else opened["code"],
        registered_at=found["registered_at"], again=True,
    )  # fmt: skip


def _codes(given: Submission) -> list[Any]:
    return [
        given.channel, given.matter_type, given.category, given.place, given.identity, given.group_size,
        given.received_at and instant(given.received_at), given.brief_title, given.brief,
    ]  # fmt: skip


def words_of(given: Submission) -> dict[str, Any]:
    """What is sealed as the petition's text."""
    return {
        "title": given.title.strip(), "text": given.text.strip(), "place_detail": given.place_detail.strip(),
        "particulars": given.particulars, "attachments": list(given.attachments),
    }  # fmt: skip


def petitioner_of(who: Petitioner) -> dict[str, Any]:
    """What is sealed as the petitioner's identity; empty values are left out."""
    found = {name: getattr(who, name).strip() for name in ("name", "alias", "phone", "id_number", "address", "email")}
    lists = {"representatives": list(who.representatives), "remarks": [list(pair) for pair in who.remarks]}
    return {name: value for name, value in (found | lists).items() if value}


def petitioner_from(sealed: dict[str, Any]) -> Petitioner:
    """The petitioner out of what was sealed; the secret code stays behind."""
    known = {name: value for name, value in sealed.items() if name not in ("code", "representatives", "remarks")}
    remarks = tuple((name, text) for name, text in sealed.get("remarks", ()))
    return replace(Petitioner(**known), representatives=tuple(sealed.get("representatives", ())), remarks=remarks)


def enter(
    uow: UnitOfWork, vault: Vault, given: Submission, *, key: UUID, fingerprint: bytes, by: Person | None,
    registered_at: datetime | None = None, code: str = "",
) -> Ready:  # fmt: skip
    """The one place where a petition gets its id, its data key and its secret code, and is sealed. `given` has been checked."""
    at = registered_at or uow.now
    case, code = vault.new_key(uuid7(uow.now)), code or new_code()
    row = {
        "id": case.case_id, "key": key, "fingerprint": fingerprint, "code_hash": code_hash(code), "data_key": case.wrapped,
        "words": case.seal_json("text", words_of(given)),
        "identity": case.seal_json("identity", petitioner_of(given.petitioner) | {"code": code}),
        "prefix": f"{uow.org}-{at.astimezone(CHINA).year}-", "channel": given.channel.value,
        "matter_type": given.matter_type.value, "category": given.category, "place": given.place,
        "kind": given.identity.value, "group_size": given.group_size, "language": given.language,
        "has_email": bool(given.petitioner.email.strip()), "received_at": given.received_at or uow.now, "registered_at": at,
        "by": json.dumps(by.as_data(), ensure_ascii=False) if by else None,
        "title": given.brief_title.strip(), "brief": given.brief.strip(), "revision": 1 if given.brief else 0,
        "phone_index": vault.blind_index("phone", given.petitioner.phone),
        "email_index": vault.blind_index("email", given.petitioner.email),
        "id_number_index": vault.blind_index("id_number", given.petitioner.id_number),
    }  # fmt: skip
    return Ready(case_id=case.case_id, code=code, row=row)


def told(made: Ready, number: str, by: Person | None) -> dict[str, Any]:
    """What is told of a petition that was stored under this number."""
    row = made.row
    return {
        "number": number, "channel": row["channel"], "matter_type": row["matter_type"], "category": row["category"],
        "place": row["place"], "title": row["title"], "brief": row["brief"], "identity": row["kind"],
        "group_size": row["group_size"], "received_at": instant(row["received_at"]), "registered_at": instant(row["registered_at"]),
        "registered_by": by.as_data() if by else None,
    }  # fmt: skip

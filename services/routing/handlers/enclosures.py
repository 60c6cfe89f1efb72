"""Handwriting and dictation: kept while the instruction is written, given with it, looked at by whoever may read it, each look noted."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from services.routing import pictures, store
from services.routing.domain import check_not_barred
from services.routing.domain import enclosures as domain
from services.routing.domain.enclosures import Enclosed
from services.routing.handlers.common import bars_of, logged, open_case
from services.routing.handlers.standing import check_reviewer
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import Conflict, Refused

log = logging.getLogger("zhida.routing")


def prepare(contents: Iterable[bytes]) -> list[Enclosed]:
    """What may be kept of these files, pictures drawn anew. Takes its time, so no unit of work is open meanwhile. Raises Refused."""
    return [_drawn(domain.look(content)) for content in contents]


def _drawn(found: Enclosed) -> Enclosed:
    if found.kind != "picture":
        return found
    try:
        return Enclosed(kind="picture", form="jpeg", content=pictures.drawn_anew(found.content))
    except pictures.CannotDraw:
        raise Refused("enclosures", "照片打不开，或者太大。", "请重新拍照，或换一个文件。") from None


@logged
def keep(uow: UnitOfWork, case_id: UUID, official: str, found: Sequence[Enclosed]) -> list[UUID]:
    """Keep these for the official's next instruction in a case; all that wait now.

    Raises Forbidden for who does not instruct, NotFound, Conflict, Refused.
    """
    case = open_case(uow, case_id, official)
    if (delegation := check_reviewer(uow, official)) is not None:
        check_not_barred(bars_of(uow, case_id), delegation.head.official, store.directory(uow))
    if case.origin != uow.org:
        raise Conflict("enclosures", "该件由上级交办，不由本单位批示。", "请在“我的承办”中签收并回复。")
    for one in found:
        uow.all(
            store.SQL["keep_enclosure"], id=uuid7(), case=case_id, official=official, kind=one.kind, form=one.form,
            sha256=hashlib.sha256(one.content).hexdigest(), content=one.content, now=uow.now,
        )  # fmt: skip
    kept = [row["id"] for row in waiting(uow, case_id, official)]
    domain.check_number(len(kept))
    return kept


def waiting(uow: UnitOfWork, case_id: UUID, official: str) -> list[dict[str, Any]]:
    """What waits for the official's next instruction in a case."""
    return uow.all(store.SQL["enclosures_waiting"], case=case_id, official=official)


def give(
    uow: UnitOfWork, case_id: UUID, official: str, instruction_id: UUID, wanted: Sequence[UUID]
) -> tuple[dict[str, Any], ...]:
    """Give these with an instruction, and let go what else waited; what events tell of them. Raises Refused."""
    given, counts = [], {"picture": 0, "sound": 0}
    kinds = {row["id"]: (row["kind"], row["form"]) for row in waiting(uow, case_id, official)}
    for position, key in enumerate(dict.fromkeys(wanted), 1):
        if key not in kinds:
            raise Refused("enclosures", "没有找到要附的文件。", "请重新上传。")
        kind, form = kinds[key]
        counts[kind] += 1
        row = uow.one(
            store.SQL["give_enclosure"], id=key, case=case_id, official=official, instruction=instruction_id, position=position,
            name=domain.named(kind, counts[kind], form),
        )  # fmt: skip
        given.append({name: row[name] for name in ("name", "form", "size", "sha256")} if row else {})
    if len(kinds) > len(given):
        uow.all(store.SQL["drop_enclosures"], case=case_id, official=official)
    return tuple(given)


def note_look(uow: UnitOfWork, enclosure_id: UUID, official: str) -> None:
    """Somebody looks at an enclosure."""
    uow.all(store.SQL["note_enclosure_look"], enclosure=enclosure_id, official=official, now=uow.now)
    log.info("looked at enclosure %s: %s", enclosure_id, official)

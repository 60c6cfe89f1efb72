"""The supervision office asks again, of the sample, what staff wrote down."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.followup import store
from services.followup.domain import checking
from services.followup.domain.checking import Check
from services.followup.handlers.asking import lock
from services.followup.handlers.settling import turned
from shared.contract.envelope import instant
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict


def record_check(
    uow: UnitOfWork, task_id: UUID, *, check_id: UUID, by: Person, posts: Sequence[str], manner: str, found: str, note: str = ""
) -> Check:
    """Record what the petitioner said when asked again: where it differs it counts, and a closed case goes on.

    `check_id` comes with the form: sending it again changes nothing. Raises NotFound, Forbidden, Conflict, Refused.
    """
    case, task = lock(uow, task_id, by.official, posts)
    before = uow.rows(store.CHECKS).get(check_id)
    if before is not None:
        if before.task_id != task.id:
            raise Conflict("try_id", "该表单属于另一件回访。", "请重新打开本件后再记录。")
        return before
    check = checking.check_again(task, id=check_id, by=by, manner=manner, found=found, note=note.strip(), at=uow.now)
    uow.rows(store.CHECKS).put(check)
    told = {
        "task_id": str(task.id), "round": task.round, "manner": manner, "recorded": check.recorded, "found": found,
        "differs": check.differs, "by": by.as_data(), "at": instant(uow.now),
    }  # fmt: skip
    uow.tell("followup.checked", case.id, told)
    after = checking.checked(task, check)
    turned(case, task, satisfied=found == "satisfied", at=uow.now, cause="checked", after=after, uow=uow)
    return check

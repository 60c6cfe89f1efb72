"""Which policy a case is held to: the version it began under, or for a new case the version in force."""

from __future__ import annotations

import json
from pathlib import Path
from weakref import WeakKeyDictionary

from services.followup.domain.policy import FollowPolicy
from services.followup.policy_file import SHIPPED, BadPolicy, policy_from, read_policy
from services.followup.store import SQL
from shared.config import Settings
from shared.database import UnitOfWork

DEFAULT = "yongxing"
# A version never changes, so it is read once in a process's life; what is in force, once in a unit of work.
_versions: dict[str, FollowPolicy] = {}
_in_force: WeakKeyDictionary[UnitOfWork, FollowPolicy] = WeakKeyDictionary()


def chosen(settings: Settings) -> str | Path:
    """The county's own file, or the shipped policy of the name under which the limits are kept."""
    own = settings.service_files.get("followup")
    return own or (settings.policy if (SHIPPED / f"{settings.policy}.yaml").is_file() else DEFAULT)


def adopt_policy(uow: UnitOfWork, given: str | Path = DEFAULT) -> FollowPolicy:
    """Put the shipped policy of that name, or a file, in force for new cases. Harmless to repeat.

    Raises BadPolicy, also when that version is known here with another content: nothing was changed.
    """
    policy = read_policy(given)
    uow.all(SQL["lock_policies"])
    uow.all(SQL["record_policy"], id=policy.id, document=json.dumps(policy.document, ensure_ascii=False), now=uow.now)
    known = uow.one(SQL["policy_of_id"], id=policy.id)
    if known is None or known["document"] != policy.document:
        raise BadPolicy(str(given), [f"version: {policy.id} 已以其他内容施行过，请把 version 加一。"])
    uow.all(SQL["put_in_force"], id=policy.id, now=uow.now)
    _in_force[uow] = policy
    return policy


def policy_of(uow: UnitOfWork, policy_id: str | None) -> FollowPolicy:
    """That version, or the one in force; where none was ever adopted, the county's own becomes it."""
    if policy_id is None:
        if uow not in _in_force:
            found = uow.one(SQL["policy_in_force"])
            _in_force[uow] = policy_from(found["document"], found["id"]) if found else adopt_policy(uow)
        return _in_force[uow]
    if policy_id not in _versions:
        found = uow.one(SQL["policy_of_id"], id=policy_id)
        if found is None:
            raise LookupError(f"policy {policy_id} is not recorded")
        _versions[policy_id] = policy_from(found["document"], policy_id)
    return _versions[policy_id]
